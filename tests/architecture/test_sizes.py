"""Files and functions stay small enough to be read in one go."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.sources import ROOT, TOOLING, name_of, python_files, templates, tree_of

FILE_LINES = 400
FUNCTION_LINES = 40  # without its docstring; 25 is the aim
TEMPLATE_LINES = 120

Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_functions(tree: ast.Module, limit: int = FUNCTION_LINES) -> list[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    return [f"{node.name} ({lines(node)})" for node in functions if lines(node) > limit]


def lines(function: Function) -> int:
    first = function.body[0]
    described = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    docstring = (first.end_lineno or 0) - first.lineno + 1 if described else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def long_files(paths: list[Path], limit: int) -> list[str]:
    counted = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    return [f"{name} ({count})" for name, count in counted.items() if count > limit]


def front_end_files() -> list[Path]:
    found = (path for suffix in ("*.css", "*.js") for path in (ROOT / "static_src").rglob(suffix))
    return [path for path in found if "vendor" not in path.parts]


def test_files_are_short():
    assert long_files([*python_files(), *python_files(*TOOLING), *front_end_files()], FILE_LINES) == []


def test_functions_are_short():
    files = [*python_files(), *python_files(*TOOLING)]

    found = {name_of(path): long_functions(tree_of(path)) for path in files}

    assert {name: functions for name, functions in found.items() if functions} == {}


def test_templates_are_short():
    assert long_files(templates(), TEMPLATE_LINES) == []


def test_a_long_function_is_noticed_and_its_docstring_is_not_counted():
    body = "    x = 1\n" * 40
    docstring = '    """' + "words\n" * 60 + '    """\n'

    assert long_functions(ast.parse(f"def f():\n{body}")) == ["f (41)"]
    assert long_functions(ast.parse(f"def f():\n{docstring}    x = 1\n")) == []


def test_a_long_file_is_noticed():
    assert long_files([Path(__file__)], limit=10)
