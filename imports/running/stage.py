"""The rows of one run between file and table: a temporary table of this connection, gone with it.

A row that has not changed since it was taken is only a number and a key in it; so what is staged is what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.db import connection
from django.db.models import Field

from core.arrays import array_of
from imports.declarations import Importer
from imports.problems import Problem

# What became of a row: to be written, unchanged, in error.
WRITE, UNCHANGED, FAULTY = "w", "u", "e"
# The stage's own columns of a row that is to be written, of one that is unchanged, of one in error.
_OF_WRITTEN = ("number", "key", "outcome", "digest", "id", "target", "other_key")
_TARGET = _OF_WRITTEN.index("target")
_OF_UNCHANGED = ("number", "key", "outcome")
_OF_FAULTY = ("number", "key", "outcome", "problems", "cells")

Encode = Callable[[Any], Any]
# Encoded values of some columns of the stage.
Line = tuple[Any, ...]


class Stage:
    """The table of one run of one importer."""

    def __init__(self, importer: type[Importer]) -> None:
        self.fields = [importer.column(name) for name in importer.columns()]
        self.columns = [str(field.column) for field in self.fields]
        self.encode: Encode = encode_for_copy if is_postgresql() else encode_for_sqlite
        self._by = importer.column(importer.adopted_by).column if importer.adopted_by else ""
        self.has_targets = False
        self.last = 0  # the highest number of a row
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
        uuid, json_type = ("uuid", "jsonb") if is_postgresql() else ("char(32)", "text")
        own = (
            "number integer NOT NULL, key varchar(80) NOT NULL, outcome char(1) NOT NULL, digest varchar(32),"
            f" id {uuid}, target {uuid}, other_key varchar(80), problems {json_type}, cells {json_type}"
        )
        columns = ", ".join(f'"{field.column}" {field.db_type(connection)}' for field in self.fields)
        return f"CREATE TEMPORARY TABLE {self.name} ({own}, {columns})"

    def onto(self, line: Line, target: Any, other_key: str | None) -> Line:
        """The line of a row to be written, onto one that is here already, maybe under another key of the feed."""
        return (*line[:_TARGET], self.encode(target), self.encode(other_key), *line[len(_OF_WRITTEN) :])

    @staticmethod
    def packed(cells: Line) -> Line:
        """A row's encoded values, as far as they can be put together before the line is complete."""
        return ("\t".join(cells),) if is_postgresql() else cells

    def index(self) -> None:
        """Chunks are found by their numbers. Best made once all rows are in, which are then joined by key, too."""
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE INDEX {self.name}_number ON {self.name} (number)")
            if is_postgresql():
                by = f', "{self._by}"' if self._by else ""
                cursor.execute(f"ANALYZE {self.name} (number, key, outcome, target, other_key{by})")
                return
            cursor.execute(f"CREATE INDEX {self.name}_key ON {self.name} (key)")
            if self._by:
                cursor.execute(f'CREATE INDEX {self.name}_by ON {self.name} ("{self._by}")')

    def index_ahead(self) -> None:
        """While it is still empty: rows are found by their numbers and keys before all of them are in."""
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE INDEX {self.name}_number ON {self.name} (number)")
            cursor.execute(f"CREATE INDEX {self.name}_key ON {self.name} (key)")

    def numbers_of(self, keys: Iterable[str]) -> dict[str, int]:
        """Key → the number of the first row that is in order and has it. Of PostgreSQL."""
        listed = array_of(keys)
        if listed == array_of(()):
            return {}
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT key, min(number) FROM {self.name} WHERE outcome <> '{FAULTY}'"  # noqa: S608 - our names
                " AND key = ANY(CAST(%s AS text[])) GROUP BY key",
                [listed],
            )
            return dict(cursor.fetchall())

    def add_written(self, lines: Sequence[Line]) -> None:
        """Rows to be written: the values of `_OF_WRITTEN` and of the importer's columns, all encoded.

        `target` is the row that is here already; `other_key` that under which this feed knows it, if another one.
        """
        nothing = self.encode(None)
        self.has_targets = self.has_targets or any(line[_TARGET] != nothing for line in lines)
        self._add([*_OF_WRITTEN, *self.columns], lines)

    def add_unchanged(self, lines: Sequence[Line]) -> None:
        """Rows that are as they were: number, key and outcome, encoded."""
        self._add(_OF_UNCHANGED, lines)

    def add_faulty(self, rows: Iterable[tuple[int, str, Iterable[Problem], Mapping[str, str]]]) -> None:
        """Rows that are not taken: number, key, problems, and the cells as they were read."""
        encode = self.encode
        lines: list[list[Any]] = []
        for number, key, problems, cells in rows:
            own = (number, key, FAULTY, [problem.as_json() for problem in problems], dict(cells))
            lines.append([*map(encode, own)])
        self._add(_OF_FAULTY, lines)

    def _add(self, columns: Sequence[str], lines: Sequence[Sequence[Any]]) -> None:
        if not lines:
            return
        self.last = max(self.last, *(int(line[0]) for line in lines))
        if is_postgresql():
            copy_lines(self.name, columns, lines)
            return
        marks = ", ".join(["%s"] * len(columns))
        with connection.cursor() as cursor, unlocked(cursor):
            cursor.executemany(f"INSERT INTO {self.name} ({_quoted(columns)}) VALUES ({marks})", lines)  # noqa: S608

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


def is_postgresql() -> bool:
    """Which of the two databases this is."""
    return connection.vendor == "postgresql"


def typed(field: Field[Any, Any], mark: str = "%s") -> str:
    """A parameter in a SELECT list: PostgreSQL must be told what it is, SQLite must not."""
    return f"CAST({mark} AS {field.db_type(connection)})" if is_postgresql() else mark


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


def encode_for_copy(value: Any) -> str:
    """As COPY's text format has it."""
    kind = value.__class__
    if value is None:
        return r"\N"
    if kind is int:
        return str(value)
    if kind is list or kind is dict:
        value = msgspec.json.encode(value).decode()
    if value.__class__ is str:
        return value if value.isprintable() and "\\" not in value else _escaped(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\")
    return text.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def encode_for_sqlite(value: Any) -> Any:
    """As Django's fields keep it in SQLite."""
    kind = value.__class__
    if value is None or kind is str or kind is int or kind is bool:
        return value
    if kind is list or kind is dict:
        return msgspec.json.encode(value).decode()
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return value.hex
    return str(value)
