"""When a person may be disturbed: overnight stretches, holidays, absences, shifts, and the days the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest

from notifications.choices import Quiet
from notifications.timing import LOOK_AGAIN, Away, Calendar, Duty, QuietStretch
from sites.hours import SiteHours

PARIS = ZoneInfo("Europe/Paris")
NIGHTS = [QuietStretch(weekday, time(22), time(6)) for weekday in range(7)]
SHOP = SiteHours(zone=PARIS, week=dict.fromkeys(range(6), ((time(9), time(12)), (time(14), time(19)))))
LYON, MARSEILLE = 1, 2


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def own(*stretches: QuietStretch, zone: ZoneInfo = PARIS, **more: object) -> Calendar:
    return Calendar(zone=zone, quiet=Quiet.OWN, stretches=stretches, **more)  # type: ignore[arg-type]


def by_site(**more: object) -> Calendar:
    return Calendar(zone=PARIS, quiet=Quiet.SITE, site_hours=SHOP, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-02T21:59", "2026-03-02T21:59"),
        ("2026-03-02T22:00", "2026-03-03T06:00"),
        ("2026-03-03T05:59", "2026-03-03T06:00"),
        ("2026-03-03T06:00", "2026-03-03T06:00"),
    ],
)
def test_an_overnight_stretch_belongs_to_two_days(at: str, until: str):
    assert own(*NIGHTS).reachable_from(paris(at)) == paris(until)


def test_an_overnight_stretch_of_one_day_ends_on_the_next_only():
    friday = own(QuietStretch(4, time(22), time(6)))

    assert not friday.is_reachable(paris("2026-03-07T05:00"))  # Saturday morning
    assert friday.is_reachable(paris("2026-03-06T05:00"))  # Friday morning
    assert friday.is_reachable(paris("2026-03-07T23:00"))  # Saturday night


def test_stretches_that_touch_are_one_quiet_time():
    weekend = own(QuietStretch(5, time(0), time(0)), QuietStretch(6, time(0), time(0)))

    assert weekend.reachable_from(paris("2026-03-07T15:00")) == paris("2026-03-09T00:00")


def test_who_is_never_reachable_is_looked_at_again():
    always = own(*(QuietStretch(weekday, time(0), time(0)) for weekday in range(7)))
    at = paris("2026-03-02T10:00")

    assert always.reachable_from(at) == at + LOOK_AGAIN


def test_a_site_keeps_quiet_while_it_is_closed_and_on_holidays():
    assert by_site().reachable_from(paris("2026-03-02T12:30")) == paris("2026-03-02T14:00")
    assert by_site().reachable_from(paris("2026-03-07T19:00")) == paris("2026-03-09T09:00")
    assert by_site().reachable_from(paris("2026-05-01T10:00")) == paris("2026-05-02T09:00")


def test_a_site_without_hours_keeps_nobody_waiting():
    nobody_said = Calendar(zone=PARIS, quiet=Quiet.SITE, site_hours=SiteHours(zone=PARIS, week={}))

    assert nobody_said.is_reachable(paris("2026-03-08T03:00"))


def test_who_can_always_be_reached_is_reached():
    assert Calendar(zone=PARIS, quiet=Quiet.NEVER, site_hours=SHOP).is_reachable(paris("2026-03-08T03:00"))


def test_an_absence_lasts_until_he_is_at_work_again():
    holidays = by_site(away=[Away(date(2026, 3, 2), date(2026, 3, 8))])

    assert holidays.reachable_from(paris("2026-03-03T10:00")) == paris("2026-03-09T09:00")


def test_a_long_absence_is_looked_past():
    sabbatical = own(*NIGHTS, away=[Away(date(2026, 3, 2), date(2026, 8, 31))])

    assert sabbatical.reachable_from(paris("2026-03-03T10:00")) == paris("2026-09-01T06:00")


def test_a_volunteer_hears_of_the_site_of_his_shift_only():
    evening = Duty(LYON, paris("2026-03-02T19:00"), paris("2026-03-02T23:00"))
    volunteer = by_site(duty=[evening])

    assert volunteer.is_reachable(paris("2026-03-02T20:00"), LYON)
    assert not volunteer.is_reachable(paris("2026-03-02T20:00"), MARSEILLE)
    assert volunteer.reachable_from(paris("2026-03-02T18:59:30"), LYON) == paris("2026-03-02T18:59:30")
    assert volunteer.reachable_from(paris("2026-03-02T12:30"), LYON) == paris("2026-03-02T14:00")
    assert not volunteer.is_reachable(paris("2026-03-02T23:00"), LYON)


def test_a_shift_that_begins_sooner_than_the_site_opens_ends_the_quiet():
    sunday = Duty(LYON, paris("2026-03-08T10:00"), paris("2026-03-08T12:00"))

    assert by_site(duty=[sunday]).reachable_from(paris("2026-03-07T20:00"), LYON) == paris("2026-03-08T10:00")


def test_who_is_away_is_not_on_duty():
    shift = Duty(LYON, paris("2026-03-02T08:00"), paris("2026-03-02T20:00"))
    away = by_site(duty=[shift], away=[Away(date(2026, 3, 2), date(2026, 3, 2))])

    assert not away.is_reachable(paris("2026-03-02T10:00"), LYON)


@cache
def transitions() -> list[tuple[str, datetime]]:
    """Every change of a zone's clock from 2020 to 2027, found by halving the days on which the offset differs."""
    found = []
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        day = datetime(2020, 1, 1, tzinfo=UTC)
        while day.year < 2028:
            later = day + timedelta(days=7)
            if day.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
                found.append((name, _change_between(zone, day, later)))
            day = later
    return found


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset():
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def test_no_change_of_any_clock_lets_a_message_into_the_night_or_loses_its_morning():
    """Around every transition of every zone: what is held leaves outside the quiet, within a day, and is not late."""
    changes = transitions()
    assert len(changes) > 1000
    for name, change in changes:
        zone = ZoneInfo(name)
        nights = own(*NIGHTS, zone=zone)
        for hours in range(-30, 31, 3):
            at = change + timedelta(hours=hours, minutes=7)
            until = nights.reachable_from(at)
            wall = until.astimezone(zone)
            assert at <= until <= at + timedelta(hours=10), (name, at)
            assert time(6) <= wall.time() < time(22), (name, at, wall)
            assert until == at or wall.hour == 6 or wall.utcoffset() != at.astimezone(zone).utcoffset(), (
                name,
                wall,
            )
