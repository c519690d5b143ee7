"""When a site is open: its weekly hours, less public holidays and its own closures, by the site's own clock.

Wall times are compared on the wall and instants in UTC, so that a day of 23 or 25 hours needs no special case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """How long the site is open between two instants (aware); nothing when `end` is not after `start`."""
        first_day, last_day = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        total = timedelta(0)
        for offset in range((last_day - first_day).days + 1):
            day = first_day + offset * _ONE_DAY
            for opens, closes in self.stretches(day):
                shared = min(end, self._on(day, closes)) - max(start, self._on(day, opens))
                total += max(shared, timedelta(0))
        return total

    def stretches(self, day: date) -> tuple[Stretch, ...]:
        """The open stretches of this day; empty on a closure or a public holiday."""
        if day in self.closures or day in _public_holidays(self.country, self.region, day.year):
            return ()
        return self.week.get(day.weekday(), ())

    def _on(self, day: date, wall: time) -> datetime:
        return instant_of(datetime.combine(day, wall, self.zone))

    def _openings(self, day: date) -> Iterator[datetime]:
        for opens, _closes in self.stretches(day):
            for fold in (0, 1):  # a wall time that occurs twice opens twice
                start = instant_of(datetime.combine(day, opens, self.zone).replace(fold=fold))
                if self.is_open(start):
                    yield start


def hours_of(site: Site) -> SiteHours:
    """The site's calendar, inside the group's scope. Three queries."""
    return hours_of_sites([site.pk])[site.pk]


def hours_of_sites(site_ids: Collection[int]) -> dict[int, SiteHours]:
    """The calendars of these sites of the scope's group, by site id. Three queries, whatever their number."""
    weeks: dict[int, dict[int, tuple[Stretch, ...]]] = {site_id: {} for site_id in site_ids}
    rows = OpeningHours.objects.filter(site__in=site_ids).order_by("weekday", "opens")
    for site_id, weekday, opens, closes in rows.values_list("site_id", "weekday", "opens", "closes"):
        weeks[site_id][weekday] = (*weeks[site_id].get(weekday, ()), (opens, closes))
    closures: dict[int, set[date]] = {site_id: set() for site_id in site_ids}
    for site_id, day in SiteClosure.objects.filter(site__in=site_ids).values_list("site_id", "day"):
        closures[site_id].add(day)
    return {
        site.pk: SiteHours(
            zone=site.zone,
            week=weeks[site.pk],
            closures=frozenset(closures[site.pk]),
            country=site.country,
            region=site.region,
        )
        for site in Site.objects.filter(pk__in=site_ids)
    }


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


def instant_of(wall: datetime) -> datetime:
    """The instant, in UTC, of an aware wall time; one that the clock jumps over becomes the end of the jump."""
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
