"""The WebSocket /ws/inbox/ through the whole gate: origin, session, hub, patrol."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client

from dms import asgi
from notifications import live
from notifications.inbox import advance
from notifications.live import consumer, threads
from notifications.live.hub import hub
from notifications.live.patrol import Patrol
from sites.models import User
from sites.scope import group_scope
from tests.cast import signed_in
from tests.runtime.tabs import open_tab, tab

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def database_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads that close their connections at the end: the test database cannot be dropped under an open one."""
    pool = ThreadPoolExecutor(max_workers=1)
    monkeypatch.setattr(threads, "_threads", pool)
    yield
    pool.submit(connections.close_all).result()
    pool.shutdown()


@pytest.fixture
def camilles_browser(camille: User) -> Client:
    return signed_in(camille)


@pytest.fixture
def ritas_browser(rita: User) -> Client:
    return signed_in(rita)


async def test_a_tab_learns_where_its_inbox_stands(camille: User, camilles_browser: Client) -> None:
    def something_happens() -> None:
        assert camille.group_id is not None
        with group_scope(camille.group_id):
            advance([camille.pk], by=3)

    await threads.in_database_thread(something_happens)
    async with tab(camilles_browser) as socket:
        accepted = await socket.connect()
        message = await socket.hear()

    assert accepted
    assert message == {"head": 3, "unread": 0}


async def test_a_tab_hears_of_its_person_only(
    camille: User, rita: User, camilles_browser: Client, ritas_browser: Client
) -> None:
    async with open_tab(camilles_browser) as camilles, open_tab(ritas_browser) as ritas:
        # The hub of a process that holds sockets hears of everybody, whatever his group.
        hub.deliver({camille.pk: (8, 1)})
        heard = await camilles.hear()
        silence = await ritas.hears_nothing()

    assert heard == {"head": 8, "unread": 1}
    assert silence


async def announce_again_and_again(people: dict[int, tuple[int, int]]) -> None:
    """Over Redis, the first hints may come before the subscription that was made for the first tab."""
    while True:
        await threads.in_database_thread(live.announce, people)
        await asyncio.sleep(0.05)


async def test_an_announcement_reaches_the_open_tab(camille: User, camilles_browser: Client) -> None:
    async with open_tab(camilles_browser) as socket:
        announcing = asyncio.create_task(announce_again_and_again({camille.pk: (12, 4)}))
        heard = await socket.hear()
        announcing.cancel()

    assert heard == {"head": 12, "unread": 4}


async def test_a_stranger_is_told_to_sign_in(db: None) -> None:
    async with tab(None) as socket:
        accepted = await socket.connect()
        code = await socket.closing_code()

    assert accepted
    assert code == consumer.SIGNED_OUT == 4401
    assert hub.sockets() == []


async def test_a_made_up_session_is_a_stranger(camille: User, camilles_browser: Client) -> None:
    camilles_browser.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32

    async with tab(camilles_browser) as socket:
        await socket.connect()
        code = await socket.closing_code()

    assert code == 4401


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://testserver.evil.example", "http://testserver:81", "null", None]
)
async def test_a_foreign_page_gets_no_socket(camilles_browser: Client, origin: str | None) -> None:
    async with tab(camilles_browser, origin=origin) as socket:
        accepted = await socket.connect()

    assert not accepted


async def test_without_the_gate_it_would(camilles_browser: Client) -> None:
    """Negative control: cookies alone do not tell whose page opens the socket."""
    async with tab(camilles_browser, origin="https://evil.example", gate=asgi.sockets._application) as socket:
        accepted = await socket.connect()

    assert accepted


async def test_a_host_that_is_not_ours_gets_no_socket(camilles_browser: Client) -> None:
    """A name that an attacker points at our address would otherwise be its own « same origin »."""
    async with tab(camilles_browser, origin="http://evil.example", host="evil.example") as socket:
        accepted = await socket.connect()

    assert not accepted


async def test_any_other_address_says_that_nothing_is_here(camilles_browser: Client) -> None:
    async with tab(camilles_browser, path="/ws/other/") as socket:
        accepted = await socket.connect()
        code = await socket.closing_code()

    assert accepted
    assert code == 4404


async def test_what_a_client_says_is_ignored(camille: User, camilles_browser: Client) -> None:
    async with open_tab(camilles_browser) as socket:
        await socket.say(text='{"user": 1}')
        await socket.say(bytes=b"\xff\x00")
        silence = await socket.hears_nothing()
        hub.deliver({camille.pk: (8, 1)})
        heard = await socket.hear()

    assert silence
    assert heard == {"head": 8, "unread": 1}


async def test_a_client_that_talks_too_much_is_hung_up_on(camilles_browser: Client) -> None:
    async with open_tab(camilles_browser) as socket:
        for _ in range(consumer.MESSAGES_ALLOWED + 1):
            await socket.say(text="hello")
        code = await socket.closing_code()

    assert code == 4429
    assert hub.sockets() == []


async def test_signing_out_elsewhere_ends_the_socket(camilles_browser: Client, ritas_browser: Client) -> None:
    async with open_tab(camilles_browser) as camilles, open_tab(ritas_browser) as ritas:
        await threads.in_database_thread(camilles_browser.session.flush)
        await Patrol(hub).go_round()
        code = await camilles.closing_code()
        rita_stays = await ritas.hears_nothing()

    assert code == 4401
    assert rita_stays


async def test_a_new_password_ends_the_sockets_of_the_old_one(
    camille: User, camilles_browser: Client
) -> None:
    def change_password() -> None:
        camille.set_password("another one, much longer")
        camille.save()

    async with open_tab(camilles_browser) as socket:
        await threads.in_database_thread(change_password)
        await Patrol(hub).go_round()
        code = await socket.closing_code()

    assert code == 4401
