"""From the commit to the wire: at once while the broker answers, and at nobody's cost while it does not."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from notifications import wake
from notifications.wake import PATIENCE, Waker
from notifications.wire import Hint, OverRedis

HINTS = [Hint(1, number, "notice", "leads.received") for number in range(50)]


class Line:
    """A wire that notes by which thread each hint came, and fails while it is cut."""

    def __init__(self) -> None:
        self.cut = False
        self.came: list[tuple[str, Hint]] = []

    def put(self, hints: Iterable[Hint], patience: float) -> None:
        if self.cut:
            raise ConnectionError("no broker")
        self.came += [(threading.current_thread().name, hint) for hint in hints]


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    own = Line()
    monkeypatch.setattr(wake, "wire", lambda: own)
    return own


@pytest.fixture
def frozen_broker() -> Iterator[str]:
    """A Redis that accepts connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(50)
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def until_heard(line: Line, number: int) -> list[Hint]:
    deadline = time.monotonic() + 5
    while len(line.came) < number and time.monotonic() < deadline:
        time.sleep(0.005)
    return [hint for _thread, hint in line.came]


def test_hint_of_a_quiet_moment_leaves_from_the_thread_of_the_request(line: Line):
    Waker().put(HINTS[0])

    assert line.came == [(threading.current_thread().name, HINTS[0])]


def test_hints_at_once_leave_together_by_the_one_thread(line: Line):
    waker = Waker()
    waker.put(HINTS[0])
    with waker._one_request:
        for hint in HINTS[1:]:
            waker.put(hint)
        heard = until_heard(line, len(HINTS))

    assert heard == HINTS
    assert {thread for thread, _hint in line.came[1:]} == {"notifications-waker"}


def test_hints_come_through_again_once_the_broker_is_back(line: Line):
    waker = Waker()
    line.cut = True
    waker.put(HINTS[0])
    time.sleep(0.05)
    line.cut = False

    waker.put(HINTS[1])
    heard = until_heard(line, 1)
    waker.put(HINTS[2])

    assert heard == [HINTS[1]]
    assert line.came[-1] == (threading.current_thread().name, HINTS[2])


def test_frozen_broker_holds_up_one_request_for_a_moment_and_no_other(
    frozen_broker: str, monkeypatch: pytest.MonkeyPatch
):
    frozen: Any = OverRedis(frozen_broker)
    monkeypatch.setattr(wake, "wire", lambda: frozen)
    waker = Waker()

    waits = []
    for hint in HINTS:
        started = time.perf_counter()
        waker.put(hint)
        waits.append(time.perf_counter() - started)

    # Connecting and the first question each get the patience; the rest is this machine's noise.
    assert max(waits) < 10 * PATIENCE
    assert sum(waits) - max(waits) < PATIENCE


def test_broker_that_is_not_there_fails_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    gone: Any = OverRedis("redis://127.0.0.1:1/0")
    monkeypatch.setattr(wake, "wire", lambda: gone)

    Waker().put(HINTS[0])

    assert "the sweep will find what waits" in caplog.text
