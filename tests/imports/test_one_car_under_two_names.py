"""Numbers change hands: a number goes to another car, a car gets another number. None is lost or swallowed."""

from __future__ import annotations

from typing import Any

import pytest

from imports.models import Feed
from imports.running import writing
from imports.services import fix_rows, undo_run
from sites.models import Site, User
from stock.models import Vehicle, VehicleStatus
from stock.services import change_status
from tests.cast import MONDAY, make_vehicle, member_of
from tests.imports.files import (
    CLIO,
    GOLF,
    carried_out,
    cells,
    changed,
    counts,
    csv_of,
    imported,
    make_feed,
    problems_of,
)

pytestmark = pytest.mark.usefixtures("in_rhone")
FIRST, SECOND = CLIO[1], "VF1RJA00000000002"
MEGANE = changed(CLIO, stock="L-9", model="Mégane", plate="")


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon)


def cars() -> set[tuple[str, str, str]]:
    return set(Vehicle.objects.values_list("stock_number", "vin", "model"))


@pytest.mark.parametrize("turned", [False, True])
def test_a_number_that_goes_to_another_car(feed: Feed, turned: bool):
    imported(feed, csv_of(CLIO, GOLF))
    rows = [changed(CLIO, stock="L-9"), changed(CLIO, vin=SECOND, model="Mégane", plate=""), GOLF]

    run = imported(feed, csv_of(*(rows[::-1] if turned else rows)))

    assert counts(run) == (1, 1, 1, 0)
    assert cars() == {("L-9", FIRST, "Clio"), ("L-1", SECOND, "Mégane"), ("L-3", "", "Golf")}


def test_a_row_that_was_another_one_is_not_taken_for_it_once_its_price_is_right(feed: Feed, sophie: User):
    run = imported(feed, csv_of(CLIO, MEGANE))
    fixed = fix_rows(run_id=run.pk, cells={3: cells(price="9 990")}, by=member_of(sophie), at=MONDAY)

    assert (fixed.failed, fixed.taken, problems_of(run)) == (1, 0, {3: ["double_here"]})
    assert cars() == {("L-1", FIRST, "Clio")}


def test_of_two_corrected_rows_of_one_car_the_first_counts(feed: Feed, sophie: User):
    rows = [changed(CLIO, km="loin"), changed(MEGANE, km="loin")]
    run = imported(feed, csv_of(*rows))
    right = {number: cells(km="1") for number in (2, 3)}
    fixed = fix_rows(run_id=run.pk, cells=right, by=member_of(sophie), at=MONDAY)

    assert (fixed.created, problems_of(run)[3]) == (1, ["double_other"])
    assert cars() == {("L-1", FIRST, "Clio")}


def test_the_car_that_stands_here_is_meant_and_not_the_one_that_was_sold(
    feed: Feed, sophie: User, lyon: Site, monkeypatch: pytest.MonkeyPatch
):
    """A colleague takes the car back while its file is read."""
    write = writing.write_chunk
    make_vehicle(lyon, vin=FIRST, status="available")
    here = Vehicle.objects.get()

    def written(*arguments: Any, **named: Any) -> Any:
        make_vehicle(lyon, vin=FIRST, status="sold", sold_at=MONDAY)
        return write(*arguments, **named)

    monkeypatch.setattr(writing, "write_chunk", written)
    imported(feed, csv_of(CLIO))

    here.refresh_from_db()
    assert (here.feed, Vehicle.objects.count()) == (feed, 2)


def test_what_is_handed_over_since_does_not_stop_an_undo(feed: Feed, sophie: User, lyon: Site):
    header = ("N° de stock", "Marque", "Modèle", "Statut")
    imported(
        feed, csv_of(("A", "Kia", "Rio", "Disponible"), ("B", "Kia", "Niro", "Disponible"), header=header)
    )
    run = imported(feed, csv_of(("A", "Kia", "Rio", "Vendu"), ("B", "Kia", "Niro", "Réservé"), header=header))
    rio = Vehicle.objects.get(stock_number="A")
    change_status(vehicle_id=rio.pk, status=VehicleStatus.DELIVERED, by=member_of(sophie), at=MONDAY)

    undo_run(run_id=run.pk, by=member_of(sophie), at=MONDAY)
    run = carried_out(run)

    assert run.state == "undone"
    assert set(Vehicle.objects.values_list("stock_number", "status")) == {
        ("A", "delivered"),
        ("B", "available"),
    }
    rio.refresh_from_db()
    assert rio.sold_at is not None
