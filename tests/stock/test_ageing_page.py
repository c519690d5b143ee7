"""The ageing board: bars that add up, money for those who may see it, and limits."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sites.models import Group, Site, User
from sites.scope import group_scope
from stock.ageing_board import ages_of, class_labels, oldest_of
from stock.models import AgeLimit, Cost, Segment, Vehicle, VehicleStatus
from tests.cast import MONDAY, make_vehicle, member_of, signed_in

TODAY = MONDAY.date()
BOARD = "/stock/ageing/"


@pytest.fixture(autouse=True)
def _today(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


def aged(site: Site, days: int, **fields: Any) -> Vehicle:
    return make_vehicle(site, arrived_on=TODAY - timedelta(days=days), **fields)


@pytest.mark.usefixtures("in_rhone")
def test_each_vehicle_stands_in_one_class(lyon: Site, sophie: User):
    for days in (0, 30, 31, 45, 46, 60, 61, 90, 91, 400):
        aged(lyon, days)
    aged(lyon, 500, status=VehicleStatus.SOLD, sold_at=MONDAY)
    aged(lyon, 20, segment=Segment.SUV)

    (ages,) = ages_of([lyon], member_of(sophie), TODAY)

    assert class_labels() == ["0–30", "31–45", "46–60", "61–90", "90+"]
    assert ages.whole.counts == [3, 2, 2, 2, 2]
    assert [(bar.total, bar.mean_days) for bar in ages.segments] == [(10, 85), (1, 20)]
    assert sum(one.width for one in ages.whole.classes) == pytest.approx(1000, abs=1)


@pytest.mark.usefixtures("in_rhone")
def test_capital_and_cost_are_for_those_who_see_the_margin(
    lyon: Site, ursule: User, sophie: User, settings: Any
):
    settings.STOCK_HOLDING_COST_PER_DAY_CENTS = 10_00
    vehicle = aged(lyon, 10, purchase_price=12_000_00)
    aged(lyon, 20)
    Cost.objects.create(
        group_id=lyon.group_id,
        vehicle=vehicle,
        label="Pneus",
        cents=400_00,
        incurred_on=TODAY,
        added_at=MONDAY,
    )

    (seen,) = ages_of([lyon], member_of(ursule), TODAY)
    (hidden,) = ages_of([lyon], member_of(sophie), TODAY)

    assert (seen.whole.capital, seen.whole.holding, seen.whole.unpriced) == (12_400_00, 300_00, 1)
    assert (hidden.whole.capital, hidden.whole.holding) == (None, None)
    assert hidden.segments[0].capital is None


def test_no_amount_reaches_who_may_not_see_it(lyon: Site, camille: User, ursule: User):
    aged(lyon, 10, purchase_price=12_345_00)

    pages = [signed_in(person).get(BOARD).content.decode() for person in (camille, ursule)]

    # With its blank: the digits alone stand in a token now and then.
    assert [bool(re.search(r"12\s345", page)) for page in pages] == [False, True]


@pytest.mark.usefixtures("in_rhone")
def test_the_oldest_come_first_with_what_one_may_do(lyon: Site, marseille: Site, remy: User, camille: User):
    for days in (5, 120, 61):
        aged(lyon, days)
    aged(marseille, 300)

    found = oldest_of([lyon], member_of(remy), TODAY)
    looked_at = oldest_of([lyon], member_of(camille), TODAY)

    assert [(old.days, old.level) for old in found] == [(120, "late"), (61, "warm"), (5, "fresh")]
    assert all(old.can_price and old.can_highlight and old.can_transfer for old in found)
    assert not any(old.can_price or old.can_highlight or old.can_transfer for old in looked_at)


def test_the_board_takes_the_same_queries_for_one_and_for_three(lyon: Site, marseille: Site, diane: User):
    def queries() -> int:
        client = signed_in(diane)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{BOARD}?site=all").status_code == 200
        return len(captured)

    aged(lyon, 10)
    for_one = queries()
    aged(lyon, 100, segment=Segment.SUV)
    aged(marseille, 50)

    assert queries() == for_one


def test_a_site_is_chosen_and_a_rivals_is_like_none(lyon: Site, marseille: Site, camille: User, rival: Group):
    from tests.cast import make_site

    make_site(rival, "Zebra", slug="zebra")
    aged(lyon, 10, model="ILyon")
    aged(marseille, 10, model="IMarseille")
    client = signed_in(camille)

    def shown(query: str) -> set[str]:
        page = client.get(f"{BOARD}{query}").content.decode()
        return {name for name in ("ILyon", "IMarseille") if name in page}

    assert shown("") == {"ILyon"}
    assert shown("?site=marseille") == {"IMarseille"}
    assert shown("?site=all") == {"ILyon", "IMarseille"}
    assert shown("?site=zebra") == shown("?site=nowhere") == {"ILyon"}


def test_limits_are_saved_as_people_write_them(lyon: Site, sophie: User):
    answer = signed_in(sophie).post(f"{BOARD}{lyon.pk}/limits/", {"days-": "20, 40 ; 80", "days-suv": "15"})

    assert answer.status_code == 302
    with group_scope(lyon.group_id):
        assert dict(AgeLimit.objects.values_list("segment", "days")) == {"": [20, 40, 80], "suv": [15]}


@pytest.mark.parametrize("typed", ["abc", "60, 30", "0", "5000", "30,30", "1,2,3,4,5,6,7"])
def test_odd_limits_come_back_with_a_sentence(typed: str, lyon: Site, sophie: User):
    answer = signed_in(sophie).post(f"{BOARD}{lyon.pk}/limits/", {"days-": typed})

    assert answer.status_code == 422
    assert "30, 45, 60" in answer.content.decode()
    with group_scope(lyon.group_id):
        assert not AgeLimit.objects.exists()


def test_limits_of_another_site_are_not_his(
    lyon: Site, marseille: Site, rival_site: Site, sophie: User, camille: User
):
    def post(person: User, site_id: int) -> int:
        return signed_in(person).post(f"{BOARD}{site_id}/limits/", {"days-": "30"}).status_code

    assert (post(camille, lyon.pk), post(sophie, marseille.pk)) == (403, 403)
    assert (post(sophie, rival_site.pk), post(sophie, 999_999_999)) == (404, 404)


def test_an_empty_yard_says_so(lyon: Site, camille: User):
    assert signed_in(camille).get(BOARD).status_code == 200
    assert date(2026, 3, 2) == TODAY
