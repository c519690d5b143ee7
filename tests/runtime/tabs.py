"""A browser tab's end of a WebSocket, speaking ASGI to the application without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from django.conf import settings
from django.test import Client

from dms.asgi import sockets

PATIENCE = 10.0  # seconds for what must come
SILENCE = 0.2  # seconds without a word count as silence
OURS = "http://testserver"


class Tab:
    """One socket. `hear` returns the next message that the page would get."""

    def __init__(self, path: str, headers: list[tuple[bytes, bytes]], gate: Any) -> None:
        self._to_server: asyncio.Queue[Any] = asyncio.Queue()
        self._from_server: asyncio.Queue[Any] = asyncio.Queue()
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
        }
        self._served = asyncio.create_task(gate(scope, self._to_server.get, self._from_server.put))

    async def connect(self) -> bool:
        """The handshake; whether the server accepts."""
        await self._to_server.put({"type": "websocket.connect"})
        answer = await self._next()
        return bool(answer["type"] == "websocket.accept")

    async def hear(self) -> Any:
        """What the next message says."""
        return json.loads((await self._next())["text"])

    def has_message(self) -> bool:
        """Whether something has come that was not heard yet."""
        return not self._from_server.empty()

    async def closing_code(self) -> Any:
        """The code with which the server hangs up, which must be the next thing it does."""
        message = await self._next()
        assert message["type"] == "websocket.close"
        return message["code"]

    async def hears_nothing(self) -> bool:
        try:
            await asyncio.wait_for(self._from_server.get(), SILENCE)
        except TimeoutError:
            return True
        return False

    async def say(self, **content: Any) -> None:
        await self._to_server.put({"type": "websocket.receive", **content})

    async def leave(self) -> None:
        await self._to_server.put({"type": "websocket.disconnect", "code": 1005})
        with suppress(TimeoutError):
            await asyncio.wait_for(self._served, PATIENCE)

    async def _next(self) -> dict[str, Any]:
        message: dict[str, Any] = await asyncio.wait_for(self._from_server.get(), PATIENCE)
        return message


@asynccontextmanager
async def tab(
    browser: Client | None,
    *,
    path: str = "/ws/inbox/",
    origin: str | None = OURS,
    host: str = "testserver",
    gate: Any = sockets,
) -> AsyncIterator[Tab]:
    """A socket as the browser would open it from a page of `origin`, not connected yet."""
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    if browser is not None:
        cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
        headers.append((b"cookie", cookie.encode()))
    opened = Tab(path, headers, gate)
    yield opened
    await opened.leave()


@asynccontextmanager
async def open_tab(browser: Client) -> AsyncIterator[Tab]:
    """A connected tab that has heard where its inbox stands."""
    async with tab(browser) as opened:
        assert await opened.connect()
        await opened.hear()
        yield opened
