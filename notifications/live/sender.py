"""One socket's outgoing side: the newest hint, and never a queue of them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]


class LatestHint:
    """Sends hints one at a time. While one is on its way to a slow client the next ones replace each other."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._head = -1
        self._text = ""
        self._waiting: str | None = None
        self._sending = False
        self._slow: asyncio.Task[None] | None = None
        self._stopped = False

    def offer(self, head: int, text: str) -> None:
        """Send `text`, unless it says nothing new or was overtaken by a later state of the inbox."""
        if self._stopped or head < self._head or text == self._text:
            return
        self._head = head
        self._text = self._waiting = text
        if not self._sending:
            self._slow = finish_now_or_in_task(self._drain())

    def stop(self) -> None:
        """Send nothing more; drop what waits."""
        self._stopped = True
        self._waiting = None
        if self._slow is not None:
            self._slow.cancel()

    async def _drain(self) -> None:
        self._sending = True
        try:
            while self._waiting is not None:
                text, self._waiting = self._waiting, None
                await self._send({"type": "websocket.send", "text": text})
        except (OSError, RuntimeError) as error:  # gone, or closed by the server and not yet told so
            logger.debug("A socket closed while a hint was on its way to it: %s", error)
        finally:
            self._sending = False


def finish_now_or_in_task(work: Coroutine[Any, Any, None]) -> asyncio.Task[None] | None:
    """Run `work` at once; only if it has to wait for something, let a task carry it on.

    A healthy socket takes a hint without waiting. A task for each of a thousand sockets would cost more than
    the sending (Python 3.12 calls this an eager task).
    """
    try:
        awaited = work.send(None)
    except StopIteration:
        return None
    return asyncio.get_running_loop().create_task(_carry_on(_Rest(work, awaited)))


async def _carry_on(rest: "_Rest") -> None:
    await rest


class _Rest:
    """What is left of a coroutine that has run up to its first wait."""

    def __init__(self, work: Coroutine[Any, Any, None], awaited: Any) -> None:
        self._work = work
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, None]:
        """Wait for what the work waits for, then let it run to its end; a cancellation ends it where it stands."""
        try:
            yield self._awaited
            yield from self._work.__await__()
        finally:
            self._work.close()
