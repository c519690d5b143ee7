"""Too few of a segment rings once, and not again until there were enough."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from notifications.models import Notification
from sites.models import Group, Site, User
from sites.scope import group_scope
from stock import thresholds
from stock.models import SELLABLE, Kind, Segment, StockHint, Threshold, Vehicle, VehicleStatus
from stock.services.refusals import StockNotAllowed
from stock.signals import segment_fell_short, segment_well_again
from stock.thresholds import recount, remove_threshold, set_threshold
from stock.watching import look
from tests.cast import MONDAY, make_vehicle, member_of
from tests.leads.listening import heard
from tests.stock.moving import route_all

LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def in_scope(rhone: Group) -> Iterator[None]:
    with group_scope(rhone.pk):
        yield


pytestmark = pytest.mark.usefixtures("in_scope")


def city(site: Site, number: int, **fields: Any) -> list[Vehicle]:
    return [make_vehicle(site, stock_number=f"L-{one}", **fields) for one in range(number)]


def wants(site: Site, least: int, enough: int, **fields: Any) -> Threshold:
    values = {"segment": Segment.CITY, "kind": "", **fields}
    return Threshold.objects.create(group_id=site.group_id, site=site, least=least, enough=enough, **values)


@contextmanager
def rung() -> Iterator[list[str]]:
    """« short » and « well », in the order in which they are told."""
    told: list[str] = []
    with (
        heard(segment_fell_short, lambda _fact: told.append("short")),
        heard(segment_well_again, lambda _fact: told.append("well")),
    ):
        yield told


def swing(site: Site, counts: list[int]) -> list[str]:
    """What is told while the stock takes these sizes one after the other."""
    cars = city(site, max(counts))
    with rung() as told:
        for count in counts:
            Vehicle.objects.update(status=VehicleStatus.SOLD, sold_at=MONDAY)
            Vehicle.objects.filter(pk__in=[car.pk for car in cars[:count]]).update(
                status=VehicleStatus.AVAILABLE
            )
            recount(at=MONDAY)
    return told


def test_a_swinging_count_rings_once_a_spell(lyon: Site):
    wants(lyon, least=3, enough=5)

    told = swing(lyon, [5, 2, 3, 2, 4, 2, 5, 4, 3, 2])

    assert told == ["short", "well", "short"]


def test_control_without_the_gap_each_swing_rings(lyon: Site):
    """What hysteresis prevents: with « well again » at the alarm itself, the same swings ring four times."""
    wants(lyon, least=3, enough=3)

    told = swing(lyon, [5, 2, 3, 2, 4, 2, 5, 4, 3, 2])

    assert told.count("short") == 4


def test_only_what_may_still_be_sold_counts(lyon: Site):
    for status in VehicleStatus:
        make_vehicle(lyon, status=status, sold_at=MONDAY)

    counts = thresholds.counts_at([lyon.pk])

    assert counts[lyon.pk, Segment.CITY, ""] == len(SELLABLE) == 4


def test_a_kind_counts_alone_and_no_kind_counts_all(lyon: Site, marseille: Site):
    make_vehicle(lyon, kind=Kind.NEW)
    city(lyon, 2, kind=Kind.USED)
    make_vehicle(marseille)
    make_vehicle(lyon, segment=Segment.SUV)

    counts = thresholds.counts_at([lyon.pk])

    assert (counts[lyon.pk, "city", "new"], counts[lyon.pk, "city", "used"]) == (1, 2)
    assert (counts[lyon.pk, "city", ""], counts[lyon.pk, "city", "demo"]) == (3, 0)


def test_the_alert_says_what_is_missing_and_what_sold(lyon: Site, rhone: Group, paule: User, camille: User):
    for model, number in (("208", 3), ("Clio", 1), ("C3", 2), ("Yaris", 1)):
        city(
            lyon, number, model=model, make="X", status=VehicleStatus.SOLD, sold_at=MONDAY - timedelta(days=9)
        )
    city(lyon, 5, model="Old", status=VehicleStatus.SOLD, sold_at=MONDAY - timedelta(days=31))
    city(lyon, 3)
    wants(lyon, least=5, enough=8)

    with heard(segment_fell_short) as facts:
        recount(at=MONDAY)
    route_all(rhone)

    assert [(fact.count, fact.enough, fact.sold) for fact in facts] == [
        (3, 8, (("X 208", 3), ("X C3", 2), ("X Clio", 1)))
    ]
    told = Notification.objects.filter(event__type_key="stock.segment_fell_short", in_inbox=True)
    assert [one.user for one in told] == [paule]


def test_the_alert_closes_itself_when_the_stock_is_well_again(lyon: Site, rhone: Group, paule: User):
    wants(lyon, least=1, enough=2)
    recount(at=MONDAY)
    route_all(rhone)
    city(lyon, 2)

    recount(at=LATER)
    route_all(rhone, at=LATER)

    assert Notification.objects.get(user=paule).closed_at == LATER


def test_a_second_spell_is_a_new_alert(lyon: Site, rhone: Group, paule: User):
    wants(lyon, least=1, enough=1)
    recount(at=MONDAY)
    (car,) = city(lyon, 1)
    recount(at=LATER)
    car.delete()

    recount(at=LATER)
    route_all(rhone)

    assert Notification.objects.filter(user=paule).count() == 2
    assert Threshold.objects.get().spells == 2


def test_all_thresholds_are_counted_by_the_same_queries(lyon: Site, marseille: Site):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            recount(at=MONDAY)
        return len(captured)

    city(lyon, 3)
    city(marseille, 3)
    wants(lyon, least=1, enough=1)
    for_one = queries()
    wants(marseille, least=1, enough=1)
    wants(lyon, least=2, enough=2, kind=Kind.USED)

    assert queries() == for_one


def test_setting_a_threshold_looks_at_once_and_removing_it_closes(lyon: Site, rhone: Group, paule: User):
    with rung() as told:
        threshold = set_threshold(
            site_id=lyon.pk, segment="city", kind="", least=2, enough=4, by=member_of(paule), at=MONDAY
        )
        remove_threshold(threshold_id=threshold.pk, by=member_of(paule), at=LATER)

    assert told == ["short", "well"]
    assert not Threshold.objects.exists()


def test_it_cannot_be_well_below_what_alerts(lyon: Site, paule: User):
    with pytest.raises(thresholds.WellBelowLeast):
        set_threshold(
            site_id=lyon.pk, segment="city", kind="", least=5, enough=4, by=member_of(paule), at=MONDAY
        )


def test_limits_are_set_where_one_may(
    lyon: Site, marseille: Site, rival_site: Site, sophie: User, camille: User
):
    for site, person in ((marseille, sophie), (lyon, camille), (rival_site, sophie)):
        with pytest.raises(StockNotAllowed):
            set_threshold(
                site_id=site.pk, segment="city", kind="", least=1, enough=1, by=member_of(person), at=MONDAY
            )


def test_a_rivals_stock_is_not_counted(lyon: Site, rival_site: Site, rival: Group):
    city(rival_site, 5)
    with group_scope(rival.pk):
        theirs = wants(rival_site, least=9, enough=9)
    wants(lyon, least=1, enough=1)

    with heard(segment_fell_short) as facts:
        recount(at=MONDAY)

    assert [fact.site_id for fact in facts] == [lyon.pk]
    with group_scope(rival.pk):
        assert Threshold.objects.get(pk=theirs.pk).below_since is None


def test_a_sale_leads_to_a_recount_by_the_watch(lyon: Site, ursule: User):
    from stock.services import change_status

    wants(lyon, least=2, enough=2)
    car, _other = city(lyon, 2)

    with rung() as told:
        change_status(
            vehicle_id=car.pk,
            status=VehicleStatus.SOLD,
            by=member_of(ursule),
            at=MONDAY,
            sold_on=MONDAY.date(),
        )
        before = list(told)
        look(at=LATER)

    assert (before, told) == ([], ["short"])
    assert not StockHint.objects.exists()


def test_a_step_that_fails_keeps_the_hint_and_holds_up_nothing(lyon: Site, monkeypatch: pytest.MonkeyPatch):
    wants(lyon, least=1, enough=1)
    StockHint.objects.create(group_id=lyon.group_id, vehicle_ids=[], since=MONDAY)

    def broken(*_args: Any, **_keywords: Any) -> int:
        raise RuntimeError("a poisoned row")

    monkeypatch.setattr("stock.watching.match", broken)
    with rung() as told:
        look(at=LATER)

    assert told == ["short"]
    assert StockHint.objects.count() == 1
    monkeypatch.undo()
    look(at=LATER)
    assert StockHint.objects.filter(~Q(pk=0)).count() == 0
