"""Second step, before anything is written: the same thing twice in the file, and what is missing from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from imports.files import Table
from imports.plan import Plan
from imports.problems import Problem
from imports.running.reading import cells_of
from imports.running.stage import FAULTY, WRITE, Stage, encode_for_sqlite, unlocked
from imports.running.watch import Watch

_AT_ONCE = 1_000


@dataclass(frozen=True)
class Vanished:
    """Of the feed's rows that are still alive here, how many its file no longer has."""

    alive: int
    missing: int

    def is_more_than(self, percent: int) -> bool:
        return self.missing * 100 > percent * self.alive


def release_others(stage: Stage) -> None:
    """A row of this feed that is known by what it is adopted by, but whose own key is in the file, is another one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {stage.name} AS s SET target = NULL WHERE s.other_key IS NOT NULL"  # noqa: S608 - our names
            f" AND s.other_key <> s.key AND EXISTS (SELECT 1 FROM {stage.name} k WHERE k.key = s.other_key)"
        )


def refuse_doubles(table: Table, plan: Plan, stage: Stage, watch: Watch) -> int:
    """Of rows that say they are the same thing the first counts; the later ones are in error and name it.

    Returns how many. The file is read once more for the cells of those rows, if there are any.
    """
    refused = 0
    rows = table.rows()
    for doubles in _doubles(plan, stage):
        cells: dict[int, dict[str, str]] = {}
        for row in rows:
            if row.number in doubles:
                cells[row.number] = cells_of(row, plan)
                if len(cells) == len(doubles):
                    break
        _mark(stage, doubles, cells)
        refused += len(doubles)
        watch.beat()
    return refused


def _doubles(plan: Plan, stage: Stage) -> Iterator[dict[int, tuple[int, str]]]:
    """Number → (number of the first, code), in the order of the file, some at a time."""
    sql = _doubles_sql(plan, stage)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE {stage.name}_d AS SELECT number, min(first) AS first, min(code) AS code"  # noqa: S608
            f" FROM ({sql}) d GROUP BY number"
        )
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT number, first, code FROM {stage.name}_d WHERE number > %s ORDER BY number LIMIT %s",  # noqa: S608
                [after, _AT_ONCE],
            )
            found = {number: (first, code) for number, first, code in cursor.fetchall()}
            if not found:
                cursor.execute(f"DROP TABLE {stage.name}_d")
                return
        yield found
        after = max(found)


def _doubles_sql(plan: Plan, stage: Stage) -> str:
    """By the key; by what rows are adopted by; and by that of a row of the feed that is in the file itself."""
    importer, name = plan.importer, stage.name
    kinds = [_same(name, "key", "double", f"outcome <> '{FAULTY}'")]
    if importer.adopted_by:
        by = importer.column(importer.adopted_by).column
        kinds.append(_same(name, f'"{by}"', "double_other", f"outcome = '{WRITE}' AND \"{by}\" <> ''"))
        kinds.append(
            f"SELECT s.number, k.number AS first, 'double_other' AS code FROM {name} s"  # noqa: S608 - our names
            f" JOIN {name} k ON k.key = s.other_key AND k.outcome <> '{WRITE}'"
            f" WHERE s.other_key IS NOT NULL AND s.other_key <> s.key"
        )
    return " UNION ALL ".join(kinds)


def _same(name: str, column: str, code: str, condition: str) -> str:
    """Rows that share a value with an earlier one."""
    return (
        f"SELECT s.number, f.first, '{code}' AS code FROM {name} s JOIN"  # noqa: S608 - our names
        f" (SELECT {column} AS same, min(number) AS first FROM {name} WHERE {condition}"
        f" GROUP BY {column} HAVING count(*) > 1) f ON f.same = s.{column} AND s.number > f.first"
        f" WHERE {condition.replace('outcome', 's.outcome')}"
    )


def _mark(stage: Stage, doubles: dict[int, tuple[int, str]], cells: dict[int, dict[str, str]]) -> None:
    lines = [
        (
            encode_for_sqlite([Problem(code, values={"row": first}).as_json()]),
            encode_for_sqlite(cells.get(number, {})),
            number,
        )
        for number, (first, code) in doubles.items()
    ]
    with connection.cursor() as cursor, unlocked(cursor):
        cursor.executemany(
            f"UPDATE {stage.name} SET outcome = '{FAULTY}', problems = %s, cells = %s WHERE number = %s",  # noqa: S608
            lines,
        )


def vanished(plan: Plan, stage: Stage) -> Vanished:
    """Count what the feed has brought before, what is still alive of it, and what of that its file has no longer."""
    with connection.cursor() as cursor:
        missing, parameters = missing_sql(plan, stage)
        cursor.execute(f"SELECT count(*) FROM {missing}", parameters)  # noqa: S608 - our names
        (absent,) = cursor.fetchone()
        if not absent:
            return Vanished(0, 0)  # of how many does not matter
        alive, parameters = alive_sql(plan)
        cursor.execute(f"SELECT count(*) FROM {alive}", parameters)  # noqa: S608 - our names
        (count,) = cursor.fetchone()
    return Vanished(count, absent)


def alive_sql(plan: Plan) -> tuple[str, list[int | str]]:
    """FROM and WHERE of the feed's rows that may still be written; the table is called t."""
    importer = plan.importer
    column, values = importer.untouchable
    sql = f"{importer.model._meta.db_table} t WHERE t.feed_id = %s"
    if column:
        marks = ", ".join(["%s"] * len(values))
        sql += f' AND t."{importer.column(column).column}" NOT IN ({marks})'
    return sql, [plan.setting.feed.pk, *values]


def missing_sql(plan: Plan, stage: Stage) -> tuple[str, list[int | str]]:
    """Those of them that the file does not have, not even under another key."""
    sql, parameters = alive_sql(plan)
    sql += f" AND NOT EXISTS (SELECT 1 FROM {stage.name} s WHERE s.key = t.feed_key)"  # noqa: S608 - our names
    if plan.importer.adopted_by:
        by = plan.importer.column(plan.importer.adopted_by).column
        sql += (
            f' AND NOT EXISTS (SELECT 1 FROM {stage.name} s WHERE s."{by}" = t."{by}" AND s."{by}" <> \'\')'  # noqa: S608
        )
    return sql, parameters
