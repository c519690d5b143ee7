"""The sockets of this process, by person, and the fan-out of hints to them."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

from notifications.live.hints import People, as_text
from notifications.live.sessions import Visitor

logger = logging.getLogger(__name__)


class InboxSocket(Protocol):
    """What the hub and the patrol need of an open socket."""

    visitor: Visitor | None

    def hint(self, head: int, text: str) -> None:
        """Send `text`, which describes the inbox at `head`, as soon as the socket can take it."""

    async def refresh(self) -> None:
        """Read the inbox again and hint at what it is now."""

    async def sign_out(self) -> None:
        """Hang up: the session behind the socket has ended."""


class Hub:
    """One per process. Lives on the event loop of the sockets; only `deliver_soon` may be called from elsewhere."""

    def __init__(self) -> None:
        self._sockets: dict[int, set[InboxSocket]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def attach(self, user_id: int, socket: InboxSocket) -> None:
        """From now on the socket receives this person's hints."""
        self._loop = asyncio.get_running_loop()
        self._sockets.setdefault(user_id, set()).add(socket)

    def detach(self, user_id: int, socket: InboxSocket) -> None:
        """Forget the socket; harmless when it is not known."""
        of_person = self._sockets.get(user_id)
        if of_person is None:
            return
        of_person.discard(socket)
        if not of_person:
            del self._sockets[user_id]

    def deliver(self, people: People) -> None:
        """Hand each person's hint to his sockets. The text is made once per person, not once per socket.

        A socket that breaks is reported and costs the others nothing.
        """
        for user_id, of_person in self._concerned(people):
            hint = people[user_id]
            text = as_text(hint)
            for socket in of_person:
                try:
                    socket.hint(hint[0], text)
                except Exception:
                    logger.exception("A socket could not be rung")

    def deliver_soon(self, people: People) -> None:
        """The same from any thread. Without sockets, or with their loop gone, there is nobody to tell."""
        if self._loop is None or not self._sockets:
            return
        with suppress(RuntimeError):  # the loop closed while the server stops
            self._loop.call_soon_threadsafe(self.deliver, people)

    async def refresh(self) -> None:
        """Let every socket re-read its inbox: hints may have been missed."""
        outcomes = await asyncio.gather(
            *(socket.refresh() for socket in self.sockets()), return_exceptions=True
        )
        for error in outcomes:
            if isinstance(error, Exception):
                logger.warning("A socket could not read its inbox again: %s", error)

    def sockets(self) -> list[InboxSocket]:
        """All open sockets of this process."""
        return [socket for of_person in self._sockets.values() for socket in of_person]

    def _concerned(self, people: People) -> Iterator[tuple[int, set[InboxSocket]]]:
        """Walk the smaller side: an event may concern ten thousand people, of whom three are here."""
        if len(people) > len(self._sockets):
            yield from ((user_id, of) for user_id, of in self._sockets.items() if user_id in people)
        else:
            yield from ((user_id, self._sockets[user_id]) for user_id in people if user_id in self._sockets)


hub = Hub()
