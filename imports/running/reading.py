"""First step: the file becomes the stage. A row that is as it was taken last is not read any further."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, NamedTuple

from django.db import connection

from core.collector import uncollected
from core.ids import new_hexes
from imports.files import Row, Table
from imports.files.table import Block
from imports.plan import Plan, Readings
from imports.problems import Problem
from imports.running.claiming import typed_in
from imports.running.stage import UNCHANGED, WRITE, Stage, is_postgresql
from imports.running.watch import Watch


class Here(NamedTuple):
    """A row that is here already. The digest is empty where a person holds what is the feed's to say."""

    row_id: Any
    digest: str = ""
    other_key: str | None = None


@dataclass
class Progress:
    """What was seen on the way: how many rows, and what was odd about them."""

    rows: int = 0
    is_first: bool = False  # nothing of the feed is here
    doubts: Counter[str] = field(default_factory=Counter)
    first_doubt: dict[str, int] = field(default_factory=dict)

    def doubt(self, code: str, number: int) -> None:
        self.doubts[code] += 1
        self.first_doubt.setdefault(code, number)


def read(table: Table, plan: Plan, stage: Stage, watch: Watch) -> Progress:
    """Read the whole file into the stage. Raises `Refused`, `LeaseLost`, `Cancelled`."""
    progress = Progress()
    knows = bool(plan.importer.model.objects.filter(feed=plan.setting.feed).exists())
    blocks = table.blocks()
    while True:
        with uncollected():
            block = next(blocks, None)
            if block is None:
                break
            _stage(block, plan, stage, progress, knows=knows)
        progress.rows += len(block.rows)
        if watch.is_due:
            stage.settle()
            watch.beat(read=progress.rows, position=table.position)
    stage.settle()
    watch.beat(at_once=True, read=progress.rows, total=progress.rows, position=watch.run.size)
    stage.index(first=not knows)
    progress.is_first = not knows
    return progress


@dataclass
class Marked:
    """Rows of a block that go on together: their numbers, keys, digests and cells."""

    numbers: list[int]
    keys: list[str]
    digests: list[str]
    rows: list[Sequence[str]]


def _stage(block: Block, plan: Plan, stage: Stage, progress: Progress, *, knows: bool) -> None:
    keys = list(map(plan.key_of, block.rows))
    digests = list(map(plan.digest_of, map(plan.text_of, block.rows)))
    if knows:
        stage.settle()
    here = rows_here(plan, [key for key in keys if key]) if knows else {}
    new, unchanged = [], []
    for place, key in enumerate(keys):
        known = here.get(key)
        if known is not None and known.digest == digests[place] and place not in block.problems:
            unchanged.append(place)
        elif place not in block.problems:
            new.append(place)
    encode = stage.encode
    stage.add_unchanged(
        [(encode(block.numbers[place]), encode(keys[place]), UNCHANGED) for place in unchanged]
    )
    faulty = [
        (block.numbers[place], keys[place], [problem], _cells(block.rows[place], plan))
        for place, problem in block.problems.items()
    ]
    stage.add_faulty(faulty)
    if new:
        chosen = [[side[place] for place in new] for side in (block.numbers, keys, digests, block.rows)]
        _stage_new(Marked(*chosen), here, plan, stage, progress)  # type: ignore[arg-type]  # four lists of their kinds


def _stage_new(
    marked: Marked, here: Mapping[str, Here], plan: Plan, stage: Stage, progress: Progress
) -> None:
    """Read rows that are new or have changed."""
    said = plan.read_all(marked.rows)
    for place, key in enumerate(marked.keys):
        if not key and place not in said.problems:
            said.note_row(place, [Problem("no_key")])
    for place, codes in said.doubts.items():
        for code in codes:
            progress.doubt(code, marked.numbers[place])
    stage.add_faulty(
        (marked.numbers[place], marked.keys[place], problems, _cells(marked.rows[place], plan))
        for place, problems in said.problems.items()
    )
    stage.add_written(lines_of(marked, said, here, plan, stage))


def lines_of(
    marked: Marked, said: Readings, here: Mapping[str, Here], plan: Plan, stage: Stage
) -> Sequence[Sequence[Any]]:
    """Lines of the stage for the rows that are in order, each with the row that is here already."""
    encode, nothing = stage.encode, stage.encode(None)
    stage.settle()
    others = _others(marked, said, here, plan)
    claimed = _claimed(marked, said, here, plan)
    count = len(marked.keys)
    targets, other_keys = [nothing] * count, [nothing] * count
    by = said.column(plan.names.index(plan.importer.adopted_by)) if others else [None] * count
    if here or others or claimed:
        for place, (key, adopted) in enumerate(zip(marked.keys, by, strict=True)):
            known = here.get(key) or others.get(adopted) or claimed.get(place)
            if known is not None:
                targets[place], other_keys[place] = encode(known.row_id), encode(known.other_key)
    own = (map(encode, marked.numbers), map(encode, marked.keys), repeat(WRITE, count), marked.digests)
    heads = zip(*own, new_hexes(count), targets, other_keys, strict=True)
    lines = [head + encoded for head, encoded in zip(heads, said.encoded_by_row(), strict=True)]
    if said.problems:
        return [line for place, line in enumerate(lines) if place not in said.problems]
    return lines


def _cells(cells: Sequence[str], plan: Plan) -> dict[str, str]:
    return {column: cell for column, cell in zip(plan.header, map(str.strip, cells), strict=True) if cell}


def cells_of(row: Row, plan: Plan) -> dict[str, str]:
    """The cells of a row as they are kept with a fault: those that hold something."""
    return _cells(row.cells, plan)


def _others(marked: Marked, said: Readings, here: Mapping[str, Here], plan: Plan) -> dict[str, Here]:
    """Rows of the group that somebody else brought, or this feed under another key, by what rows are adopted by."""
    importer, feed = plan.importer, plan.setting.feed
    if not importer.adopted_by:
        return {}
    column = importer.column(importer.adopted_by).column
    adopted = said.column(plan.names.index(importer.adopted_by))
    wanted = [value for key, value in zip(marked.keys, adopted, strict=True) if value and key not in here]
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


def _claimed(marked: Marked, said: Readings, here: Mapping[str, Here], plan: Plan) -> dict[int, Here]:
    """Place → the row that a person typed in with the number of this one."""
    if not plan.importer.claimed_by or all(key in here for key in marked.keys):
        return {}
    typed = typed_in(plan)
    if not typed:
        return {}
    numbers = said.column(plan.names.index(plan.importer.claimed_by))
    return {place: Here(typed[number]) for place, number in enumerate(numbers) if number in typed}


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
