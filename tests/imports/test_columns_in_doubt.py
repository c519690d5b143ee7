"""Columns whose header means several things, that speak beside another one, or of a currency we do not sell in."""

from __future__ import annotations

from io import BytesIO

import pytest

from imports import sentences
from imports.models import Feed, Priority
from imports.services import change_feed
from imports.services.runs import inspect_file
from sites.models import Site, User
from stock.models import Kind, Vehicle, VehicleStatus
from stock.services import change_status
from tests.cast import MONDAY, member_of
from tests.imports.files import counts, imported, make_feed, problems_of

pytestmark = pytest.mark.usefixtures("in_rhone")


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon)


def file_of(header: str, *cells: str) -> bytes:
    """A list of Fords with one or more columns of its own."""
    rows = "".join(f"A{number};Ford;Focus;{cell}\r\n" for number, cell in enumerate(cells))
    return f"Stock;Marque;Modèle;{header}\r\n{rows}".encode()


def stood(name: str) -> list[object]:
    return list(Vehicle.objects.order_by("stock_number").values_list(name, flat=True))


@pytest.mark.parametrize(
    ("header", "cells", "field"),
    [
        ("Condition", ("Excellent", "Good"), ""),
        ("Condition", ("New", "Excellent"), "kind"),
        ("Type", ("Leasing", "Cash"), ""),
        ("Type", ("VO", "VN"), "kind"),
        ("Transmission", ("Intégrale", "Traction"), ""),
        ("Transmission", ("Automatique", "???"), "gearbox"),
        ("TVA", ("20,0", "20,0"), ""),
        ("Photos", ("12", "8"), ""),
        ("Photos", ("", ""), "photo_urls"),
        ("Vendu", ("12/03/2026", ""), ""),
        ("Énergie", ("01", "02"), "fuel"),
    ],
)
def test_a_header_that_may_mean_several_things_is_told_by_its_cells(
    feed: Feed, header: str, cells: tuple[str, ...], field: str
):
    preview = inspect_file(file=BytesIO(file_of(header, *cells)), file_name="x.csv", feed=feed)

    assert preview.mapping[header] == field


def test_a_column_that_is_left_alone_in_the_preview_is_so_in_a_run(feed: Feed):
    run = imported(feed, file_of("Condition", "Excellent", "Good"))

    assert counts(run) == (2, 0, 0, 0)
    assert stood("kind") == [Kind.USED, Kind.USED]


def test_the_word_that_says_it_better_keeps_the_field(feed: Feed):
    run = imported(feed, file_of("Type;VN/VO", "Cash;VN", "Leasing;VO"))

    assert counts(run) == (2, 0, 0, 0)
    assert stood("kind") == [Kind.NEW, Kind.USED]


def test_yes_or_no_tells_what_is_sold_reserved_and_new(feed: Feed):
    run = imported(
        feed,
        file_of(
            "Vendu;Réservé;Neuf;Statut",
            "Oui;Non;Non;Disponible",
            "Non;Oui;Oui;Disponible",
            "Non;;;En préparation",
        ),
    )

    assert counts(run) == (3, 0, 0, 0)
    assert stood("status") == [VehicleStatus.SOLD, VehicleStatus.RESERVED, VehicleStatus.PREPARATION]
    assert stood("kind") == [Kind.USED, Kind.NEW, Kind.USED]
    assert [bool(at) for at in stood("sold_at")] == [True, False, False]


@pytest.mark.parametrize("header", ["Prix;Prix promo", "Prix promo;Prix"])
def test_a_special_price_counts_where_there_is_one(feed: Feed, header: str):
    cells = [("15990", "14990"), ("9990", ""), ("8990", "0")]
    ordered = [";".join(pair if header.startswith("Prix;") else pair[::-1]) for pair in cells]

    run = imported(feed, file_of(header, *ordered))

    assert counts(run) == (3, 0, 0, 0)
    assert stood("price") == [14_990_00, 9_990_00, 8_990_00]


@pytest.mark.parametrize(
    ("header", "good", "bad"),
    [
        (
            "Prix;Devise",
            ("15990;EUR", "15990;€", "15990;", "15990;euros"),
            ("15990;CAD", "15990;USD", "15990;$"),
        ),
        ("Devise;Prix", ("EUR;15990",), ("CAD;15990",)),
        ("Prix", ("15 990 €", "15990 EUR", "15990"), ("15 990 $", "15990 CAD", "C$15,990", "15 990 $ CA")),
    ],
)
def test_an_amount_in_another_currency_is_no_price(
    feed: Feed, header: str, good: tuple[str, ...], bad: tuple[str, ...]
):
    run = imported(feed, file_of(header, *good, *bad))

    assert counts(run) == (len(good), 0, 0, len(bad))
    assert set(stood("price")) == {15_990_00}
    assert {code for codes in problems_of(run).values() for code in codes} == {"other_currency"}
    assert "EUR" in str(sentences.of("other_currency", {"ours": "EUR"}))


def test_at_home_in_canada_a_dollar_is_a_dollar(sophie: User, lyon: Site):
    Site.objects.filter(pk=lyon.pk).update(country="CA")
    feed = make_feed(sophie, lyon)

    run = imported(feed, file_of("Prix;Devise", "15 990 $;CAD", "15990;$", "15 990 $ CA;", "15990 €;"))

    assert counts(run) == (3, 0, 0, 1)


def test_a_mileage_in_miles_is_not_taken_for_kilometres(feed: Feed):
    run = imported(feed, file_of("Km;Mileage unit", "12000;km", "12000;KMT", "12000;", "12000;mi", "9;SMI"))

    assert counts(run) == (3, 0, 0, 2)
    assert {code for codes in problems_of(run).values() for code in codes} == {"other_unit"}


@pytest.mark.parametrize(("winner", "status"), [(Priority.PERSON, "reserved"), (Priority.FEED, "sold")])
def test_whoever_wins_for_the_status_wins_for_a_yes_too(
    feed: Feed, sophie: User, winner: Priority, status: str
):
    change_feed(feed_id=feed.pk, priorities={"status": winner}, by=member_of(sophie), at=MONDAY)
    feed.refresh_from_db()
    imported(feed, file_of("Vendu", "Non"))
    car = Vehicle.objects.get()
    change_status(vehicle_id=car.pk, status=VehicleStatus.RESERVED, by=member_of(sophie), at=MONDAY)

    imported(feed, file_of("Vendu", "Oui"))

    assert stood("status") == [status]
