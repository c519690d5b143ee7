"""Once a site's local day, at opening: in every zone, through every change of the clocks, however many schedulers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from sites.hours import SiteHours
from sites.models import Group, OpeningHours, Site, SiteClosure, User
from sites.scope import every_group, group_scope
from stock import mornings, tasks
from stock.models import AgeMark, Errand, Morning, StockHint, WantedMatch
from stock.mornings import day_at, due, run
from stock.signals import StockChanged, matches_found, stock_changed, vehicles_aged
from stock.tasks import sweep
from stock.wanting import want_car
from tests.cast import MONDAY, make_site, make_vehicle, member_of
from tests.leads.listening import heard

EVERY_DAY: dict[int, Any] = dict.fromkeys(range(7), ((time(9), time(12)), (time(14), time(19))))
# Zones with whole, half and no changes of the clock, at midnight and at noon's far side.
ZONES = [
    "Europe/Paris",
    "America/Toronto",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "America/Havana",
    "Asia/Beirut",
    "Pacific/Apia",
    "America/St_Johns",
    "UTC",
]


def open_on(site: Site, weekdays: range = range(6)) -> None:
    with group_scope(site.group_id):
        for weekday in weekdays:
            OpeningHours.objects.create(
                group_id=site.group_id, site=site, weekday=weekday, opens="09:00", closes="19:00"
            )


def errands(at: datetime) -> list[Any]:
    with every_group():
        return due(at=at)


@pytest.mark.parametrize("name", ZONES)
def test_each_local_day_has_one_morning_through_a_whole_year(name: str):
    """Looked at every half hour of a year: each day begins once, at its opening, and never comes back."""
    zone = ZoneInfo(name)
    hours = SiteHours(zone=zone, week=EVERY_DAY, country="XX")
    at = datetime(2025, 12, 30, tzinfo=UTC)
    seen: list[date] = []
    began: list[time] = []
    while at < datetime(2027, 1, 2, tzinfo=UTC):
        day = day_at(hours, at)
        if day is not None and (not seen or seen[-1] != day):
            seen.append(day)
            began.append(at.astimezone(zone).time())
        at += timedelta(minutes=30)

    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
    assert [day for day in seen if day.year == 2026] == days
    assert len(seen) == len(set(seen))
    assert max(began[1:]) < time(9, 30)


@pytest.mark.parametrize(
    ("at", "begun"),
    [
        ("2026-03-02T07:59Z", False),
        ("2026-03-02T08:00Z", True),
        ("2026-03-02T12:30Z", True),  # the lunch break ends no day
        ("2026-03-02T17:59Z", True),
        ("2026-03-02T18:00Z", False),  # whoever wakes up at night waits for the morning
        ("2026-03-29T07:00Z", True),  # the clocks have changed: nine o'clock is an hour earlier
        ("2026-03-28T07:30Z", False),
    ],
)
def test_a_day_lasts_from_opening_to_closing(at: str, begun: bool):
    hours = SiteHours(zone=ZoneInfo("Europe/Paris"), week=EVERY_DAY, country="XX")

    assert (day_at(hours, datetime.fromisoformat(at)) is not None) is begun


def test_a_site_without_hours_begins_at_eight():
    hours = SiteHours(zone=ZoneInfo("Europe/Paris"), week={})

    begun = [day_at(hours, datetime(2026, 3, 2, hour, 30, tzinfo=UTC)) is not None for hour in (6, 7)]

    assert begun == [False, True]


def test_closed_days_wait(lyon: Site):
    open_on(lyon)
    with group_scope(lyon.group_id):
        SiteClosure.objects.create(group_id=lyon.group_id, site=lyon, day=date(2026, 3, 3))

    sunday, closure, monday, holiday = (
        errands(datetime(2026, month, day, 10, tzinfo=UTC)) for month, day in ((3, 1), (3, 3), (3, 2), (5, 1))
    )

    assert (sunday, closure, holiday) == ([], [], [])
    assert {one.errand for one in monday} == set(Errand)


def test_each_site_has_its_own_morning(lyon: Site, quebec: Site):
    for site in (lyon, quebec):
        open_on(site)

    early, late = ({one.site_id for one in errands(MONDAY.replace(hour=hour))} for hour in (9, 15))

    assert (early, late) == ({lyon.pk}, {lyon.pk, quebec.pk})


def test_an_errand_is_done_once_a_day(lyon: Site, rhone: Group):
    open_on(lyon)
    with group_scope(rhone.pk):
        make_vehicle(lyon, arrived_on=MONDAY.date() - timedelta(days=61))

    with heard(vehicles_aged) as facts:
        for minutes in range(0, 120, 20):
            at = MONDAY + timedelta(minutes=minutes)
            for one in errands(at):
                with group_scope(rhone.pk):
                    assert run(one, at=at)

    assert len(facts) == 1
    assert errands(MONDAY) == []


def test_the_second_of_two_schedulers_does_nothing(lyon: Site, rhone: Group):
    open_on(lyon)
    found_by_both = errands(MONDAY)

    with group_scope(rhone.pk):
        first = [run(one, at=MONDAY) for one in found_by_both]
        second = [run(one, at=MONDAY) for one in found_by_both]
        rows = Morning.objects.count()

    assert (first, second, rows) == ([True] * 3, [False] * 3, 3)


def test_what_fails_is_tried_again_and_holds_up_no_other(
    lyon: Site, rhone: Group, monkeypatch: pytest.MonkeyPatch
):
    open_on(lyon)

    def broken(*_args: Any) -> None:
        raise RuntimeError("a poisoned row")

    monkeypatch.setitem(mornings._DEEDS, Errand.AGEING, broken)
    with group_scope(rhone.pk):
        for one in errands(MONDAY):
            run(one, at=MONDAY)

    assert [one.errand for one in errands(MONDAY)] == [Errand.AGEING]


def test_the_morning_finds_what_no_hint_led_to_and_tells_it(
    lyon: Site, rhone: Group, camille: User, time_machine: Any
):
    open_on(lyon)
    with group_scope(rhone.pk):
        make_vehicle(lyon, updated_at=MONDAY - timedelta(hours=20))
        values = {"customer_name": "Paul Martin", "make": "Peugeot", "model": "208"}
        wanted = want_car(site_id=lyon.pk, values=values, by=member_of(camille), at=MONDAY)
        type(wanted).objects.update(matched_at=MONDAY)  # it was held against the stock before the car came
    time_machine.move_to(MONDAY, tick=False)

    with heard(matches_found) as facts:
        sweep()
        sweep()

    assert [fact.salesperson_id for fact in facts] == [camille.pk]
    with group_scope(rhone.pk):
        assert WantedMatch.objects.get().told_at == MONDAY


def test_the_sweep_looks_after_every_group(
    lyon: Site, rhone: Group, rival: Group, rival_site: Site, rita: User, time_machine: Any
):
    for group, site in ((rhone, lyon), (rival, rival_site)):
        with group_scope(group.pk):
            make_vehicle(site, arrived_on=MONDAY.date() - timedelta(days=31))
            StockHint.objects.create(group=group, vehicle_ids=[], since=MONDAY)
    time_machine.move_to(MONDAY, tick=False)

    sweep()

    for group in (rhone, rival):
        with group_scope(group.pk):
            assert (AgeMark.objects.count(), StockHint.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_a_change_holds_although_nobody_can_be_woken(lyon: Site, rhone: Group, monkeypatch: Any):
    def refuse(**_options: Any) -> None:
        raise OSError("no broker")

    monkeypatch.setattr(tasks.watch, "apply_async", refuse)
    with group_scope(rhone.pk):
        with transaction.atomic():
            stock_changed.send(StockChanged(group_id=rhone.pk, occurred_at=MONDAY))

        assert StockHint.objects.count() == 1


def test_finding_what_is_due_takes_the_same_queries_for_one_site_and_for_many(
    rhone: Group, lyon: Site, django_assert_num_queries: Any
):
    open_on(lyon)
    with django_assert_num_queries(5):
        for_one = errands(MONDAY)
    for number in range(5):
        open_on(make_site(rhone, f"Site {number}", slug=f"site-{number}"))

    with django_assert_num_queries(5):
        for_many = errands(MONDAY)

    assert len(for_many) == 6 * len(for_one) > 0
