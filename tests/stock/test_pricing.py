"""Prices: set at or above the lowest one, asked for below it, set when somebody approves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from approvals.models import ApprovalRequest, Status
from approvals.services import AlreadyAsked, NobodyToAsk, decide_request
from sites.models import Group, Site, User
from stock.models import AskedPrice, Vehicle, VehicleChange
from stock.services import ChangedMeanwhile, ReasonMissing, StockNotAllowed, VehicleGone, reprice
from tests.cast import MONDAY, make_vehicle, member_of

LATER = MONDAY + timedelta(hours=1)
LOWEST = 15_000_00


def set_price(vehicle: Vehicle, person: User, cents: int, reason: str = "", **more: Any) -> Any:
    return reprice(vehicle_id=vehicle.pk, cents=cents, by=member_of(person), at=LATER, reason=reason, **more)


def price_of(vehicle: Vehicle) -> int | None:
    return Vehicle.objects.get(pk=vehicle.pk).price


def approve(request: ApprovalRequest, person: User) -> None:
    decide_request(
        request_id=request.pk, verdict=Status.APPROVED, by=member_of(person), at=LATER + timedelta(minutes=5)
    )


@pytest.fixture
def car(in_rhone: None, lyon: Site) -> Vehicle:
    return make_vehicle(lyon, min_price=LOWEST)


@pytest.mark.parametrize("who", ["sophie", "ursule", "claire", "remy"])
def test_who_sets_prices_goes_down_to_the_lowest_one_by_himself(
    car: Vehicle, who: str, request: pytest.FixtureRequest
):
    done = set_price(car, request.getfixturevalue(who), LOWEST)

    assert done.request is None
    assert price_of(car) == LOWEST
    assert VehicleChange.objects.get(of=car).changes == {"price": [15_990_00, LOWEST]}


@pytest.mark.parametrize("who", ["camille", "hugo", "alain", "paule"])
def test_nobody_else_sets_a_price(car: Vehicle, who: str, request: pytest.FixtureRequest):
    with pytest.raises(StockNotAllowed):
        set_price(car, request.getfixturevalue(who), LOWEST)
    assert price_of(car) == 15_990_00


def test_below_the_lowest_price_a_reason_is_asked_for_first(car: Vehicle, sophie: User, claire: User):
    with pytest.raises(ReasonMissing):
        set_price(car, sophie, LOWEST - 1)
    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize(
    ("gap", "who"), [(500_00, "claire"), (500_01, "remy"), (2_000_00, "remy"), (2_000_01, "diane")]
)
def test_the_gap_says_who_is_asked_and_approving_sets_the_price(
    car: Vehicle, sophie: User, claire: User, remy: User, diane: User, gap: int, who: str,
    request: pytest.FixtureRequest,
):  # fmt: skip
    asked = set_price(car, sophie, LOWEST - gap, "Concurrent à 500 m").request
    assert price_of(car) == 15_990_00

    approve(asked, request.getfixturevalue(who))

    assert (asked.amount, asked.currency) == (gap, "EUR")
    assert price_of(car) == LOWEST - gap
    change = VehicleChange.objects.get(of=car)
    assert (change.by_id, change.changes["reason"]) == (
        request.getfixturevalue(who).pk,
        ["", "Concurrent à 500 m"],
    )


def test_a_refused_price_is_not_set(car: Vehicle, sophie: User, claire: User):
    asked = set_price(car, sophie, LOWEST - 100_00, "Vieille").request

    decide_request(request_id=asked.pk, verdict=Status.REFUSED, by=member_of(claire), at=LATER)

    assert price_of(car) == 15_990_00
    assert not VehicleChange.objects.filter(of=car).exists()


def test_one_price_is_asked_for_at_a_time_and_nothing_of_the_second_stays(
    car: Vehicle, sophie: User, claire: User
):
    set_price(car, sophie, LOWEST - 100_00, "Vieille")

    with pytest.raises(AlreadyAsked):
        set_price(car, sophie, LOWEST - 200_00, "Encore")
    assert list(AskedPrice.objects.values_list("cents", flat=True)) == [LOWEST - 100_00]


def test_nobody_approves_his_own_price(car: Vehicle, remy: User):
    with pytest.raises(NobodyToAsk):
        set_price(car, remy, LOWEST - 100_00, "Vieille")


def test_a_car_that_was_sold_meanwhile_keeps_its_price(car: Vehicle, sophie: User, claire: User):
    asked = set_price(car, sophie, LOWEST - 100_00, "Vieille").request
    Vehicle.objects.filter(pk=car.pk).update(status="sold", sold_at=LATER)

    approve(asked, claire)

    assert price_of(car) == 15_990_00
    with pytest.raises(VehicleGone):
        set_price(car, sophie, LOWEST)


def test_who_saw_another_price_is_told(car: Vehicle, sophie: User, ursule: User):
    set_price(car, ursule, 15_500_00)

    with pytest.raises(ChangedMeanwhile) as refused:
        set_price(car, sophie, 15_400_00, seen={"price": 15_990_00})

    assert refused.value.now == {"price": 15_500_00}
    assert price_of(car) == 15_500_00


def test_the_request_leads_to_the_vehicle_and_names_it(
    car: Vehicle, sophie: User, claire: User, rhone: Group
):
    asked = set_price(car, sophie, LOWEST - 100_00, "Vieille").request

    assert asked.subject_url == car.get_absolute_url()
    assert asked.about.startswith("Peugeot 208 1.2 PureTech 100 Allure · L-1001 · 14")
