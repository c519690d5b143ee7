"""Pages, orders, counts and facets of the list."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sites.models import Site, User
from stock.filters import StockFilter
from stock.models import Fuel, Vehicle, VehicleStatus
from stock.searching import NOTHING
from stock.selectors import COUNTED, facets_of, size_of, visible_vehicles
from stock.sorting import SORTS, BadCursor, page_of
from tests.cast import MONDAY, make_vehicle, member_of, signed_in
from tests.stock.test_list import LIST, RESULTS, names_on, page_of_list, photo_of


@pytest.fixture(autouse=True)
def _monday(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("newest", "CBA"),
        ("oldest", "ABC"),
        ("cheapest", "BAC"),
        ("dearest", "ABC"),
        ("fewest_km", "CAB"),
        ("most_km", "ACB"),
        ("youngest", "ABC"),
        ("eldest", "BAC"),
        ("make", "CAB"),
        ("make_last", "BAC"),
    ],
)
def test_each_order_puts_what_is_unknown_last(camille: User, lyon: Site, sort: str, order: str):
    days = [(MONDAY - timedelta(days=number)).date() for number in (30, 20, 10)]
    make_vehicle(lyon, stock_number="A", arrived_on=days[0], price=900, mileage=9, year=2022, make="peugeot")
    make_vehicle(
        lyon,
        stock_number="B",
        arrived_on=days[1],
        price=800,
        mileage=None,
        year=None,
        first_registration="2020-01-01",
        make="Renault",
    )
    make_vehicle(lyon, stock_number="C", arrived_on=days[2], price=None, mileage=3, year=None, make="Audi")

    assert "".join(names_on(camille, f"sort={sort}")) == order


@pytest.mark.parametrize("sort", SORTS)
def test_pages_follow_each_other_without_gap_or_double(in_rhone: None, lyon: Site, sort: str):
    for number in range(17):
        make_vehicle(
            lyon,
            stock_number=f"S{number}",
            price=None if number % 5 == 0 else 1000 * (number % 3),
            mileage=None if number % 4 == 0 else number % 3,
            year=2020 + number % 3,
            model=str(number % 2),
            arrived_on=(MONDAY - timedelta(days=number % 4)).date(),
        )
    whole = page_of(Vehicle.objects.all(), sort=SORTS[sort], limit=200)
    pages: list[Vehicle] = []
    cursor = ""
    while True:
        page = page_of(Vehicle.objects.all(), sort=SORTS[sort], cursor=cursor, limit=4)
        pages += page.vehicles
        cursor = page.next_cursor
        if not cursor:
            break

    assert [vehicle.pk for vehicle in pages] == [vehicle.pk for vehicle in whole.vehicles]
    assert len({vehicle.pk for vehicle in pages}) == 17


@pytest.mark.parametrize("cursor", ["x", "é", "W10", "bnVsbA", "WyJuZXdlc3QiLDEsIngiXQ", "[[[[" * 400])
def test_a_made_up_cursor_is_refused_and_the_page_begins_anew(
    camille: User, in_rhone: None, lyon: Site, cursor: str
):
    make_vehicle(lyon, stock_number="A")

    with pytest.raises(BadCursor):
        page_of(Vehicle.objects.all(), sort=SORTS["newest"], cursor=cursor)
    assert names_on(camille, f"cursor={cursor}") == ["A"]


def test_a_cursor_of_another_order_is_refused(in_rhone: None, lyon: Site):
    for number in range(3):
        make_vehicle(lyon, stock_number=str(number))
    page = page_of(Vehicle.objects.all(), sort=SORTS["newest"], limit=1)

    with pytest.raises(BadCursor):
        page_of(Vehicle.objects.all(), sort=SORTS["cheapest"], cursor=page.next_cursor)


def test_more_rows_come_alone(camille: User, lyon: Site):
    for number in range(52):
        make_vehicle(lyon, stock_number=f"S{number}")
    client = signed_in(camille)
    page = client.get(LIST).content.decode()
    address = re.search(r'hx-get="\?([^"]+)"', page)
    assert address

    more = client.get(
        f"{LIST}?{address[1].replace('&amp;', '&')}", headers={"HX-Request": "true", "HX-Target": "more"}
    ).content.decode()

    assert page.count("</small></th>") == 50
    assert more.count("</small></th>") == 2
    assert "<html" not in more
    assert 'id="more"' not in more


def test_the_size_is_exact_up_to_a_limit(in_rhone: None, lyon: Site, monkeypatch: pytest.MonkeyPatch):
    for number in range(4):
        make_vehicle(lyon, stock_number=str(number))
    exact = size_of(Vehicle.objects.all())
    monkeypatch.setattr("stock.selectors.COUNTED", 3)

    capped = size_of(Vehicle.objects.all())

    assert (exact.number, exact.is_more) == (4, False)
    assert (capped.number, capped.is_more) == (3, True)
    assert COUNTED == 1_000


def test_a_facet_counts_what_each_choice_would_find(
    camille: User, in_rhone: None, lyon: Site, marseille: Site
):
    make_vehicle(lyon, make="Peugeot", fuel=Fuel.PETROL)
    make_vehicle(lyon, make="Peugeot", fuel=Fuel.DIESEL)
    make_vehicle(marseille, make="Renault", fuel=Fuel.DIESEL)
    make_vehicle(marseille, make="Renault", fuel=Fuel.DIESEL, status=VehicleStatus.SOLD, sold_at=MONDAY)
    vehicles = visible_vehicles(member_of(camille))

    free = facets_of(vehicles, StockFilter(), NOTHING, today=MONDAY.date()).counts
    chosen = facets_of(
        vehicles, StockFilter(makes=("Peugeot",), fuels=("diesel",)), NOTHING, today=MONDAY.date()
    ).counts

    assert free["make"] == {"Peugeot": 2, "Renault": 1}
    assert free["site_id"] == {lyon.pk: 2, marseille.pk: 1}
    assert chosen["make"] == {"Peugeot": 1, "Renault": 1}  # by fuel alone
    assert chosen["fuel"] == {"petrol": 1, "diesel": 1}  # by make alone
    assert chosen["site_id"] == {lyon.pk: 1}  # by both


def test_facets_say_when_they_stopped_counting(
    camille: User, in_rhone: None, lyon: Site, marseille: Site, monkeypatch: pytest.MonkeyPatch
):
    for number in range(3):
        make_vehicle(lyon, stock_number=str(number))
    monkeypatch.setattr("stock.selectors.FACET_ROWS", 2)

    facets = facets_of(visible_vehicles(member_of(camille)), StockFilter(), NOTHING, today=MONDAY.date())
    panel = signed_in(camille).get(f"{LIST}filter/", headers=RESULTS).content.decode()

    assert facets.is_capped
    assert facets.counts["make"] == {"Peugeot": 2}
    assert ">2+<" in panel


def test_the_panel_offers_models_of_the_chosen_make_and_keeps_what_is_ticked(camille: User, lyon: Site):
    make_vehicle(lyon, model="208")
    make_vehicle(lyon, model="308")
    make_vehicle(lyon, make="Renault", model="Clio")
    client = signed_in(camille)

    without = client.get(f"{LIST}filter/", headers=RESULTS).content.decode()
    panel = client.get(
        f"{LIST}filter/?make=Peugeot&make=Lada&price_to=20000", headers=RESULTS
    ).content.decode()

    assert 'name="model"' not in without
    assert 'name="model" value="208"' in panel
    assert 'value="Clio"' not in panel
    assert re.search(r'value="Lada" checked', panel)
    assert 'value="20000"' in panel


def test_the_panel_is_a_page_of_its_own_without_script(camille: User, lyon: Site):
    make_vehicle(lyon)

    page = signed_in(camille).get(f"{LIST}filter/?q=peugeot").content.decode()

    assert "<html" in page
    assert 'name="q" value="peugeot"' in page


@pytest.mark.parametrize("query", ["", "q=peugot&make=Peugeot&fuel=petrol&price_to=99000", "sort=cheapest"])
def test_three_vehicles_ask_for_as_many_queries_as_one(
    camille: User, lyon: Site, marseille: Site, query: str
):
    client = signed_in(camille)
    photo_of(make_vehicle(lyon))
    client.get(f"{LIST}?{query}")  # what is read once and kept

    one = _queries(client, query)
    for site in (lyon, marseille):
        photo_of(make_vehicle(site, stock_number=site.name))
    three = _queries(client, query)

    assert three == one


def _queries(client: Client, query: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(f"{LIST}?{query}")
        client.get(f"{LIST}filter/?{query}", headers=RESULTS)
    return len(captured)


def test_a_head_says_which_way_its_figures_run(camille: User, lyon: Site):
    make_vehicle(lyon)

    newest, dearest = (page_of_list(camille, f"sort={sort}") for sort in ("newest", "dearest"))

    assert re.findall(r'aria-sort="(\w+)"><a[^>]*>([^<]+)', newest) == [("ascending", "En stock")]
    assert re.findall(r'aria-sort="(\w+)"><a[^>]*>([^<]+)', dearest) == [("descending", "Prix")]
