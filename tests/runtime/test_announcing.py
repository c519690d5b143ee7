"""Live hints while Redis cannot take them: nobody waits, and the newest of each person is sent once it can."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisGone

from notifications.live import transports
from notifications.live.hub import Hub
from notifications.live.transports import OverRedis


class Line:
    """A Redis client whose line can be cut; it notes what was published."""

    def __init__(self) -> None:
        self.cut = False
        self.published: list[dict[str, Any]] = []

    def publish(self, _channel: str, message: str) -> int:
        if self.cut:
            raise RedisGone("no broker")
        self.published.append(json.loads(message))
        return 1


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def transport(line: Line, monkeypatch: pytest.MonkeyPatch) -> OverRedis:
    monkeypatch.setattr(transports, "PAUSE_AFTER_FAILURE", 0.02)
    own = OverRedis("redis://127.0.0.1:1/0", Hub())
    monkeypatch.setattr(own, "_client", line)
    return own


def published(line: Line, number: int) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 5
    while len(line.published) < number and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(0.1)
    return line.published


def test_hint_is_published_at_once_while_redis_answers(transport: OverRedis, line: Line) -> None:
    transport.announce({7: (3, 1)})

    assert line.published == [{"7": [3, 1]}]


def test_newest_hint_of_each_person_is_made_good_in_one_message(transport: OverRedis, line: Line) -> None:
    line.cut = True
    for people in ({7: (3, 1)}, {8: (1, 1)}, {7: (4, 2)}):
        transport.announce(people)
    line.cut = False

    assert published(line, 1) == [{"7": [4, 2], "8": [1, 1]}]


def test_after_an_outage_hints_leave_at_once_again(transport: OverRedis, line: Line) -> None:
    line.cut = True
    transport.announce({7: (3, 1)})
    line.cut = False
    published(line, 1)

    transport.announce({7: (4, 2)})

    assert line.published == [{"7": [3, 1]}, {"7": [4, 2]}]


def test_an_outage_is_reported_once(
    transport: OverRedis, line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    line.cut = True
    for head in range(5):
        transport.announce({7: (head, 1)})
    time.sleep(0.1)
    line.cut = False
    published(line, 1)

    assert caplog.text.count("Live hints wait") == 1
