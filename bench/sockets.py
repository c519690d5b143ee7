"""One hint to 1,000 open sockets: when the last one has it, beside a plain `websockets` broadcast.

Both hear of it by one Redis message. Ours names 1,000 different people with their own numbers, and each
socket is a signed-in person's; the rival sends one text to all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from time import perf_counter

import redis
from django.conf import settings

from bench.figures import Report, median, milliseconds
from bench.rivals.broadcast import CHANNEL
from bench.servers import Servers
from bench.world import crowd_with_sessions
from notifications import live

SOCKETS = 1000
ROUNDS = 15
LIMIT = 2.0
_AT_ONCE = 50


class Tab(asyncio.Protocol):
    """An open socket that only notes when something arrived: the client must not be what is measured."""

    def __init__(self, request: bytes, arrived: Callable[[], None]) -> None:
        self._request = request
        self._arrived = arrived
        self.opened = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.opened.done():
            self.opened.set_result(data.startswith(b"HTTP/1.1 101"))
            return
        self._arrived()


class Crowd:
    """All the tabs of one server, and the moment when the last of them heard."""

    def __init__(self, port: int, path: str, cookies: list[str]) -> None:
        self._port, self._path, self._cookies = port, path, cookies
        self._missing: set[int] = set()
        self._all = asyncio.Event()

    async def open(self) -> None:
        for first in range(0, len(self._cookies), _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, len(self._cookies)))
            await asyncio.gather(*(self._open(number) for number in numbers))

    async def last_hears(self, publish: Callable[[], object]) -> float:
        """Seconds from the publication until every tab heard."""
        self._missing = set(range(len(self._cookies)))
        self._all.clear()
        started = perf_counter()
        await asyncio.to_thread(publish)
        await asyncio.wait_for(self._all.wait(), 30)
        return perf_counter() - started

    async def _open(self, number: int) -> None:
        cookie = self._cookies[number]
        request = (
            f"GET {self._path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nOrigin: http://127.0.0.1:{self._port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Sec-WebSocket-Version: 13\r\nCookie: sessionid={cookie}\r\n\r\n"
        )
        loop = asyncio.get_running_loop()
        _transport, tab = await loop.create_connection(
            lambda: Tab(request.encode(), lambda: self._heard(number)), "127.0.0.1", self._port
        )
        if not await tab.opened:
            raise RuntimeError("a socket was refused")

    def _heard(self, number: int) -> None:
        self._missing.discard(number)
        if not self._missing:
            self._all.set()


def run() -> Report:
    """The table of this benchmark."""
    people = crowd_with_sessions(SOCKETS)
    with ExitStack() as stack:
        servers = Servers(stack)
        ours = servers.sockets()
        rival = servers.broadcaster()
        rivals, product = asyncio.run(_measure(rival, ours, people))
    report = Report(f"Sockets: one hint to {SOCKETS:,} sockets, until the last one has it")
    report.row("plain websockets broadcast", milliseconds(median(rivals)))
    report.row("hub, one message that names everybody", milliseconds(median(product)))
    report.bound("hub / plain broadcast", median(product) / median(rivals), LIMIT)
    return report


async def _measure(rival: int, ours: int, people: dict[int, str]) -> tuple[list[float], list[float]]:
    broker = redis.Redis.from_url(settings.REDIS_URL)
    plain = Crowd(rival, "/", [""] * len(people))
    hub = Crowd(ours, "/ws/inbox/", list(people.values()))
    await plain.open()
    await hub.open()
    await asyncio.sleep(2)  # the hints that every socket of ours sends when it opens
    rivals, product = [], []
    for number in range(1, ROUNDS + 1):
        text = f'{{"head": {number}, "unread": 1}}'
        rivals.append(await plain.last_hears(partial(broker.publish, CHANNEL, text)))
        product.append(await hub.last_hears(partial(live.announce, dict.fromkeys(people, (number, 1)))))
        await asyncio.sleep(0.1)
    return rivals, product
