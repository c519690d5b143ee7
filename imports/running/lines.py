"""Lines of the stage, made of rows of the file: encoded as the database takes them, and ahead of it where possible."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat

from core.ids import new_hexes
from imports.plan import Plan, Readings
from imports.running.here import Known, Marked, adopted_by
from imports.running.stage import UNCHANGED, WRITE, Line, Stage


def unchanged_lines(marked: Marked, stage: Stage) -> list[Line]:
    """For rows that are as they were taken last."""
    encode, count = stage.encode, len(marked.keys)
    own = (map(encode, marked.numbers), map(encode, marked.keys), repeat(UNCHANGED, count))
    return list(zip(*own, strict=True))


def new_lines(marked: Marked, said: Readings, stage: Stage) -> list[Line]:
    """For rows of which nothing is here, whether they are in order or not."""
    encode, nothing, count = stage.encode, stage.encode(None), len(marked.keys)
    own = (map(encode, marked.numbers), map(encode, marked.keys), repeat(WRITE, count), marked.digests)
    heads = zip(*own, new_hexes(count), repeat(nothing, count), repeat(nothing, count), strict=True)
    packed = map(stage.packed, said.encoded_by_row())
    return [head + values for head, values in zip(heads, packed, strict=True)]


def with_targets(
    lines: Sequence[Line], marked: Marked, said: Readings, known: Known, plan: Plan, stage: Stage
) -> list[Line]:
    """Those of the rows that are in order, each with the row that is here already."""
    lines = list(lines)
    if not known.is_empty:
        by = adopted_by(said, plan)
        for place, (key, adopted) in enumerate(zip(marked.keys, by, strict=True)):
            found = known.own.get(key) or known.others.get(adopted) or known.typed_in.get(place)
            if found is not None:
                lines[place] = stage.onto(lines[place], found.row_id, found.other_key)
    if not said.problems:
        return lines
    return [line for place, line in enumerate(lines) if place not in said.problems]
