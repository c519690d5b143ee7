"""From the order to the handover, and out again: steps, moves, highlights, costs, slips."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sites.models import Site, User
from stock.models import Transfer, Vehicle, VehicleChange, VehicleStatus
from stock.services import (
    ChangedMeanwhile,
    CostNotFound,
    HasHistory,
    NoDayOfSale,
    OtherCurrency,
    ReasonMissing,
    StepNotAllowed,
    StockNotAllowed,
    VehicleGone,
    add_cost,
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
from stock.signals import VehiclesErased, stock_changed, vehicles_erased
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


def test_a_step_that_no_car_takes_is_refused(in_rhone: None, lyon: Site, sophie: User, camille: User):
    vehicle = make_vehicle(lyon)

    with pytest.raises(StepNotAllowed):
        go(vehicle, VehicleStatus.DELIVERED, sophie)
    with pytest.raises(StockNotAllowed):
        go(vehicle, VehicleStatus.RESERVED, camille)


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
        VehiclesErased(
            group_id=lyon.group_id, occurred_at=LATER, actor_id=sophie.pk, vehicle_ids=(vehicle.pk,)
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
