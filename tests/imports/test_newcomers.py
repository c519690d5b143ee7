"""What comes into the stock between the reading of a file and its writing is the same car all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from imports.models import Feed
from imports.running import writing
from sites.models import Site, User
from stock.models import Vehicle, VehicleChange
from stock.services import add_vehicle
from stock.services.refusals import VinInStock
from tests.cast import MONDAY, make_vehicle, member_of
from tests.imports.files import CLIO, GOLF, ZOE, changed, counts, csv_of, imported, make_feed

pytestmark = pytest.mark.usefixtures("in_rhone")
VIN = CLIO[1]


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Does something once, when the file has been read and compared and nothing of it is written yet."""

    def arrange(deed: Callable[[], Any]) -> None:
        write, deeds = writing.write_chunk, [deed]

        def written(*arguments: Any) -> Any:
            while deeds:
                deeds.pop()()
            return write(*arguments)

        monkeypatch.setattr(writing, "write_chunk", written)

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
