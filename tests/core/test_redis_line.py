"""The short line to Redis: answers, errors, a connection that was cut, and a server that does not answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from core.redis_line import RedisLine


@pytest.fixture
def line() -> RedisLine:
    return RedisLine(settings.REDIS_URL, answers_within=2)


@pytest.fixture
def frozen() -> Iterator[str]:
    """A server that accepts connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(5)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.mark.postgres
def test_texts_come_back_as_bytes(line: RedisLine) -> None:
    line.command("SET", "test:line", "é")

    assert line.command("GET", "test:line") == "é".encode()


@pytest.mark.postgres
def test_error_is_raised_and_the_next_answer_is_its_own(line: RedisLine) -> None:
    line.command("SET", "test:line", "text")

    with pytest.raises(redis.ResponseError):
        line.command("INCR", "test:line")

    assert line.command("GET", "test:line") == b"text"


@pytest.mark.postgres
def test_connection_that_was_cut_is_replaced(line: RedisLine) -> None:
    number = line.command("CLIENT", "ID")
    redis.Redis.from_url(settings.REDIS_URL).client_kill_filter(_id=str(number))

    assert line.command("ECHO", "still here") == b"still here"


def test_server_that_does_not_answer_is_given_up(frozen: str) -> None:
    line = RedisLine(frozen, answers_within=0.05)
    started = time.perf_counter()

    with pytest.raises(redis.TimeoutError):
        line.command("PING")

    assert time.perf_counter() - started < 1


def test_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(redis.ConnectionError):
        RedisLine("redis://127.0.0.1:1/0", answers_within=0.05).command("PING")
