"""What comes into the stock between the reading of a file and its writing is the same car all the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.files import limits
from imports.models import Feed
from imports.plan import Plan
from imports.running import adopting, early, writing
from sites.models import Site, User
from stock.models import Vehicle, VehicleChange
from stock.services import add_vehicle
from stock.services.refusals import VinInStock
from tests.cast import MONDAY, make_vehicle, member_of
from tests.imports.files import CLIO, GOLF, ZOE, cars, changed, counts, csv_of, imported, make_feed

pytestmark = pytest.mark.usefixtures("in_rhone")
VIN = CLIO[1]


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Does something once, at the last moment at which others are not kept out and nothing of the file is written."""

    def arrange(deed: Callable[[], Any]) -> None:
        keep_out, deeds = adopting.keep_others_out, [deed]

        def kept_out(plan: Plan) -> None:
            while deeds:
                deeds.pop()()
            keep_out(plan)

        monkeypatch.setattr(writing, "keep_others_out", kept_out)
        monkeypatch.setattr(early, "keep_others_out", kept_out)

    return arrange


def test_a_colleague_who_types_the_car_in_has_it_once(
    feed: Feed, lyon: Site, sophie: User, meanwhile: Callable[[Callable[[], Any]], None]
):
    values = {"make": "Renault", "model": "Clio", "vin": VIN, "colour": "Bleu"}
    meanwhile(lambda: add_vehicle(site=lyon, values=values, by=member_of(sophie), at=MONDAY))

    run = imported(feed, csv_of(CLIO, ZOE, GOLF))

    assert counts(run) == (2, 1, 0, 0)
    (car,) = Vehicle.objects.filter(vin=VIN)
    assert (car.feed, car.stock_number, car.colour, car.price) == (feed, "L-1", "Bleu", 15_990_00)
    assert [sorted(change.changes)[:1] for change in VehicleChange.objects.filter(of=car).order_by("pk")] == [
        [],
        ["fuel"],
    ]


def test_another_feeds_car_stays_that_feeds(
    feed: Feed, sophie: User, lyon: Site, meanwhile: Callable[[Callable[[], Any]], None]
):
    other = make_feed(sophie, lyon, name="Autre")
    meanwhile(lambda: make_vehicle(lyon, vin=VIN, feed=other, feed_key="n:X", feed_digest="d"))

    run = imported(feed, csv_of(CLIO, ZOE))

    assert counts(run) == (1, 1, 0, 0)
    assert [car.feed for car in Vehicle.objects.filter(vin=VIN)] == [other]


def test_of_a_second_file_too(feed: Feed, lyon: Site, meanwhile: Callable[[Callable[[], Any]], None]):
    imported(feed, csv_of(ZOE))
    meanwhile(lambda: make_vehicle(lyon, vin=VIN))

    run = imported(feed, csv_of(changed(ZOE, price="12000"), CLIO))

    assert counts(run) == (0, 2, 0, 0)
    assert Vehicle.objects.filter(vin=VIN).count() == 1


def test_a_rivals_car_with_that_vin_is_none_of_ours(
    feed: Feed, rival_site: Site, meanwhile: Callable[[Callable[[], Any]], None]
):
    meanwhile(lambda: make_vehicle(rival_site, vin=VIN))

    assert counts(imported(feed, csv_of(CLIO))) == (1, 0, 0, 0)


def test_who_types_it_in_afterwards_is_told(feed: Feed, lyon: Site, sophie: User):
    imported(feed, csv_of(CLIO))

    with pytest.raises(VinInStock):
        add_vehicle(
            site=lyon,
            values={"make": "Renault", "model": "Clio", "vin": VIN},
            by=member_of(sophie),
            at=MONDAY,
        )


@pytest.mark.postgres  # on SQLite a first file is read before it is written
def test_of_a_first_file_rows_are_looked_up_while_others_are_kept_out(
    feed: Feed, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(limits, "BLOCK_ROWS", 7)
    monkeypatch.setattr(writing, "CHUNK", 10)
    rows = [changed(row, vin=f"VF1RJA{number:011}") for number, row in enumerate(cars(30))]

    with CaptureQueriesContext(connection) as captured:
        run = imported(feed, csv_of(*rows))

    deeds = "".join(filter(None, map(_deed, (query["sql"] for query in captured.captured_queries))))
    assert counts(run) == (30, 0, 0, 0)
    assert re.fullmatch("(KL+W){3}", deeds), deeds


def _deed(sql: str) -> str:
    """K: others are kept out; L: it is looked up what rows are here; W: rows are written."""
    marks = {"FOR NO KEY UPDATE": "K", "CROSS JOIN LATERAL": "L", "INSERT INTO stock_vehicle ": "W"}
    is_lock = "sites_group" in sql
    return next((letter for mark, letter in marks.items() if mark in sql and (letter != "K" or is_lock)), "")


def test_of_two_cars_with_that_vin_the_one_that_may_be_written_is_meant(feed: Feed, lyon: Site):
    living = make_vehicle(lyon, vin=VIN, status="available")
    make_vehicle(lyon, vin=VIN, status="sold", sold_at=MONDAY)

    run = imported(feed, csv_of(CLIO))

    living.refresh_from_db()
    assert counts(run) == (0, 1, 0, 0)
    assert (living.feed, living.price) == (feed, 15_990_00)
