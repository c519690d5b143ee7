"""Kills, cancels, stops: whatever happens on the way, every row is counted once."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from io import BytesIO

import pytest
from django.db import OperationalError

from imports.files import limits
from imports.models import Run, RunState
from imports.running import run as running
from imports.running import writing
from imports.running.run import carry_out
from imports.running.watch import LEASE
from imports.services import NotNow, RunIsOpen, cancel_run, go_on_with_run
from imports.services.runs import begin
from imports.signals import import_moved_on, import_stopped
from notifications.models import Notification
from stock.models import Vehicle, VehicleChange, VehicleStatus
from tests.cast import MONDAY, member_of
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
    make_feed,
    problems_of,
    started,
)
from tests.stock.moving import route_all

LATER = MONDAY + timedelta(days=1)


def alerts(key: str) -> list[Notification]:
    return list(Notification.objects.filter(event__type_key=key, in_inbox=True))


@pytest.fixture
def feed(sophie, lyon):
    return make_feed(sophie, lyon)


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(limits, "BLOCK_ROWS", 10)
    monkeypatch.setattr(writing, "CHUNK", 10)
    monkeypatch.setattr(writing, "CHUNK_SQLITE", 10)


def killed_in_chunk(monkeypatch, number: int) -> None:
    """The database connection of the worker dies in this chunk, before its commit."""
    write, calls = writing.write_chunk, []

    def dies(*arguments, **named):
        written = write(*arguments, **named)
        calls.append(1)
        if len(calls) == number:
            raise OperationalError("the worker was killed")
        return written

    monkeypatch.setattr(writing, "write_chunk", dies)


def test_a_run_that_was_killed_goes_on_behind_its_last_chunk_with_exact_sums(
    feed, in_rhone, small_chunks, monkeypatch
):
    rows = cars(45)
    rows[7] = changed(rows[7], km="x")
    rows[33] = rows[2]
    run = started(feed, csv_of(*rows))
    with monkeypatch.context() as patched:
        killed_in_chunk(patched, 3)
        with pytest.raises(OperationalError):
            carry_out(run.pk, clock=lambda: MONDAY)
    run.refresh_from_db()
    assert (run.state, run.written, run.created, run.failed) == (RunState.RUNNING, 20, 18, 1)

    carried_out(run, at=MONDAY + LEASE * 2)

    assert run.state == RunState.DONE
    assert counts(run) == (43, 0, 0, 2)
    assert problems_of(run) == {9: ["not_a_number"], 35: ["double"]}
    assert Vehicle.objects.count() == VehicleChange.objects.count() == 43
    assert codes(run.steps.all()).count("taken_up") == 1


def test_a_run_whose_worker_lives_is_not_taken_up_by_another(feed, in_rhone, small_chunks, monkeypatch):
    run = started(feed, csv_of(*cars(25)))
    with monkeypatch.context() as patched:
        killed_in_chunk(patched, 2)
        with pytest.raises(OperationalError):
            carry_out(run.pk, clock=lambda: MONDAY)

    carried_out(run, at=MONDAY + LEASE / 2)

    assert (run.state, run.created) == (RunState.RUNNING, 9)


def test_a_run_that_kills_each_of_its_workers_is_given_up(feed, in_rhone, monkeypatch):
    run = started(feed, csv_of(*cars(3)))
    monkeypatch.setattr(writing, "write_chunk", _dead)
    for start in range(running.MOST_STARTS):
        at = MONDAY + LEASE * 2 * start
        with pytest.raises(OperationalError):
            carry_out(run.pk, clock=partial(_at, at))

    carried_out(run, at=MONDAY + LEASE * 2 * running.MOST_STARTS)

    assert (run.state, run.trouble["code"]) == (RunState.FAILED, "unexpected")


def _at(moment: datetime) -> datetime:
    return moment


def _dead(*_arguments, **_named):
    raise OperationalError("the worker was killed")


def test_what_nobody_foresaw_fails_the_run_and_is_raised(feed, in_rhone, monkeypatch):
    run = started(feed, csv_of(CLIO))
    monkeypatch.setattr(writing, "write_chunk", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        carry_out(run.pk, clock=lambda: MONDAY)

    run.refresh_from_db()
    assert (run.state, run.trouble["code"]) == (RunState.FAILED, "unexpected")


def test_a_cancelled_run_ends_between_two_chunks(feed, in_rhone, sophie, small_chunks, monkeypatch):
    run = started(feed, csv_of(*cars(45)))
    monkeypatch.setattr("imports.running.watch.BEAT", 0)
    write, calls = writing.write_chunk, []

    def cancelled_meanwhile(*arguments, **named):
        calls.append(1)
        if len(calls) == 2:
            cancel_run(run_id=run.pk, by=member_of(sophie), at=MONDAY)
        return write(*arguments, **named)

    monkeypatch.setattr(writing, "write_chunk", cancelled_meanwhile)
    carried_out(run)

    assert (run.state, run.created) == (RunState.CANCELLED, 19)
    assert Vehicle.objects.count() == 19


def test_a_run_that_waits_is_cancelled_at_once_and_one_that_is_over_cannot_be(feed, in_rhone, sophie):
    run = started(feed, csv_of(CLIO))
    cancel_run(run_id=run.pk, by=member_of(sophie), at=MONDAY)

    carried_out(run)

    assert run.state == RunState.CANCELLED
    assert not Vehicle.objects.exists()
    with pytest.raises(NotNow):
        cancel_run(run_id=run.pk, by=member_of(sophie), at=MONDAY)


def test_a_feed_has_one_run_at_a_time(feed, in_rhone):
    first = started(feed, csv_of(CLIO))

    with pytest.raises(RunIsOpen) as refused:
        started(feed, csv_of(ZOE))

    assert refused.value.run == first


def test_a_file_that_lost_half_the_stock_stops_before_anything_is_written(feed, in_rhone):
    told = facts_of(import_stopped)
    imported(feed, csv_of(CLIO, ZOE, GOLF))

    run = imported(feed, csv_of(changed(CLIO, price="1")), at=LATER)

    assert run.state == RunState.STOPPED
    assert run.trouble == {"code": "would_vanish", "values": {"missing": 2, "alive": 3, "limit": 20}}
    assert Vehicle.objects.get(stock_number="L-1").price == 15_990_00
    assert [(fact.run_id, fact.is_waiting) for fact in told] == [(run.pk, True)]


def test_once_somebody_has_looked_a_stopped_run_goes_on_and_proposes_what_left(feed, in_rhone, sophie):
    imported(feed, csv_of(CLIO, ZOE, GOLF))
    run = imported(feed, csv_of(changed(CLIO, price="9 000")), at=LATER)

    go_on_with_run(run_id=run.pk, by=member_of(sophie), at=LATER)
    carried_out(run, at=LATER)

    assert (run.state, run.vanished) == (RunState.DONE, 2)
    assert counts(run) == (0, 1, 0, 0)
    assert sorted(run.gone.values_list("label", flat=True)) == ["Renault Zoé L-2", "Volkswagen Golf L-3"]
    assert set(Vehicle.objects.values_list("status", flat=True)) == {VehicleStatus.AVAILABLE}


def test_a_file_that_comes_by_itself_takes_the_place_of_one_that_waits_for_somebody(
    feed, in_rhone, rhone, sophie
):
    moved = facts_of(import_moved_on)
    imported(feed, csv_of(CLIO, ZOE, GOLF))
    stopped = imported(feed, csv_of(CLIO), at=LATER)
    route_all(rhone)
    with pytest.raises(RunIsOpen):  # a person's own file waits: he is led to the question
        begin(feed=feed, file=BytesIO(csv_of(ZOE)), file_name="a.csv", by=member_of(sophie), at=LATER)

    newer = imported(feed, csv_of(changed(CLIO, price="9 000"), ZOE, GOLF), at=LATER + timedelta(hours=1))
    route_all(rhone)

    stopped.refresh_from_db()
    assert (stopped.state, newer.state, counts(newer)) == (RunState.CANCELLED, RunState.DONE, (0, 1, 2, 0))
    assert codes(stopped.steps.all())[-1] == "overtaken"
    assert [(fact.run_id, fact.by_name) for fact in moved] == [(stopped.pk, "")]
    assert [alert.closed_at is None for alert in alerts("imports.stopped")] == [False]


def test_whoever_decides_about_a_stopped_run_ends_its_alert(feed, in_rhone, rhone, sophie):
    imported(feed, csv_of(CLIO, ZOE, GOLF))
    run = imported(feed, csv_of(CLIO), at=LATER)
    route_all(rhone)
    before = [alert.closed_at is None for alert in alerts("imports.stopped")]

    go_on_with_run(run_id=run.pk, by=member_of(sophie), at=LATER + timedelta(minutes=1))
    route_all(rhone)

    assert (before, [alert.closed_at is None for alert in alerts("imports.stopped")]) == ([True], [False])


def test_within_the_limit_a_run_does_not_stop(feed, in_rhone):
    imported(feed, csv_of(*cars(10)))

    run = imported(feed, csv_of(*cars(8)), at=LATER)

    assert (run.state, run.vanished) == (RunState.DONE, 2)


def test_rows_in_error_have_not_vanished(feed, in_rhone):
    imported(feed, csv_of(CLIO, ZOE))

    run = imported(feed, csv_of(CLIO, changed(ZOE, km="x")), at=LATER)

    assert (run.state, run.vanished) == (RunState.DONE, 0)


def test_a_header_without_rows_never_empties_the_stock(feed, in_rhone):
    imported(feed, csv_of(CLIO, ZOE))

    run = imported(feed, csv_of(), at=LATER)

    assert run.state == RunState.STOPPED
    assert Vehicle.objects.filter(status=VehicleStatus.AVAILABLE).count() == 2


def test_a_first_file_without_rows_is_empty(feed, in_rhone):
    run = imported(feed, csv_of())

    assert (run.state, run.trouble["code"]) == (RunState.FAILED, "file_empty")


def test_another_format_than_the_feeds_is_refused_with_the_columns_that_lack(feed, in_rhone):
    run = imported(feed, b"Nom;Ville\r\nDupont;Lyon\r\n")

    assert run.state == RunState.FAILED
    assert run.trouble == {"code": "columns_missing", "values": {"fields": "make, model"}}
    assert not Run.objects.exclude(pk=run.pk).exists()
