"""Two feeds that serve one site write one after the other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from imports import tasks
from imports.models import Feed, Run, RunState
from imports.running.watch import LEASE, Watch
from sites.models import Group, Site, User
from sites.scope import group_scope
from stock.models import Vehicle
from tests.cast import MONDAY, make_person
from tests.imports.files import CLIO, ZOE, carried_out, codes, csv_of, make_feed, started

pytestmark = pytest.mark.usefixtures("in_rhone")


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon)


@pytest.fixture
def portal(rhone: Group, lyon: Site, marseille: Site) -> Feed:
    """Serves Lyon too."""
    boss = make_person(rhone, "Zoé Roy", "group_director")
    return make_feed(boss, lyon, marseille, name="Portail")


def running(run: Run) -> Watch:
    """A worker that is at it."""
    watch = Watch(run, clock=lambda: MONDAY)
    assert watch.take()
    return watch


def test_a_run_waits_for_the_one_that_writes_to_its_site(feed: Feed, portal: Feed):
    first, second = started(feed, csv_of(CLIO)), started(portal, csv_of(ZOE))
    watch = running(first)

    carried_out(second)
    carried_out(second)
    waited = (second.state, codes(second.steps.all()), Vehicle.objects.count())
    watch.end(RunState.CANCELLED)
    carried_out(second)

    assert waited == (RunState.WAITING, ["waits"], 0)
    assert (second.state, Vehicle.objects.count()) == (RunState.DONE, 1)


def test_a_dead_worker_holds_up_nobody(feed: Feed, portal: Feed):
    running(started(feed, csv_of(CLIO)))
    second = started(portal, csv_of(ZOE))

    carried_out(second, at=MONDAY + LEASE * 2)

    assert second.state == RunState.DONE


def test_feeds_of_different_sites_do_not_wait(feed: Feed, rhone: Group, marseille: Site):
    manager = make_person(rhone, "Bruno Colombani", "stock_manager", marseille)
    running(started(feed, csv_of(CLIO)))

    other = carried_out(started(make_feed(manager, marseille, name="Marseille"), csv_of(ZOE)))

    assert other.state == RunState.DONE


def test_who_has_waited_is_next(feed: Feed, portal: Feed, monkeypatch: pytest.MonkeyPatch, time_machine: Any):
    time_machine.move_to(MONDAY, tick=False)
    first, second = started(feed, csv_of(CLIO)), started(portal, csv_of(ZOE))
    hinted: list[UUID] = []
    monkeypatch.setattr(tasks, "hint", lambda run_id, _group_id: hinted.append(run_id))
    watch = running(first)
    with group_scope(first.group_id):
        tasks.run(str(second.pk), first.group_id)
        refused = list(hinted)
        watch.end(RunState.CANCELLED)
        tasks.run(str(first.pk), first.group_id)

    assert (refused, hinted) == ([], [second.pk])
