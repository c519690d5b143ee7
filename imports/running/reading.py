"""First step: the file becomes the stage. A row that is as it was taken last is not read any further."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from core.ids import new_hex
from imports.files import Row, Table
from imports.plan import Plan
from imports.problems import Problem
from imports.running.stage import UNCHANGED, WRITE, Stage, is_postgresql
from imports.running.watch import Watch

# Rows and characters that are in memory at a time.
_ROWS = 2_000
_CHARACTERS = 2_000_000

# Of a row that is here: its digest as it was taken last, and its id.
Here = tuple[str, Any]


@dataclass
class Progress:
    """What was seen on the way: how many rows, and what was odd about them."""

    rows: int = 0
    doubts: Counter[str] = field(default_factory=Counter)
    first_doubt: dict[str, int] = field(default_factory=dict)

    def doubt(self, code: str, number: int) -> None:
        self.doubts[code] += 1
        self.first_doubt.setdefault(code, number)


@dataclass
class Chunk:
    """Some rows with what tells them apart: key, and all that is looked at as one text."""

    rows: list[Row] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    size: int = 0


def read(table: Table, plan: Plan, stage: Stage, watch: Watch) -> Progress:
    """Read the whole file into the stage. Raises `Refused`, `LeaseLost`, `Cancelled`."""
    progress = Progress()
    knows = bool(plan.importer.model.objects.filter(feed=plan.setting.feed).exists())
    for chunk in _chunks(table, plan):
        here = digests(plan, [key for key in chunk.keys if key]) if knows else {}
        _stage(chunk, here, plan, stage, progress)
        progress.rows += len(chunk.rows)
        watch.beat(read=progress.rows, position=table.position)
    watch.beat(at_once=True, read=progress.rows, total=progress.rows, position=watch.run.size)
    stage.index(first=not knows)
    return progress


def _chunks(table: Table, plan: Plan) -> Iterator[Chunk]:
    key_of, text_of, chunk = plan.key_of, plan.text_of, Chunk()
    for row in table.rows():
        text = text_of(row.cells)
        chunk.rows.append(row)
        chunk.keys.append(key_of(row.cells))
        chunk.texts.append(text)
        chunk.size += len(text)
        if len(chunk.rows) >= _ROWS or chunk.size >= _CHARACTERS:
            yield chunk
            chunk = Chunk()
    if chunk.rows:
        yield chunk


def _stage(chunk: Chunk, here: dict[str, Here], plan: Plan, stage: Stage, progress: Progress) -> None:
    written, unchanged, faulty = [], [], []
    encode, digest_of = stage.encode, plan.digest_of
    for row, key, text in zip(chunk.rows, chunk.keys, chunk.texts, strict=True):
        number = row.number
        if row.problem is not None:
            faulty.append((number, key, [row.problem], cells_of(row, plan)))
            continue
        digest = digest_of(text)
        known = here.get(key)
        if known is not None and known[0] == digest:
            unchanged.append((encode(number), encode(key), UNCHANGED))
            continue
        found = plan.read(row.cells)
        problems = found.problems if key or found.problems else [Problem("no_key")]
        if problems:
            faulty.append((number, key, problems, cells_of(row, plan)))
            continue
        for code in found.doubts:
            progress.doubt(code, number)
        target = encode(known[1]) if known is not None else stage.encode(None)
        written.append([encode(number), encode(key), WRITE, digest, new_hex(), target, *found.encoded])
    stage.add_written(written)
    stage.add_unchanged(unchanged)
    stage.add_faulty(faulty)


def cells_of(row: Row, plan: Plan) -> dict[str, str]:
    """The cells of a row as they are kept with a fault: those that hold something."""
    pairs = zip(plan.header, map(str.strip, row.cells), strict=True)
    return {column: cell for column, cell in pairs if cell}


def digests(plan: Plan, keys: Sequence[str]) -> dict[str, Here]:
    """Key → what is here of the feed. The digest is empty where a person holds what is the feed's to say."""
    importer, feed = plan.importer, plan.setting.feed
    among = "= ANY(%s)" if is_postgresql() else "IN (SELECT value FROM json_each(%s))"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT feed_key, feed_digest, CAST(kept AS text), id FROM {importer.model._meta.db_table}"  # noqa: S608
            f" WHERE feed_id = %s AND feed_key {among}",
            [feed.pk, list(keys) if is_postgresql() else json.dumps(keys)],
        )
        found = cursor.fetchall()
    return {
        key: ("" if kept != "[]" and _is_contested(kept, plan) else digest, row_id)
        for key, digest, kept, row_id in found
    }


def _is_contested(kept: str, plan: Plan) -> bool:
    return bool((set(json.loads(kept)) & plan.brought) - plan.held)
