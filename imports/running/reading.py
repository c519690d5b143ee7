"""First step: the file becomes the stage. A row that is as it was taken last is not read any further."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from core.ids import new_hex
from imports.files import Row, Table
from imports.plan import Plan
from imports.plan import Reading as Said
from imports.problems import Problem
from imports.running.stage import UNCHANGED, WRITE, Stage, is_postgresql
from imports.running.watch import Watch

# Rows and characters that are in memory at a time.
_ROWS = 2_000
_CHARACTERS = 2_000_000


@dataclass(frozen=True)
class Here:
    """A row that is here already. The digest is empty where a person holds what is the feed's to say."""

    row_id: Any
    digest: str = ""
    other_key: str | None = None


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
        here = rows_here(plan, [key for key in chunk.keys if key]) if knows else {}
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


def _stage(chunk: Chunk, here: Mapping[str, Here], plan: Plan, stage: Stage, progress: Progress) -> None:
    written: list[tuple[int, str, str, Said]] = []
    unchanged, faulty = [], []
    encode, digest_of = stage.encode, plan.digest_of
    for row, key, text in zip(chunk.rows, chunk.keys, chunk.texts, strict=True):
        if row.problem is not None:
            faulty.append((row.number, key, [row.problem], cells_of(row, plan)))
            continue
        digest = digest_of(text)
        known = here.get(key)
        if known is not None and known.digest == digest:
            unchanged.append((encode(row.number), encode(key), UNCHANGED))
            continue
        said = plan.read(row.cells)
        problems = said.problems if key or said.problems else [Problem("no_key")]
        if problems:
            faulty.append((row.number, key, problems, cells_of(row, plan)))
            continue
        for code in said.doubts:
            progress.doubt(code, row.number)
        written.append((row.number, key, digest, said))
    stage.add_written(lines_of(written, here, plan, stage))
    stage.add_unchanged(unchanged)
    stage.add_faulty(faulty)


def lines_of(
    written: Sequence[tuple[int, str, str, Said]], here: Mapping[str, Here], plan: Plan, stage: Stage
) -> list[list[Any]]:
    """Lines of the stage for rows (number, key, digest, what it says), each with the row that is here already."""
    encode, nothing = stage.encode, stage.encode(None)
    others = _others(plan, [said for _number, key, _digest, said in written if key not in here])
    by = plan.names.index(plan.importer.adopted_by) if plan.importer.adopted_by else None
    lines = []
    for number, key, digest, said in written:
        known = here.get(key) or (others.get(said.values[by]) if by is not None and others else None)
        target, other = (
            (nothing, nothing) if known is None else (encode(known.row_id), encode(known.other_key))
        )
        lines.append([encode(number), encode(key), WRITE, digest, new_hex(), target, other, *said.encoded])
    return lines


def _others(plan: Plan, rows: Sequence[Said]) -> dict[str, Here]:
    """Rows of the group that somebody else brought, or this feed under another key, by what rows are adopted by."""
    importer, feed = plan.importer, plan.setting.feed
    if not importer.adopted_by:
        return {}
    place, column = plan.names.index(importer.adopted_by), importer.column(importer.adopted_by).column
    wanted = [said.values[place] for said in rows if said.values[place]]
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT "{column}", id, feed_id, feed_key FROM {importer.model._meta.db_table}'  # noqa: S608
            f' WHERE group_id = %s AND "{column}" <> \'\' AND "{column}" {_AMONG[connection.vendor]} ORDER BY id',
            [feed.group_id, sent(wanted)],
        )
        found = cursor.fetchall()
    return {
        value: Here(row_id, other_key=key if feed_id == feed.pk else None)
        for value, row_id, feed_id, key in found
    }


def cells_of(row: Row, plan: Plan) -> dict[str, str]:
    """The cells of a row as they are kept with a fault: those that hold something."""
    pairs = zip(plan.header, map(str.strip, row.cells), strict=True)
    return {column: cell for column, cell in pairs if cell}


def rows_here(plan: Plan, keys: Sequence[str]) -> dict[str, Here]:
    """Key → what is here of the feed."""
    importer, feed = plan.importer, plan.setting.feed
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT feed_key, feed_digest, CAST(kept AS text), id FROM {importer.model._meta.db_table}"  # noqa: S608
            f" WHERE feed_id = %s AND feed_key {_AMONG[connection.vendor]}",
            [feed.pk, sent(keys)],
        )
        found = cursor.fetchall()
    return {
        key: Here(row_id, "" if kept != "[]" and _is_contested(kept, plan) else digest)
        for key, digest, kept, row_id in found
    }


# « One of these », of which there may be thousands, as one parameter.
_AMONG = {"postgresql": "= ANY(%s)", "sqlite": "IN (SELECT value FROM json_each(%s))"}


def sent(values: Sequence[Any]) -> Any:
    """The parameter of `_AMONG`."""
    return list(values) if is_postgresql() else json.dumps(list(values))


def _is_contested(kept: str, plan: Plan) -> bool:
    return bool((set(json.loads(kept)) & plan.brought) - plan.held)
