"""From the hint to the rows: the wire, and the thread that waits on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Self

import pytest
from django.db import connection, transaction
from kombu.exceptions import OperationalError as BrokerError

from notifications import router, tasks
from notifications.models import Notification
from notifications.router import Router
from notifications.wire import Hint, wire
from sites.models import Site, User
from sites.scope import every_group, group_scope
from tests.notifications.road import add_device, received, tell


def until(happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.01)
    return happened()


class Listener:
    """Takes from the wire in a thread of its own, as a router does."""

    def __init__(self) -> None:
        self.heard: list[Hint] = []
        self._listens = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._listens.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        own = wire()
        own.listen()
        own.take(0)  # what an earlier test left in the queue of this process
        self._listens.set()
        while not self._stopping.is_set():
            self.heard += own.take(0.05)
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_router_hears_of_an_event_after_the_commit_and_not_before(lyon: Site):
    with group_scope(lyon.group_id), Listener() as listener:
        with transaction.atomic():
            event = tell(received(lyon))
            time.sleep(0.2)
            before = list(listener.heard)

        assert until(lambda: listener.heard == [event.hint])
        assert before == []


@pytest.mark.django_db(transaction=True)
def test_router_hears_nothing_of_an_event_that_was_never_committed(lyon: Site):
    with group_scope(lyon.group_id), Listener() as listener:
        with suppress(RuntimeError), transaction.atomic():
            tell(received(lyon))
            raise RuntimeError("the domain change failed")
        event = tell(received(lyon))

        assert until(lambda: event.hint in listener.heard)
        assert listener.heard == [event.hint]


@pytest.mark.django_db(transaction=True)
def test_hints_of_a_burst_all_arrive_in_order(lyon: Site):
    with group_scope(lyon.group_id), Listener() as listener:
        with transaction.atomic():
            events = [tell(received(lyon)) for _ in range(300)]

        assert until(lambda: len(listener.heard) == 300)
        assert listener.heard == [event.hint for event in events]


@pytest.fixture
def running() -> Iterator[Router]:
    """A router at work, listening already."""
    own = Router()
    own.start()
    assert until(lambda: own.is_listening is True)
    yield own
    own.stop()


@pytest.mark.django_db(transaction=True)
def test_router_routes_what_it_hears_of_in_each_group(
    lyon: Site, camille: User, rival_site: Site, rita: User, running: Router
):
    for site in (lyon, rival_site):
        with group_scope(site.group_id):
            tell(received(site))

    with every_group():
        assert until(lambda: Notification.objects.count() == 2)
        assert set(Notification.objects.values_list("user__first_name", "group__slug")) == {
            ("Camille", "rhone"),
            ("Rita", "rival"),
        }


def assert_that_it_routes_again(running: Router, site: Site) -> None:
    """After a failure that it noticed."""
    assert until(lambda: running.is_listening is False)
    assert until(lambda: running.is_listening is True)
    with group_scope(site.group_id):
        event = tell(received(site))
    with every_group():
        assert until(lambda: Notification.objects.filter(event=event).exists())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_router_whose_connection_was_cut_listens_again(
    lyon: Site, camille: User, running: Router, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(router, "AFTER_FAILURE", 0.2)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert_that_it_routes_again(running, lyon)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_nonsense_on_the_wire_stops_nothing(
    lyon: Site, camille: User, running: Router, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(router, "AFTER_FAILURE", 0.2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('dms_route', 'nonsense')")

    assert_that_it_routes_again(running, lyon)


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


def test_what_came_of_a_long_burst_is_sent_batch_by_batch(monkeypatch: pytest.MonkeyPatch):
    followed: list[tuple[int, int]] = []
    monkeypatch.setattr(router, "BATCH", 2)
    monkeypatch.setattr(
        router, "route_and_send", lambda group_id, hints: followed.append((group_id, len(hints)))
    )

    Router()._route(
        [Hint(group_id, number, "notice", "leads.received") for group_id in (1, 2) for number in range(3)]
    )

    assert followed == [(1, 2), (1, 1), (2, 2), (2, 1)]


def test_broker_that_is_away_leaves_the_events_routed_and_the_messages_to_the_sweep(
    lyon: Site,
    camille: User,
    in_rhone: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    def refuse(**_options: Any) -> None:
        raise BrokerError("no broker")

    monkeypatch.setattr(tasks.send, "apply_async", refuse)
    add_device(camille)
    event = tell(received(lyon))

    router.route_and_send(lyon.group_id, [event.hint])

    assert event.notifications.get().deliveries.get(channel="push").state == "planned"
    assert "push waits for the sweep" in caplog.text
