"""What people do afterwards: correct faulty rows, undo, decide about what left, keep what they have written."""

from __future__ import annotations

from datetime import timedelta

import pytest

from imports.models import Gone, Run, RunState
from imports.services import (
    NotAllowed,
    NotNow,
    RunNotFound,
    cancel_run,
    change_feed,
    decide_gone,
    fix_rows,
    learn_value,
    undo_run,
)
from sites.scope import group_scope
from stock.models import Fuel, Vehicle, VehicleChange, VehicleStatus
from stock.signals import vehicles_erased
from tests.cast import MONDAY, make_person, make_vehicle, member_of
from tests.imports.files import (
    CLIO,
    GOLF,
    ZOE,
    carried_out,
    cells,
    changed,
    codes,
    counts,
    csv_of,
    facts_of,
    imported,
    last_change,
    make_feed,
    problems_of,
)

LATER = MONDAY + timedelta(days=1)
LATEST = MONDAY + timedelta(days=2)


@pytest.fixture
def feed(sophie, lyon):
    return make_feed(sophie, lyon)


@pytest.fixture
def by(sophie):
    return member_of(sophie)


def write(vehicle: Vehicle, field: str, value, *, person=None) -> None:
    """A person changes a field by hand, as stock's services do."""
    before = getattr(vehicle, field)
    setattr(vehicle, field, value)
    vehicle.kept = sorted({*vehicle.kept, field})
    vehicle.save()
    VehicleChange.objects.create(
        group_id=vehicle.group_id, of=vehicle, at=LATER, by=person, changes={field: [before, value]}
    )


# --- correcting --------------------------------------------------------------------------------------


def test_a_corrected_row_is_taken_at_once_and_the_sum_stays_exact(feed, in_rhone, by):
    run = imported(feed, csv_of(CLIO, changed(ZOE, price="beaucoup"), changed(GOLF, km="x", price="y")))

    fixed = fix_rows(run_id=run.pk, cells={3: cells(price="13 990"), 4: cells(km="33000")}, by=by, at=LATER)

    assert (fixed.created, fixed.taken, fixed.failed) == (1, 1, 1)
    run.refresh_from_db()
    assert counts(run) == (2, 0, 0, 1)
    assert Vehicle.objects.get(stock_number="L-2").price == 13_990_00
    assert run.faults.get(number=3).outcome == "created"
    assert problems_of(run)[4] == ["not_money"]


def test_a_row_that_stays_the_double_of_another_stays_in_error(feed, in_rhone, by):
    run = imported(feed, csv_of(CLIO, changed(GOLF, stock="L-1")))

    still = fix_rows(run_id=run.pk, cells={3: cells(price="1")}, by=by, at=LATER)
    fixed = fix_rows(run_id=run.pk, cells={3: cells(stock="L-3")}, by=by, at=LATER)

    assert (still.failed, fixed.created) == (1, 1)
    assert Vehicle.objects.get(stock_number="L-1").model == "Clio"


def test_a_word_that_was_learnt_is_understood_from_then_on(feed, in_rhone, by):
    run = imported(feed, csv_of(changed(CLIO, fuel="Jus de lampe")))
    assert problems_of(run) == {2: ["unknown_value"]}

    learn_value(feed_id=feed.pk, field="fuel", text="jus de LAMPE", meant=Fuel.DIESEL, by=by, at=LATER)
    again = imported(feed, csv_of(changed(CLIO, fuel="Jus de lampe")), at=LATER)

    assert counts(again) == (1, 0, 0, 0)
    assert Vehicle.objects.get().fuel == Fuel.DIESEL


# --- undoing -----------------------------------------------------------------------------------------


