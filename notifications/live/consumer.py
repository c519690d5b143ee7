"""The WebSocket /ws/inbox/: says `{"head": n, "unread": n}` and listens to nothing."""

import asyncio
from collections import deque
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from notifications.live import transports
from notifications.live.hints import as_text
from notifications.live.hub import hub
from notifications.live.patrol import patrol
from notifications.live.sender import LatestHint
from notifications.live.sessions import Visitor, inbox_of, session_key_in, visitor_of
from notifications.live.threads import in_database_thread

Message = dict[str, Any]

# Close codes of our own (4000–4999 are for applications). The page stops reconnecting on both.
SIGNED_OUT = 4401
TALKS_TOO_MUCH = 4429

# A page has nothing to say. This many messages in as many seconds are let pass, for the sake of odd clients.
MESSAGES_ALLOWED = 20
WITHIN_SECONDS = 60.0


class InboxConsumer(AsyncConsumer):  # type: ignore[misc]  # Channels has no types
    """One open tab. It belongs to no Channels group: the hub knows it."""

    visitor: Visitor | None = None
    latest: LatestHint
    hung_up = False

    async def dispatch(self, message: Message) -> None:
        """Call the handler. Channels would first hop to a thread to tend to database connections we do not use."""
        handler = {
            "websocket.connect": self.websocket_connect,
            "websocket.receive": self.websocket_receive,
            "websocket.disconnect": self.websocket_disconnect,
        }[message["type"]]
        await handler(message)

    async def websocket_connect(self, _: Message) -> None:
        """Accept everybody, so that the page learns the reason from the close code; serve members only."""
        self.heard: deque[float] = deque(maxlen=MESSAGES_ALLOWED)
        visitor = await in_database_thread(visitor_of, session_key_in(self.scope["headers"]))
        await self.send({"type": "websocket.accept"})
        if visitor is None:
            await self.close(SIGNED_OUT)
            return
        self.visitor = visitor
        self.latest = LatestHint(self.send)
        # Attach first and read second: a change in between is then seen twice rather than never.
        hub.attach(visitor.user_id, self)
        transports.transport().listen()
        patrol.start()
        await self.refresh()

    async def websocket_receive(self, _: Message) -> None:
        """Ignore what clients say; hang up on those that do not stop."""
        now = asyncio.get_running_loop().time()
        if len(self.heard) == MESSAGES_ALLOWED and now - self.heard[0] < WITHIN_SECONDS:
            await self.close(TALKS_TOO_MUCH)
        self.heard.append(now)

    async def websocket_disconnect(self, _: Message) -> None:
        """The tab is gone."""
        self._leave()
        raise StopConsumer

    def hint(self, head: int, text: str) -> None:
        """Called by the hub, on the loop."""
        self.latest.offer(head, text)

    async def refresh(self) -> None:
        """Read the inbox and hint at where it stands."""
        if self.visitor is not None:
            state = await in_database_thread(inbox_of, self.visitor)
            self.hint(state[0], as_text(state))

    async def close(self, code: int) -> None:
        """Hang up, once, and hear of nothing more."""
        if self.hung_up:
            return
        self.hung_up = True
        self._leave()
        await self.send({"type": "websocket.close", "code": code})

    async def sign_out(self) -> None:
        """The session behind this socket has ended."""
        await self.close(SIGNED_OUT)

    def _leave(self) -> None:
        if self.visitor is not None:
            hub.detach(self.visitor.user_id, self)
            self.latest.stop()
