"""Hangs up on sockets whose session has ended since they opened."""

import asyncio
import logging

from django.db import DatabaseError

from notifications.live.hub import Hub, InboxSocket, hub
from notifications.live.sessions import is_still
from notifications.live.threads import in_database_thread

logger = logging.getLogger(__name__)

# Seconds between two rounds. A tab learns of a sign-out in another tab from the page itself; this is the net below.
ROUND_EVERY = 20.0


class Patrol:
    """Goes round all sockets of the process, one session after the other."""

    def __init__(self, of: Hub, *, every: float = ROUND_EVERY) -> None:
        self._hub = of
        self._every = every
        self._walk: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, unless it is under way on this loop already."""
        loop = asyncio.get_running_loop()
        if self._walk is None or self._walk.done() or self._walk.get_loop() is not loop:
            self._walk = loop.create_task(self._go_round_for_ever(), name="inbox-patrol")

    async def go_round(self) -> None:
        """Check every session once, however many tabs it has open."""
        sockets = self._hub.sockets()
        visitors = {socket.visitor for socket in sockets if socket.visitor is not None}
        ended = {visitor for visitor in visitors if not await in_database_thread(is_still, visitor)}
        for socket in sockets:
            if socket.visitor in ended:
                await self._hang_up(socket)

    @staticmethod
    async def _hang_up(socket: InboxSocket) -> None:
        try:
            await socket.sign_out()
        except (OSError, RuntimeError) as error:  # gone, or closed by the server and not yet told so
            logger.debug("A socket closed before it was hung up on: %s", error)

    async def _go_round_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.go_round()
            except (DatabaseError, OSError) as error:
                logger.warning("Sockets keep their sessions unchecked for now: %s", error)


patrol = Patrol(hub)