def test_undoing_erases_what_came_and_sets_back_what_changed(feed, in_rhone, by):
    erased = facts_of(vehicles_erased)
    imported(feed, csv_of(CLIO, ZOE))
    run = imported(feed, csv_of(changed(CLIO, price="9 000"), ZOE, GOLF), at=LATER)
    golf = Vehicle.objects.get(stock_number="L-3")

    undo_run(run_id=run.pk, by=by, at=LATEST)
    carried_out(run, at=LATEST)

    assert run.state == RunState.UNDONE
    assert set(Vehicle.objects.values_list("stock_number", "price")) == {
        ("L-1", 15_990_00),
        ("L-2", 13_990_00),
    }
    assert [fact.vehicle_ids for fact in erased] == [(golf.pk,)]
    undone = run.steps.get(code="undone").values
    assert undone == {"erased": 1, "restored": 1, "kept": 0, "in_use": 0}


def test_undoing_leaves_alone_what_somebody_has_touched_since_and_says_so(feed, in_rhone, by, sophie):
    run = imported(feed, csv_of(CLIO, ZOE))
    write(Vehicle.objects.get(stock_number="L-1"), "colour", "Bleu", person=sophie)

    undo_run(run_id=run.pk, by=by, at=LATEST)
    carried_out(run, at=LATEST)

    assert list(Vehicle.objects.values_list("stock_number", flat=True)) == ["L-1"]
    assert run.steps.get(code="undone").values["kept"] == 1


def test_a_field_that_has_another_value_by_now_is_not_set_back(feed, in_rhone, by, sophie):
    imported(feed, csv_of(CLIO))
    run = imported(feed, csv_of(changed(CLIO, price="9 000", km="25000")), at=LATER)
    write(Vehicle.objects.get(), "price", 8_500_00, person=sophie)

    undo_run(run_id=run.pk, by=by, at=LATEST)
    carried_out(run, at=LATEST)

    vehicle = Vehicle.objects.get()
    assert (vehicle.price, vehicle.mileage) == (8_500_00, 24_500)
    assert run.steps.get(code="undone").values["kept"] == 1


def test_after_an_undo_the_same_file_is_read_again(feed, in_rhone, by):
    imported(feed, csv_of(CLIO))
    run = imported(feed, csv_of(changed(CLIO, price="9 000")), at=LATER)
    undo_run(run_id=run.pk, by=by, at=LATEST)
    carried_out(run, at=LATEST)

    again = imported(feed, csv_of(changed(CLIO, price="9 000")), at=LATEST)

    assert counts(again) == (0, 1, 0, 0)


def test_what_an_older_file_lacked_is_no_reason_to_take_a_car_out(feed, in_rhone, by):
    imported(feed, csv_of(CLIO, ZOE, GOLF))
    feed.vanish_limit = 100
    feed.save()
    lacking = imported(feed, csv_of(CLIO, GOLF))
    imported(feed, csv_of(CLIO, ZOE, GOLF), at=LATER)

    with pytest.raises(NotNow):
        decide_gone(run_id=lacking.pk, gone_ids=None, remove=True, by=by, at=LATEST)

    assert Vehicle.objects.get(stock_number="L-2").status == VehicleStatus.AVAILABLE


def test_nothing_is_taken_out_while_a_newer_file_is_read(feed, in_rhone, by):
    """It may bring the car back."""
    imported(feed, csv_of(CLIO, ZOE, GOLF))
    feed.vanish_limit = 100
    feed.save()
    lacking = imported(feed, csv_of(CLIO, GOLF))
    newer = imported(feed, csv_of(CLIO, ZOE, GOLF), at=LATER)
    Run.objects.filter(pk=newer.pk).update(state=RunState.RUNNING)

    with pytest.raises(NotNow):
        decide_gone(run_id=lacking.pk, gone_ids=None, remove=True, by=by, at=LATEST)

    assert Vehicle.objects.get(stock_number="L-2").status == VehicleStatus.AVAILABLE


def test_what_an_undone_file_lacked_takes_nothing_out(feed, in_rhone, by):
    feed.vanish_limit = 100
    feed.save()
    imported(feed, csv_of(CLIO, ZOE, GOLF))
    lacking = imported(feed, csv_of(changed(CLIO, price="9 000"), GOLF), at=LATER)
    undo_run(run_id=lacking.pk, by=by, at=LATEST)
    carried_out(lacking, at=LATEST)

    with pytest.raises(NotNow):
        decide_gone(run_id=lacking.pk, gone_ids=None, remove=True, by=by, at=LATEST)

    assert Vehicle.objects.get(stock_number="L-2").status == VehicleStatus.AVAILABLE


