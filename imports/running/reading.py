"""First step: the file becomes the stage. A row that is as it was taken last is not read any further."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db import connection

from core.ids import new_id
from imports.files import Row, Table
from imports.plan import Plan
from imports.problems import Problem
from imports.running.stage import Line, Stage, is_postgresql
from imports.running.watch import Watch

# Rows and characters that are in memory at a time.
_ROWS = 2_000
_CHARACTERS = 2_000_000


@dataclass
class Reading:
    """What was seen on the way: how many rows, and what was odd about them."""

    rows: int = 0
    doubts: Counter[str] = field(default_factory=Counter)
    first_doubt: dict[str, int] = field(default_factory=dict)

    def doubt(self, code: str, number: int) -> None:
        self.doubts[code] += 1
        self.first_doubt.setdefault(code, number)


def read(table: Table, plan: Plan, stage: Stage, watch: Watch) -> Reading:
    """Read the whole file into the stage. Raises `Refused`, `LeaseLost`, `Cancelled`."""
    reading = Reading()
    for rows in _chunks(table):
        stage.add(list(_lines(rows, plan, stage, reading)))
        reading.rows += len(rows)
        watch.beat(read=reading.rows, position=table.position)
    watch.beat(at_once=True, read=reading.rows, total=reading.rows, position=watch.run.size)
    stage.index()
    return reading


def _chunks(table: Table) -> Iterator[list[Row]]:
    rows: list[Row] = []
    characters = 0
    for row in table.rows():
        rows.append(row)
        characters += sum(map(len, row.cells))
        if len(rows) >= _ROWS or characters >= _CHARACTERS:
            yield rows
            rows, characters = [], 0
    if rows:
        yield rows


def _lines(rows: Sequence[Row], plan: Plan, stage: Stage, reading: Reading) -> Iterator[Line]:
    keys = [plan.key_of(row.cells) for row in rows]
    taken = digests(plan, [key for key in keys if key])
    text_of, digest_of = plan.text_of, plan.digest_of
    for row, key in zip(rows, keys, strict=True):
        if row.problem is not None:
            yield faulty(row, key, [row.problem], plan, stage)
            continue
        digest = digest_of(text_of(row.cells))
        if taken.get(key) == digest:
            yield stage.unchanged(row.number, key, digest)
            continue
        values, problems = plan.read(row.cells)
        if not key and not problems:
            problems = [Problem("no_key")]
        if problems:
            yield faulty(row, key, problems, plan, stage)
            continue
        for code in plan.doubts(values):
            reading.doubt(code, row.number)
        yield stage.line(row.number, key, digest, values, new_id())


def faulty(row: Row, key: str, problems: Sequence[Problem], plan: Plan, stage: Stage) -> Line:
    """The line of a row that is not taken, with its cells as they were read."""
    cells = {column: cell for column, cell in zip(plan.header, row.cells, strict=True) if cell}
    return stage.faulty(row.number, key, problems, cells)


def digests(plan: Plan, keys: Sequence[str]) -> dict[str, str]:
    """Key → digest of what is here of the feed. Without those in which a person holds what is the feed's to say."""
    importer, feed = plan.importer, plan.setting.feed
    table = importer.model._meta.db_table
    among = "= ANY(%s)" if is_postgresql() else "IN (SELECT value FROM json_each(%s))"
    keys_sent = list(keys) if is_postgresql() else _as_json(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT feed_key, feed_digest, CAST(kept AS text) FROM {table}"  # noqa: S608 - our names
            f" WHERE feed_id = %s AND feed_key {among}",
            [feed.pk, keys_sent],
        )
        found = cursor.fetchall()
    return {key: digest for key, digest, kept in found if kept == "[]" or not _is_contested(kept, plan)}


def _is_contested(kept: str, plan: Plan) -> bool:
    return bool((set(json.loads(kept)) & plan.brought) - plan.held)


def _as_json(keys: Sequence[str]) -> str:
    return json.dumps(list(keys))
