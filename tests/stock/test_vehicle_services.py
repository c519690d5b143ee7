"""Writing vehicles: who may, what the history keeps, and what happens when two do it at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from sites.models import Site, User
from stock.models import Transfer, Vehicle, VehicleChange, VehicleStatus
from stock.services import (
    BelowLowestPrice,
    ChangedMeanwhile,
    CostNotFound,
    HasHistory,
    NoDayOfSale,
    OtherCurrency,
    ReasonMissing,
    StepNotAllowed,
    StockNotAllowed,
    UnknownField,
    VehicleGone,
    VehicleNotFound,
    VinInStock,
    add_cost,
    add_vehicle,
    change_status,
    edit_vehicle,
    erase_vehicle,
    highlight,
    move_vehicle,
    remove_cost,
    unhighlight,
    withdraw_vehicle,
)
from stock.services.states import STEPS
from stock.signals import StockChanged, VehicleErased, stock_changed, vehicle_erased
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

    for signal in (stock_changed, vehicle_erased):
        signal._signal.connect(hear, weak=False, dispatch_uid="heard")
    yield facts
    for signal in (stock_changed, vehicle_erased):
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


def test_every_status_has_its_steps():
    assert set(STEPS) == set(VehicleStatus)
    assert not [before for before, steps in STEPS.items() if before in steps]


def test_a_sale_has_a_day_and_it_does_not_lie_ahead(in_rhone: None, lyon: Site, sophie: User):
    vehicle = make_vehicle(lyon)

    for day in (None, TODAY + timedelta(days=1)):
        with pytest.raises(NoDayOfSale):
            go(vehicle, VehicleStatus.SOLD, sophie, sold_on=day)
    go(vehicle, VehicleStatus.SOLD, sophie, sold_on=TODAY - timedelta(days=2))

    sold_at = now_is(vehicle).sold_at
    assert sold_at is not None
    assert sold_at.astimezone(lyon.zone).isoformat() == "2026-02-28T12:00:00+01:00"


def test_a_sold_car_comes_back_only_by_somebody_who_says_why(in_rhone: None, lyon: Site, sophie: User):
    vehicle = make_vehicle(lyon, status=VehicleStatus.SOLD, sold_at=MONDAY)

    with pytest.raises(ReasonMissing):
        go(vehicle, VehicleStatus.AVAILABLE, sophie, reason="  ")
    go(vehicle, VehicleStatus.AVAILABLE, sophie, reason="Financement refusé")

    kept = now_is(vehicle)
    assert (kept.status, kept.sold_at) == ("available", None)
    assert last_change(vehicle)["reason"] == ["", "Financement refusé"]


def test_a_step_that_no_car_takes_is_refused(in_rhone: None, lyon: Site, sophie: User):
    vehicle = make_vehicle(lyon)

    with pytest.raises(StepNotAllowed):
        go(vehicle, VehicleStatus.DELIVERED, sophie)
    with pytest.raises(StockNotAllowed):
        go(vehicle, VehicleStatus.RESERVED, member_of_none(sophie, lyon))


def member_of_none(_person: User, site: Site) -> User:
    """A salesperson of the site: he looks, and changes no status."""
    from tests.cast import make_person

    return make_person(site.group, "Nina Vendeuse", "salesperson", site)


def test_who_saw_another_status_is_told(in_rhone: None, lyon: Site, sophie: User):
    vehicle = make_vehicle(lyon, status=VehicleStatus.RESERVED)

    with pytest.raises(ChangedMeanwhile) as refused:
        go(vehicle, VehicleStatus.PREPARATION, sophie, seen=VehicleStatus.AVAILABLE)

    assert refused.value.now == {"status": "reserved"}


def test_a_car_that_arrives_ages_from_that_day(in_rhone: None, lyon: Site, sophie: User):
    vehicle = make_vehicle(lyon, status=VehicleStatus.IN_TRANSIT)

    go(vehicle, VehicleStatus.PREPARATION, sophie)

    assert now_is(vehicle).arrived_on == TODAY


def test_who_is_gone_stands_no_longer_in_front(in_rhone: None, lyon: Site, sophie: User):
    vehicle = make_vehicle(lyon)
    highlight(vehicle_id=vehicle.pk, by=member_of(sophie), at=MONDAY)
    highlight(vehicle_id=vehicle.pk, by=member_of(sophie), at=LATER)
    assert now_is(vehicle).highlighted_at == MONDAY

    withdraw_vehicle(vehicle_id=vehicle.pk, by=member_of(sophie), at=LATER)

    assert now_is(vehicle).highlighted_at is None
    with pytest.raises(VehicleGone):
        highlight(vehicle_id=vehicle.pk, by=member_of(sophie), at=LATER)


def test_a_highlight_is_taken_back(in_rhone: None, lyon: Site, sophie: User):
    vehicle = make_vehicle(lyon, highlighted_at=MONDAY)

    unhighlight(vehicle_id=vehicle.pk, by=member_of(sophie), at=LATER)

    assert now_is(vehicle).highlighted_at is None
    assert now_is(vehicle).kept == []


def test_a_move_leaves_the_old_place_in_the_yard_behind(
    in_rhone: None, lyon: Site, marseille: Site, hugo: User, camille: User
):
    vehicle = make_vehicle(lyon, lot="B12")

    move_vehicle(vehicle_id=vehicle.pk, to_site=marseille, by=member_of(hugo), at=LATER)

    kept = now_is(vehicle)
    assert (kept.site_id, kept.lot) == (marseille.pk, "")
    assert last_change(vehicle) == {"site": [lyon.pk, marseille.pk], "lot": ["B12", ""]}
    with pytest.raises(StockNotAllowed):
        move_vehicle(vehicle_id=vehicle.pk, to_site=lyon, by=member_of(camille), at=LATER)


def test_no_car_moves_to_where_its_price_means_something_else(
    in_rhone: None, lyon: Site, quebec: Site, diane: User
):
    vehicle = make_vehicle(lyon)

    with pytest.raises(OtherCurrency):
        move_vehicle(vehicle_id=vehicle.pk, to_site=quebec, by=member_of(diane), at=LATER)


def test_a_slip_is_erased_and_told_of(in_rhone: None, lyon: Site, sophie: User, told: list[Any]):
    vehicle = make_vehicle(lyon)

    erase_vehicle(vehicle_id=vehicle.pk, by=member_of(sophie), at=LATER)

    assert not Vehicle.objects.exists()
    assert told == [
        VehicleErased(
            group_id=lyon.group_id,
            occurred_at=LATER,
            site_id=lyon.pk,
            actor_id=sophie.pk,
            vehicle_id=vehicle.pk,
            vehicle="Peugeot 208 1.2 PureTech 100 Allure",
            site_name="Lyon",
            price=15_990_00,
            currency="EUR",
        )
    ]


def test_what_was_sold_or_transferred_once_is_not_erased(
    in_rhone: None, lyon: Site, marseille: Site, sophie: User
):
    sold_once = make_vehicle(lyon)
    go(sold_once, VehicleStatus.SOLD, sophie, sold_on=TODAY)
    go(sold_once, VehicleStatus.AVAILABLE, sophie, reason="Retour")
    asked_for = make_vehicle(lyon)
    Transfer.objects.create(
        group_id=lyon.group_id,
        vehicle=asked_for,
        from_site=lyon,
        to_site=marseille,
        asked_by=sophie,
        asked_at=MONDAY,
    )

    for vehicle in (sold_once, asked_for):
        with pytest.raises(HasHistory):
            erase_vehicle(vehicle_id=vehicle.pk, by=member_of(sophie), at=LATER)


def test_a_cost_is_noted_and_taken_out_by_who_sees_the_margin(
    in_rhone: None, lyon: Site, ursule: User, sophie: User
):
    vehicle = make_vehicle(lyon)
    what: dict[str, Any] = {"label": "Pneus", "cents": 320_00, "incurred_on": TODAY, "at": LATER}

    cost = add_cost(vehicle_id=vehicle.pk, by=member_of(ursule), **what)
    with pytest.raises(StockNotAllowed):
        add_cost(vehicle_id=vehicle.pk, by=member_of(sophie), **what)
    remove_cost(cost_id=cost.pk, by=member_of(ursule), at=LATER)

    assert last_change(vehicle) == {"costs": [{"label": "Pneus", "cents": 320_00}, None]}
    with pytest.raises(CostNotFound):
        remove_cost(cost_id=cost.pk, by=member_of(ursule), at=LATER)
