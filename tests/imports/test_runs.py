"""A dealer's file on its way into the stock."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from imports.models import RunState
from imports.signals import import_finished, import_finished_with_faults
from sites.scope import group_scope
from stock.models import Fuel, Gearbox, Vehicle, VehicleChange, VehicleStatus
from stock.models.vehicles import SEARCHED, words_of
from tests.cast import MONDAY, make_vehicle
from tests.imports.files import (
    CLIO,
    GOLF,
    ZOE,
    carried_out,
    cars,
    changed,
    codes,
    counts,
    csv_of,
    facts_of,
    imported,
    last_change,
    make_feed,
    problems_of,
    started,
)

LATER = MONDAY + timedelta(days=1)


@pytest.fixture
def feed(sophie, lyon):
    return make_feed(sophie, lyon)


def test_a_dealers_csv_becomes_vehicles(feed, lyon, in_rhone):
    run = imported(feed, csv_of(CLIO, ZOE, GOLF))

    assert run.state == RunState.DONE
    assert counts(run) == (3, 0, 0, 0)
    clio = Vehicle.objects.get(stock_number="L-1")
    assert (clio.site, clio.make, clio.model, clio.version) == (lyon, "Renault", "Clio", "TCe 90")
    assert (clio.vin, clio.plate) == ("VF1RJA00000000001", "AB-123-CD")
    assert (clio.fuel, clio.gearbox) == (Fuel.PETROL, Gearbox.MANUAL)
    assert (clio.mileage, clio.price) == (24_500, 15_990_00)
    assert (clio.status, clio.arrived_on) == (VehicleStatus.AVAILABLE, date(2026, 3, 2))
    assert clio.words == words_of(**{name: getattr(clio, name) for name in SEARCHED})
    assert [change.changes for change in clio.history.all()] == [{}]
    golf = Vehicle.objects.get(stock_number="L-3")
    assert (golf.make, golf.gearbox) == ("Volkswagen", Gearbox.AUTOMATIC)


def test_the_same_file_twice_changes_nothing_and_says_so(feed, in_rhone):
    imported(feed, csv_of(CLIO, ZOE))
    before = list(Vehicle.objects.order_by("pk").values())

    run = imported(feed, csv_of(CLIO, ZOE), at=LATER)

    assert counts(run) == (0, 0, 2, 0)
    assert list(Vehicle.objects.order_by("pk").values()) == before
    assert VehicleChange.objects.count() == 2
    assert codes(run.steps.order_by("pk"))[-1] == "nothing_new"


def test_what_changed_is_written_with_its_history_and_nothing_else(feed, in_rhone):
    imported(feed, csv_of(CLIO, ZOE))

    run = imported(feed, csv_of(changed(CLIO, price="14 990 €", km="24600"), ZOE, GOLF), at=LATER)

    assert counts(run) == (1, 1, 1, 0)
    clio = Vehicle.objects.get(stock_number="L-1")
    assert (clio.price, clio.mileage) == (14_990_00, 24_600)
    last = last_change(clio)
    assert last.changes == {"price": [15_990_00, 14_990_00], "mileage": [24_500, 24_600]}
    assert (last.run, last.by) == (run, None)
    assert clio.updated_at == LATER + timedelta(seconds=1)


def test_a_run_that_waited_writes_at_the_hour_at_which_it_writes(feed, in_rhone):
    """What was done meanwhile comes before it in the history, and a price asked for meanwhile lapses."""
    run = carried_out(started(feed, csv_of(CLIO)), at=LATER)

    clio = Vehicle.objects.get()
    assert (run.created_at, clio.updated_at, last_change(clio).at) == (
        MONDAY,
        *(LATER + timedelta(seconds=1),) * 2,
    )


def test_faults_are_rows_with_a_reason_and_the_others_are_taken(feed, in_rhone):
    run = imported(
        feed,
        csv_of(
            CLIO,
            changed(ZOE, price="beaucoup"),
            changed(GOLF, make=""),
            changed(GOLF, stock="L-4", fuel="Vapeur"),
        ),
    )

    assert counts(run) == (1, 0, 0, 3)
    assert problems_of(run) == {3: ["not_money"], 4: ["missing"], 5: ["unknown_value"]}
    (problem,) = run.faults.get(number=3).problems
    assert (problem["column"], problem["field"], problem["value"]) == ("Prix", "price", "beaucoup")


def test_please_call_is_a_vehicle_without_a_price(feed, in_rhone):
    run = imported(feed, csv_of(changed(CLIO, price="Please Call"), changed(ZOE, price="Nous consulter")))

    assert counts(run) == (2, 0, 0, 0)
    assert set(Vehicle.objects.values_list("price", flat=True)) == {None}


def test_of_two_rows_with_one_number_the_first_counts(feed, in_rhone):
    run = imported(feed, csv_of(CLIO, changed(GOLF, stock="L-1"), ZOE, ZOE))

    assert counts(run) == (2, 0, 0, 2)
    assert problems_of(run) == {3: ["double"], 5: ["double"]}
    assert run.faults.get(number=3).problems[0]["values"] == {"row": 2}
    assert run.faults.get(number=3).cells["Modèle"] == "Golf"
    assert Vehicle.objects.get(stock_number="L-1").model == "Clio"


def test_of_two_rows_with_one_vin_the_first_counts_even_when_it_is_unchanged(feed, in_rhone):
    imported(feed, csv_of(CLIO))

    run = imported(feed, csv_of(CLIO, changed(CLIO, stock="L-9")), at=LATER)

    assert counts(run) == (0, 0, 1, 1)
    assert problems_of(run) == {3: ["double_other"]}
    assert Vehicle.objects.count() == 1


def test_a_vehicle_that_somebody_entered_by_hand_is_adopted_by_its_vin(feed, lyon, in_rhone):
    by_hand = make_vehicle(lyon, vin=CLIO[1], stock_number="", make="Renault", model="Clio")

    run = imported(feed, csv_of(CLIO))

    assert counts(run) == (0, 1, 0, 0)
    by_hand.refresh_from_db()
    assert (by_hand.feed_id, by_hand.stock_number, by_hand.price) == (feed.pk, "L-1", 15_990_00)
    assert Vehicle.objects.count() == 1


def test_a_vehicle_that_somebody_entered_without_vin_is_taken_over_by_its_number(feed, lyon, in_rhone):
    by_hand = make_vehicle(lyon, vin="", stock_number="L-1", make="Renault", model="Clio", kept=["price"])

    first = imported(feed, csv_of(CLIO, ZOE))
    second = imported(feed, csv_of(CLIO, ZOE), at=LATER)

    assert (counts(first), counts(second)) == ((1, 1, 0, 0), (0, 0, 2, 0))
    by_hand.refresh_from_db()
    assert (by_hand.feed_id, by_hand.vin) == (feed.pk, CLIO[1])
    assert Vehicle.objects.count() == 2


@pytest.mark.parametrize(
    "stands",
    [
        {"vin": "WVWZZZ1KZ5W000001"},
        {"status": VehicleStatus.SOLD, "sold_at": MONDAY},
        {"status": VehicleStatus.WITHDRAWN},
    ],
    ids=["another VIN", "sold", "withdrawn"],
)
def test_a_vehicle_with_the_number_that_is_another_one_stays_as_it_is(feed, lyon, in_rhone, stands):
    by_hand = make_vehicle(lyon, **{"vin": "", "stock_number": "L-1", **stands})

    run = imported(feed, csv_of(CLIO))

    assert counts(run) == (1, 0, 0, 0)
    by_hand.refresh_from_db()
    assert by_hand.feed_id is None


def test_a_number_on_another_site_is_nobodys_business(feed, marseille, in_rhone):
    make_vehicle(marseille, vin="", stock_number="L-1")

    assert counts(imported(feed, csv_of(CLIO))) == (1, 0, 0, 0)


def test_of_two_vehicles_with_one_number_neither_is_taken_over(feed, lyon, in_rhone):
    for _time in range(2):
        make_vehicle(lyon, vin="", stock_number="L-1")

    assert counts(imported(feed, csv_of(CLIO))) == (1, 0, 0, 0)
    assert Vehicle.objects.filter(feed=None).count() == 2


def test_what_another_feed_has_brought_is_not_taken_over_by_its_number(feed, sophie, lyon, in_rhone):
    other = make_feed(sophie, lyon, name="Portail")
    imported(other, csv_of(changed(CLIO, vin="")))

    assert counts(imported(feed, csv_of(changed(CLIO, vin="")))) == (1, 0, 0, 0)


def test_who_was_typed_in_is_asked_once_a_run_and_not_at_all_without_a_new_row(feed, lyon, in_rhone):
    def asked(*rows: Any, at: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            imported(feed, csv_of(*rows), at=at)
        return sum("t.feed_id IS NULL" in query["sql"] for query in captured)

    many = cars(3_000)

    assert (asked(*many, at=MONDAY), asked(*many, at=LATER)) == (1, 0)


def test_a_vehicle_with_the_vin_in_another_group_is_nobodys_business(feed, rival_site, in_rhone):
    make_vehicle(rival_site, vin=CLIO[1])

    run = imported(feed, csv_of(CLIO))

    assert counts(run) == (1, 0, 0, 0)
    with group_scope(rival_site.group_id):
        assert Vehicle.objects.get().stock_number == "L-1001"


def test_a_vehicle_that_got_another_number_is_the_same_one(feed, in_rhone):
    imported(feed, csv_of(CLIO, ZOE))

    run = imported(feed, csv_of(changed(CLIO, stock="L-77"), ZOE), at=LATER)

    assert counts(run) == (0, 1, 1, 0)
    assert Vehicle.objects.get(vin=CLIO[1]).stock_number == "L-77"


@pytest.mark.parametrize("status", [VehicleStatus.SOLD, VehicleStatus.DELIVERED, VehicleStatus.WITHDRAWN])
def test_a_vehicle_that_is_gone_is_never_put_back(feed, in_rhone, status):
    imported(feed, csv_of(CLIO, ZOE))
    Vehicle.objects.filter(stock_number="L-1").update(status=status, sold_at=MONDAY)

    run = imported(feed, csv_of(changed(CLIO, price="9 990"), ZOE), at=LATER)

    assert counts(run) == (0, 0, 2, 0)
    clio = Vehicle.objects.get(stock_number="L-1")
    assert (clio.status, clio.price) == (status, 15_990_00)
    assert "left_alone" in codes(run.steps.all())


def test_a_vehicle_that_is_for_sale_is_changed_all_the_same(feed, in_rhone):
    imported(feed, csv_of(CLIO, ZOE))
    Vehicle.objects.filter(stock_number="L-1").update(status=VehicleStatus.RESERVED)

    run = imported(feed, csv_of(changed(CLIO, price="9 990"), ZOE), at=LATER)

    assert counts(run) == (0, 1, 1, 0)
    assert Vehicle.objects.get(stock_number="L-1").price == 9_990_00


def test_each_end_is_told_once_with_its_counts(feed, in_rhone):
    told = facts_of(import_finished, import_finished_with_faults)

    fine = imported(feed, csv_of(CLIO, ZOE))
    faulty = imported(feed, csv_of(CLIO, changed(ZOE, km="viele")), at=LATER)

    assert [(fact.run_id, fact.created, fact.unchanged, fact.failed) for fact in told] == [
        (fine.pk, 2, 0, 0),
        (faulty.pk, 0, 1, 1),
    ]


def test_a_thousand_rows_take_several_chunks_and_the_sum_is_exact(feed, in_rhone):
    rows = cars(1_234)
    rows[77] = changed(rows[77], km="x")
    rows[1_000] = rows[3]

    run = imported(feed, csv_of(*rows))

    assert counts(run) == (1_232, 0, 0, 2)
    assert Vehicle.objects.count() == 1_232
