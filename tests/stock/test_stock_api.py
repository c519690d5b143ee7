"""The stock over the API: the page's filter, search and orders, for staff alone, and no more than they may see."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sites.models import Group, Site, User
from tests.cast import MONDAY, make_key, make_person, make_vehicle, signed_in

STOCK = "/api/v1/stock/"


@pytest.fixture(autouse=True)
def _monday(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


def numbers(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [vehicle["stock_number"] for vehicle in answer.json()["results"]]


def test_a_salesperson_reads_the_groups_stock_by_the_pages_filter(camille: User, lyon: Site, marseille: Site):
    make_vehicle(lyon, stock_number="A", price=15_990_50)
    make_vehicle(marseille, stock_number="B", make="Renault", model="Clio", price=9_000_00)
    client = signed_in(camille)

    everything = client.get(STOCK, {"sort": "cheapest"})
    some = client.get(STOCK, {"make": ["Peugeot", "Lada"], "q": "peugot"})

    assert numbers(everything) == ["B", "A"]
    assert numbers(some) == ["A"]
    assert some.json()["searched"] == "peugeot"
    told = some.json()["results"][0]
    assert (told["price"], told["currency"], told["site"], told["age"]) == ("15990.5", "EUR", "lyon", 10)


def test_pages_follow_the_cursor(camille: User, lyon: Site):
    for number in range(5):
        make_vehicle(lyon, stock_number=f"S{number}")
    client, address, seen = signed_in(camille), f"{STOCK}?limit=2&sort=dearest", []
    while address:
        answer = client.get(address)
        seen += numbers(answer)
        address = answer.json()["next"]

    assert sorted(seen) == [f"S{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"price_to": "much"}, "price_to"),
        ({"fuel": "water"}, "fuel"),
        ({"site": "nowhere"}, "site"),
        ({"sort": "colour"}, "sort"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"year_from": "-1"}, "year_from"),
        ({"margin": "perhaps"}, "margin"),
        ({"q": "a\x00"}, "q"),
        ({"make": "x" * 81}, "make"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(camille: User, query: dict[str, str], field: str):
    answer = signed_in(camille).get(STOCK, query)

    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_prices_that_one_may_not_see_are_null(camille: User, ursule: User, lyon: Site, marseille: Site):
    here = make_vehicle(lyon, purchase_price=11_000_00, min_price=14_000_00)
    there = make_vehicle(marseille, purchase_price=11_000_00, min_price=14_000_00)

    his = signed_in(camille).get(f"{STOCK}{here.pk}/").json()
    hers = [signed_in(ursule).get(f"{STOCK}{vehicle.pk}/").json() for vehicle in (here, there)]

    assert (his["purchase_price"], his["lowest_price"]) == (None, None)
    assert [told["purchase_price"] for told in hers] == ["11000", None]
    assert [told["lowest_price"] for told in hers] == ["14000", None]


def test_one_vehicle_has_its_equipment(camille: User, lyon: Site):
    vehicle = make_vehicle(
        lyon, options=["GPS"], description="Première main", year=None, first_registration="2021-04-01"
    )

    told = signed_in(camille).get(f"{STOCK}{vehicle.pk}/").json()

    assert (told["options"], told["description"], told["year"]) == (["GPS"], "Première main", 2021)


def test_strangers_machines_and_who_sees_no_stock_are_refused(rhone: Group, lyon: Site):
    make_key(rhone, "portal", scopes=["stock:read", "leads:read_all"])
    advisor = make_person(rhone, "Simon Serre", "service_advisor", lyon)

    answers = [
        Client().get(STOCK),
        Client().get(STOCK, headers={"Authorization": "Api-Key portal"}),
        signed_in(advisor).get(STOCK),
    ]

    assert [answer.status_code for answer in answers] == [401, 403, 403]


def test_a_rivals_vehicle_is_missing(camille: User, rival_site: Site):
    theirs = make_vehicle(rival_site)
    client = signed_in(camille)

    assert client.get(f"{STOCK}{theirs.pk}/").status_code == 404
    assert numbers(client.get(STOCK)) == []


def test_three_vehicles_ask_for_as_many_queries_as_one(camille: User, lyon: Site, marseille: Site):
    client = signed_in(camille)
    make_vehicle(lyon)
    with CaptureQueriesContext(connection) as one:
        client.get(STOCK)
    for site in (lyon, marseille):
        make_vehicle(site, stock_number=site.name)
    with CaptureQueriesContext(connection) as three:
        client.get(STOCK)

    assert len(three) == len(one)
