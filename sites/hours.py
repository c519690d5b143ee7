"""When a site is open: its weekly hours, less public holidays and its own closures, by the site's own clock.

Wall times are compared on the wall and instants in UTC, so that a day of 23 or 25 hours needs no special case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from sites.models import OpeningHours, Site, SiteClosure

Stretch = tuple[time, time]

# A site closed for longer than this has no next opening worth promising.
_HORIZON = timedelta(days=62)
_ONE_DAY = timedelta(days=1)
_ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class SiteHours:
    """A site's calendar, read once. `week` maps a weekday (Monday is 0) to its stretches in opening order."""

    zone: ZoneInfo
    week: Mapping[int, tuple[Stretch, ...]]
    closures: frozenset[date] = field(default_factory=frozenset)
    country: str = "FR"
    region: str = ""

    def is_open(self, at: datetime) -> bool:
        """Whether the site is open at this instant (aware); the closing minute itself is closed."""
        local = at.astimezone(self.zone)
        wall = local.time().replace(fold=0)
        return any(opens <= wall < closes for opens, closes in self.stretches(local.date()))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first open instant from `at` on, in UTC: `at` itself while open; None within two months."""
        if self.is_open(at):
            return at.astimezone(UTC)
        first_day = at.astimezone(self.zone).date()
        for offset in range(_HORIZON.days):
            later = [start for start in self._openings(first_day + offset * _ONE_DAY) if start >= at]
            if later:
                return min(later)
        return None

    def after_open(self, at: datetime, open_time: timedelta) -> datetime | None:
        """The instant, in UTC, at which `open_time` of opening will have passed since `at`: « in 10 open minutes ».

        None when the site does not open for so long within two months.
        """
        left = open_time
        first_day = at.astimezone(self.zone).date()
        for offset in range(_HORIZON.days):
            for opens, closes in self.stretches(first_day + offset * _ONE_DAY):
                start = max(at, self._on(first_day + offset * _ONE_DAY, opens))
                end = self._on(first_day + offset * _ONE_DAY, closes)
                if end - start >= left:
                    return start + left
                left -= max(end - start, timedelta(0))
        return None

    def stretches(self, day: date) -> tuple[Stretch, ...]:
        """The open stretches of this day; empty on a closure or a public holiday."""
        if day in self.closures or day in _public_holidays(self.country, self.region, day.year):
            return ()
        return self.week.get(day.weekday(), ())

    def _on(self, day: date, wall: time) -> datetime:
        return _instant(datetime.combine(day, wall, self.zone))

    def _openings(self, day: date) -> Iterator[datetime]:
        for opens, _closes in self.stretches(day):
            for fold in (0, 1):  # a wall time that occurs twice opens twice
                start = _instant(datetime.combine(day, opens, self.zone).replace(fold=fold))
                if self.is_open(start):
                    yield start


def hours_of(site: Site) -> SiteHours:
    """The site's calendar; two queries, inside the group's scope."""
    week: dict[int, tuple[Stretch, ...]] = {}
    rows = OpeningHours.objects.filter(site=site).order_by("weekday", "opens")
    for weekday, opens, closes in rows.values_list("weekday", "opens", "closes"):
        week[weekday] = (*week.get(weekday, ()), (opens, closes))
    closures = SiteClosure.objects.filter(site=site).values_list("day", flat=True)
    return SiteHours(
        zone=site.zone,
        week=week,
        closures=frozenset(closures),
        country=site.country,
        region=site.region,
    )


def is_open(site: Site, at: datetime) -> bool:
    """Whether the site is open at this instant (aware)."""
    return hours_of(site).is_open(at)


def next_opening(site: Site, at: datetime) -> datetime | None:
    """The first open instant from `at` on, in UTC; None when nothing opens within two months."""
    return hours_of(site).next_opening(at)


@lru_cache(maxsize=256)
def _public_holidays(country: str, region: str, year: int) -> frozenset[date]:
    """Public holidays by the library's calendar (FR, CA-QC…); a country it does not know has none."""
    try:
        return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))
    except NotImplementedError:
        return frozenset()


def _instant(wall: datetime) -> datetime:
    """The instant of a wall time; one that the clock jumps over becomes the end of the jump."""
    instant = wall.astimezone(UTC)
    if _exists(wall):
        return instant
    before, after = sorted((wall.replace(fold=1).astimezone(UTC), wall.replace(fold=0).astimezone(UTC)))
    zone = wall.tzinfo
    offset = before.astimezone(zone).utcoffset()
    while after - before > _ONE_SECOND:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _exists(wall: datetime) -> bool:
    return wall.astimezone(UTC).astimezone(wall.tzinfo).replace(fold=wall.fold) == wall
