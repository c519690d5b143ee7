"""The one Redis subscription of a process that holds sockets."""

import asyncio
import logging

from redis import asyncio as aioredis
from redis.exceptions import RedisError

from notifications.live.hints import decode
from notifications.live.hub import Hub

logger = logging.getLogger(__name__)

# The Redis channel that all inbox hints of the installation travel on.
CHANNEL = "dms:inbox"

# Seconds of silence after which the connection must prove that it is alive, and that it has to do so.
SILENCE = 15.0
ANSWER_WITHIN = 5.0

# Seconds between attempts to reach Redis again: doubling from the first to the last.
FIRST_RETRY, LAST_RETRY = 0.1, 2.0


class Subscription:
    """Hands what arrives on CHANNEL to the hub, and comes back by itself after any interruption."""

    def __init__(self, url: str, hub: Hub) -> None:
        self._url = url
        self._hub = hub
        self._refresh: asyncio.Task[None] | None = None
        self._delay = FIRST_RETRY
        self._reported = False

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._listen()
            except (RedisError, OSError, TimeoutError) as error:
                if not self._reported:
                    logger.warning("The live bell waits for Redis: %s", error)
                self._reported = True
                await asyncio.sleep(self._delay)
                self._delay = min(self._delay * 2, LAST_RETRY)

    async def _listen(self) -> None:
        # No socket_timeout: redis-py 8 would otherwise end a subscription that is silent for 5 s.
        client = aioredis.Redis.from_url(
            self._url, socket_timeout=None, socket_connect_timeout=ANSWER_WITHIN, socket_keepalive=True
        )
        async with client, client.pubsub() as subscription:
            await subscription.subscribe(CHANNEL)
            self._connected()
            while True:
                message = await subscription.get_message(timeout=SILENCE)
                if message is None:
                    await self._prove_alive(subscription)
                elif message["type"] == "message":
                    self._ring(message["data"])

    def _ring(self, data: bytes) -> None:
        """Whoever may publish could publish nonsense: one message that cannot be read must not end the bell."""
        try:
            self._hub.deliver(decode(data))
        except Exception:
            logger.exception("A message on %s was not understood", CHANNEL)

    def _connected(self) -> None:
        """Make good what was missed before this moment: the sockets re-read their inboxes once."""
        if self._reported:
            logger.warning("The live bell hears Redis again.")
        self._reported = False
        self._delay = FIRST_RETRY
        self._refresh = asyncio.create_task(self._hub.refresh())

    async def _prove_alive(self, subscription: aioredis.client.PubSub) -> None:
        """A connection cut without a goodbye looks silent: ask, and take no answer for an answer."""
        await subscription.ping()
        answer = await subscription.get_message(timeout=ANSWER_WITHIN)
        if answer is None:
            raise TimeoutError("no answer to a ping")
        if answer["type"] == "message":
            self._ring(answer["data"])
