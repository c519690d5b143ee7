"""Step 2 of the road: after the commit, hint to the router that an event waits.

A broker that is slow, stopped or lying can neither fail the request nor hold it up for longer than PATIENCE, and
that once per outage. While the broker answers, the request thread hands its own hint on, because a hop to another
thread is a tenth of the way to the bell; otherwise, and when hints come fast, it only drops the hint into a queue
that one thread per process empties in batches. What is lost on the way (a crash, a dead broker) the sweep finds in
the table.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from queue import Empty, SimpleQueue

from notifications.wire import BATCH, TIMEOUT, Hint, wire

logger = logging.getLogger(__name__)

# Seconds that a request waits for the broker, some hundred times what it takes.
PATIENCE = 0.03

# Seconds between two batches of the thread, so that the hints of a burst travel together.
_PAUSE = 0.002


class Waker:
    """Hands hints to the wire. Its thread is started by the first hint; a forked child starts its own."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Hint] = SimpleQueue()
        self._start_lock = threading.Lock()
        self._one_request = threading.Lock()
        self._pid = 0
        self._wire_is_down = False

    def put(self, hint: Hint) -> None:
        if self._pid != os.getpid():
            self._start()
        if not self._put_now(hint):
            self._queue.put(hint)

    def _put_now(self, hint: Hint) -> bool:
        """Hand the hint on from this very thread, unless the broker is away or another request is at it."""
        if self._wire_is_down or not self._one_request.acquire(blocking=False):
            return False
        try:
            return self._hand_on([hint], PATIENCE)
        finally:
            self._one_request.release()

    def _start(self) -> None:
        with self._start_lock:
            if self._pid != os.getpid():
                self._queue = SimpleQueue()
                self._one_request = threading.Lock()
                threading.Thread(target=self._run, name="notifications-waker", daemon=True).start()
                self._pid = os.getpid()

    def _run(self) -> None:
        while True:
            self._hand_on(self._next_batch(), TIMEOUT)
            time.sleep(_PAUSE)

    def _next_batch(self) -> list[Hint]:
        hints = [self._queue.get()]
        while len(hints) < BATCH:
            try:
                hints.append(self._queue.get_nowait())
            except Empty:
                break
        return hints

    def _hand_on(self, hints: list[Hint], patience: float) -> bool:
        """Put the hints on the wire; whether it took them. A hint that it took all the same may travel twice."""
        try:
            wire().put(hints, patience)
        except Exception as error:  # noqa: BLE001 - whatever the broker does, the caller lives on
            if not self._wire_is_down:
                logger.warning("The broker does not answer (%r): the sweep will find what waits.", error)
            self._wire_is_down = True
            return False
        self._wire_is_down = False
        return True


_waker = Waker()


def wake(hint: Hint) -> None:
    """Hint that this event may be routed now. Waits for nothing that matters, never raises."""
    _waker.put(hint)
