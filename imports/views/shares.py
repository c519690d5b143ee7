"""What became of a run's rows, as a bar of whole numbers that a drawing needs no style for."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import npgettext

from imports.models import Run

# In the order of the bar: what changed something first, what needs somebody last.
_ICONS = {
    "created": "plus-lg",
    "updated": "arrow-repeat",
    "unchanged": "check2",
    "failed": "exclamation-triangle",
}


@dataclass(frozen=True)
class Share:
    """One outcome: its rows, and where it lies on the bar whose length is the sum of all."""

    name: str
    label: str
    icon: str
    rows: int
    start: int


@dataclass(frozen=True)
class Shares:
    """The four outcomes of a run. Their sum is `rows`; `open` are rows of the file that have none yet."""

    all: tuple[Share, ...]
    rows: int
    total: int

    @property
    def some(self) -> list[Share]:
        return [share for share in self.all if share.rows]

    @property
    def open(self) -> int:
        return max(0, self.total - self.rows)

    @property
    def length(self) -> int:
        """Of the bar; never nothing, a drawing cannot be that."""
        return max(1, self.total, self.rows)


def shares_of(run: Run) -> Shares:
    """The outcomes as they stand."""
    found, start = [], 0
    for name, icon in _ICONS.items():
        rows = getattr(run, name)
        found.append(Share(name, _label(name, rows), icon, rows, start))
        start += rows
    return Shares(tuple(found), start, run.total)


def _label(name: str, rows: int) -> str:
    return {
        "created": npgettext("rows of a file", "created", "created", rows),
        "updated": npgettext("rows of a file", "updated", "updated", rows),
        "unchanged": npgettext("rows of a file", "unchanged", "unchanged", rows),
        "failed": npgettext("rows of a file", "in error", "in error", rows),
    }[name]
