"""Writing vehicles: who may, what the history keeps, and what happens when two do it at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from sites.models import Site, User
from stock.models import Vehicle, VehicleChange, VehicleStatus
from stock.services import (
    BelowLowestPrice,
    ChangedMeanwhile,
    StockNotAllowed,
    UnknownField,
    VehicleNotFound,
    VinInStock,
    add_vehicle,
    change_status,
    edit_vehicle,
)
from stock.signals import StockChanged, stock_changed, vehicles_erased
from tests.cast import MONDAY, make_vehicle, member_of

LATER = MONDAY + timedelta(hours=1)
TODAY = MONDAY.date()
FRENCH_VIN = "VF3CCHMZ6JT012345"


@pytest.fixture
def told() -> Iterator[list[Any]]:
    """The facts that the stock states, in order."""
    facts: list[Any] = []

    def hear(*, fact: Any, **_: Any) -> None:
        facts.append(fact)

    for signal in (stock_changed, vehicles_erased):
        signal._signal.connect(hear, weak=False, dispatch_uid="heard")
    yield facts
    for signal in (stock_changed, vehicles_erased):
        signal._signal.disconnect(dispatch_uid="heard")


def now_is(vehicle: Vehicle) -> Vehicle:
    return Vehicle.objects.select_related("site").get(pk=vehicle.pk)


def last_change(vehicle: Vehicle) -> Any:
    step = VehicleChange.objects.filter(of=vehicle).last()
    assert step is not None
    return step.changes


def edit(vehicle: Vehicle, person: User, **changes: Any) -> Vehicle:
    return edit_vehicle(vehicle_id=vehicle.pk, changes=changes, by=member_of(person), at=LATER)


def go(vehicle: Vehicle, status: VehicleStatus, person: User, **more: Any) -> Vehicle:
    return change_status(vehicle_id=vehicle.pk, status=status, by=member_of(person), at=LATER, **more)


def test_a_vehicle_is_taken_in_with_its_words_its_history_and_its_fact(
    in_rhone: None, lyon: Site, sophie: User, told: list[Any]
):
    values = {"make": "Citroën", "model": "C3", "vin": "vf3 cchmz6jt012345", "price": 12_990_00}

    vehicle = add_vehicle(site=lyon, values=values, by=member_of(sophie), at=MONDAY)

    kept = now_is(vehicle)
    assert (kept.vin, kept.arrived_on, kept.status) == (FRENCH_VIN, TODAY, "available")
    assert kept.words == f" citroen c3 {FRENCH_VIN.lower()}"
    assert kept.kept == ["make", "model", "price", "vin"]
    assert last_change(vehicle) == {}
    assert told == [
        StockChanged(
            group_id=lyon.group_id,
            occurred_at=MONDAY,
            site_id=lyon.pk,
            actor_id=sophie.pk,
            vehicle_ids=(vehicle.pk,),
        )
    ]


def test_nobody_takes_in_a_vehicle_on_a_site_that_is_not_his(in_rhone: None, marseille: Site, sophie: User):
    with pytest.raises(StockNotAllowed):
        add_vehicle(site=marseille, values={"make": "A", "model": "B"}, by=member_of(sophie), at=MONDAY)
    assert not Vehicle.objects.exists()


def test_the_same_vin_stands_in_the_stock_once_until_the_first_is_gone(
    in_rhone: None, lyon: Site, marseille: Site, sophie: User
):
    first = make_vehicle(marseille, vin=FRENCH_VIN)
    values = {"make": "Peugeot", "model": "208", "vin": FRENCH_VIN}

    with pytest.raises(VinInStock) as refused:
        add_vehicle(site=lyon, values=values, by=member_of(sophie), at=MONDAY)
    Vehicle.objects.filter(pk=first.pk).update(status="sold", sold_at=MONDAY)
    again = add_vehicle(site=lyon, values=values, by=member_of(sophie), at=MONDAY)

    assert refused.value.other.pk == first.pk
    assert now_is(again).vin == FRENCH_VIN


def test_a_sold_car_does_not_come_back_beside_itself(in_rhone: None, lyon: Site, sophie: User):
    """It was taken in trade since: that one stands in the stock."""
    sold = make_vehicle(lyon, vin=FRENCH_VIN, status="sold", sold_at=MONDAY)
    here = make_vehicle(lyon, vin=FRENCH_VIN)
    back: dict[str, Any] = {
        "status": VehicleStatus.AVAILABLE,
        "by": member_of(sophie),
        "at": MONDAY,
        "reason": "Rétractation",
    }

    with pytest.raises(VinInStock):
        change_status(vehicle_id=sold.pk, **back)
    Vehicle.objects.filter(pk=here.pk).update(status="withdrawn")
    again = change_status(vehicle_id=sold.pk, **back)

    assert again.status == VehicleStatus.AVAILABLE


def test_an_edit_writes_what_differs_and_nothing_else(
    in_rhone: None, lyon: Site, sophie: User, told: list[Any]
):
    vehicle = make_vehicle(lyon)

    edit(vehicle, sophie, colour="Rouge Élixir", mileage=24_500, lot="B12")

    kept = now_is(vehicle)
    assert (kept.colour, kept.lot, kept.updated_at) == ("Rouge Élixir", "B12", LATER)
    assert kept.kept == ["colour", "lot"]
    assert "rouge elixir" in kept.words
    assert last_change(vehicle) == {"colour": ["Bleu Vertigo", "Rouge Élixir"], "lot": ["", "B12"]}
    assert len(told) == 1


def test_an_edit_that_changes_nothing_leaves_no_trace(
    in_rhone: None, lyon: Site, sophie: User, told: list[Any]
):
    vehicle = make_vehicle(lyon)

    edit(vehicle, sophie, colour="Bleu Vertigo")

    assert now_is(vehicle).updated_at == vehicle.updated_at
    assert not VehicleChange.objects.filter(of=vehicle).exists()
    assert told == []


def test_days_and_amounts_reach_the_history_as_json(in_rhone: None, lyon: Site, ursule: User):
    vehicle = make_vehicle(lyon)

    edit(vehicle, ursule, first_registration=date(2023, 4, 1), purchase_price=11_000_00)

    assert last_change(vehicle) == {
        "first_registration": [None, "2023-04-01"],
        "purchase_price": [None, 11_000_00],
    }


@pytest.mark.parametrize("who", ["camille", "hugo", "agnes"])
def test_an_edit_needs_the_right_on_the_vehicle_s_own_site(
    in_rhone: None, lyon: Site, who: str, request: pytest.FixtureRequest
):
    vehicle = make_vehicle(lyon)

    with pytest.raises(StockNotAllowed):
        edit(vehicle, request.getfixturevalue(who), colour="Noir")
    assert now_is(vehicle).colour == "Bleu Vertigo"


@pytest.mark.parametrize("field", ["purchase_price", "min_price"])
def test_a_stock_manager_neither_writes_the_purchase_nor_the_lowest_price(
    in_rhone: None, lyon: Site, sophie: User, field: str
):
    vehicle = make_vehicle(lyon)

    with pytest.raises(StockNotAllowed):
        edit(vehicle, sophie, **{field: 9_000_00})


def test_what_has_a_service_of_its_own_is_no_field_of_an_edit(in_rhone: None, lyon: Site, sophie: User):
    vehicle = make_vehicle(lyon)

    for field in ("status", "site", "kept", "feed_key", "nonsense"):
        with pytest.raises(UnknownField):
            edit(vehicle, sophie, **{field: "x"})


def test_a_value_that_the_field_does_not_take_is_refused(in_rhone: None, lyon: Site, sophie: User):
    vehicle = make_vehicle(lyon)

    for wrong in ({"colour": "x" * 61}, {"fuel": "coal"}, {"mileage": -1}, {"make": ""}):
        with pytest.raises(ValidationError):
            edit(vehicle, sophie, **wrong)


def test_a_vehicle_of_a_rival_is_not_there(in_rhone: None, sophie: User, rival_site: Site):
    theirs = make_vehicle(rival_site)

    with pytest.raises(VehicleNotFound):
        edit(theirs, sophie, colour="Noir")
    with pytest.raises(VehicleNotFound):
        edit_vehicle(vehicle_id=uuid4(), changes={}, by=member_of(sophie), at=LATER)


def test_two_people_who_edit_different_fields_both_win(
    in_rhone: None, lyon: Site, sophie: User, ursule: User
):
    vehicle = make_vehicle(lyon)
    seen = {"colour": "Bleu Vertigo", "lot": ""}
    edit(vehicle, ursule, colour="Noir")

    edit_vehicle(vehicle_id=vehicle.pk, changes={"lot": "B12"}, by=member_of(sophie), at=LATER, seen=seen)

    kept = now_is(vehicle)
    assert (kept.colour, kept.lot) == ("Noir", "B12")


def test_the_second_of_two_on_one_field_is_told_and_nothing_is_written(
    in_rhone: None, lyon: Site, sophie: User, ursule: User
):
    vehicle = make_vehicle(lyon)
    mine = {"colour": "Rouge", "lot": "B12"}
    edit(vehicle, ursule, colour="Noir")

    with pytest.raises(ChangedMeanwhile) as refused:
        edit_vehicle(
            vehicle_id=vehicle.pk,
            changes=mine,
            by=member_of(sophie),
            at=LATER,
            seen={"colour": "Bleu Vertigo", "lot": ""},
        )

    assert refused.value.now == {"colour": "Noir"}
    assert (now_is(vehicle).colour, now_is(vehicle).lot) == ("Noir", "")
    edit_vehicle(
        vehicle_id=vehicle.pk,
        changes=mine,
        by=member_of(sophie),
        at=LATER,
        seen={"colour": "Noir", "lot": ""},
    )
    assert (now_is(vehicle).colour, now_is(vehicle).lot) == ("Rouge", "B12")


def test_an_edit_below_the_lowest_price_is_refused_but_an_approved_one_may_stay(
    in_rhone: None, lyon: Site, ursule: User
):
    vehicle = make_vehicle(lyon, min_price=15_000_00)
    approved = make_vehicle(lyon, price=14_000_00, min_price=15_000_00)

    with pytest.raises(BelowLowestPrice) as refused:
        edit(vehicle, ursule, price=14_500_00)
    edit(approved, ursule, price=14_000_00, min_price=15_000_00, colour="Noir")

    assert refused.value.gap == 500_00
    assert now_is(approved).colour == "Noir"
