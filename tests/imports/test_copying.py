"""Rows travel into PostgreSQL while the next ones are read; what went wrong on the way is not lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import DataError as DjangoDataError
from django.db import connection
from psycopg import DataError

from imports.running.copying import Copier

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def table() -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE copied (number integer NOT NULL, said text)")
    yield "copied"
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE copied")


def copied() -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, said FROM copied ORDER BY number")
        return list(cursor.fetchall())


def hands() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("copy")]


def test_every_line_arrives_in_its_turn(table: str):
    copier = Copier()

    for number in range(3):
        copier.copy(table, ["number", "said"], [(str(number), f"line {number}")])
    copier.settle()

    assert copied() == [(0, "line 0"), (1, "line 1"), (2, "line 2")]
    copier.close()
    assert hands() == []


@pytest.mark.parametrize("then", ["settle", "copy"])
def test_a_line_that_cannot_be_taken_is_told_to_whoever_comes_next(table: str, then: str):
    copier = Copier()
    copier.copy(table, ["number"], [("not a number",)])

    with pytest.raises((DataError, DjangoDataError)):
        copier.settle() if then == "settle" else copier.copy(table, ["number"], [("1",)])

    copier.close()
    assert copied() == []  # and the connection is free again


def test_leaving_early_leaves_neither_a_thread_nor_a_busy_connection(table: str):
    copier = Copier()
    copier.copy(table, ["number"], [("1",)] * 5_000)

    copier.close()

    assert (len(copied()), hands()) == (5_000, [])
