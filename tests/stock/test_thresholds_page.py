"""The purchase list: what to buy first, by what sold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sites.models import Site, User
from sites.scope import group_scope
from stock.models import Kind, Segment, Threshold, VehicleStatus
from stock.purchase_list import Row, Sales, purchase_list
from tests.cast import MONDAY, make_vehicle, member_of, signed_in

PAGE = "/stock/thresholds/"


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


def sold(site: Site, days_ago: int, stood: int, price: int | None = 10_000_00, **fields: Any) -> None:
    at = MONDAY - timedelta(days=days_ago)
    make_vehicle(
        site,
        **{"status": VehicleStatus.SOLD, "sold_at": at, "price": price, **fields},
        arrived_on=at.date() - timedelta(days=stood),
    )


def wants(site: Site, least: int, enough: int, **fields: Any) -> Threshold:
    with group_scope(site.group_id):
        return Threshold.objects.create(
            **{
                "group_id": site.group_id,
                "site": site,
                "segment": "city",
                "least": least,
                "enough": enough,
                **fields,
            }
        )


def rows(site: Site, person: User) -> list[Row]:
    with group_scope(site.group_id):
        (found,) = purchase_list([site], member_of(person), MONDAY)
    return found.rows


def test_a_row_says_what_sells_and_for_how_much(lyon: Site, paule: User):
    for days_ago, stood, price in ((5, 20, 12_000_00), (40, 40, 14_000_00), (89, 60, None)):
        sold(lyon, days_ago, stood, price)
    sold(lyon, 91, 500)
    make_vehicle(lyon)
    wants(lyon, least=2, enough=4)

    (row,) = rows(lyon, paule)

    assert (row.stock, row.missing, row.is_short) == (1, 3, True)
    assert row.sales == Sales(count=3, days=40, price=13_000_00)
    assert (row.sales.per_month, row.sales.suggested, row.best) == (1.0, (1, 2), (("Peugeot 208", 1),))


@pytest.mark.parametrize(
    ("count", "suggested"), [(0, None), (1, (1, 2)), (6, (2, 3)), (10, (4, 5)), (30, (10, 15))]
)
def test_a_month_of_sales_is_suggested(count: int, suggested: Any):
    assert Sales(count=count).suggested == suggested


def test_what_is_short_comes_first(lyon: Site, paule: User):
    wants(lyon, least=1, enough=2, segment=Segment.SUV)
    wants(lyon, least=5, enough=9, segment=Segment.VAN)
    make_vehicle(lyon, segment=Segment.ESTATE)

    assert [(row.segment, row.missing) for row in rows(lyon, paule)] == [
        ("van", 9),
        ("suv", 2),
        ("estate", 0),
    ]


def test_new_and_used_are_counted_apart_where_one_wants_it(lyon: Site, paule: User):
    sold(lyon, 5, 10, kind=Kind.NEW)
    sold(lyon, 5, 10, kind=Kind.USED)
    wants(lyon, least=1, enough=2, kind=Kind.NEW)

    found = {(row.kind, row.sales.count) for row in rows(lyon, paule)}

    assert found == {("new", 1), ("", 2)}


def test_the_list_takes_the_same_queries_for_one_and_for_three(lyon: Site, marseille: Site, paule: User):
    def queries() -> int:
        client = signed_in(paule)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{PAGE}?site=all").status_code == 200
        return len(captured)

    wants(lyon, least=1, enough=2)
    sold(lyon, 5, 10)
    for_one = queries()
    for site in (lyon, marseille):
        wants(site, least=1, enough=2, segment=Segment.SUV)
        sold(site, 5, 10, segment=Segment.SUV)

    assert queries() == for_one


def test_a_threshold_is_set_changed_and_removed(lyon: Site, paule: User):
    client = signed_in(paule)
    values = {"segment": "city", "kind": "", "least": "5", "enough": "8"}

    client.post(f"{PAGE}{lyon.pk}/save/", values)
    answer = client.post(f"{PAGE}{lyon.pk}/save/", {**values, "least": "6"})
    with group_scope(lyon.group_id):
        threshold = Threshold.objects.get()
    page = client.get(f"{PAGE}?site=lyon").content.decode()
    client.post(f"{PAGE}{threshold.pk}/remove/")

    assert answer.status_code == 302
    assert (threshold.least, threshold.enough, threshold.below_since) == (6, 8, MONDAY)
    assert 'value="6"' in page
    with group_scope(lyon.group_id):
        assert not Threshold.objects.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"least": "9", "enough": "8"},
        {"least": "0", "enough": "8"},
        {"least": "", "enough": "8"},
        {"least": "1", "enough": "99999"},
        {"least": "1", "enough": "2", "segment": "spaceship"},
    ],
)
def test_odd_numbers_come_back(values: dict[str, str], lyon: Site, paule: User):
    answer = signed_in(paule).post(f"{PAGE}{lyon.pk}/save/", {"segment": "city", "kind": "", **values})

    assert answer.status_code == 422
    with group_scope(lyon.group_id):
        assert not Threshold.objects.exists()


def test_who_may_not_set_limits_is_refused(
    lyon: Site, marseille: Site, rival_site: Site, sophie: User, camille: User
):
    values = {"segment": "city", "kind": "", "least": "1", "enough": "2"}
    theirs, next_door = wants(rival_site, 1, 2), wants(marseille, 1, 2)

    def post(person: User, path: str) -> int:
        return signed_in(person).post(f"{PAGE}{path}", values).status_code

    assert signed_in(camille).get(PAGE).status_code == 403
    assert (post(camille, f"{lyon.pk}/save/"), post(sophie, f"{marseille.pk}/save/")) == (403, 403)
    assert (post(sophie, f"{rival_site.pk}/save/"), post(sophie, "999999999/save/")) == (404, 404)
    assert (post(sophie, f"{theirs.pk}/remove/"), post(sophie, "999999999/remove/")) == (404, 404)
    assert post(sophie, f"{next_door.pk}/remove/") == 403


def test_an_empty_site_says_how_to_begin(lyon: Site, sophie: User):
    assert "cart" in signed_in(sophie).get(PAGE).content.decode()
