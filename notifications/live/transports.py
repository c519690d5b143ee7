"""How a hint travels from the process that changed an inbox to the processes that hold its sockets."""

import asyncio
import logging
import threading
import time
from functools import cache
from typing import Protocol

import redis
from django.conf import settings
from redis.exceptions import RedisError

from notifications.live.hints import People, Standing, encode
from notifications.live.hub import Hub, hub
from notifications.live.subscription import CHANNEL, Subscription

logger = logging.getLogger(__name__)

# Seconds that a publisher waits for Redis, and between attempts to send what it could not take.
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
        self._client = redis.Redis.from_url(
            url,
            socket_timeout=PUBLISH_TIMEOUT,
            socket_connect_timeout=PUBLISH_TIMEOUT,
            socket_keepalive=True,
        )
        self._subscription = Subscription(url, to)
        self._listener: asyncio.Task[None] | None = None
        self._lock = threading.Lock()
        self._missed: dict[int, Standing] = {}

    def announce(self, people: People) -> None:
        """Publish one message that names everybody. What Redis does not take now, a thread sends once it does."""
        if self._missed or not self._publish(people):
            self._send_later(people)

    def _publish(self, people: People) -> bool:
        try:
            self._client.publish(CHANNEL, encode(people))
        except (RedisError, OSError) as error:
            if not self._missed:
                logger.warning("Live hints wait while Redis is away: %s", error)
            return False
        return True

    def _send_later(self, people: People) -> None:
        """Keep the newest hint of each person: there are no more of them than there are people."""
        with self._lock:
            is_under_way = bool(self._missed)
            for user_id, hint in people.items():
                self._missed[user_id] = max(hint, self._missed.get(user_id, hint))
        if not is_under_way:
            threading.Thread(target=self._make_good, name="inbox-hints-later", daemon=True).start()

    def _make_good(self) -> None:
        while True:
            time.sleep(PAUSE_AFTER_FAILURE)
            with self._lock:
                people = dict(self._missed)
            if self._publish(people):
                with self._lock:
                    for user_id, hint in people.items():
                        if self._missed[user_id] == hint:
                            del self._missed[user_id]
                    if not self._missed:
                        return

    def listen(self) -> None:
        """Start this process's one subscription, on the first socket and after its loop was replaced."""
        loop = asyncio.get_running_loop()
        if self._listener is None or self._listener.done() or self._listener.get_loop() is not loop:
            self._listener = loop.create_task(self._subscription.run(), name="inbox-hints")


@cache
def transport() -> Transport:
    """The transport of this process, chosen by whether Redis is configured."""
    return OverRedis(settings.REDIS_URL, hub) if settings.REDIS_URL else InProcess(hub)
