"""Writing many narrow rows at the speed of the database: ids reserved first, then one statement a table.

`bulk_create` costs four times COPY for 10,000 rows and the ORM loop twenty (LIMITS of this trade); the
router also needs the notification ids before the rows exist, to write the deliveries that point at them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

# Below this many rows one INSERT … VALUES is quicker than opening a COPY.
_COPY_FROM = 200


def reserve_ids(model: type[models.Model], count: int) -> list[int]:
    """`count` fresh primary keys of `model`. Must run in the transaction that inserts them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        # SQLite has one writer at a time, and inserting an explicit id moves its sequence along.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()
    first = (last[0] if last else 0) + 1
    return list(range(first, first + count))


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert `rows` (values in the order of `columns`; datetimes aware). One statement, whatever their number."""
    if not rows:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    if connection.vendor == "postgresql":
        _insert_postgresql(table, names, rows)
    else:
        _insert_many(table, names, rows)


def _insert_postgresql(table: str, names: str, rows: Sequence[Sequence[Any]]) -> None:
    with connection.cursor() as cursor:
        if len(rows) < _COPY_FROM:
            one = "(" + ", ".join(["%s"] * len(rows[0])) + ")"
            values = [value for row in rows for value in row]
            rows_of_marks = ", ".join([one] * len(rows))
            cursor.execute(f"INSERT INTO {table} ({names}) VALUES {rows_of_marks}", values)  # noqa: S608 - our names
            return
        with cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _insert_many(table: str, names: str, rows: Sequence[Sequence[Any]]) -> None:
    one = ", ".join(["%s"] * len(rows[0]))
    adapted = [[_adapted(value) for value in row] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({one})", adapted)  # noqa: S608 - our names


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value
