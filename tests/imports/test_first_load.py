"""A feed's first file is written while it is read (on PostgreSQL): the outcome is as if it were read first."""

from __future__ import annotations

import sys
import time
from threading import Event
from typing import Any

import pytest

from core.ahead import Ahead
from imports.files import limits
from imports.models import Feed, RunState
from imports.running import writing
from sites.models import Site, User
from stock.models import Vehicle, VehicleChange
from tests.cast import MONDAY, make_vehicle
from tests.imports.files import cars, changed, counts, csv_of, imported, make_feed, problems_of

pytestmark = pytest.mark.usefixtures("in_rhone", "small")

VIN = "VF1RJA00000000017"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of seven rows, chunks of ten."""
    monkeypatch.setattr(limits, "BLOCK_ROWS", 7)
    monkeypatch.setattr(writing, "CHUNK", 10)
    monkeypatch.setattr(writing, "CHUNK_SQLITE", 10)


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon)


def first_of(run: Any) -> dict[int, int]:
    """Number of a double → that of the row that it repeats."""
    faults = run.faults.order_by("number")
    return {
        fault.number: fault.problems[0]["values"]["row"] for fault in faults if "row" in fault.problems[0]["values"]
    }  # fmt: skip


@pytest.mark.parametrize("later", [4, 12, 33])
def test_of_rows_that_are_the_same_the_first_counts_however_far_they_lie_apart(feed: Feed, later: int):
    rows = cars(40)
    rows[later] = changed(rows[1], price="1")
    rows[39] = changed(rows[1], price="2")

    run = imported(feed, csv_of(*rows))

    assert counts(run) == (38, 0, 0, 2)
    assert problems_of(run) == {later + 2: ["double"], 41: ["double"]}
    assert first_of(run) == {later + 2: 3, 41: 3}
    assert Vehicle.objects.get(stock_number="C-2").price == 15_990_00


@pytest.mark.parametrize("later", [4, 12, 33])
def test_one_car_under_two_numbers_is_taken_once(feed: Feed, later: int):
    rows = cars(40)
    rows[1], rows[later] = changed(rows[1], vin=VIN), changed(rows[later], vin=VIN)

    run = imported(feed, csv_of(*rows))

    assert (counts(run), problems_of(run)) == ((39, 0, 0, 1), {later + 2: ["double_other"]})
    assert first_of(run) == {later + 2: 3}


@pytest.mark.parametrize("later", [4, 33])
def test_a_row_in_error_stands_in_nobodys_way(feed: Feed, later: int):
    rows = cars(40)
    rows[1], rows[later] = changed(rows[1], km="loin"), changed(rows[1], price="9 000")

    run = imported(feed, csv_of(*rows))

    assert (counts(run), problems_of(run)) == ((39, 0, 0, 1), {3: ["not_a_number"]})
    assert Vehicle.objects.get(stock_number="C-2").price == 9_000_00


def test_a_car_that_is_here_already_is_taken_over(feed: Feed, lyon: Site):
    known = make_vehicle(lyon, vin=VIN, stock_number="", price=1_000_00)
    rows = cars(30)
    rows[20] = changed(rows[20], vin=VIN)

    run = imported(feed, csv_of(*rows))

    known.refresh_from_db()
    assert (counts(run), known.price) == ((29, 1, 0, 0), 15_990_00)
    assert VehicleChange.objects.filter(run=run).count() == 30


def test_another_feeds_car_is_taken_over_by_the_first_of_its_rows(feed: Feed, sophie: User, lyon: Site):
    other = make_feed(sophie, lyon, name="Autre")
    known = make_vehicle(lyon, vin=VIN, feed=other, feed_key="n:X", feed_digest="d")
    rows = cars(40)
    rows[1], rows[33] = changed(rows[1], vin=VIN), changed(rows[33], vin=VIN, price="1")

    run = imported(feed, csv_of(*rows))

    known.refresh_from_db()
    assert (counts(run), problems_of(run)) == ((38, 1, 0, 1), {35: ["double_other"]})
    assert (first_of(run), known.price) == ({35: 3}, 15_990_00)


def test_a_sold_cars_number_is_no_other_cars_further_down(feed: Feed, lyon: Site):
    make_vehicle(lyon, vin=VIN, status="sold", sold_at=MONDAY)
    rows = cars(40)
    rows[1], rows[33] = changed(rows[1], vin=VIN), changed(rows[1], price="1")

    run = imported(feed, csv_of(*rows))

    assert (counts(run), problems_of(run)) == ((38, 0, 1, 1), {35: ["double"]})


def test_a_file_that_is_refused_changes_nothing(feed: Feed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "MAX_ROWS", 30)

    run = imported(feed, csv_of(*cars(31)))

    assert (run.state, run.trouble["code"]) == (RunState.FAILED, "too_many_rows")
    assert not Vehicle.objects.exists()


def test_a_line_without_an_end_far_down_changes_nothing(feed: Feed, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "MAX_LINE", 2_000)
    monkeypatch.setattr(limits, "BLOCK_BYTES", 500)
    rows = cars(60)
    rows[55] = changed(rows[55], version="x" * 3_000)

    run = imported(feed, csv_of(*rows))

    assert (run.state, run.trouble["code"]) == (RunState.FAILED, "line_too_long")
    assert not Vehicle.objects.exists()


# --- a few ahead -------------------------------------------------------------------------------------


def test_what_is_made_ahead_comes_in_order_and_with_its_error():
    def broken() -> Any:
        yield from (1, 2)
        raise ValueError("three")

    with Ahead(broken()) as items:
        assert [next(items), next(items)] == [1, 2]
        with pytest.raises(ValueError, match="three"):
            next(items)
    with Ahead(iter(range(50)), most=1) as items:
        assert list(items) == list(range(50))
        assert next(items, "over") == "over"


def test_it_is_known_whether_the_next_one_is_made():
    gate = Event()

    def guarded() -> Any:
        yield 1
        gate.wait(10)
        yield 2

    with Ahead(guarded()) as items:
        assert next(items) == 1
        before = items.is_behind
        gate.set()
        for _look in range(1_000):
            if not items.is_behind:
                break
            time.sleep(0.01)
        assert (before, items.is_behind, next(items)) == (True, False, 2)


def test_leaving_early_stops_the_maker():
    made: list[int] = []

    def endless() -> Any:
        while True:
            made.append(len(made))
            yield made[-1]

    with Ahead(endless(), most=2) as items:
        assert [next(items), next(items)] == [0, 1]

    assert len(made) <= 6


def test_threads_take_turns_as_usual_when_the_last_one_is_done():
    usual = sys.getswitchinterval()
    with Ahead(iter("ab")):
        with Ahead(iter("ab")):
            pass
        meanwhile = sys.getswitchinterval()

    assert (meanwhile < usual, sys.getswitchinterval()) == (True, usual)
