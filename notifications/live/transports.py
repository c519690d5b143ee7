"""How a hint travels from the process that changed an inbox to the processes that hold its sockets."""

import asyncio
import logging
import time
from functools import cache
from typing import Protocol

from django.conf import settings
from redis.exceptions import RedisError

from core.redis_line import RedisLine
from notifications.live.hints import People, encode
from notifications.live.hub import Hub, hub
from notifications.live.subscription import CHANNEL, Subscription

logger = logging.getLogger(__name__)

# Seconds that a publisher waits for Redis, and how long it then does without: a hint is not worth more.
PUBLISH_TIMEOUT = 0.5
PAUSE_AFTER_FAILURE = 1.0


class Transport(Protocol):
    """The two ends of the way."""

    def announce(self, people: People) -> None:
        """Send the hints off. Never raises."""

    def listen(self) -> None:
        """Called on the sockets' loop, once per socket: see to it that hints arrive at this process's hub."""


class InProcess:
    """Everything in one process: a hop to the sockets' loop is all it takes."""

    def __init__(self, to: Hub) -> None:
        self._hub = to

    def announce(self, people: People) -> None:
        """Hop to the sockets' loop."""
        self._hub.deliver_soon(people)

    def listen(self) -> None:
        """The hub is called directly: nothing to do."""


class OverRedis:
    """One PUBLISH per event; one subscription per process that holds sockets."""

    def __init__(self, url: str, to: Hub) -> None:
        self._line = RedisLine(url, answers_within=PUBLISH_TIMEOUT)
        self._subscription = Subscription(url, to)
        self._listener: asyncio.Task[None] | None = None
        self._quiet_until = 0.0
        self._reported = False

    def announce(self, people: People) -> None:
        """Publish one message that names everybody. Without Redis the hint is dropped, and that is logged once."""
        if time.monotonic() < self._quiet_until:
            return
        try:
            self._line.command("PUBLISH", CHANNEL, encode(people))
        except (RedisError, OSError) as error:
            self._quiet_until = time.monotonic() + PAUSE_AFTER_FAILURE
            if not self._reported:
                logger.warning("Live hints are not sent while Redis is away: %s", error)
            self._reported = True
        else:
            self._reported = False

    def listen(self) -> None:
        """Start this process's one subscription, on the first socket and after its loop was replaced."""
        loop = asyncio.get_running_loop()
        if self._listener is None or self._listener.done() or self._listener.get_loop() is not loop:
            self._listener = loop.create_task(self._subscription.run(), name="inbox-hints")


@cache
def transport() -> Transport:
    """The transport of this process, chosen by whether Redis is configured."""
    return OverRedis(settings.REDIS_URL, hub) if settings.REDIS_URL else InProcess(hub)
