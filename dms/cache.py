"""The shared cache of production: Redis, and never a reason for a request to fail.

What the product keeps in a cache may be forgotten: rate-limit counters, looked-up keys, heartbeats. While
Redis is away this cache behaves as if it were empty, and leads are still accepted.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

# Seconds without a new attempt after a failure: an unreachable server then costs one wait, not one per call.
PAUSE_AFTER_FAILURE = 1.0


class _Breaker:
    """Remembers, for the whole process, that Redis was away a moment ago."""

    def __init__(self) -> None:
        self._open_until = 0.0
        self._reported = False

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._open_until

    def failed(self, error: Exception) -> None:
        """Pause, and log the first failure of an outage only."""
        self._open_until = time.monotonic() + PAUSE_AFTER_FAILURE
        if not self._reported:
            logger.warning("The cache is away, going on without it: %s", error)
        self._reported = True

    def succeeded(self) -> None:
        self._reported = False


_breaker = _Breaker()


def _forgiving(
    method: Callable[Concatenate[RedisCacheClient, P], T], *, otherwise: Callable[P, T]
) -> Callable[Concatenate[RedisCacheClient, P], T]:
    """The same method, answering `otherwise(...)` while there is nobody to ask."""

    def forgiving(client: RedisCacheClient, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if _breaker.is_open:
            return otherwise(*args, **kwargs)
        try:
            answer = method(client, *args, **kwargs)
        except (RedisError, OSError) as error:
            _breaker.failed(error)
            return otherwise(*args, **kwargs)
        _breaker.succeeded()
        return answer

    return forgiving


def _delete_matching(client: RedisCacheClient, pattern: str) -> None:
    server = client.get_client(None, write=True)
    keys = list(server.scan_iter(match=pattern, count=1000))
    if keys:
        server.delete(*keys)


class ForgivingClient(RedisCacheClient):
    """Django's client with an answer for every question, Redis or not."""

    add = _forgiving(RedisCacheClient.add, otherwise=lambda *_: True)
    get = _forgiving(RedisCacheClient.get, otherwise=lambda key, default: default)
    set = _forgiving(RedisCacheClient.set, otherwise=lambda *_: None)
    touch = _forgiving(RedisCacheClient.touch, otherwise=lambda *_: False)
    delete = _forgiving(RedisCacheClient.delete, otherwise=lambda *_: False)
    get_many = _forgiving(RedisCacheClient.get_many, otherwise=lambda *_: {})
    has_key = _forgiving(RedisCacheClient.has_key, otherwise=lambda *_: False)
    # A counter that is away counts as fresh: limits open up rather than refuse a prospect.
    incr = _forgiving(RedisCacheClient.incr, otherwise=lambda key, delta: delta)
    set_many = _forgiving(RedisCacheClient.set_many, otherwise=lambda *_: None)
    delete_many = _forgiving(RedisCacheClient.delete_many, otherwise=lambda *_: None)
    delete_matching = _forgiving(_delete_matching, otherwise=lambda *_: None)


class ForgivingRedisCache(RedisCache):
    """`BACKEND` of the production cache."""

    _cache: ForgivingClient

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient

    def clear(self) -> None:
        """Forget this cache's keys only: the same Redis may hold the broker's queues."""
        self._cache.delete_matching(f"{self.key_prefix}:*")
