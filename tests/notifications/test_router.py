"""From the hint to the rows: the wire, and the thread that waits on it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings

from notifications import router, tasks, wire
from notifications.models import Notification
from notifications.router import Router
from notifications.wire import BATCH, Hint, InProcess, OverRedis, Wire
from sites.models import Site, User
from sites.scope import every_group, group_scope
from tests.notifications.road import add_device, received, tell


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """A wire of this test's own, of the kind that this pass runs on."""
    monkeypatch.setattr(wire, "KEY", f"test:{time.monotonic_ns()}")
    own: Wire = OverRedis(settings.REDIS_URL) if settings.REDIS_URL else InProcess()
    monkeypatch.setattr(router, "wire", lambda: own)
    return own


def a_hint(event_id: int, group_id: int = 1) -> Hint:
    return Hint(group_id, event_id, "notice", "leads.received")


def until(happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.01)
    return happened()


def test_hints_of_a_burst_are_taken_together_and_once(line: Wire):
    burst = [a_hint(10), a_hint(20, group_id=2), a_hint(11)]

    line.put(burst)

    assert line.take(1.0) == burst
    assert line.take(0.05) == []


def test_one_turn_takes_no_more_than_a_batch(line: Wire):
    line.put([a_hint(number) for number in range(BATCH + 1)])

    assert len(line.take(1.0)) == BATCH
    assert line.take(1.0) == [a_hint(BATCH)]


@pytest.mark.postgres
def test_hints_that_nobody_takes_do_not_pile_up(line: Wire, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wire, "LONGEST", 5)

    for number in range(9):
        line.put([a_hint(number)])

    assert line.take(1.0) == [a_hint(number) for number in range(4, 9)]


@pytest.mark.django_db(transaction=True)
def test_router_routes_what_it_is_hinted_at_in_each_group(
    lyon: Site, camille: User, rival_site: Site, rita: User, line: Wire
):
    hints = []
    for site in (lyon, rival_site):
        with group_scope(site.group_id):
            hints.append(tell(received(site)).hint)
    thread = Router()
    thread.start()

    line.put(hints)

    with every_group():
        assert until(lambda: Notification.objects.count() == 2)
        assert set(Notification.objects.values_list("user__first_name", "group__slug")) == {
            ("Camille", "rhone"),
            ("Rita", "rival"),
        }
    thread.stop()


@pytest.mark.django_db(transaction=True)
def test_router_outlives_a_wire_that_fails(
    lyon: Site, camille: User, line: Wire, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(router, "AFTER_FAILURE", 0.01)
    failures = iter([ConnectionError("no broker"), ValueError("nonsense on the wire")])
    take = line.take

    def take_after_failures(seconds: float) -> list[Hint]:
        for failure in failures:
            raise failure
        return take(seconds)

    monkeypatch.setattr(line, "take", take_after_failures)
    with group_scope(lyon.group_id):
        event = tell(received(lyon))
    thread = Router()
    thread.start()

    line.put([event.hint])

    with every_group():
        assert until(lambda: Notification.objects.filter(event=event).exists())
    thread.stop()


def test_channel_with_work_is_woken_once(
    lyon: Site, camille: User, karim: User, in_rhone: None, monkeypatch: pytest.MonkeyPatch
):
    woken: list[Any] = []
    monkeypatch.setattr(tasks.send, "apply_async", lambda **options: woken.append(options))
    add_device(camille)
    add_device(karim)
    hints = [tell(received(lyon)).hint for _ in range(2)]

    router.route_and_send(lyon.group_id, hints)

    assert woken == [{"kwargs": {"channel": "push", "group_id": lyon.group_id}, "queue": "push"}]
