"""Charts as the server draws them: columns of rectangles over the days of a period, ready for an SVG. Pure.

Coordinates are text: a template would write the decimal point as a comma in French.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from notifications.measures import Entry, Figures, Wanted, added_up

HEIGHT = 100
_STEP, _BAR = 10, 7
# Periods up to so many days, and how many of them make a column: enough alerts in each to have a middle.
_LENGTHS = ((7, 1), (31, 3), (366, 7))
# The middle of fewer looks than this says nothing: its column stays empty. The table has every figure.
_FEWEST_LOOKS = 5
# One bad day must not flatten all others: the scale ends where this share of the columns does, and what is cut off
# wears a cap so high.
_USUAL_SHARE = 0.85
_CUT = "3.0"

# Seconds and counts at which a scale may end: what people read at a glance.
_TIMES = tuple(minutes * 60 for minutes in (1, 2, 5, 10, 20, 30, 60, 120, 240, 480, 960, 1440, 2880))
_ROUND = (1, 2, 4, 6, 8, 10)


@dataclass(frozen=True)
class Span:
    """A day of the period, or some, with their figures."""

    first: date
    last: date
    figures: Figures

    @property
    def is_day(self) -> bool:
        return self.first == self.last


@dataclass(frozen=True)
class Part:
    """One rectangle; `kind` names its colour in the style sheet."""

    kind: str
    y: str
    height: str


@dataclass(frozen=True)
class Column:
    x: str
    span: Span
    parts: list[Part]


@dataclass(frozen=True)
class Chart:
    """Columns on a scale from nothing to `top`."""

    columns: list[Column]
    top: int

    @property
    def half(self) -> int:
        return self.top // 2

    @property
    def view_box(self) -> str:
        return f"0 0 {len(self.columns) * _STEP} {HEIGHT}"

    @property
    def width(self) -> str:
        return str(len(self.columns) * _STEP)


def spans(entries: Sequence[Entry], wanted: Wanted) -> list[Span]:
    """The period by one, three or seven days that end with its last; those without alerts are there too."""
    length = next(length for most, length in _LENGTHS if wanted.days <= most)
    by_number: dict[int, list[Entry]] = {}
    for entry in entries:
        if entry.day >= wanted.since:
            by_number.setdefault((wanted.until - entry.day).days // length, []).append(entry)
    count = -(-wanted.days // length)
    return [_span(number, length, by_number.get(number, []), wanted) for number in reversed(range(count))]


def _span(number: int, length: int, entries: Sequence[Entry], wanted: Wanted) -> Span:
    last = wanted.until - timedelta(days=number * length)
    first = max(last - timedelta(days=length - 1), wanted.since)
    return Span(first, last, added_up(entries))


def outcomes(of: Sequence[Span]) -> Chart:
    """How many were looked at, settled by others, ignored: one on the other."""

    def heights(figures: Figures) -> list[tuple[str, int, int]]:
        seen, settled = figures.seen, figures.seen + figures.settled
        return [
            ("seen", 0, seen),
            ("settled", seen, settled),
            ("ignored", settled, settled + figures.ignored),
        ]

    highest = max((span.figures.judged + span.figures.settled for span in of), default=0)
    return _chart(of, heights, _top_of_counts(highest))


def reactions(of: Sequence[Span]) -> Chart:
    """Within what time nine of ten looked, and before it half of them. A day far off the scale is cut at its top."""

    def heights(figures: Figures) -> list[tuple[str, int, int]]:
        if figures.looks < _FEWEST_LOOKS:
            return []
        return [("ninetieth", 0, figures.ninetieth or 0), ("median", 0, figures.median or 0)]

    times = sorted(span.figures.ninetieth or 0 for span in of if span.figures.looks >= _FEWEST_LOOKS)
    usual = times[ceil(_USUAL_SHARE * len(times)) - 1] if times else 0
    return _chart(of, heights, _top_of_times(usual))


def _chart(of: Sequence[Span], heights: Callable[[Figures], list[tuple[str, int, int]]], top: int) -> Chart:
    columns = [
        Column(
            x=f"{number * _STEP + (_STEP - _BAR) / 2:.1f}",
            span=span,
            parts=_parts(heights(span.figures), top),
        )
        for number, span in enumerate(of)
    ]
    return Chart(columns, top)


def _parts(heights: list[tuple[str, int, int]], top: int) -> list[Part]:
    shown = [_part(kind, low, min(high, top), top) for kind, low, high in heights if min(high, top) > low]
    is_cut = any(high > top for _kind, _low, high in heights)
    return [*shown, Part("over", y="0.0", height=_CUT)] if is_cut else shown


def _part(kind: str, low: int, high: int, top: int) -> Part:
    return Part(kind, y=f"{HEIGHT * (1 - high / top):.1f}", height=f"{HEIGHT * (high - low) / top:.1f}")


def _top_of_times(highest: int) -> int:
    days = -(-highest // 86_400)
    return next((time for time in _TIMES if time >= highest), days * 86_400)


def _top_of_counts(highest: int) -> int:
    """An even number, so that half of it is one too."""
    power = 1
    while power * 10 < highest:
        power *= 10
    return max(2, next(power * step for step in _ROUND if power * step >= highest))
