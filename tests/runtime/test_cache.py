"""The shared cache of production, with and without Redis."""

import pytest
from django.conf import settings
from django.core.cache import cache as default_cache

from dms import cache as module
from dms.cache import ForgivingRedisCache
from tests.processes import free_port


@pytest.fixture(autouse=True)
def no_outage_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_breaker", module._Breaker())


@pytest.fixture
def away() -> ForgivingRedisCache:
    """A cache whose Redis is not there."""
    return ForgivingRedisCache(
        f"redis://127.0.0.1:{free_port()}/0", {"OPTIONS": {"socket_connect_timeout": 0.2}}
    )


def test_without_redis_the_cache_is_empty_and_nothing_fails(away: ForgivingRedisCache) -> None:
    away.set("key", 1)
    away.set_many({"one": 1})
    away.delete("key")
    away.delete_many(["one"])
    away.clear()

    assert away.get("key") is None
    assert away.get("key", "a default") == "a default"
    assert away.get_many(["key", "one"]) == {}
    assert "key" not in away
    assert not away.touch("key")


def test_without_redis_nobody_is_refused_for_having_asked_too_often(away: ForgivingRedisCache) -> None:
    assert away.add("counter", 0) is True
    assert away.incr("counter") == 1
    assert away.incr("counter") == 1


def test_an_outage_is_reported_once(away: ForgivingRedisCache, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        module._breaker._open_until = 0.0
        away.get("key")

    assert [record.levelname for record in caplog.records if record.name == "dms.cache"] == ["WARNING"]


@pytest.mark.postgres
def test_with_redis_it_remembers() -> None:
    default_cache.set("key", {"a": 1}, timeout=60)

    assert default_cache.get("key") == {"a": 1}
    assert default_cache.get_many(["key", "other"]) == {"key": {"a": 1}}


@pytest.mark.postgres
def test_clearing_the_cache_leaves_the_brokers_queues_alone() -> None:
    import redis

    server = redis.Redis.from_url(settings.REDIS_URL)
    server.rpush("a-celery-queue", "a message")
    default_cache.set("key", 1, timeout=60)

    default_cache.clear()

    assert default_cache.get("key") is None
    assert server.llen("a-celery-queue") == 1
    server.delete("a-celery-queue")
