"""First step: the file becomes the stage. A row that is as it was taken last is not read any further.

What needs no database is done some blocks ahead, in a thread of its own, while the database works on the blocks before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from core.ahead import ahead
from core.collector import uncollected
from core.ids import new_hexes
from imports.files import Row, Table
from imports.files.table import Block
from imports.plan import Plan, Readings
from imports.problems import Problem
from imports.running.early import Early
from imports.running.here import Here, Known, Marked, adopted_by, known_here, rows_here
from imports.running.stage import UNCHANGED, WRITE, Stage
from imports.running.watch import Watch


@dataclass
class Progress:
    """What was seen on the way: how many rows, and what was odd about them."""

    rows: int = 0
    doubts: Counter[str] = field(default_factory=Counter)
    first_doubt: dict[str, int] = field(default_factory=dict)

    def doubt(self, code: str, number: int) -> None:
        self.doubts[code] += 1
        self.first_doubt.setdefault(code, number)


@dataclass(frozen=True)
class Seen:
    """A block as far as it is known without the database; `said` where each of its sound rows is read anyway."""

    block: Block
    keys: list[str]
    digests: list[str]
    said: Readings | None
    position: int


def read(
    table: Table, plan: Plan, stage: Stage, watch: Watch, *, knows: bool, early: Early | None
) -> Progress:
    """Read the whole file into the stage. Raises `Refused`, `LeaseLost`, `Cancelled`.

    `knows` is whether something of the feed is here, that rows may be equal to; `early` writes what has been read.
    """
    progress = Progress()
    reader = _Reader(plan, stage, progress, early)
    with uncollected(), closing(ahead(_seen(table, plan, stage, reads=not knows))) as blocks:
        for seen in blocks:
            reader.take(seen)
            progress.rows += len(seen.block.rows)
            if early:
                early.write()
            watch.beat(read=progress.rows, position=seen.position)
    watch.beat(at_once=True, read=progress.rows, total=progress.rows, position=watch.run.size)
    if early:
        early.write(rest=True)
    else:
        stage.index()
    return progress


def _seen(table: Table, plan: Plan, stage: Stage, *, reads: bool) -> Generator[Seen, None, None]:
    for block in table.blocks():
        keys = list(map(plan.key_of, block.rows))
        digests = list(map(plan.digest_of, map(plan.text_of, block.rows)))
        said = plan.read_all(_chosen(block.rows, _sound(block))) if reads else None
        if said is not None:
            said.pack(stage.packed)
        yield Seen(block, keys, digests, said, table.position)


def _sound(block: Block) -> Sequence[int]:
    """The places of the rows that have no problem as such."""
    places = range(len(block.rows))
    return [place for place in places if place not in block.problems] if block.problems else places


def _chosen(side: list[Any], places: Sequence[int]) -> list[Any]:
    return side if len(places) == len(side) else [side[place] for place in places]


class _Reader:
    """Puts blocks into the stage."""

    def __init__(self, plan: Plan, stage: Stage, progress: Progress, early: Early | None) -> None:
        self._plan, self._stage, self._progress, self._early = plan, stage, progress, early

    def take(self, seen: Seen) -> None:
        """Stage one block: what is unchanged, in error, and to be written."""
        block, plan = seen.block, self._plan
        here = rows_here(plan, [key for key in seen.keys if key]) if seen.said is None else {}
        self._stage.add_faulty(
            (block.numbers[place], seen.keys[place], [problem], _cells(block.rows[place], plan))
            for place, problem in block.problems.items()
        )
        places = self._changed(seen, here) if here else _sound(block)
        if places:
            sides = (block.numbers, seen.keys, seen.digests, block.rows)
            marked = Marked(*[_chosen(side, places) for side in sides])
            self._take_new(marked, seen.said or plan.read_all(marked.rows), here)

    def _changed(self, seen: Seen, here: Mapping[str, Here]) -> list[int]:
        """Places of the rows that are not as they were taken last; the others are noted."""
        changed: list[int] = []
        unchanged: list[int] = []
        for place in _sound(seen.block):
            known = here.get(seen.keys[place])
            same = known is not None and known.digest == seen.digests[place]
            (unchanged if same else changed).append(place)
        encode = self._stage.encode
        self._stage.add_unchanged(
            [(encode(seen.block.numbers[place]), encode(seen.keys[place]), UNCHANGED) for place in unchanged]
        )
        return changed

    def _take_new(self, marked: Marked, said: Readings, here: Mapping[str, Here]) -> None:
        """Rows that are new or have changed."""
        for place, key in enumerate(marked.keys):
            if not key and place not in said.problems:
                said.note_row(place, [Problem("no_key")])
        for place, codes in said.doubts.items():
            for code in codes:
                self._progress.doubt(code, marked.numbers[place])
        known = known_here(marked, said, here, self._plan)
        if self._early:
            self._early.refuse_doubles(marked, said, known)
        self._stage.add_faulty(
            (marked.numbers[place], marked.keys[place], problems, _cells(marked.rows[place], self._plan))
            for place, problems in said.problems.items()
        )
        self._stage.add_written(lines_of(marked, said, known, self._plan, self._stage))


def lines_of(
    marked: Marked, said: Readings, known: Known, plan: Plan, stage: Stage
) -> Sequence[Sequence[Any]]:
    """Lines of the stage for the rows that are in order, each with the row that is here already."""
    encode, nothing, count = stage.encode, stage.encode(None), len(marked.keys)
    targets, other_keys = [nothing] * count, [nothing] * count
    if not known.is_empty:
        by = adopted_by(said, plan)
        for place, (key, adopted) in enumerate(zip(marked.keys, by, strict=True)):
            found = known.own.get(key) or known.others.get(adopted) or known.typed_in.get(place)
            if found is not None:
                targets[place], other_keys[place] = encode(found.row_id), encode(found.other_key)
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
