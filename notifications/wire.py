"""« Wake » in docs/architecture.md: once an event is committed, the router hears that it waits.

PostgreSQL says so itself: NOTIFY is part of the transaction that writes the event, so the hint leaves with the
commit, cannot be lost between the two, and needs no broker; the router hears it on the connection that it goes on
to read with (docs/adr/0010-postgresql-wakes-the-router.md has the figures). Embedded, it is a queue between two
threads. A hint may come twice, or never when no router listens: the sweep reads the table.
"""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, Protocol

from django.db import connection


class Hint(NamedTuple):
    """An event that waits, and what tells the router how to read it."""

    group_id: int
    event_id: int
    kind: str
    type_key: str


# The PostgreSQL channel, and what is said on it of a row of events.
CHANNEL = "dms_route"
NOTIFY = f"pg_notify('{CHANNEL}', concat_ws(':', group_id, id, kind, type_key))"


class Wire(Protocol):
    def listen(self) -> None:
        """See to it that hints given from now on are heard. Cheap when they already are."""

    def take(self, seconds: float) -> list[Hint]:
        """Wait at most so long for a hint; it and those right behind it. Raises whatever the way here raises."""


class InProcess:
    """The embedded way: a queue between two threads."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Hint] = SimpleQueue()

    def put(self, hint: Hint) -> None:
        """Never waits, never raises."""
        self._queue.put(hint)

    def listen(self) -> None:
        """A queue always listens."""

    def take(self, seconds: float) -> list[Hint]:
        taken: list[Hint] = []
        try:
            taken.append(self._queue.get(timeout=seconds))
            while True:
                taken.append(self._queue.get_nowait())
        except Empty:
            return taken


class OverPostgres:
    """NOTIFY, heard on the database connection of the thread that takes: one of these for each thread."""

    def __init__(self) -> None:
        self._listening: Any = None

    def listen(self) -> None:
        with connection.cursor() as cursor:
            if connection.connection is not self._listening:
                cursor.execute(f"LISTEN {CHANNEL}")
                self._listening = connection.connection

    def take(self, seconds: float) -> list[Hint]:
        heard = self._listening.notifies(timeout=seconds, stop_after=1)
        return [_hint(notification.payload) for notification in heard]


def _hint(text: str) -> Hint:
    group_id, event_id, kind, type_key = text.split(":", 3)
    return Hint(int(group_id), int(event_id), kind, type_key)


in_process = InProcess()


def wire() -> Wire:
    """The wire for one router of this process."""
    return OverPostgres() if connection.vendor == "postgresql" else in_process
