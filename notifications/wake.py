"""Step 2 of the road: after the commit, hint to the router that an event waits.

The request thread only drops the id into a queue: a broker that is slow, stopped or lying can neither delay
nor fail the request. One thread per process hands the ids on, in batches when they come fast. What is lost
on the way (a crash, a dead broker) the sweep finds in the table.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from queue import Empty, SimpleQueue

from notifications.wire import BATCH, Hint, wire

logger = logging.getLogger(__name__)

# Seconds between two hints: the first event of a burst leaves at once, those that follow within the pause
# travel together.
_PAUSE = 0.002


class Waker:
    """The thread that hands hints to the wire. Started by the first hint; a forked child starts its own."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Hint] = SimpleQueue()
        self._lock = threading.Lock()
        self._pid = 0
        self._wire_is_down = False

    def put(self, hint: Hint) -> None:
        if self._pid != os.getpid():
            self._start()
        self._queue.put(hint)

    def _start(self) -> None:
        with self._lock:
            if self._pid != os.getpid():
                self._queue = SimpleQueue()
                threading.Thread(target=self._run, name="notifications-waker", daemon=True).start()
                self._pid = os.getpid()

    def _run(self) -> None:
        while True:
            self._hand_on(self._next_batch())
            time.sleep(_PAUSE)

    def _next_batch(self) -> list[Hint]:
        hints = [self._queue.get()]
        while len(hints) < BATCH:
            try:
                hints.append(self._queue.get_nowait())
            except Empty:
                break
        return hints

    def _hand_on(self, hints: list[Hint]) -> None:
        try:
            wire().put(hints)
        except Exception as error:  # noqa: BLE001 - whatever the broker does, the thread lives on
            if not self._wire_is_down:
                logger.warning("The broker does not answer (%r): the sweep will find what waits.", error)
            self._wire_is_down = True
        else:
            self._wire_is_down = False


_waker = Waker()


def wake(hint: Hint) -> None:
    """Hint that this event may be routed now. Never blocks, never raises."""
    _waker.put(hint)
