"""How a wake-up hint travels from the process that recorded an event to the one that routes it.

A hint may be lost, doubled or late: the sweep reads the table. So the wire is the least that can carry it: a
queue inside one process, a list in Redis between processes. A Celery task costs 3 ms more on the way to the
bell, which is as much as routing itself (docs/adr/0009-hints-by-a-list.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from queue import Empty, SimpleQueue
from typing import Protocol

import redis
from django.conf import settings

Hint = tuple[int, int]
"""(group id, event id)"""

# Hints taken at once, and kept while nobody takes them: what is older the sweep has long found.
BATCH = 100
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
        with self._writer.pipeline(transaction=False) as pipeline:
            pipeline.rpush(KEY, *[f"{group_id}:{event_id}" for group_id, event_id in hints])
            pipeline.ltrim(KEY, -LONGEST, -1)
            pipeline.execute()

    def take(self, seconds: float) -> list[Hint]:
        first = self._reader.blpop([KEY], timeout=seconds)
        if first is None:
            return []
        rest = self._reader.lpop(KEY, BATCH - 1) or []
        return [_hint(text) for text in [first[1], *rest]]


def _hint(text: bytes) -> Hint:
    group_id, _colon, event_id = text.partition(b":")
    return int(group_id), int(event_id)


@cache
def wire() -> Wire:
    """The wire of this process, chosen by whether Redis is configured."""
    return OverRedis(settings.REDIS_URL) if settings.REDIS_URL else InProcess()
