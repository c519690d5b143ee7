"""One socket's outgoing side: the newest hint, and never a queue of them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]


class LatestHint:
    """Sends hints one at a time. While one is on its way to a slow client the next ones replace each other."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._head = -1
        self._waiting: str | None = None
        self._sending: asyncio.Task[None] | None = None
        self._stopped = False

    def offer(self, head: int, text: str) -> None:
        """Send `text` soon, unless a later state of the inbox was offered before: hints may overtake each other."""
        if self._stopped or head < self._head:
            return
        self._head = head
        self._waiting = text
        if self._sending is None:
            self._sending = asyncio.get_running_loop().create_task(self._drain())

    def stop(self) -> None:
        """Send nothing more; drop what waits."""
        self._stopped = True
        self._waiting = None
        if self._sending is not None:
            self._sending.cancel()

    async def _drain(self) -> None:
        try:
            while self._waiting is not None:
                text, self._waiting = self._waiting, None
                await self._send({"type": "websocket.send", "text": text})
        except OSError:
            logger.debug("A socket closed while a hint was on its way to it")
        finally:
            self._sending = None
