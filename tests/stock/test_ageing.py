"""Each vehicle is told of once for each limit that it passes; a morning is one alert."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from notifications.models import Notification
from sites.models import Group, Site, User
from stock.ageing import LimitsNotRising, close_dealt_with, limits_at, set_age_limits, tell_aged
from stock.models import AgeMark, Segment, Vehicle, VehicleStatus
from stock.services import erase_vehicle
from stock.services.refusals import StockNotAllowed
from stock.signals import aged_vehicle_dealt_with, vehicle_aged, vehicles_aged
from tests.cast import MONDAY, make_vehicle, member_of
from tests.leads.listening import heard
from tests.stock.moving import route_all

pytestmark = pytest.mark.usefixtures("in_rhone")

TODAY = MONDAY.date()


def aged(site: Site, days: int, **fields: Any) -> Vehicle:
    return make_vehicle(site, arrived_on=TODAY - timedelta(days=days), **fields)


def morning(site: Site, day: date = TODAY) -> list[tuple[int, tuple[tuple[str, int], ...]]]:
    """(count, lines) of each alert of this morning."""
    with heard(vehicles_aged) as facts:
        tell_aged(site, day=day, at=MONDAY + (day - TODAY))
    return [(fact.count, fact.lines) for fact in facts]


def test_a_vehicle_is_told_of_on_the_day_it_passes_a_limit(lyon: Site):
    aged(lyon, 29)

    before, on_the_day = morning(lyon), morning(lyon, TODAY + timedelta(days=1))

    assert before == []
    assert on_the_day == [(1, (("Peugeot 208 2023", 30),))]


def test_every_limit_is_told_once_over_a_whole_stay(lyon: Site):
    aged(lyon, 0)

    told = {age: morning(lyon, TODAY + timedelta(days=age)) for age in range(120)}

    assert [age for age, alerts in told.items() if alerts] == [30, 45, 60, 90]


def test_control_without_its_mark_a_vehicle_would_ring_every_morning(lyon: Site):
    aged(lyon, 30)
    told = 0
    for day in range(3):
        AgeMark.objects.all().delete()
        told += len(morning(lyon, TODAY + timedelta(days=day)))

    assert told == 3


def test_after_a_long_stop_only_the_highest_limit_is_told_and_once(lyon: Site):
    aged(lyon, 70)

    first, second = morning(lyon), morning(lyon, TODAY + timedelta(days=1))

    assert first == [(1, (("Peugeot 208 2023", 70),))]
    assert second == []
    assert AgeMark.objects.get().days == 60


def test_a_morning_is_one_alert_that_names_the_oldest(
    lyon: Site, rhone: Group, camille: User, remy: User, hugo: User
):
    for days, model in ((31, "C3"), (46, "208"), (64, "Clio"), (33, "Yaris")):
        aged(lyon, days, make="X", model=model, year=None)

    alerts = morning(lyon)
    route_all(rhone)

    assert alerts == [(4, (("X Clio", 64), ("X 208", 46), ("X Yaris", 33)))]
    told = Notification.objects.filter(event__type_key="stock.vehicles_aged", in_inbox=True)
    assert {one.user for one in told} == {camille, remy}


@pytest.mark.parametrize("status", VehicleStatus)
def test_only_what_stands_here_grows_old(status: VehicleStatus, lyon: Site):
    aged(lyon, 100, status=status, sold_at=MONDAY)

    assert bool(morning(lyon)) is (status in ("preparation", "available", "reserved"))


def test_another_sites_cars_are_not_told_here(lyon: Site, marseille: Site):
    aged(marseille, 100)

    assert morning(lyon) == []


def test_a_segment_has_limits_of_its_own(lyon: Site, sophie: User):
    set_age_limits(site_id=lyon.pk, segment="suv", days=[20], by=member_of(sophie))
    set_age_limits(site_id=lyon.pk, segment="", days=[50], by=member_of(sophie))
    aged(lyon, 21, segment=Segment.SUV, model="3008")
    aged(lyon, 40, model="208")
    aged(lyon, 50, segment="", model="?")

    assert [line for _count, lines in morning(lyon) for line in lines] == [
        ("Peugeot ? 2023", 50),
        ("Peugeot 3008 2023", 21),
    ]


def test_without_limits_of_its_own_a_site_has_the_trades(lyon: Site, sophie: User):
    set_age_limits(site_id=lyon.pk, segment="", days=[10], by=member_of(sophie))
    set_age_limits(site_id=lyon.pk, segment="", days=[], by=member_of(sophie))

    assert limits_at([lyon.pk]) == {lyon.pk: {"": (30, 45, 60, 90)}}


@pytest.mark.parametrize("days", [[60, 30], [30, 30], [0], [-1], [2000], list(range(1, 9))])
def test_limits_rise(days: list[int], lyon: Site, sophie: User):
    with pytest.raises(LimitsNotRising):
        set_age_limits(site_id=lyon.pk, segment="", days=days, by=member_of(sophie))


def test_limits_are_set_where_one_may(
    lyon: Site, marseille: Site, rival_site: Site, sophie: User, camille: User
):
    for site, person in ((marseille, sophie), (lyon, camille), (rival_site, sophie)):
        with pytest.raises(StockNotAllowed):
            set_age_limits(site_id=site.pk, segment="", days=[30], by=member_of(person))


def test_past_the_last_limit_the_sites_manager_gets_an_alert_of_its_own(
    lyon: Site, rhone: Group, remy: User, camille: User
):
    old, _younger = aged(lyon, 91), aged(lyon, 62)

    with heard(vehicle_aged) as facts:
        morning(lyon)
    route_all(rhone)

    assert [(fact.vehicle_id, fact.days, fact.limit) for fact in facts] == [(old.pk, 91, 90)]
    told = Notification.objects.filter(event__type_key="stock.vehicle_aged", in_inbox=True)
    assert [one.user for one in told] == [remy]


def test_a_whole_yard_of_old_cars_is_one_alert_and_not_fifty(lyon: Site):
    for _number in range(6):
        aged(lyon, 120)

    with heard(vehicle_aged) as alone:
        alerts = morning(lyon)

    assert (alone, [count for count, _lines in alerts]) == ([], [6])


@pytest.mark.parametrize(
    ("deed", "change"),
    [
        ("gone", {"status": "sold", "sold_at": MONDAY}),
        ("repriced", {"price": 14_990_00}),
        ("repriced", {"price": None}),
        ("highlighted", {"highlighted_at": MONDAY + timedelta(hours=2)}),
        ("moved", {}),
    ],
)
def test_whatever_is_done_with_it_ends_its_alert(
    deed: str, change: dict[str, Any], lyon: Site, marseille: Site, rhone: Group, remy: User
):
    aged(lyon, 91)
    morning(lyon)
    route_all(rhone)
    Vehicle.objects.update(**(change or {"site": marseille}))

    with heard(aged_vehicle_dealt_with) as facts:
        close_dealt_with(at=MONDAY + timedelta(hours=3))
        close_dealt_with(at=MONDAY + timedelta(hours=4))
    route_all(rhone)

    assert [fact.deed for fact in facts] == [deed]
    alert = Notification.objects.get(event__type_key="stock.vehicle_aged", user=remy)
    assert alert.closed_at is not None


def test_the_alert_of_an_erased_vehicle_leads_nowhere(lyon: Site, rhone: Group, remy: User, sophie: User):
    slip, other = aged(lyon, 91), aged(lyon, 92)
    morning(lyon)
    route_all(rhone)

    erase_vehicle(vehicle_id=slip.pk, by=member_of(sophie), at=MONDAY + timedelta(hours=3))
    route_all(rhone)

    alerts = Notification.objects.filter(event__type_key="stock.vehicle_aged", user=remy)
    open_ones = {one.event.payload["vehicle_id"] for one in alerts if one.closed_at is None}
    assert (alerts.count(), open_ones) == (2, {str(other.pk)})


def test_control_an_untouched_vehicle_keeps_its_alert(lyon: Site):
    aged(lyon, 91, price=None)
    morning(lyon)
    Vehicle.objects.update(colour="Rouge", highlighted_at=MONDAY - timedelta(days=9))

    assert close_dealt_with(at=MONDAY + timedelta(hours=3)) == 0


def test_who_comes_back_with_a_new_day_of_arrival_is_told_anew(lyon: Site):
    aged(lyon, 91)
    morning(lyon)
    Vehicle.objects.update(arrived_on=TODAY)

    assert len(morning(lyon, TODAY + timedelta(days=30))) == 1
