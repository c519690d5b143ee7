"""How a wake-up hint travels from the process that recorded an event to the one that routes it.

A hint may be lost, doubled or late: the sweep reads the table. So the wire is the least that can carry it: a
queue inside one process, a list in Redis (7 or later) between processes. A Celery task costs 3 ms more on the way
to the bell, which is as much as routing itself (docs/adr/0009-hints-by-a-list.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from queue import Empty, SimpleQueue
from typing import NamedTuple, Protocol

from django.conf import settings

from core.redis_line import RedisLine


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

# Seconds after which a reader thinks the line dead. It never waits as long for a hint.
LONGEST_SILENCE = 30.0

KEY = "dms:route"


class Wire(Protocol):
    def put(self, hints: Iterable[Hint], patience: float = TIMEOUT) -> None:
        """Send hints off, waiting no longer than `patience` seconds. Raises whatever the way there raises."""

    def take(self, seconds: float) -> list[Hint]:
        """Wait at most so long for a hint; it and those right behind it. Each hint is taken once."""


class InProcess:
    """The embedded way: a queue between two threads."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Hint] = SimpleQueue()

    def put(self, hints: Iterable[Hint], patience: float = TIMEOUT) -> None:
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
        self._url = url
        self._writers: dict[float, RedisLine] = {}
        self._reader = RedisLine(url, answers_within=LONGEST_SILENCE)

    def put(self, hints: Iterable[Hint], patience: float = TIMEOUT) -> None:
        line = self._writers.get(patience)
        if line is None:
            line = self._writers[patience] = RedisLine(self._url, answers_within=patience)
        waiting = line.command("RPUSH", KEY, *[":".join(map(str, hint)) for hint in hints])
        if waiting > LONGEST:
            line.command("LTRIM", KEY, -LONGEST, -1)

    def take(self, seconds: float) -> list[Hint]:
        found = self._reader.command("BLMPOP", seconds, 1, KEY, "LEFT", "COUNT", BATCH)
        return [_hint(text) for text in found[1]] if found else []


def _hint(text: bytes) -> Hint:
    group_id, event_id, kind, type_key = text.decode().split(":", 3)
    return Hint(int(group_id), int(event_id), kind, type_key)


@cache
def wire() -> Wire:
    """The wire of this process, chosen by whether Redis is configured."""
    return OverRedis(settings.REDIS_URL) if settings.REDIS_URL else InProcess()
