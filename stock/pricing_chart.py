"""The price of a vehicle through time, as steps that the server draws. Pure.

Coordinates are text: a template would write the decimal point as a comma in French.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from stock.models import Vehicle, VehicleChange

WIDTH, HEIGHT = 600, 120
_EDGE = 10  # so that a line on the rim keeps its whole width


@dataclass(frozen=True)
class Price:
    """From `since` on it was `cents`; `change` is against the price before, None for the first."""

    since: datetime
    cents: int
    change: int | None = None

    @property
    def difference(self) -> int:
        """The change without its sign."""
        return abs(self.change or 0)

    @property
    def is_cut(self) -> bool:
        return self.change is not None and self.change < 0


@dataclass(frozen=True)
class Chart:
    """A step line and the area under it, on a scale from `lowest` to `highest`."""

    line: str
    area: str
    end_x: str
    end_y: str
    lowest: int
    highest: int

    @property
    def view_box(self) -> str:
        return f"0 0 {WIDTH} {HEIGHT}"


def prices_of(vehicle: Vehicle, changes: Sequence[VehicleChange]) -> list[Price]:
    """Every price it had, oldest first; `changes` are newest first."""
    steps = [(step.at, *step.changes["price"]) for step in reversed(changes) if "price" in step.changes]
    first = steps[0][1] if steps else vehicle.price
    found = [] if first is None else [Price(vehicle.created_at, first)]
    for at, _before, after in steps:
        if after is not None:
            found.append(Price(at, after, after - found[-1].cents if found else None))
    return found


def chart_of(prices: Sequence[Price], until: datetime) -> Chart | None:
    """The steps up to now; None while the price has never changed."""
    if len(prices) < 2:
        return None
    start = prices[0].since
    span = max((until - start).total_seconds(), 1.0)
    lowest, highest = min(price.cents for price in prices), max(price.cents for price in prices)
    rise = max(highest - lowest, 1)

    def place(at: datetime, cents: int) -> tuple[str, str]:
        x = _EDGE + (WIDTH - 2 * _EDGE) * min(max((at - start).total_seconds() / span, 0.0), 1.0)
        y = HEIGHT - _EDGE - (HEIGHT - 2 * _EDGE) * (cents - lowest) / rise
        return f"{x:.1f}", f"{y:.1f}"

    points = [place(start, prices[0].cents)]
    for price in prices[1:]:
        across = place(price.since, price.cents)
        points += [(across[0], points[-1][1]), across]
    end = (place(until, prices[-1].cents)[0], points[-1][1])
    line = "M" + " L".join(f"{x} {y}" for x, y in [*points, end])
    area = f"{line} L{end[0]} {HEIGHT} L{points[0][0]} {HEIGHT} Z"
    return Chart(line, area, *end, lowest=lowest, highest=highest)
