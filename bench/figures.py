"""What a benchmark reports: figures side by side, and the ratio that was promised."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter


@dataclass(frozen=True)
class Bound:
    """A promise: `ratio` (ours / rival) must stay at or under `limit`, or at or above it with `at_least`."""

    name: str
    ratio: float
    limit: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit


@dataclass
class Report:
    """One benchmark's table: (label, value) rows as they are printed, and its promises."""

    title: str
    rows: list[tuple[str, str]] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)

    def row(self, label: str, value: str) -> None:
        self.rows.append((label, value))

    def bound(self, name: str, ratio: float, limit: float, *, at_least: bool = False) -> None:
        self.bounds.append(Bound(name, ratio, limit, at_least))

    def lines(self) -> list[str]:
        width = max((len(label) for label, _value in self.rows), default=0)
        printed = [self.title, *(f"  {label:<{width}}  {value}" for label, value in self.rows)]
        for bound in self.bounds:
            sign, verdict = ("≥" if bound.at_least else "≤"), ("ok" if bound.holds else "MISSED")
            printed.append(f"  → {bound.name}: {bound.ratio:.2f} ({sign} {bound.limit:g}) {verdict}")
        return printed


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:8.1f} ms"


def alternating(deeds: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    """Seconds of each deed in each round. In turn, so that a noisy minute of the machine hits all alike."""
    taken: list[list[float]] = [[] for _ in deeds]
    for _ in range(rounds):
        for seconds, deed in zip(taken, deeds, strict=True):
            started = perf_counter()
            deed()
            seconds.append(perf_counter() - started)
    return taken


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0–1) of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
