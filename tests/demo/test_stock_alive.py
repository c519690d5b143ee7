"""What the demo's people did with their stock: real transfers, prices, searches and mornings, told by real alerts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dms.demo import seeding
from dms.demo.cast import RHONE, RIVAL
from dms.demo.seeding import seed
from leads.models import Lead, LeadStatus
from notifications.models import Event, Notification
from sites.models import Group
from sites.scope import every_group, group_scope
from stock.models import Outlet, StockHint, Transfer, Vehicle, WantedCar, WantedMatch
from tests.cast import MONDAY
from tests.stock.publishing import body_of, fetch


@pytest.fixture
def in_demo(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(
        seeding, "GROUPS", (replace(RHONE, leads=40, vehicles=150), replace(RIVAL, leads=4, vehicles=5))
    )
    monkeypatch.setattr("dms.demo.stock.parking.hang_up_photos", lambda *_: None)
    seed(at=MONDAY)
    with group_scope(Group.objects.get(slug="rhone").pk):
        yield


def told(email: str) -> Counter[str]:
    rows = Notification.objects.filter(user__email=email, in_inbox=True)
    return Counter(rows.values_list("event__type_key", flat=True))


def test_a_car_of_marseille_is_asked_for_and_one_of_paris_is_on_the_road(in_demo: None):
    transfers = Transfer.objects.values_list("from_site__slug", "to_site__slug", "state")

    assert set(transfers) == {("marseille", "lyon", "asked"), ("paris", "lyon", "under_way")}
    assert told("stock.marseille@demo.test")["stock.transfer_asked"] == 1


def test_the_morning_told_what_has_aged_and_what_fits(in_demo: None):
    kinds = set(Event.objects.values_list("type_key", flat=True))

    assert {"stock.vehicles_aged", "stock.matches_found", "stock.segment_fell_short"} <= kinds
    assert WantedCar.objects.count() == 7
    assert WantedMatch.objects.filter(told_at__isnull=False).exists()


def test_an_old_car_was_lowered_as_far_as_its_manager_may(in_demo: None):
    lowered = [car for car in Vehicle.objects.filter(site__slug="lyon") if "price" in car.kept]

    assert [car.price >= car.min_price for car in lowered if car.price and car.min_price] == [True]


def test_most_leads_ask_for_a_car_that_stood_on_their_site(in_demo: None):
    leads = Lead.objects.exclude(status__in=[LeadStatus.SPAM, LeadStatus.QUARANTINED])
    pointed = [lead for lead in leads if lead.stock_number]

    assert len(pointed) > len(leads) / 2
    for lead in pointed:
        car = Vehicle.objects.get(stock_number=lead.stock_number)
        assert (car.make, car.model, car.site_id) == (lead.make, lead.model, lead.site_id)


def test_nothing_of_it_waits_for_the_engine(in_demo: None):
    with every_group():
        assert not Event.objects.filter(routed_at__isnull=True).exists()
        assert not StockHint.objects.exists()


def test_the_rival_plays_alone(in_demo: None):
    with group_scope(Group.objects.get(slug="rival").pk):
        assert Vehicle.objects.count() == 5
        assert not Transfer.objects.exists()
        assert not WantedCar.objects.exists()


def test_each_site_is_published_with_a_known_key_and_the_group_on_a_portal(in_demo: None):
    ours = fetch(key="demo-lyon-stock")
    theirs = fetch(key="demo-villeurbanne-stock")

    cars = json.loads(body_of(ours))["itemListElement"]
    published = Vehicle.objects.filter(site__slug="lyon", status__in=["available", "reserved"])
    assert {car["sku"] for car in cars} == set(published.values_list("stock_number", flat=True))
    assert json.loads(body_of(theirs))["numberOfItems"] < 6
    assert Outlet.objects.filter(by_address=True).count() == 1
