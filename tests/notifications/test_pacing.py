"""The slots of recaps: never quiet, one a local day or week, through every change of every clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifications.choices import Cadence, Quiet
from notifications.pacing import period_of, slot_after, slot_of_next_period
from notifications.timing import Calendar
from tests.notifications.test_timing import NIGHTS, PARIS, SHOP, own, paris, transitions

DAY = timedelta(days=1)
# On the hour that clocks leap over or repeat, at both ends of the day, and at the usual time.
RECAPS = (time(0), time(0, 30), time(2, 30), time(18), time(23, 59))


def at_any_hour(zone: ZoneInfo = PARIS, **more: object) -> Calendar:
    return Calendar(zone=zone, quiet=Quiet.NEVER, **more)  # type: ignore[arg-type]


def distinct_transitions() -> list[tuple[str, datetime]]:
    """Every change of a clock, once for the zones that share it: of 600 names most are other names."""
    found = {}
    for name, change in transitions():
        zone = ZoneInfo(name)
        before, after = ((change + offset).astimezone(zone).utcoffset() for offset in (-DAY, DAY))
        found[change, before, after] = (name, change)
    return list(found.values())


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        ("2026-03-02T09:00", "2026-03-02T09:30"),
        ("2026-03-02T09:29:59", "2026-03-02T09:30"),
        ("2026-03-02T12:10", "2026-03-02T14:00"),  # the shop is closed at noon
        ("2026-03-02T18:45", "2026-03-03T09:00"),
        ("2026-03-07T18:45", "2026-03-09T09:00"),  # Saturday evening
    ],
)
def test_half_hours_are_those_of_the_clock_and_of_the_opening(at: str, slot: str):
    by_site = Calendar(zone=PARIS, quiet=Quiet.SITE, site_hours=SHOP)

    assert slot_after(Cadence.HALF_HOUR, by_site, paris(at)) == paris(slot)


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        ("2026-03-02T17:59", "2026-03-02T18:00"),
        ("2026-03-02T18:00", "2026-03-03T18:00"),
        ("2026-03-07T20:00", "2026-03-09T09:00"),  # on Sunday the shop is closed: told when it opens
    ],
)
def test_the_day_ends_at_the_hour_that_the_person_chose(at: str, slot: str):
    by_site = Calendar(zone=PARIS, quiet=Quiet.SITE, site_hours=SHOP)

    assert slot_after(Cadence.DAILY, by_site, paris(at)) == paris(slot)


def test_the_week_ends_on_the_day_that_the_person_chose():
    fridays = at_any_hour(recap_weekday=4, recap_at=time(17))

    assert slot_after(Cadence.WEEKLY, fridays, paris("2026-03-02T10:00")) == paris("2026-03-06T17:00")
    assert slot_after(Cadence.WEEKLY, fridays, paris("2026-03-06T17:00")) == paris("2026-03-13T17:00")
    assert period_of(Cadence.WEEKLY, fridays, paris("2026-03-06T17:00")) == "2026-W10"


def test_what_comes_after_the_recap_of_a_day_waits_for_the_next_day():
    late = own(*NIGHTS, recap_at=time(23))  # told at six in the morning
    told = slot_after(Cadence.DAILY, late, paris("2026-03-02T10:00"))

    assert told == paris("2026-03-03T06:00")
    assert slot_of_next_period(Cadence.DAILY, late, told) == paris("2026-03-04T06:00")


def test_one_recap_a_local_day_through_every_change_of_every_clock():
    """What happens at any hour around a change is told in a recap: one a day, none missing."""
    changes = distinct_transitions()
    assert len(changes) > 200
    for name, change in changes:
        for recap_at in RECAPS:
            calendar = at_any_hour(ZoneInfo(name), recap_at=recap_at)
            told = _recaps_around(calendar, change)
            days = [calendar.day_of(slot) for slot in told]
            expected = [days[0] + timedelta(days=offset) for offset in range(len(days))]
            assert days == expected, (name, change, recap_at, told)


def test_no_recap_in_the_quiet_through_every_change_of_every_clock():
    for name, change in distinct_transitions():
        calendar = own(*NIGHTS, zone=ZoneInfo(name), recap_at=time(23))
        told = _recaps_around(calendar, change)
        days = [calendar.day_of(slot) for slot in told]
        assert all(calendar.is_reachable(slot) for slot in told), (name, told)
        assert len(days) == len(set(days)), (name, told)


def test_control_a_recap_every_24_hours_would_miss_its_day():
    name, change = next(one for one in transitions() if one[0] == "Europe/Paris")
    first = slot_after(Cadence.DAILY, at_any_hour(recap_at=time(23, 59)), change - timedelta(days=2))

    walls = {(first + timedelta(hours=24 * day)).astimezone(ZoneInfo(name)).time() for day in range(4)}

    assert len(walls) > 1


def _recaps_around(calendar: Calendar, change: datetime) -> list[datetime]:
    """The slots, in order, of what happens every five hours for two days on each side."""
    moments = [change + timedelta(hours=hours, minutes=7) for hours in range(-48, 49, 5)]
    return sorted({slot_after(Cadence.DAILY, calendar, at) for at in moments})
