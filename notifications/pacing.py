"""When what is gathered is told: the slots of half-hourly, daily and weekly digests. Pure: no query, no clock.

A slot that is quiet for its person moves to the moment at which he can be reached again. A period, his local day or
week, is told once: what comes after that waits for the next one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from notifications.choices import Cadence
from notifications.timing import Calendar
from sites.hours import instant_of

_HALF_HOUR = timedelta(minutes=30)
_ONE_DAY = timedelta(days=1)
_ONE_SECOND = timedelta(seconds=1)
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def slot_after(cadence: Cadence, calendar: Calendar, at: datetime) -> datetime:
    """The first instant after `at` at which a digest of this cadence may be told, in UTC or `at`'s zone."""
    match cadence:
        case Cadence.HALF_HOUR:
            return calendar.reachable_from(_EPOCH + ((at - _EPOCH) // _HALF_HOUR + 1) * _HALF_HOUR)
        case Cadence.DAILY | Cadence.WEEKLY:
            return calendar.reachable_from(_next_recap(cadence, calendar, at))
        case _:
            return calendar.reachable_from(at)


def period_of(cadence: Cadence, calendar: Calendar, at: datetime) -> str:
    """The name of the period that a digest told at `at` belongs to: « 2026-03-02 », « 2026-W10 », or the instant."""
    day = calendar.day_of(at)
    match cadence:
        case Cadence.DAILY:
            return day.isoformat()
        case Cadence.WEEKLY:
            year, week, _weekday = day.isocalendar()
            return f"{year}-W{week:02}"
        case _:
            return at.astimezone(UTC).isoformat()


def slot_of_next_period(cadence: Cadence, calendar: Calendar, at: datetime) -> datetime:
    """The first slot in a period after the one that `at` lies in."""
    told = period_of(cadence, calendar, at)
    slot = slot_after(cadence, calendar, at)
    while period_of(cadence, calendar, slot) == told:
        slot = slot_after(cadence, calendar, slot)
    return slot


def _next_recap(cadence: Cadence, calendar: Calendar, at: datetime) -> datetime:
    """The first of his recap times after `at`, on every day or on his weekday."""
    day = calendar.day_of(at)
    while (recap := _recap_on(day, calendar)) <= at or (
        cadence == Cadence.WEEKLY and day.weekday() != calendar.recap_weekday
    ):
        day += _ONE_DAY
    return recap


def _recap_on(day: date, calendar: Calendar) -> datetime:
    """His recap time on this day. Where the clock leaps over the end of the day, the last second before it."""
    instant = instant_of(datetime.combine(day, calendar.recap_at, calendar.zone))
    return instant if calendar.day_of(instant) == day else instant - _ONE_SECOND
