"""The thread that routes: waits on the wire, opens the group's scope, and calls `routing`.

It lives inside each Celery worker that reads the queue `route` (see `dms.celery`), beside the worker's own
loop. Nothing it does is lost with it: an event that it took and did not route is still unrouted in the table.
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import connection
from kombu.exceptions import OperationalError as BrokerError

from core.clock import now
from core.connections import SILENCE
from notifications import routing
from notifications.wire import Hint, wire
from sites.scope import group_scope

logger = logging.getLogger(__name__)

# Seconds: how soon a stop is noticed, and how long to stay away from a wire that failed.
TURN = 0.5
AFTER_FAILURE = 1.0

# Events of a burst that are routed before what came of them is sent.
BATCH = 100


class Router:
    """Start it, stop it; in between it routes what it is hinted at."""

    # None before the first turn.
    is_listening: bool | None = None

    def __init__(self) -> None:
        self._wire = wire()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notifications-router", daemon=True)
        self._last_sign_of_life = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Let the turn that runs end, for at most `timeout` seconds."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._doubt_a_silent_connection()
            hints = self._take()
            if hints:
                self._last_sign_of_life = time.monotonic()
                self._route(hints)
        connection.close()

    def _take(self) -> list[Hint]:
        try:
            self._wire.listen()
            self.is_listening = True
            hints = self._wire.take(TURN)
        except Exception as error:  # noqa: BLE001 - whatever the database does, the thread lives on
            if self.is_listening is not False:
                logger.warning("No hints arrive (%r): the sweep will find what waits.", error)
            self.is_listening = False
            connection.close()
            self._stopping.wait(AFTER_FAILURE)
            return []
        return hints

    def _route(self, hints: list[Hint]) -> None:
        by_group: dict[int, list[Hint]] = {}
        for hint in hints:
            by_group.setdefault(hint.group_id, []).append(hint)
        for group_id, of_group in by_group.items():
            for start in range(0, len(of_group), BATCH):
                self._follow(group_id, of_group[start : start + BATCH])

    def _follow(self, group_id: int, hints: list[Hint]) -> None:
        try:
            route_and_send(group_id, hints)
        except Exception:
            logger.exception("Hints of group %s were not followed; the sweep will find the events", group_id)

    def _doubt_a_silent_connection(self) -> None:
        """After a silence, or once a query failed: the database may have been restarted meanwhile.

        The connection is then asked before it is used or listened on again, and replaced if it is dead.
        """
        silent = time.monotonic() - self._last_sign_of_life > SILENCE
        if silent or connection.errors_occurred:
            self._last_sign_of_life = time.monotonic()
            connection.close_if_unusable_or_obsolete()


def route_and_send(group_id: int, hints: list[Hint]) -> None:
    """Route these events of the group, then have what is due sent: one task per channel that has work."""
    from notifications.tasks import send

    with group_scope(group_id):
        routed = routing.route_events(hints, at=now())
    for channel in {channel for result in routed for channel in result.channels}:
        try:
            send.apply_async(kwargs={"channel": channel.value, "group_id": group_id}, queue=channel.value)
        except BrokerError as error:
            logger.warning("%s waits for the sweep: the broker does not answer (%r)", channel.value, error)
