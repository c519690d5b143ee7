"""Thousands of values as one parameter."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import connection

from core.arrays import array_of

ODD = [
    "",
    " ",
    "a,b",
    '"',
    "\\",
    '\\"',
    "{",
    "}",
    "NULL",
    "null",
    "é",
    "𝔄",
    "\n",
    "\t",
    "%s",
    "'",
    "$$",
    "a b",
]


def test_as_postgresql_writes_it():
    assert array_of([1, 22]) == '{"1","22"}'
    assert array_of(['a"b', "c\\d"]) == r'{"a\"b","c\\d"}'
    assert array_of([]) == "{}"


def back(text: str, kind: str) -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT CAST(%s AS {kind}[])", [text])
        (found,) = cursor.fetchone()
    return list(found)


@pytest.mark.postgres
@pytest.mark.django_db
def test_whatever_a_text_holds_comes_back():
    assert back(array_of(ODD), "text") == ODD


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "values"),
    [("bigint", [1, 9_000_000_000]), ("uuid", [UUID(int=7)]), ("date", [date(2026, 3, 2)]), ("int", [])],
)
def test_other_kinds(kind: str, values: list[object]):
    assert back(array_of(values), kind) == values
