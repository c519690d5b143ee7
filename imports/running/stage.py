"""The rows of one run between file and table: a temporary table of this connection, gone with it.

A row that has not changed since it was taken is only a number and a key in it; so what is staged is what changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Field

from imports.declarations import Importer, Values
from imports.problems import Problem

# What became of a row: to be written, unchanged, in error.
WRITE, UNCHANGED, FAULTY = "w", "u", "e"
# Of the stage's own columns.
OWN = ("number", "key", "digest", "outcome", "id", "problems", "cells")

Line = tuple[Any, ...]


class Stage:
    """The table of one run of one importer. Lines are tuples: `OWN` first, then the importer's columns."""

    def __init__(self, importer: type[Importer]) -> None:
        self.fields = [importer.column(name) for name in importer.columns()]
        self.columns = [field.column for field in self.fields]
        self._by = importer.column(importer.adopted_by).column if importer.adopted_by else ""
        self.name = f"imports_stage_{uuid4().hex[:12]}"

    @contextmanager
    def open(self) -> Iterator[None]:
        """Make the table, and drop it afterwards."""
        with connection.cursor() as cursor:
            cursor.execute(self._create())
        try:
            yield
        except BaseException:
            if not connection.in_atomic_block and connection.is_usable():  # else it goes with the transaction
                self._drop()
            raise
        self._drop()

    def _drop(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {self.name}")

    def _create(self) -> str:
        uuid = "uuid" if is_postgresql() else "char(32)"
        own = (
            "number integer NOT NULL, key varchar(80) NOT NULL, digest varchar(32) NOT NULL, outcome char(1) NOT NULL,"
            f" id {uuid}, problems {_json_type()}, cells {_json_type()}, target {uuid}"
        )
        columns = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in self.fields)
        return f"CREATE TEMPORARY TABLE {self.name} ({own}, {columns})"

    def index(self) -> None:
        """Once all rows are in: found by number, by key, by what rows are adopted by."""
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE UNIQUE INDEX {self.name}_number ON {self.name} (number)")
            cursor.execute(f"CREATE INDEX {self.name}_key ON {self.name} (key)")
            if self._by:
                cursor.execute(
                    f'CREATE INDEX {self.name}_by ON {self.name} ("{self._by}") WHERE "{self._by}" <> \'\''
                )
            cursor.execute(f"ANALYZE {self.name}")

    def add(self, lines: Sequence[Line]) -> None:
        """Add lines whose values are encoded by `encoder`."""
        if not lines:
            return
        columns = [*OWN, *self.columns]
        if is_postgresql():
            copy_lines(self.name, columns, lines)
        else:
            marks = ", ".join(["%s"] * len(columns))
            with connection.cursor() as cursor, unlocked(cursor):
                cursor.executemany(f"INSERT INTO {self.name} ({_quoted(columns)}) VALUES ({marks})", lines)  # noqa: S608

    def line(self, number: int, key: str, digest: str, values: Values, row_id: UUID) -> Line:
        """A row to be written."""
        encode = encoder()
        own = (number, key, digest, WRITE, row_id, None, None)
        return (*map(encode, own), *map(encode, values.values()))

    def unchanged(self, number: int, key: str, digest: str) -> Line:
        """A row that is as it was."""
        return (*map(encoder(), (number, key, digest, UNCHANGED, None, None, None)), *self._blank)

    def faulty(self, number: int, key: str, problems: Iterable[Problem], cells: dict[str, str]) -> Line:
        """A row that is not taken, as it was read."""
        listed = [problem.as_json() for problem in problems]
        return (*map(encoder(), (number, key, "", FAULTY, None, listed, cells)), *self._blank)

    def numbers(self) -> list[int]:
        """Of all rows."""
        return self._numbers("true" if is_postgresql() else "1")

    def new_numbers(self) -> list[int]:
        """Of the rows to be written that nothing was found for."""
        return self._numbers(f"outcome = '{WRITE}' AND target IS NULL")

    def _numbers(self, condition: str) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT number FROM {self.name} WHERE {condition}")  # noqa: S608 - our names
            return [number for (number,) in cursor.fetchall()]

    @cached_property
    def _blank(self) -> tuple[Any, ...]:
        return (encoder()(None),) * len(self.columns)


def is_postgresql() -> bool:
    """Which of the two databases this is."""
    return connection.vendor == "postgresql"


def typed(field: Field[Any, Any], mark: str = "%s") -> str:
    """A parameter in a SELECT list: PostgreSQL must be told what it is, SQLite must not."""
    return f"CAST({mark} AS {field.db_type(connection)})" if is_postgresql() else mark


def _json_type() -> str:
    return "jsonb" if is_postgresql() else "text"


def _quoted(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


@contextmanager
def unlocked(cursor: Any) -> Iterator[None]:
    """Many inserts into a temporary table of SQLite as one transaction that takes no lock on the database itself."""
    if is_postgresql() or connection.in_atomic_block:
        yield
        return
    cursor.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        cursor.execute("COMMIT")


def copy_lines(table: str, columns: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Lines of texts encoded by `encode_for_copy` by COPY, the quickest way into PostgreSQL."""
    text = "\n".join(["\t".join(line) for line in lines]) + "\n"
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY {table} ({_quoted(columns)}) FROM STDIN") as copy,
    ):
        copy.write(text)


def insert_lines(table: str, columns: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
    """Insert rows of plain values, by whatever way is quick here."""
    if not lines:
        return
    if is_postgresql():
        copy_lines(table, columns, [[encode_for_copy(value) for value in line] for line in lines])
        return
    marks = ", ".join(["%s"] * len(columns))
    encoded = [[encode_for_sqlite(value) for value in line] for line in lines]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({_quoted(columns)}) VALUES ({marks})", encoded)  # noqa: S608


def encoder() -> Callable[[Any], Any]:
    """How values of lines are written for this database."""
    return encode_for_copy if is_postgresql() else encode_for_sqlite


def encode_for_copy(value: Any) -> str:
    """As COPY's text format has it."""
    if value is None:
        return r"\N"
    kind = value.__class__
    if kind is str:
        return _escaped(value)
    if kind is list or kind is dict:
        return _escaped(json.dumps(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _escaped(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if text.isprintable():
        return text
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def encode_for_sqlite(value: Any) -> Any:
    """As Django's fields keep it in SQLite."""
    kind = value.__class__
    if value is None or kind is str or kind is int or kind is bool:
        return value
    if kind is list or kind is dict:
        return json.dumps(value)
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return value.hex
    return str(value)
