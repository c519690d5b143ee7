"""Which of the first rows names the columns, if any does."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from imports.headers import heard

# Rows above the header: a title, a date, blank ones.
LOOKED_AT = 10

_DATA = re.compile(
    r"\d{3,}([.,]\d+)?|[A-HJ-NPR-Z0-9]{17}|https?:.*|\d{1,4}[./-]\d{1,2}([./-]\d{1,4})?|.*@.*", re.DOTALL
)


def header_place(rows: Sequence[Sequence[str]], known: Collection[str]) -> int | None:
    """The place of the header among the first rows; None when the file begins with data.

    `known` are the headers that somebody knows, as `heard` has them. The row with most of them is the header; a first
    row without any is one too unless it looks like data.
    """
    scores = [sum(heard(cell) in known for cell in row if cell) for row in rows[:LOOKED_AT]]
    best = max(scores, default=0)
    if best >= 2:
        return scores.index(best)
    first = next((place for place, row in enumerate(rows) if any(row)), 0)
    if not rows or any(_DATA.fullmatch(cell.strip()) for cell in rows[first]):
        return None
    return first
