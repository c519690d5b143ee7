"""Measures: how many alerts were sent, arrived, were seen, read, acted on or ignored, and how soon. It only reads.

A day of a site is one row of `DayMeasure`, kept by `measuring`; it holds every single reaction time, so that the median
and the ninetieth percentile of any period, role or channel are exact and the same on every database.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from itertools import chain
from math import ceil
from typing import TypeVar

import msgspec
from django.db.models import Max

from notifications.models import DayMeasure
from sites.access import Member

VIEW = "notifications.view_measures"

# The alert itself, as it lies in the inbox: the cells that totals are made of.
ANY_CHANNEL = ""

K = TypeVar("K", bound=Hashable)


class Cell(msgspec.Struct, array_like=True):
    """What became of a day's alerts of one type about one site, for people of one role, on one channel.

    `arrived` counts what reached the person; of these, `seen`, `settled` by somebody else and `ignored` leave out
    what is too fresh to tell. `reactions` are in seconds; see `outcomes.reaction_of` for those that have none.
    """

    type_key: str
    role: str
    channel: str
    sent: int = 0
    arrived: int = 0
    seen: int = 0
    read: int = 0
    acted: int = 0
    settled: int = 0
    ignored: int = 0
    reactions: list[int] = msgspec.field(default_factory=list)


_DECODER = msgspec.json.Decoder(list[Cell])


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell, where and when. `site_id` is None for what concerns no site."""

    day: date
    site_id: int | None
    cell: Cell


@dataclass(frozen=True)
class Wanted:
    """What somebody looks at: the `days` until and with `until`, of one site, role or type if named."""

    until: date
    days: int
    site_id: int | None = None
    role: str = ""
    type_key: str = ""

    @property
    def since(self) -> date:
        return self.until - timedelta(days=self.days - 1)

    @property
    def before(self) -> date:
        """The first day of the equal period before it."""
        return self.since - timedelta(days=self.days)


@dataclass
class Figures:
    """Cells added up. Shares are in percent, times in seconds; None when there is nothing to measure."""

    sent: int = 0
    arrived: int = 0
    seen: int = 0
    read: int = 0
    acted: int = 0
    settled: int = 0
    ignored: int = 0
    reactions: list[list[int]] = field(default_factory=list)

    def add(self, cell: Cell) -> None:
        """Take the cell's counts in."""
        self.sent += cell.sent
        self.arrived += cell.arrived
        self.seen += cell.seen
        self.read += cell.read
        self.acted += cell.acted
        self.settled += cell.settled
        self.ignored += cell.ignored
        self.reactions.append(cell.reactions)

    @property
    def judged(self) -> int:
        """Those of which it is known whether the person looked: neither settled by others nor too fresh."""
        return self.seen + self.ignored

    @property
    def seen_percent(self) -> int | None:
        return _percent(self.seen, self.arrived)

    @property
    def acted_percent(self) -> int | None:
        return _percent(self.acted, self.arrived)

    @property
    def ignored_percent(self) -> int | None:
        return _percent(self.ignored, self.judged)

    @property
    def looks(self) -> int:
        """How many looks have a time."""
        return len(self._sorted)

    @property
    def median(self) -> int | None:
        """Half of those who looked did so within this time."""
        return self.within(0.5)

    @property
    def ninetieth(self) -> int | None:
        """Nine of ten who looked did so within this time."""
        return self.within(0.9)

    def within(self, share: float) -> int | None:
        """The shortest time within which at least this share of the looks came (the nearest rank)."""
        times = self._sorted
        return times[ceil(share * len(times)) - 1] if times else None

    @cached_property
    def _sorted(self) -> list[int]:
        return sorted(chain.from_iterable(self.reactions))


@dataclass(frozen=True)
class Compared:
    """Figures of the period, and of the equal one before it."""

    now: Figures
    before: Figures

    @property
    def ignored_change(self) -> int | None:
        """Percentage points; more is worse. None without both."""
        return _change(self.now.ignored_percent, self.before.ignored_percent)

    @property
    def median_change(self) -> int | None:
        """Seconds; more is worse. None without both."""
        return _change(self.now.median, self.before.median)


def entries_of(member: Member, wanted: Wanted) -> list[Entry]:
    """What the person may see of the period and of the equal one before it. One query.

    What concerns no site is the whole group's: only who leads all of it sees that.
    """
    rows = DayMeasure.objects.filter(day__gte=wanted.before, day__lte=wanted.until)
    sites = member.site_ids(VIEW)
    if sites is not None:
        rows = rows.filter(site__in=sites)
    if wanted.site_id is not None:
        rows = rows.filter(site=wanted.site_id)
    found = rows.order_by("day", "site").values_list("day", "site_id", "cells")
    return [entry for row in found for entry in _entries_of_row(*row) if _is_wanted(entry.cell, wanted)]


def _entries_of_row(day: date, site_id: int | None, cells: str) -> Iterator[Entry]:
    return (Entry(day, site_id, cell) for cell in _DECODER.decode(cells))


def _is_wanted(cell: Cell, wanted: Wanted) -> bool:
    return wanted.role in ("", cell.role) and wanted.type_key in ("", cell.type_key)


def measured_at() -> datetime | None:
    """When the scope's group was measured last. One query."""
    latest: datetime | None = DayMeasure.objects.aggregate(at=Max("measured_at"))["at"]
    return latest


def whole(entries: Iterable[Entry]) -> list[Entry]:
    """The alerts themselves: no alert twice because it came by two channels."""
    return [entry for entry in entries if entry.cell.channel == ANY_CHANNEL]


def by_channel(entries: Iterable[Entry]) -> list[Entry]:
    """The messages: an alert once for each channel that it was sent on."""
    return [entry for entry in entries if entry.cell.channel != ANY_CHANNEL]


def added_up(entries: Iterable[Entry]) -> Figures:
    """All of it in one."""
    figures = Figures()
    for entry in entries:
        figures.add(entry.cell)
    return figures


def compared(entries: Sequence[Entry], wanted: Wanted) -> Compared:
    """The period beside the one before it."""
    return Compared(
        added_up(entry for entry in entries if entry.day >= wanted.since),
        added_up(entry for entry in entries if entry.day < wanted.since),
    )


def compared_by(entries: Iterable[Entry], wanted: Wanted, key: Callable[[Entry], K]) -> dict[K, Compared]:
    """The same for each part, in the order in which they are first met; parts without anything now are left out."""
    parts: dict[K, list[Entry]] = {}
    for entry in entries:
        parts.setdefault(key(entry), []).append(entry)
    found = {name: compared(part, wanted) for name, part in parts.items()}
    return {name: part for name, part in found.items() if part.now.sent}


def _percent(part: int, of: int) -> int | None:
    return round(100 * part / of) if of else None


def _change(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else now - before
