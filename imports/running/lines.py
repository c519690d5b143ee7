"""Lines of the stage, made of rows of the file: encoded as the database takes them, and ahead of it where possible."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

from core.ids import new_hexes
from imports.plan import Readings
from imports.running.here import Known, Rows
from imports.running.stage import UNCHANGED, WRITE, Line, Stage


def unchanged_lines(rows: Rows, stage: Stage) -> list[Line]:
    """For rows that are as they were taken last."""
    encode, count = stage.encode, len(rows.keys)
    own = (map(encode, rows.numbers), map(encode, rows.keys), repeat(UNCHANGED, count))
    return list(zip(*own, strict=True))


def new_lines(rows: Rows, said: Readings, stage: Stage) -> list[Line]:
    """For rows of which nothing is here, whether they are in order or not."""
    encode, nothing, count = stage.encode, stage.encode(None), len(rows.keys)
    own = (map(encode, rows.numbers), map(encode, rows.keys), repeat(WRITE, count), rows.digests)
    heads = zip(*own, new_hexes(count), repeat(nothing, count), repeat(nothing, count), strict=True)
    packed = map(stage.packed, said.hand_over())
    return [head + values for head, values in zip(heads, packed, strict=True)]


def with_targets(lines: Sequence[Line], rows: Rows, said: Readings, known: Known, stage: Stage) -> list[Line]:
    """Those of the rows that are in order, each with the row that is here already."""
    lines = list(lines)
    if not known.is_empty:
        for place, key in enumerate(rows.keys):
            found = known.of(place, key)
            if found is not None:
                lines[place] = stage.onto(lines[place], found.row_id, found.other_key)
    if not said.problems:
        return lines
    return [line for place, line in enumerate(lines) if place not in said.problems]
