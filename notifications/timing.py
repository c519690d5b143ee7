"""When a person may be disturbed, by his own clock. Pure: no query, no clock.

Wall times are compared on the wall and instants in UTC, as in `sites.hours`. A quiet stretch that passes midnight
belongs to two weekdays; it is kept under the first. Being away beats being on duty, and being on duty beats quiet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from notifications.choices import DAILY_LIMIT, RECAP_AT, Quiet
from sites.hours import SiteHours, instant_of

_ONE_DAY = timedelta(days=1)

# Ends of quiet stretches are looked for so far ahead: a week has every stretch once, an absence may be longer.
_WEEK = 8
# Who is never reachable is looked at again after this long: nothing is dropped, and he may change his mind.
LOOK_AGAIN = timedelta(days=1)


@dataclass(frozen=True)
class QuietStretch:
    """It begins on `weekday` (Monday is 0); one that ends at or before its start ends on the next day."""

    weekday: int
    starts: time
    ends: time

    @property
    def is_overnight(self) -> bool:
        return self.ends <= self.starts

    def holds(self, day: date, wall: time) -> bool:
        """Whether this wall time of this day lies in the stretch."""
        begins_today = day.weekday() == self.weekday
        began_yesterday = (day - _ONE_DAY).weekday() == self.weekday
        if not self.is_overnight:
            return begins_today and self.starts <= wall < self.ends
        return (begins_today and wall >= self.starts) or (began_yesterday and wall < self.ends)


@dataclass(frozen=True)
class Away:
    """An absence: whole local days, both included."""

    first_day: date
    last_day: date


@dataclass(frozen=True)
class Duty:
    """A shift on which its volunteer wants a site's alerts; aware instants."""

    site_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Calendar:
    """One person's time: his zone, what he calls quiet, his site's hours, his absences and his shifts.

    Also when his recaps come, and how many messages a day may ring for him.
    """

    zone: ZoneInfo
    quiet: Quiet = Quiet.SITE
    stretches: Sequence[QuietStretch] = ()
    site_hours: SiteHours | None = None
    away: Sequence[Away] = ()
    duty: Sequence[Duty] = ()
    recap_at: time = RECAP_AT
    recap_weekday: int = 0
    daily_limit: int = DAILY_LIMIT

    def reachable_from(self, at: datetime, site_id: int | None = None) -> datetime:
        """The first instant from `at` on at which he may be disturbed: `at` itself if that is now, else in UTC.

        `site_id` is where it happened: a shift there makes him reachable.
        """
        if self.is_reachable(at, site_id):
            return at
        found = (later for later in self._changes(at, site_id) if self.is_reachable(later, site_id))
        return next(found, at + LOOK_AGAIN)

    def is_reachable(self, at: datetime, site_id: int | None = None) -> bool:
        """Whether he may be disturbed at this instant."""
        if self.is_away(at):
            return False
        return self._is_on_duty(at, site_id) or not self._is_quiet(at)

    def is_away(self, at: datetime) -> bool:
        """Whether this is one of the days of an absence."""
        today = at.astimezone(self.zone).date()
        return any(absence.first_day <= today <= absence.last_day for absence in self.away)

    def day_of(self, at: datetime) -> date:
        """The date on his own wall."""
        return at.astimezone(self.zone).date()

    def _is_on_duty(self, at: datetime, site_id: int | None) -> bool:
        return any(
            shift.starts_at <= at < shift.ends_at and site_id in (None, shift.site_id) for shift in self.duty
        )

    def _is_quiet(self, at: datetime) -> bool:
        if self.quiet == Quiet.OWN:
            local = at.astimezone(self.zone)
            wall = local.time().replace(fold=0)
            return any(stretch.holds(local.date(), wall) for stretch in self.stretches)
        if self.quiet == Quiet.SITE and self.site_hours is not None and self.site_hours.week:
            return not self.site_hours.is_open(at)
        return False  # always reachable, or nobody said when his site is open

    def _changes(self, at: datetime, site_id: int | None) -> Iterator[datetime]:
        """The instants after `at`, in order, at which he may become reachable."""
        starts = {shift.starts_at for shift in self.duty if site_id in (None, shift.site_id)}
        starts |= {self._midnight(absence.last_day + _ONE_DAY) for absence in self.away if _ends(absence)}
        moments = {start for start in starts if start > at}
        for begin in {at, *moments}:  # after an absence his week goes on as ever
            moments |= set(self._ends_of_quiet(begin))
        yield from sorted(moment for moment in moments if moment > at)

    def _ends_of_quiet(self, at: datetime) -> Iterator[datetime]:
        if self.quiet == Quiet.SITE and self.site_hours is not None:
            opening = self.site_hours.next_opening(at)
            if opening is not None:
                yield opening
            return
        first_day = self.day_of(at)
        for offset in range(_WEEK):
            day = first_day + offset * _ONE_DAY
            for stretch in self.stretches:
                ends_today = (day - _ONE_DAY if stretch.is_overnight else day).weekday() == stretch.weekday
                if ends_today:
                    yield instant_of(datetime.combine(day, stretch.ends, self.zone))

    def _midnight(self, day: date) -> datetime:
        return instant_of(datetime.combine(day, time.min, self.zone)).astimezone(UTC)


def _ends(absence: Away) -> bool:
    """Whether it has an end: « until the year 9999 » has none, not even in the calendar."""
    return absence.last_day.year < date.max.year
