"""What a process hears from Redis: hints, and whatever else somebody publishes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

import pytest
from redis import asyncio as aioredis

from notifications.live.hints import decode, encode
from notifications.live.hub import Hub
from notifications.live.subscription import Subscription
from tests.runtime.test_hub import CAMILLE, KARIM, BrokenTab, Tab, settle

NONSENSE = [b"", b"\xff\xfe", b"[1, 2]", b'{"1": "x"}', b'{"nobody": [1, 2]}', b"[" * 100_000]


class FakeRedis:
    """A server that publishes `messages` and then falls silent, in redis-py's own words."""

    def __init__(self, messages: list[bytes]) -> None:
        self._messages = messages
        self.connections = 0

    @asynccontextmanager
    async def pubsub(self) -> AsyncIterator[FakeRedis]:
        self.connections += 1
        yield self

    async def subscribe(self, _channel: str) -> None:
        """Heard."""

    async def get_message(self, **_: float) -> dict[str, Any]:
        if not self._messages:
            await asyncio.Event().wait()
        return {"type": "message", "data": self._messages.pop(0)}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to close."""


async def listen(messages: list[bytes], hub: Hub, monkeypatch: pytest.MonkeyPatch) -> tuple[FakeRedis, bool]:
    """Let a subscription hear all messages; the server, and whether the subscription still listens."""
    server = FakeRedis(messages)
    monkeypatch.setattr(aioredis.Redis, "from_url", lambda *_, **__: server)
    listener = asyncio.create_task(Subscription("redis://fake", hub).run())
    for _ in range(10):
        await settle()
    is_listening = not listener.done()
    listener.cancel()
    await asyncio.gather(listener, return_exceptions=True)
    return server, is_listening


def hub_with(*tabs: tuple[int, Tab]) -> Hub:
    hub = Hub()
    for person, tab in tabs:
        hub.attach(person, tab)
    return hub


async def test_nonsense_on_the_channel_does_not_end_the_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    tab = Tab(CAMILLE)
    messages = [*NONSENSE, encode({CAMILLE: (7, 2)}).encode()]

    server, is_listening = await listen(messages, hub_with((CAMILLE, tab)), monkeypatch)

    assert tab.told == ['{"head": 7, "unread": 2}']
    assert (is_listening, server.connections) == (True, 1)


async def test_a_broken_socket_does_not_end_the_bell(monkeypatch: pytest.MonkeyPatch) -> None:
    tab = Tab(KARIM)
    hub = hub_with((CAMILLE, BrokenTab(CAMILLE)), (KARIM, tab))
    messages = [encode({CAMILLE: (1, 1), KARIM: (1, 1)}).encode(), encode({KARIM: (2, 2)}).encode()]

    server, is_listening = await listen(messages, hub, monkeypatch)

    assert tab.told == ['{"head": 1, "unread": 1}', '{"head": 2, "unread": 2}']
    assert (is_listening, server.connections) == (True, 1)


@pytest.mark.parametrize("data", NONSENSE)
async def test_control_a_listener_that_trusts_the_channel_ends(
    monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    def trusting(self: Subscription, data: bytes) -> None:
        self._hub.deliver(decode(data))

    monkeypatch.setattr(Subscription, "_ring", trusting)

    _server, is_listening = await listen([data], Hub(), monkeypatch)

    assert not is_listening
