"""What counts as looked at, settled by a colleague, ignored: one alert, one outcome; and how long somebody took."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifications.outcomes import Outcome, Told, outcome_of, reaction_of
from sites.hours import SiteHours

PARIS = ZoneInfo("Europe/Paris")
# Monday to Friday, 9 to 12 and 14 to 19: eight hours a day.
HOURS = SiteHours(PARIS, dict.fromkeys(range(5), ((time(9), time(12)), (time(14), time(19)))))


def paris(wall: str) -> datetime:
    """An instant of the first week of March 2026, as « Mon 10:00 »."""
    day, _space, clock = wall.partition(" ")
    hour, minute = clock.split(":")
    date = 2 + ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "next").index(day)
    return datetime(2026, 3, date, int(hour), int(minute), tzinfo=PARIS).astimezone(UTC)


def told(at: str, **moments: str) -> Told:
    return Told(paris(at), **{f"{name}_at": paris(moment) for name, moment in moments.items()})


@pytest.mark.parametrize(
    ("alert", "now", "expected"),
    [
        (told("Mon 10:00", seen="Mon 10:02"), "Mon 11:00", Outcome.LOOKED_AT),
        (told("Mon 10:00", acted="Mon 10:02", closed="Mon 10:02"), "Mon 11:00", Outcome.LOOKED_AT),
        (told("Mon 10:00", seen="Fri 10:00"), "Fri 11:00", Outcome.LOOKED_AT),
        (told("Mon 10:00"), "Mon 18:00", Outcome.FRESH),
        (told("Mon 10:00"), "Tue 10:00", Outcome.IGNORED),
        (told("Fri 18:00"), "Sun 12:00", Outcome.FRESH),  # the site was open for one hour since
        (told("Mon 10:00", closed="Mon 10:05"), "Tue 18:00", Outcome.SETTLED),
        (told("Mon 10:00", closed="Mon 10:05", seen="Mon 17:00"), "Tue 18:00", Outcome.SETTLED),
        (told("Mon 10:00", archived="Mon 10:05"), "Tue 18:00", Outcome.SETTLED),  # news took its place
        (told("Mon 10:00", seen="Mon 10:02", archived="Mon 10:05"), "Tue 18:00", Outcome.LOOKED_AT),
        (told("Mon 10:00", archived="Wed 10:00"), "Wed 18:00", Outcome.IGNORED),
        (told("Mon 10:00", closed="Wed 10:00"), "Wed 18:00", Outcome.IGNORED),
        (told("Mon 10:00", closed="Wed 10:00", seen="Thu 9:00"), "Thu 18:00", Outcome.LOOKED_AT),
    ],
)
def test_an_alert_has_one_outcome(alert: Told, now: str, expected: Outcome):
    assert outcome_of(alert, HOURS, paris(now)) is expected


def test_without_opening_hours_a_day_of_the_clock_is_waited():
    alert = told("Fri 18:00")

    for hours in (None, SiteHours(PARIS, {})):
        assert outcome_of(alert, hours, paris("Sat 17:59")) is Outcome.FRESH
        assert outcome_of(alert, hours, paris("Sat 18:00")) is Outcome.IGNORED


@pytest.mark.parametrize(
    ("alert", "minutes"),
    [
        (told("Mon 10:00", seen="Mon 10:02", read="Mon 10:30"), 2),
        (told("Mon 10:00", seen="Mon 10:30", acted="Mon 10:05"), 5),
        (told("Mon 11:50", seen="Mon 14:10"), 20),  # over lunch
        (told("Fri 18:50", seen="next 9:05"), 15),  # over the weekend
        (told("Mon 20:00", seen="Tue 9:10"), 10),
        (told("Mon 20:00", seen="Mon 20:05"), None),  # before any time of the site had passed
        (told("Mon 18:59", seen="Mon 22:00"), 1),
        (told("Mon 10:00"), None),
    ],
)
def test_a_reaction_is_counted_in_open_minutes(alert: Told, minutes: int | None):
    expected = None if minutes is None else timedelta(minutes=minutes)

    assert reaction_of(alert, HOURS) == expected


def test_without_opening_hours_the_clock_counts():
    alert = told("Mon 20:00", seen="Mon 20:05")

    assert reaction_of(alert, None) == reaction_of(alert, SiteHours(PARIS, {})) == timedelta(minutes=5)
