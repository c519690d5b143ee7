"""A Celery broker in this process's memory that waits for messages instead of polling for them.

kombu's own memory transport sleeps between looks, up to a second, which the bell would show. Here a reader
waits on a condition and every change that may give it work wakes it: a message put in a queue, and an
acknowledgement, because that frees a place in the prefetch window.
"""

import threading
from collections import defaultdict
from queue import Empty, Queue
from time import monotonic
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, memory
from kombu.utils.scheduling import FairCycle

# What settings write as the broker's address.
SCHEME = "embedded"
URL = f"{SCHEME}://localhost"


class Bell:
    """Counts changes, so that one made between looking and waiting is never missed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.rings = 0
        self.closing_time = False

    def ring(self) -> None:
        """There may be something to read."""
        with self._changed:
            self.rings += 1
            self._changed.notify_all()

    def open(self) -> None:
        """Let readers wait (again)."""
        self.closing_time = False

    def close(self) -> None:
        """Send every waiting reader home, and let nobody wait from now on: the worker stops at once."""
        self.closing_time = True
        self.ring()

    def wait(self, *, since: int, timeout: float | None) -> None:
        """Wait for a ring after the one numbered `since`, for at most `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.rings != since, timeout)


bell = Bell()


class Channel(memory.Channel):
    """kombu's memory channel that rings the bell."""

    # Shared by all connections of the process, and not with kombu's own memory transport.
    events: defaultdict[str, set[Any]] = defaultdict(set)
    queues: dict[str, Queue[Any]] = {}

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        super()._put(queue, message, **kwargs)
        bell.ring()

    def _put_fanout(self, exchange: str, message: Any, routing_key: str | None = None, **kwargs: Any) -> None:
        super()._put_fanout(exchange, message, routing_key, **kwargs)
        bell.ring()

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's signature
        super().basic_ack(delivery_tag, multiple)
        bell.ring()

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's signature
        super().basic_reject(delivery_tag, requeue)
        bell.ring()

    def close(self) -> None:
        """Close this channel only: the queues belong to the process and outlive any connection."""
        super(memory.Channel, self).close()


class Transport(memory.Transport):
    """The transport behind the `embedded://` address."""

    Channel = Channel
    driver_type = "embedded"
    driver_name = "embedded"
    cycle: FairCycle

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> None:
        """Deliver one message, waiting up to `timeout` seconds for it.

        Raises:
            TimeoutError: nothing came in time, or it is closing time. (kombu expects `socket.timeout`, which is
                this class since Python 3.10.)
        """
        deadline = None if timeout is None else monotonic() + timeout
        while True:
            rings = bell.rings
            try:
                self.cycle.get(self._deliver, timeout=timeout)
            except Empty:
                left = None if deadline is None else deadline - monotonic()
                if bell.closing_time or (left is not None and left <= 0):
                    raise TimeoutError from None
                bell.wait(since=rings, timeout=left)
            else:
                return


def register() -> None:
    """Teach kombu the `embedded://` address."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
