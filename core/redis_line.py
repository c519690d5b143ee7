"""A line to Redis for the few commands on the way to the bell, where a tenth of a millisecond counts.

The client of redis-py keeps a pool, retries, measures and calls back around each command; for one as short as
RPUSH that costs as much again as the command. Here one connection serves one caller at a time.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import Any

import redis

# Seconds: a Redis that is near answers within a thousandth of it.
CONNECT_WITHIN = 1.0


@dataclass
class _Open:
    """The connection of one process; it connects with its first command and again after a failure."""

    connection: Any
    pid: int = field(default_factory=os.getpid)
    lock: threading.Lock = field(default_factory=threading.Lock)


class RedisLine:
    """One connection for each process that uses it: a forked child opens its own."""

    def __init__(self, url: str, *, answers_within: float) -> None:
        """`answers_within`: seconds; connecting may take as long, but no longer than CONNECT_WITHIN."""
        self._pool = redis.ConnectionPool.from_url(
            url,
            socket_timeout=answers_within,
            socket_connect_timeout=min(answers_within, CONNECT_WITHIN),
            socket_keepalive=True,
        )
        self._open: _Open | None = None

    def command(self, *words: str | float) -> Any:
        """Send one command; the answer, texts as bytes.

        Where the connection had been cut while nobody used it, the command is sent once more on a new one: it may
        be carried out twice. Raises `redis.RedisError`.
        """
        line = self._of_this_process()
        with line.lock:
            was_connected = line.connection.is_connected
            try:
                return _ask(line.connection, words)
            except redis.ConnectionError:
                if not was_connected:
                    raise
            return _ask(line.connection, words)

    def _of_this_process(self) -> _Open:
        if self._open is None or self._open.pid != os.getpid():
            self._open = _Open(self._pool.make_connection())
        return self._open


def _ask(connection: Any, words: tuple[str | int | float, ...]) -> Any:
    connection.send_command(*words)
    return connection.read_response()