def test_an_undo_that_waits_for_its_worker_is_no_import_to_cancel(feed, in_rhone, by):
    run = imported(feed, csv_of(CLIO))
    undo_run(run_id=run.pk, by=by, at=LATEST)

    with pytest.raises(NotNow):
        cancel_run(run_id=run.pk, by=by, at=LATEST)
    carried_out(run, at=LATEST)

    assert (run.state, Vehicle.objects.count()) == (RunState.UNDONE, 0)


def test_a_run_that_wrote_nothing_cannot_be_undone(feed, in_rhone, by):
    imported(feed, csv_of(CLIO))
    run = imported(feed, csv_of(CLIO), at=LATER)

    with pytest.raises(NotNow):
        undo_run(run_id=run.pk, by=by, at=LATEST)


# --- what left ---------------------------------------------------------------------------------------


@pytest.fixture
def with_two_gone(feed, in_rhone):
    feed.vanish_limit = 100
    feed.save()
    imported(feed, csv_of(CLIO, ZOE, GOLF))
    return imported(feed, csv_of(CLIO), at=LATER)


def test_what_left_the_feed_leaves_here_when_a_person_says_so(with_two_gone, by, sophie):
    gone = with_two_gone.gone.get(label__contains="Zoé")

    decided = decide_gone(run_id=with_two_gone.pk, gone_ids=[gone.pk], remove=True, by=by, at=LATEST)

    assert decided == 1
    zoe = Vehicle.objects.get(stock_number="L-2")
    assert zoe.status == VehicleStatus.WITHDRAWN
    last = last_change(zoe)
    assert (last.by, last.changes) == (sophie, {"status": ["available", "withdrawn"]})
    assert Vehicle.objects.get(stock_number="L-3").status == VehicleStatus.AVAILABLE


def test_what_was_sold_meanwhile_stays_sold(with_two_gone, by):
    Vehicle.objects.filter(stock_number="L-2").update(status=VehicleStatus.SOLD, sold_at=LATER)

    decide_gone(run_id=with_two_gone.pk, gone_ids=None, remove=True, by=by, at=LATEST)

    assert Vehicle.objects.get(stock_number="L-2").status == VehicleStatus.SOLD
    assert Vehicle.objects.get(stock_number="L-3").status == VehicleStatus.WITHDRAWN


def test_what_a_person_keeps_is_not_asked_about_again(with_two_gone, feed, by):
    decide_gone(run_id=with_two_gone.pk, gone_ids=None, remove=False, by=by, at=LATEST)

    next_run = imported(feed, csv_of(CLIO), at=LATEST)
    after_next = imported(feed, csv_of(CLIO), at=LATEST)

    for run in (next_run, after_next):
        assert Gone.objects.filter(run=run).count() == 2
        assert not Gone.objects.filter(run=run, decided_at__isnull=True).exists()


# --- who wins ----------------------------------------------------------------------------------------


def test_a_persons_word_stands_in_a_field_that_is_a_persons(feed, in_rhone, sophie):
    change_feed(feed_id=feed.pk, by=member_of(sophie), at=MONDAY, priorities={"price": "person"})
    imported(feed, csv_of(CLIO))
    write(Vehicle.objects.get(), "price", 15_500_00, person=sophie)

    run = imported(feed, csv_of(changed(CLIO, price="14 990", km="24 600")), at=LATER)

    vehicle = Vehicle.objects.get()
    assert counts(run) == (0, 1, 0, 0)
    assert (vehicle.price, vehicle.mileage, vehicle.kept) == (15_500_00, 24_600, ["price"])


def test_the_feed_takes_back_a_field_that_is_the_feeds_even_when_its_row_is_the_same(feed, in_rhone, sophie):
    imported(feed, csv_of(CLIO, ZOE))
    write(Vehicle.objects.get(stock_number="L-1"), "price", 15_500_00, person=sophie)

    run = imported(feed, csv_of(CLIO, ZOE), at=LATER)

    vehicle = Vehicle.objects.get(stock_number="L-1")
    assert counts(run) == (0, 1, 1, 0)
    assert (vehicle.price, vehicle.kept) == (15_990_00, [])


