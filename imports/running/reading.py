"""First step: the file becomes the stage. A row that is as it was taken last is not read any further.

What needs no database is done some blocks ahead, in a thread of its own, while the database works on the blocks before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from operator import not_
from typing import Any

from core.ahead import Ahead
from core.collector import collect_young, uncollected
from imports.files import Row, Table
from imports.files.table import Block
from imports.plan import Plan, Readings
from imports.problems import Problem
from imports.running.early import Early
from imports.running.here import Here, Rows, as_taken, known_here, rows_here
from imports.running.lines import new_lines, unchanged_lines, with_targets
from imports.running.stage import Line, Stage
from imports.running.watch import Watch

# Rows after which what statements leave is worth a look.
_COLLECTED_AFTER = 20_000
# Blocks, so that there is something to be made while a chunk of five is written.
_AHEAD = 3


@dataclass
class Progress:
    """What was seen on the way: how many rows, and what was odd about them."""

    rows: int = 0
    doubts: Counter[str] = field(default_factory=Counter)
    first_doubt: dict[str, int] = field(default_factory=dict)

    def doubt(self, code: str, numbers: Sequence[int]) -> None:
        """So many rows are odd in this way."""
        self.doubts[code] += len(numbers)
        self.first_doubt.setdefault(code, numbers[0])


# Rows that have changed are read at once: of a block there may be a handful.
_ENOUGH = 1_000


@dataclass(frozen=True)
class Seen:
    """A block as far as it is known without the database: its sound rows, and lines of the stage for them.

    They are said to be unchanged, or to be written where `said` tells what they say.
    """

    block: Block
    rows: Rows
    said: Readings | None
    lines: Sequence[Line]
    position: int


class Held:
    """Rows that wait to be read, and the lines that say they are unchanged."""

    def __init__(self) -> None:
        self._parts: list[Rows] = []
        self.lines: list[Line] = []

    def hold(self, seen: Seen, chosen: Iterable[bool]) -> None:
        """Some of a block's rows, too."""
        mask = list(chosen)
        self._parts.append(seen.rows.where(mask))
        self.lines += compress(seen.lines, mask)

    def rows(self) -> Rows:
        """All of them."""
        return Rows.all_of(self._parts)


def read(
    table: Table, plan: Plan, stage: Stage, watch: Watch, *, knows: bool, early: Early | None
) -> Progress:
    """Read the whole file into the stage. Raises `Refused`, `LeaseLost`, `Cancelled`.

    `knows` is whether something of the feed is here, that rows may be equal to; `early` writes what has been read.
    """
    progress = Progress()
    reader = _Reader(plan, stage, progress, early)
    seen_blocks = _seen(table, plan, stage, reads=not knows)
    with uncollected(), Ahead(seen_blocks, most=_AHEAD) as blocks:
        collected = 0
        for seen in _taken(blocks, reader, early):
            watch.beat(read=progress.rows, position=seen.position)
            if progress.rows - collected >= _COLLECTED_AFTER:
                collect_young()
                collected = progress.rows
        reader.take_held()
    watch.beat(at_once=True, read=progress.rows, total=progress.rows, position=watch.run.size)
    if not early:
        stage.index()
    return progress


def _taken(blocks: Ahead[Seen], reader: _Reader, early: Early | None) -> Iterator[Seen]:
    """The blocks one by one, or the last one of each chunk that was written: each time something is done with."""
    for seen in blocks:
        if early is None:
            reader.take(seen)
        else:
            with early.chunk():
                reader.take(seen)
                while not early.is_enough(reading_is_behind=blocks.is_behind) and (
                    more := next(blocks, None)
                ):
                    reader.take(seen := more)
        yield seen


def _seen(table: Table, plan: Plan, stage: Stage, *, reads: bool) -> Generator[Seen, None, None]:
    for block in table.blocks():
        rows = Rows.of(*_sound(block), plan)
        if reads and rows.cells:
            said = plan.read_all(rows.cells)
            yield Seen(block, rows, said, new_lines(rows, said, stage), table.position)
        else:
            yield Seen(block, rows, None, unchanged_lines(rows, stage), table.position)


def _sound(block: Block) -> tuple[Sequence[int], Sequence[Sequence[str]]]:
    """Numbers and cells of the rows that have no problem as such."""
    if not block.problems:
        return block.numbers, block.rows
    places = [place for place in range(len(block.rows)) if place not in block.problems]
    return _chosen(block.numbers, places), _chosen(block.rows, places)


def _chosen(side: Sequence[Any], places: Iterable[int]) -> list[Any]:
    return [side[place] for place in places]


class _Reader:
    """Puts blocks into the stage."""

    def __init__(self, plan: Plan, stage: Stage, progress: Progress, early: Early | None) -> None:
        self._plan, self._stage, self._progress, self._early = plan, stage, progress, early
        self._held = Held()

    def take(self, seen: Seen) -> None:
        """Stage one block: what is unchanged, in error, and to be written."""
        block, plan = seen.block, self._plan
        self._progress.rows += len(block.rows)
        self._stage.add_faulty(
            (block.numbers[place], plan.key_of(block.rows[place]), [problem], _cells(block.rows[place], plan))
            for place, problem in block.problems.items()
        )
        if seen.said is not None:
            self._take_new(seen.rows, seen.said, seen.lines, {})
        elif seen.rows.cells:
            self._take_changed(seen)

    def _take_changed(self, seen: Seen) -> None:
        """Of rows that may be as they were taken last, those that are not are read once they are enough."""
        same = as_taken(seen.rows, self._plan)
        self._stage.add_unchanged(list(compress(seen.lines, same)))
        self._held.hold(seen, map(not_, same))
        if len(self._held.lines) >= _ENOUGH:
            self.take_held()

    def take_held(self) -> None:
        """Read what has been held back."""
        held, self._held = self._held, Held()
        rows, plan = held.rows(), self._plan
        own = rows_here([key for key in rows.keys if key], plan)
        # What a person has changed may still be no business of the feed.
        same = [
            key in own and own[key].digest == digest
            for key, digest in zip(rows.keys, rows.digests, strict=True)
        ]
        self._stage.add_unchanged(list(compress(held.lines, same)))
        changed = rows.where(map(not_, same))
        if changed.cells:
            said = plan.read_all(changed.cells)
            self._take_new(changed, said, new_lines(changed, said, self._stage), own)

    def _take_new(self, rows: Rows, said: Readings, lines: Sequence[Line], own: Mapping[str, Here]) -> None:
        """Rows that are new or have changed, with lines of the stage as if all were new."""
        for place, key in enumerate(rows.keys):
            if not key and place not in said.problems:
                said.note_row(place, [Problem("no_key")])
        for code, places in said.doubts.items():
            self._progress.doubt(code, _chosen(rows.numbers, places))
        known = known_here(rows, said, own, self._plan)
        if self._early:
            self._early.refuse_doubles(rows, said, known)
        self._stage.add_faulty(
            (rows.numbers[place], rows.keys[place], problems, _cells(rows.cells[place], self._plan))
            for place, problems in said.problems.items()
        )
        self._stage.add_written(with_targets(lines, rows, said, known, self._stage))


def _cells(cells: Sequence[str], plan: Plan) -> dict[str, str]:
    return {column: cell for column, cell in zip(plan.header, map(str.strip, cells), strict=True) if cell}


def cells_of(row: Row, plan: Plan) -> dict[str, str]:
    """The cells of a row as they are kept with a fault: those that hold something."""
    return _cells(row.cells, plan)
