"""The product's own files, as the guards read them."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
TOOLING = ("scripts", "tests", "bench")


def packages() -> list[str]:
    """The top-level packages of our own apps, for example `dms` for `dms.demo`."""
    return sorted({app.partition(".")[0] for app in settings.OWN_APPS})


def python_files(*folders: str) -> list[Path]:
    """Python files below `folders` (default: the product itself), without migrations."""
    roots = [ROOT / folder for folder in (folders or packages())]
    return sorted(path for root in roots for path in root.rglob("*.py") if "migrations" not in path.parts)


def templates() -> list[Path]:
    """Every template, those inside apps included."""
    roots = [ROOT / "templates", *(ROOT / package for package in packages())]
    found = (path for root in roots for path in root.rglob("*.html"))
    return sorted(path for path in found if "templates" in path.relative_to(ROOT).parts)


def name_of(path: Path) -> str:
    """The path as people write it."""
    return str(path.relative_to(ROOT))


@cache
def tree_of(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def pyproject() -> dict[str, Any]:
    """The tables of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
