"""A connection is asked whether it lives after a silence or a failure, and not at every request."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection

from core import connections


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds on the clock, and a thread that has done nothing yet."""
    seconds = [100.0]
    monkeypatch.setattr(connections, "_thread", threading.local())
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    return seconds


def is_trusted() -> bool:
    """Whether Django would use the connection without asking, as it is at the start of a request."""
    django: Any = connection
    django.health_check_done = False
    connections.trust_recent_connection()
    return bool(django.health_check_done)


def test_the_first_request_of_a_thread_asks(db: None, clock: list[float]) -> None:
    assert not is_trusted()


def test_a_request_soon_after_another_does_not(db: None, clock: list[float]) -> None:
    is_trusted()
    clock[0] += connections.SILENCE - 1

    assert is_trusted()


def test_a_request_after_a_silence_asks(db: None, clock: list[float]) -> None:
    is_trusted()
    clock[0] += connections.SILENCE + 1

    assert not is_trusted()


def test_a_request_after_a_failed_query_asks(
    db: None, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_trusted()
    monkeypatch.setattr(connection, "errors_occurred", True)

    assert not is_trusted()
