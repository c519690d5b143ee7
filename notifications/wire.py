"""How a wake-up hint travels from the process that recorded an event to the one that routes it.

A hint may be lost, doubled or late: the sweep reads the table. So the wire is the least that can carry it: a
queue inside one process, a list in Redis (7 or later) between processes. A Celery task costs 3 ms more on the way
to the bell, which is as much as routing itself (docs/adr/0009-hints-by-a-list.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, Protocol

import redis
from django.conf import settings


class Hint(NamedTuple):
    """An event that waits, and what tells the router how to read it. Nothing about anybody: Redis need not know."""

    group_id: int
    event_id: int
    kind: str
    type_key: str


# Hints taken at once.
BATCH = 100

# Hints kept while nobody takes them, or a little more: what is older the sweep has long found.
LONGEST = 10_000

# Seconds: a hint is not worth waiting longer for a Redis that is away.
TIMEOUT = 1.0
KEY = "dms:route"


class Wire(Protocol):
    def put(self, hints: Iterable[Hint]) -> None:
        """Send hints off. Raises whatever the way there raises."""

    def take(self, seconds: float) -> list[Hint]:
        """Wait at most so long for a hint; it and those right behind it. Each hint is taken once."""


class InProcess:
    """The embedded way: a queue between two threads."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Hint] = SimpleQueue()

    def put(self, hints: Iterable[Hint]) -> None:
        for hint in hints:
            self._queue.put(hint)

    def take(self, seconds: float) -> list[Hint]:
        taken: list[Hint] = []
        try:
            taken.append(self._queue.get(timeout=seconds))
            while len(taken) < BATCH:
                taken.append(self._queue.get_nowait())
        except Empty:
            pass
        return taken


class OverRedis:
    """A list: writers push at one end, any number of routers pop from the other."""

    def __init__(self, url: str) -> None:
        connect = redis.Redis.from_url
        self._writer = connect(url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)
        # The reader waits for hints longer than redis-py 8 waits for an answer by itself.
        self._reader = connect(url, socket_timeout=30, socket_connect_timeout=TIMEOUT, socket_keepalive=True)

    def put(self, hints: Iterable[Hint]) -> None:
        waiting = self._writer.rpush(KEY, *[":".join(map(str, hint)) for hint in hints])
        if waiting > LONGEST:
            self._writer.ltrim(KEY, -LONGEST, -1)

    def take(self, seconds: float) -> list[Hint]:
        found: Any = self._reader.blmpop(seconds, 1, KEY, direction="LEFT", count=BATCH)
        return [_hint(text) for text in found[1]] if found else []


def _hint(text: bytes) -> Hint:
    group_id, event_id, kind, type_key = text.decode().split(":", 3)
    return Hint(int(group_id), int(event_id), kind, type_key)


@cache
def wire() -> Wire:
    """The wire of this process, chosen by whether Redis is configured."""
    return OverRedis(settings.REDIS_URL) if settings.REDIS_URL else InProcess()
