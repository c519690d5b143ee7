"""Lines through points. All measures are metres: x from the front bumper to the rear, y from the ground up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

Point = tuple[float, float]

# Pieces of a curve between two of its points: smooth at the size at which cars are drawn.
_PIECES = 14


def smooth(points: Sequence[Point], *, tension: float = 0.5) -> list[Point]:
    """A curve through all points (cardinal spline); a point that stands twice is a corner."""
    found: list[Point] = []
    for stretch in _stretches(points):
        found.extend(_spline(stretch, tension))
    return found


def _stretches(points: Sequence[Point]) -> Iterator[list[Point]]:
    """The points between corners."""
    current = [points[0]]
    for before, point in pairwise(points):
        if point == before:
            yield current
            current = [point]
        else:
            current.append(point)
    yield current


def _spline(points: Sequence[Point], tension: float) -> Iterator[Point]:
    if len(points) < 3:
        yield from points
        return
    padded = [points[0], *points, points[-1]]
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for piece in range(_PIECES):
            yield _between((before, start, end, after), piece / _PIECES, tension)
    yield points[-1]


def _between(points: tuple[Point, Point, Point, Point], t: float, tension: float) -> Point:
    """Cubic Hermite from the second point to the third, with the tangents of a cardinal spline."""
    before, start, end, after = points
    weights = (2 * t**3 - 3 * t**2 + 1, t**3 - 2 * t**2 + t, -2 * t**3 + 3 * t**2, t**3 - t**2)

    def along(axis: int) -> float:
        leaving, arriving = (
            tension * (end[axis] - before[axis]),
            tension * (after[axis] - start[axis]),
        )
        parts = (start[axis], leaving, end[axis], arriving)
        return sum(weight * part for weight, part in zip(weights, parts, strict=True))

    return along(0), along(1)
