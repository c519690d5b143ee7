"""A plain ASGI application: every message of one Redis channel goes to every socket."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import redis.asyncio as redis

CHANNEL = "bench:bare"
_sends: set[Callable[[Any], Awaitable[None]]] = set()
_tasks: list[asyncio.Task[None]] = []


async def _fan_out() -> None:
    subscription = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=None).pubsub()
    await subscription.subscribe(CHANNEL)
    async for message in subscription.listen():
        if message["type"] == "message":
            for send in list(_sends):
                await send({"type": "websocket.send", "text": message["data"].decode()})


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Accept, and hold until the client leaves."""
    if scope["type"] != "websocket":
        return
    if not _tasks:
        _tasks.append(asyncio.create_task(_fan_out()))
    await receive()
    await send({"type": "websocket.accept"})
    _sends.add(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    _sends.discard(send)