def test_an_empty_cell_keeps_a_vin_and_clears_a_price(feed, in_rhone):
    imported(feed, csv_of(CLIO))

    imported(feed, csv_of(changed(CLIO, vin="", price="")), at=LATER)

    vehicle = Vehicle.objects.get()
    assert (vehicle.vin, vehicle.price) == (CLIO[1], None)


def test_words_follow_what_is_really_there(feed, in_rhone, sophie):
    imported(feed, csv_of(CLIO))
    write(Vehicle.objects.get(), "plate", "ZZ-999-ZZ", person=sophie)

    imported(feed, csv_of(changed(CLIO, version="E-Tech 140")), at=LATER)

    vehicle = Vehicle.objects.get()
    assert "zz999zz" in vehicle.words
    assert "140" in vehicle.words


# --- whose it is -------------------------------------------------------------------------------------


def test_a_stock_manager_of_another_site_has_no_such_run(feed, in_rhone, hugo):
    run = imported(feed, csv_of(changed(CLIO, km="x")))

    for attempt in (
        lambda by: fix_rows(run_id=run.pk, cells={2: cells(km="1")}, by=by, at=LATER),
        lambda by: undo_run(run_id=run.pk, by=by, at=LATER),
        lambda by: decide_gone(run_id=run.pk, gone_ids=None, remove=True, by=by, at=LATER),
    ):
        with pytest.raises(RunNotFound):
            attempt(member_of(hugo))


def test_the_rival_sees_nothing_of_it(feed, in_rhone, rival, rival_site):
    run = imported(feed, csv_of(changed(CLIO, km="x")))
    boss = make_person(rival, "Ray Falcone", "group_director")

    with group_scope(rival.pk), pytest.raises(RunNotFound):
        fix_rows(run_id=run.pk, cells={2: cells(km="1")}, by=member_of(boss), at=LATER)


def test_nobody_makes_a_feed_for_a_site_that_is_not_his(in_rhone, sophie, lyon, marseille):
    with pytest.raises(NotAllowed):
        make_feed(sophie, lyon, marseille)


def test_who_may_not_see_the_margin_cannot_map_the_purchase_price(feed, in_rhone, by, remy):
    mapping = {"Prix d'achat": "purchase_price"}

    with pytest.raises(NotAllowed):
        change_feed(feed_id=feed.pk, by=by, at=LATER, mapping=mapping)
    assert change_feed(feed_id=feed.pk, by=member_of(remy), at=LATER, mapping=mapping).mapping == mapping


def test_a_purchase_price_is_not_taken_by_a_feed_that_was_never_told_to(feed, in_rhone):
    imported(feed, csv_of((*CLIO, "9000"), header=("N° de stock", "VIN", "Immatriculation", "Marque", "Modèle",
        "Version", "Énergie", "Boîte", "Km", "Prix", "Prix d'achat")))  # fmt: skip

    assert Vehicle.objects.get().purchase_price is None


def test_a_vehicle_of_another_feed_is_adopted_once_and_keeps_its_feed(feed, in_rhone, sophie, lyon):
    other = make_feed(sophie, lyon, name="Portail")
    imported(feed, csv_of(CLIO))

    run = imported(other, csv_of(changed(CLIO, stock="P-9")), at=LATER)

    assert counts(run) == (0, 1, 0, 0)
    vehicle = Vehicle.objects.get()
    assert (vehicle.feed_id, vehicle.feed_key) == (feed.pk, "n:L-1")


def test_a_vehicle_with_the_same_number_and_another_vin_by_hand_is_another_one(feed, in_rhone, lyon):
    make_vehicle(lyon, vin="WVWZZZ1KZ5W000001", stock_number="L-1")

    run = imported(feed, csv_of(CLIO))

    assert counts(run) == (1, 0, 0, 0)
    assert codes(run.steps.order_by("pk")) == ["started", "read", "doubt", "finished"]
