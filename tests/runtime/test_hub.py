"""Fan-out of hints to the sockets of one process."""

import asyncio
import threading
from typing import Any

import pytest

from notifications.live import patrol
from notifications.live.hints import as_text, decode, encode
from notifications.live.hub import Hub
from notifications.live.patrol import Patrol
from notifications.live.sender import LatestHint
from notifications.live.sessions import Visitor

CAMILLE, KARIM, RITA = 1, 2, 3


class Tab:
    """An open tab that remembers what it was told."""

    def __init__(self, user_id: int) -> None:
        self.visitor: Visitor | None = Visitor(user_id, group_id=1, session_key=f"session of {user_id}")
        self.told: list[str] = []
        self.refreshed = 0

    def hint(self, head: int, text: str) -> None:
        self.told.append(text)

    async def refresh(self) -> None:
        self.refreshed += 1

    async def sign_out(self) -> None:
        self.visitor = None


class BrokenTab(Tab):
    """A tab whose every use fails in a way that nobody has thought of."""

    def hint(self, head: int, text: str) -> None:
        raise LookupError

    async def refresh(self) -> None:
        raise LookupError

    async def sign_out(self) -> None:
        raise RuntimeError


class Client:
    """A socket's ASGI `send`, which can be slow or gone."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.can_take_more = asyncio.Event()
        self.can_take_more.set()
        self.error: Exception | None = None

    async def send(self, message: dict[str, Any]) -> None:
        await self.can_take_more.wait()
        if self.error is not None:
            raise self.error
        self.got.append(message["text"])


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_hint_reaches_every_tab_of_its_person_and_nobody_else() -> None:
    hub = Hub()
    desk, phone, karims, ritas = Tab(CAMILLE), Tab(CAMILLE), Tab(KARIM), Tab(RITA)
    for tab, person in ((desk, CAMILLE), (phone, CAMILLE), (karims, KARIM), (ritas, RITA)):
        hub.attach(person, tab)

    hub.deliver({CAMILLE: (7, 2), KARIM: (3, 1), 4: (9, 9)})

    assert desk.told == phone.told == ['{"head": 7, "unread": 2}']
    assert karims.told == ['{"head": 3, "unread": 1}']
    assert ritas.told == []


async def test_one_message_for_ten_thousand_finds_the_one_who_is_here() -> None:
    hub = Hub()
    tab = Tab(CAMILLE)
    hub.attach(CAMILLE, tab)

    hub.deliver({person: (person, 0) for person in range(10_000)})

    assert tab.told == [as_text((CAMILLE, 0))]


async def test_a_closed_tab_is_forgotten() -> None:
    hub = Hub()
    tab = Tab(CAMILLE)
    hub.attach(CAMILLE, tab)

    hub.detach(CAMILLE, tab)
    hub.detach(CAMILLE, tab)
    hub.deliver({CAMILLE: (7, 2)})

    assert tab.told == []
    assert hub.sockets() == []


async def test_a_worker_thread_may_deliver() -> None:
    hub = Hub()
    tab = Tab(CAMILLE)
    hub.attach(CAMILLE, tab)

    worker = threading.Thread(target=hub.deliver_soon, args=({CAMILLE: (7, 2)},))
    worker.start()
    worker.join()
    told_before_the_loop_turned = list(tab.told)
    await settle()

    assert told_before_the_loop_turned == []
    assert tab.told == ['{"head": 7, "unread": 2}']


def test_nobody_is_told_once_the_loop_is_gone() -> None:
    hub = Hub()
    tab = Tab(CAMILLE)

    async def open_tab() -> None:
        hub.attach(CAMILLE, tab)

    asyncio.run(open_tab())
    hub.deliver_soon({CAMILLE: (7, 2)})

    assert tab.told == []


async def test_after_an_interruption_every_tab_reads_its_inbox_again() -> None:
    hub = Hub()
    desk, karims = Tab(CAMILLE), Tab(KARIM)
    hub.attach(CAMILLE, desk)
    hub.attach(KARIM, karims)

    await hub.refresh()

    assert (desk.refreshed, karims.refreshed) == (1, 1)


async def test_a_quick_client_gets_every_hint_at_once() -> None:
    client = Client()
    latest = LatestHint(client.send)

    latest.offer(1, "one")
    latest.offer(2, "two")

    assert client.got == ["one", "two"]


async def test_a_slow_client_gets_the_first_and_the_last_hint() -> None:
    client = Client()
    client.can_take_more.clear()
    latest = LatestHint(client.send)

    for head in range(1, 101):
        latest.offer(head, f"hint {head}")
    client.can_take_more.set()
    await settle()

    assert client.got == ["hint 1", "hint 100"]


async def test_a_hint_that_was_overtaken_is_dropped() -> None:
    client = Client()
    latest = LatestHint(client.send)

    latest.offer(5, "five")
    latest.offer(4, "four")

    assert client.got == ["five"]


async def test_a_hint_that_says_nothing_new_is_dropped() -> None:
    client = Client()
    latest = LatestHint(client.send)

    latest.offer(5, "five")
    latest.offer(5, "five")
    latest.offer(5, "five, one less unread")

    assert client.got == ["five", "five, one less unread"]


async def test_a_slow_client_that_hangs_up_costs_nothing_more() -> None:
    client = Client()
    client.can_take_more.clear()
    latest = LatestHint(client.send)
    latest.offer(1, "one")

    latest.stop()
    client.can_take_more.set()
    await settle()
    latest.offer(2, "two")

    assert client.got == []
    assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize(
    "error",
    [OSError("gone"), RuntimeError("Unexpected ASGI message 'websocket.send', after 'websocket.close'")],
)
async def test_a_client_that_vanished_disturbs_nobody(error: Exception) -> None:
    client = Client()
    client.error = error
    latest = LatestHint(client.send)

    latest.offer(1, "one")
    client.error = None
    latest.offer(2, "two")

    assert client.got == ["two"]


async def test_control_a_fault_of_our_own_is_not_taken_for_a_vanished_client() -> None:
    client = Client()
    client.error = LookupError()

    with pytest.raises(LookupError):
        LatestHint(client.send).offer(1, "one")


async def test_a_broken_socket_keeps_no_other_from_ringing(caplog: pytest.LogCaptureFixture) -> None:
    hub = Hub()
    sound = [Tab(CAMILLE), Tab(KARIM), Tab(RITA)]
    for person, tab in zip((CAMILLE, KARIM, RITA), sound, strict=True):
        hub.attach(person, BrokenTab(person))
        hub.attach(person, tab)

    hub.deliver({CAMILLE: (7, 2), KARIM: (3, 1), RITA: (1, 1)})

    assert [len(tab.told) for tab in sound] == [1, 1, 1]
    assert caplog.messages == ["A socket could not be rung"] * 3


async def test_a_broken_socket_keeps_no_other_from_reading_again() -> None:
    hub = Hub()
    sound = Tab(KARIM)
    hub.attach(CAMILLE, BrokenTab(CAMILLE))
    hub.attach(KARIM, sound)

    await hub.refresh()

    assert sound.refreshed == 1


async def test_a_broken_socket_keeps_the_patrol_from_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """All sessions have ended; one socket was closed by the server and does not know it yet."""
    monkeypatch.setattr(patrol, "is_still", lambda _visitor: False)
    hub = Hub()
    tabs = [Tab(CAMILLE), BrokenTab(CAMILLE), Tab(KARIM)]
    for tab in tabs:
        hub.attach(CAMILLE, tab)

    await Patrol(hub).go_round()

    assert [tab.visitor is None for tab in tabs] == [True, False, True]


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"\xff", b"[]", b"7", b"null", b'{"1": 2}', b'{"1": [1]}', b'{"1": [1, null]}', b'{"x": [1, 2]}',
     b'{"1": [1, "a"]}', b'{"1": [1e999, 2]}', b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_hint_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="no hints"):
        decode(data)


def test_a_hint_survives_the_wire() -> None:
    people = {CAMILLE: (7, 2), 9_000_000_000: (2**60, 0)}

    assert decode(encode(people).encode()) == people
