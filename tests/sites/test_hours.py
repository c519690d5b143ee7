"""Opening hours by the site's own clock: lunch breaks, holidays, closures and the days of 23 and 25 hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from sites.hours import SiteHours, Stretch, hours_of, is_open, next_opening
from sites.models import OpeningHours, Site, SiteClosure

PARIS = ZoneInfo("Europe/Paris")
TORONTO = ZoneInfo("America/Toronto")
MORNING: Stretch = (time(9), time(12))
AFTERNOON: Stretch = (time(14), time(19))
WEEKDAYS = dict.fromkeys(range(5), (MORNING, AFTERNOON))


def paris(**fields: object) -> SiteHours:
    return SiteHours(**{"zone": PARIS, "week": {**WEEKDAYS, 5: (MORNING,)}, **fields})  # type: ignore[arg-type]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        ("2026-03-02T08:59:59", False),
        ("2026-03-02T09:00:00", True),
        ("2026-03-02T11:59:59", True),
        ("2026-03-02T12:00:00", False),
        ("2026-03-02T14:00:00", True),
        ("2026-03-07T10:00:00", True),  # Saturday morning
        ("2026-03-07T15:00:00", False),
        ("2026-03-08T10:00:00", False),  # Sunday
    ],
)
def test_open_between_opening_and_closing(wall: str, expected: bool):
    at = datetime.fromisoformat(wall).replace(tzinfo=PARIS)

    assert paris().is_open(at) is expected


def test_while_open_the_next_opening_is_now():
    at = utc(2026, 3, 2, 9, 30)

    assert paris().next_opening(at) == at


def test_at_lunch_the_next_opening_is_the_afternoon():
    assert paris().next_opening(utc(2026, 3, 2, 11, 30)) == utc(2026, 3, 2, 13)


def test_saturday_evening_leads_to_monday_morning():
    assert paris().next_opening(utc(2026, 3, 7, 20)) == utc(2026, 3, 9, 8)


@pytest.mark.parametrize(
    ("at", "minutes", "expected"),
    [
        (utc(2026, 3, 2, 9, 30), 10, utc(2026, 3, 2, 9, 40)),
        (utc(2026, 3, 2, 10, 55), 10, utc(2026, 3, 2, 13, 5)),  # across lunch
        (utc(2026, 3, 2, 10, 50), 10, utc(2026, 3, 2, 11)),  # the last open minute counts
        (utc(2026, 3, 6, 17, 55), 10, utc(2026, 3, 7, 8, 5)),  # overnight
        (utc(2026, 3, 8, 3), 10, utc(2026, 3, 9, 8, 10)),  # from a Sunday
        (utc(2026, 3, 2, 9, 30), 24 * 60, utc(2026, 3, 5, 9, 30)),  # 8 open hours a day
    ],
)
def test_minutes_are_counted_while_the_site_is_open(at: datetime, minutes: int, expected: datetime):
    assert paris().after_open(at, timedelta(minutes=minutes)) == expected


def test_a_site_that_never_opens_counts_no_minute():
    assert SiteHours(zone=PARIS, week={}).after_open(utc(2026, 3, 2), timedelta(minutes=1)) is None


def test_a_french_holiday_is_closed_and_skipped():
    easter_monday = utc(2026, 4, 6, 8, 30)

    assert not paris().is_open(easter_monday)
    assert paris().next_opening(easter_monday) == utc(2026, 4, 7, 7)


def test_a_quebec_holiday_is_no_holiday_in_ontario():
    saint_jean = datetime(2026, 6, 24, 10, tzinfo=TORONTO)
    quebec = SiteHours(zone=TORONTO, week=WEEKDAYS, country="CA", region="QC")
    ontario = SiteHours(zone=TORONTO, week=WEEKDAYS, country="CA", region="ON")

    assert not quebec.is_open(saint_jean)
    assert ontario.is_open(saint_jean)


def test_a_country_without_calendar_keeps_its_weekly_hours():
    nowhere = paris(country="XX")

    assert nowhere.is_open(datetime(2026, 5, 1, 10, tzinfo=PARIS))


def test_a_closure_beats_the_weekly_hours():
    inventory = paris(closures=frozenset({date(2026, 3, 3)}))

    assert inventory.next_opening(datetime(2026, 3, 3, 9, tzinfo=PARIS)) == utc(2026, 3, 4, 8)


def test_opening_keeps_its_wall_time_when_summer_begins_and_ends():
    assert paris().next_opening(utc(2026, 3, 28, 20)) == utc(2026, 3, 30, 7)  # 9:00 CEST, 8:00 UTC before
    assert paris().next_opening(utc(2026, 10, 24, 20)) == utc(2026, 10, 26, 8)


def test_an_opening_that_the_clock_jumps_over_is_the_end_of_the_jump():
    night = SiteHours(zone=PARIS, week={6: ((time(2, 30), time(5)),)})

    opening = night.next_opening(utc(2026, 3, 28, 23))

    assert opening == utc(2026, 3, 29, 1)  # 2:00 became 3:00
    assert night.is_open(utc(2026, 3, 29, 1))
    assert not night.is_open(utc(2026, 3, 29, 0, 59, 59))


def test_an_hour_that_occurs_twice_opens_twice():
    night = SiteHours(zone=PARIS, week={6: ((time(2, 15), time(2, 45)),)})

    first = night.next_opening(utc(2026, 10, 24, 23))
    second = night.next_opening(utc(2026, 10, 25, 0, 50))

    assert first == utc(2026, 10, 25, 0, 15)
    assert second == utc(2026, 10, 25, 1, 15)


def test_a_gap_at_midnight_opens_when_the_day_begins():
    cairo = SiteHours(zone=ZoneInfo("Africa/Cairo"), week={4: ((time(0), time(3)),)}, country="EG")

    opening = cairo.next_opening(utc(2026, 4, 23, 12))

    assert opening == utc(2026, 4, 23, 22)  # midnight became 1:00 on Friday 24 April 2026
    assert cairo.is_open(utc(2026, 4, 23, 22))


def test_a_site_without_hours_never_opens():
    assert SiteHours(zone=PARIS, week={}).next_opening(utc(2026, 3, 2)) is None


def test_hours_are_read_from_the_site(in_rhone: None, lyon: Site):
    for opens, closes in (AFTERNOON, MORNING):
        OpeningHours.objects.create(group_id=lyon.group_id, site=lyon, weekday=0, opens=opens, closes=closes)
    SiteClosure.objects.create(group_id=lyon.group_id, site=lyon, day=date(2026, 3, 9))

    assert is_open(lyon, utc(2026, 3, 2, 9))
    assert hours_of(lyon).stretches(date(2026, 3, 2)) == (MORNING, AFTERNOON)
    assert next_opening(lyon, utc(2026, 3, 2, 19)) == utc(2026, 3, 16, 8)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        (utc(2026, 3, 2, 9, 30), utc(2026, 3, 2, 9, 42), 12),
        (utc(2026, 3, 2, 10, 50), utc(2026, 3, 2, 13, 5), 15),  # over lunch
        (utc(2026, 3, 7, 10, 50), utc(2026, 3, 9, 8, 5), 15),  # over the weekend
        (utc(2026, 3, 2, 20), utc(2026, 3, 2, 21), 0),
        (utc(2026, 3, 2, 10), utc(2026, 3, 2, 9), 0),
        (utc(2026, 3, 28, 10, 50), utc(2026, 3, 30, 7, 5), 15),  # the clocks go forward in between
    ],
)
def test_open_time_between_two_instants(start: datetime, end: datetime, minutes: int):
    assert paris().open_time(start, end) == timedelta(minutes=minutes)


def test_open_time_is_what_must_pass_until_it_has_passed():
    start = utc(2026, 3, 6, 16)
    for minutes in (1, 90, 400, 3_000):
        end = paris().after_open(start, timedelta(minutes=minutes))
        assert end is not None
        assert paris().open_time(start, end) == timedelta(minutes=minutes)
