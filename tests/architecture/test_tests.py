"""Tests say something, and depend on nothing outside this machine."""

from __future__ import annotations

import ast
import socket

import pytest

from tests.architecture.sources import name_of, python_files, tree_of
from tests.conftest import NetworkRefused

Function = ast.FunctionDef | ast.AsyncFunctionDef
CLAIMS = ("assert", "expect", "raises", "fail")  # how the name of a checking call begins


def silent_tests(tree: ast.Module) -> list[str]:
    """Tests that cannot fail: no assert, no `raises`, no call of a helper that asserts."""
    helpers = {node.name for node in ast.walk(tree) if isinstance(node, Function) and _claims(node, set())}
    tests = [node for node in ast.walk(tree) if isinstance(node, Function) and node.name.startswith("test_")]
    return [test.name for test in tests if not _claims(test, helpers - {test.name})]


def _claims(function: Function, helpers: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in helpers or name.startswith(CLAIMS) or "assert_" in name:
                return True
    return False


def test_every_test_asserts_something():
    found = {name_of(path): silent_tests(tree_of(path)) for path in python_files("tests")}

    assert {name: tests for name, tests in found.items() if tests} == {}


def test_a_silent_test_is_noticed():
    assert silent_tests(ast.parse("def test_it():\n    do()")) == ["test_it"]
    assert silent_tests(ast.parse("def test_it():\n    assert do()")) == []


def test_a_test_cannot_leave_this_machine():
    with pytest.raises(NetworkRefused), socket.socket() as connection:
        connection.connect(("192.0.2.1", 443))  # RFC 5737: an address of nobody
    with pytest.raises(NetworkRefused):
        socket.getaddrinfo("example.com", 443)
