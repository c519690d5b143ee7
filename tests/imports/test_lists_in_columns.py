"""A list that a file spreads over several columns: « Photo 1 », « Photo 2 »."""

from __future__ import annotations

import pytest

from imports import declarations, mapping
from imports.models import Feed
from sites.models import Site, User
from stock.models import Vehicle
from tests.imports.files import counts, imported, make_feed

pytestmark = pytest.mark.usefixtures("in_rhone")

HEADER = "N° de stock;Marque;Modèle;Prix TTC;Photo 1;Photo 2;photo_03;Option 1;Option 2"
ROWS = [
    "L-1;Renault;Clio;9990;https://a.test/1.jpg;https://a.test/2.jpg|https://a.test/1.jpg;https://a.test/3.jpg;GPS;",
    "L-2;Renault;Zoé;8990;;;https://a.test/9.jpg;;",
    "L-3;Dacia;Duster;7990;;;;;ABS",
]


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon)


def file_of(*rows: str) -> bytes:
    return "\r\n".join([HEADER, *rows, ""]).encode()


def test_each_of_the_columns_is_proposed_and_other_numbered_ones_are_not():
    importer = declarations.get("stock.vehicles")

    found = mapping.proposed(
        importer, ["Prix", "Prix 2", "Photo", "Photo1", "image 12", "Photos.3", "Nb photos"]
    )

    assert found == {
        "Prix": "price",
        "Prix 2": "",
        "Photo": "photo_urls",
        "Photo1": "photo_urls",
        "image 12": "photo_urls",
        "Photos.3": "photo_urls",
        "Nb photos": "",
    }


def test_lists_are_joined_in_the_order_of_their_columns_and_nothing_comes_twice(feed: Feed):
    run = imported(feed, file_of(*ROWS))

    assert counts(run) == (3, 0, 0, 0)
    photos = dict(Vehicle.objects.values_list("stock_number", "photo_urls"))
    assert photos == {
        "L-1": [f"https://a.test/{number}.jpg" for number in (1, 2, 3)],
        "L-2": ["https://a.test/9.jpg"],
        "L-3": [],
    }
    options = dict(Vehicle.objects.values_list("stock_number", "options"))
    assert (options["L-1"], options["L-3"]) == (["GPS"], ["ABS"])


def test_the_same_file_again_changes_nothing_and_one_photo_less_is_a_change(feed: Feed):
    imported(feed, file_of(*ROWS))

    again = imported(feed, file_of(*ROWS))
    fewer = imported(feed, file_of(ROWS[0].replace("https://a.test/3.jpg", ""), *ROWS[1:]))

    assert (counts(again), counts(fewer)) == ((0, 0, 3, 0), (0, 1, 2, 0))
    assert len(Vehicle.objects.get(stock_number="L-1").photo_urls) == 2
