"""Only core/clock.py reads the wall clock: everything else is told what time it is."""

from __future__ import annotations

import ast
from datetime import date, time
from typing import Any

from django.apps import apps
from django.db import models

from tests.architecture.sources import name_of, python_files, tree_of

CLOCK = "core/clock.py"
READERS = {"now", "utcnow", "today", "localdate"}
MODULES = {"datetime", "date", "timezone", "dt"}


def clock_readings(tree: ast.Module) -> list[int]:
    """Lines that ask datetime, date or django.utils.timezone for the time."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        call.lineno
        for call in calls
        if isinstance(call, ast.Attribute) and call.attr in READERS and _last_name(call.value) in MODULES
    ]


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_only_the_clock_reads_the_clock():
    found = {name_of(path): clock_readings(tree_of(path)) for path in python_files()}

    assert {name: lines for name, lines in found.items() if lines and name != CLOCK} == {}


def test_a_reading_is_noticed():
    assert clock_readings(ast.parse("datetime.now(UTC)")) == [1]
    assert clock_readings(ast.parse("datetime.datetime.utcnow()")) == [1]
    assert clock_readings(ast.parse("timezone.now()")) == [1]
    assert clock_readings(ast.parse("date.today()")) == [1]
    assert clock_readings(ast.parse("clock.now()")) == []


def is_a_plain_hour(field: models.Field[Any, Any]) -> bool:
    """True for a default that the deployment check takes for a mistake, but only while the clock stands near it."""
    return isinstance(field.default, date | time)


def test_the_deployment_check_says_the_same_at_any_hour():
    fields = [field for model in apps.get_models() for field in model._meta.concrete_fields]

    assert [str(field) for field in fields if is_a_plain_hour(field)] == []


def test_a_default_that_is_a_plain_hour_is_noticed():
    assert is_a_plain_hour(models.TimeField(default=time(18)))
    assert is_a_plain_hour(models.DateField(default=date(2026, 1, 1)))
    assert not is_a_plain_hour(models.TimeField(default=lambda: time(18)))
