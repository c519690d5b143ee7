"""The bell in the browser: a lead arrives, people act, tabs agree, cuts heal."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.journeys.browsing import sign_in
from tests.journeys.prospect import RIVAL_KEY, send_lead
from tests.journeys.serving import Server

KARIM, CAMILLE, RITA = "vendeur.lyon@demo.test", "vendeuse.lyon@demo.test", "vendeur@rival.test"
PROMISED_MS = 1_000  # from the accepted request to the badge, in a browser


@pytest.fixture
def at_home(server: Server, new_page: Callable[..., Page]) -> Callable[[str], Page]:
    """Sign a person in and wait until his bell listens."""

    def open_home(email: str) -> Page:
        let_everything_arrive(server.url)
        page = new_page()
        with page.expect_websocket() as wire:
            sign_in(page, server.url, email)
        wire.value.wait_for_event("framereceived")
        return page

    return open_home


def let_everything_arrive(url: str) -> None:
    """What an earlier journey set off must not ring in this one."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            if not json.load(answer)["oldest_undelivered_seconds"]:
                return
        time.sleep(0.1)
    raise AssertionError("the server is still busy with earlier events")


def unread(page: Page) -> int:
    """The number on the bell."""
    badge = page.locator("#bell [data-unread-badge]")
    return int(badge.inner_text()) if badge.is_visible() else 0


def wait_for_unread(page: Page, number: int) -> None:
    badge = page.locator("#bell [data-unread-badge]")
    if number:
        expect(badge).to_have_text(str(number))
    else:
        expect(badge).to_be_hidden()


def test_a_lead_rings_within_a_second_without_reload(server: Server, at_home: Callable[[str], Page]):
    page = at_home(KARIM)
    before = unread(page)
    page.evaluate("window.stillHere = true")

    # The best of three: another program on the machine may have had the processor meanwhile.
    milliseconds = min(
        milliseconds_until_it_rings(server, page, name) for name in ("Anatole", "Agathe", "Aimé")
    )

    assert milliseconds < PROMISED_MS
    wait_for_unread(page, before + 3)
    assert page.title().startswith(f"({before + 3}) ")
    expect(page.locator("#announcer")).to_contain_text("Aimé")
    assert page.evaluate("window.stillHere")


def milliseconds_until_it_rings(server: Server, page: Page, name: str) -> float:
    send_lead(server.url, name)
    started = time.monotonic()
    expect(page.locator(".note-title", has_text=name)).to_be_visible()
    return (time.monotonic() - started) * 1000


def test_a_new_lead_joins_the_list_that_is_on_screen(server: Server, at_home: Callable[[str], Page]):
    page = at_home(KARIM)
    page.goto(f"{server.url}/leads/")

    send_lead(server.url, "Achille")

    expect(page.locator(".lead-name", has_text="Achille")).to_have_count(1)


def test_a_reading_that_fails_is_tried_again(server: Server, at_home: Callable[[str], Page]):
    page = at_home(KARIM)
    failures = iter([True, True])
    page.route(
        "**/api/v1/inbox/delta/**",
        lambda route: route.abort() if next(failures, False) else route.continue_(),
    )

    send_lead(server.url, "Albertine")

    expect(page.locator(".note-title", has_text="Albertine")).to_be_visible()
    assert next(failures, None) is None


def test_nothing_of_it_reaches_another_group(server: Server, at_home: Callable[[str], Page]):
    ours, rivals = at_home(KARIM), at_home(RITA)
    before = unread(rivals)

    send_lead(server.url, "Berthe")
    expect(ours.locator(".note-title", has_text="Berthe")).to_be_visible()
    send_lead(server.url, "Robert", key=RIVAL_KEY)
    expect(rivals.locator(".note-title", has_text="Robert")).to_be_visible()

    wait_for_unread(rivals, before + 1)
    assert "Berthe" not in rivals.content()
    assert "Robert" not in ours.content()


def test_one_click_takes_the_lead_and_the_colleague_sees_who_won(
    server: Server, at_home: Callable[[str], Page]
):
    karim, camille = at_home(KARIM), at_home(CAMILLE)
    before = unread(camille)
    send_lead(server.url, "Cyprien")
    note = camille.locator(".note", has_text="Cyprien")
    expect(note).to_be_visible()

    karim.locator(".note", has_text="Cyprien").get_by_role("button", name="Prendre le lead").click()

    karim.wait_for_url(re.compile(r"/leads/[0-9a-f-]{36}/$"))
    expect(karim.get_by_role("heading", name="Cyprien Prospect")).to_be_visible()
    expect(karim.locator("a[href^='mailto:']")).to_be_visible()
    expect(note).to_contain_text("Pris par Karim Benali")
    expect(note.get_by_role("button", name="Prendre le lead")).to_have_count(0)
    wait_for_unread(camille, before)
    camille.locator("#bell > summary").click()
    expect(camille.locator("#bell .item", has_text="Cyprien")).to_contain_text("Pris par Karim Benali")


def test_who_comes_second_is_told_the_winner(server: Server, at_home: Callable[[str], Page]):
    karim, camille = at_home(KARIM), at_home(CAMILLE)
    lead_id = send_lead(server.url, "Dorothée")
    karim.goto(f"{server.url}/leads/{lead_id}/")
    camille.goto(f"{server.url}/leads/{lead_id}/")
    camille.route("**/api/v1/inbox/delta/**", lambda route: route.abort())  # no news reaches her in time
    karim.get_by_role("button", name=re.compile("Prendre le lead")).first.click()
    expect(karim.locator("a[href^='mailto:']")).to_be_visible()

    camille.get_by_role("button", name=re.compile("Prendre le lead")).first.click()

    expect(camille.locator("main")).to_contain_text("Karim Benali")


def test_an_open_lead_says_by_itself_that_a_colleague_took_it(server: Server, at_home: Callable[[str], Page]):
    karim, camille = at_home(KARIM), at_home(CAMILLE)
    lead_id = send_lead(server.url, "Éléonore")
    camille.goto(f"{server.url}/leads/{lead_id}/")
    camille.evaluate("window.stillHere = true")
    camille.locator("#claim").focus()

    karim.locator(".note", has_text="Éléonore").get_by_role("button", name="Prendre le lead").click()

    expect(camille.get_by_role("heading", name="Un collègue a déjà pris ce lead.")).to_be_focused()
    expect(camille.locator("main")).to_contain_text("Karim Benali a pris ce lead")
    expect(camille.locator("#announcer")).to_have_text("Pris par Karim Benali")
    expect(camille.locator("#claim")).to_have_count(0)
    assert camille.evaluate("window.stillHere")


def test_an_open_lead_takes_in_what_the_customer_adds_and_keeps_the_place(
    server: Server, at_home: Callable[[str], Page]
):
    page = at_home(KARIM)
    page.set_viewport_size({"width": 390, "height": 500})
    lead_id = send_lead(server.url, "Fulgence", email="fulgence@example.com")
    page.goto(f"{server.url}/leads/{lead_id}/")
    page.locator("#claim").click()
    page.locator("#contact-write").focus()
    page.evaluate("window.scrollTo(0, 240)")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    send_lead(server.url, "Gontran")
    expect(page.locator(".note-title", has_text="Gontran")).to_be_visible()
    asked_for_a_stranger = [url for url in asked if lead_id in url]
    send_lead(server.url, "Fulgence", email="fulgence@example.com", message="Et le crochet d'attelage ?")

    expect(page.locator(".timeline")).to_contain_text("Et le crochet d'attelage ?")
    expect(page.locator("#contact-write")).to_be_focused()
    assert page.evaluate("window.scrollY") == 240
    assert asked_for_a_stranger == []


def test_the_whole_way_is_there_by_keyboard(server: Server, at_home: Callable[[str], Page]):
    page = at_home(KARIM)
    send_lead(server.url, "Edmond")
    expect(page.locator(".note-title", has_text="Edmond")).to_be_visible()

    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    press_until(page, "Tab", "#bell > summary")
    page.keyboard.press("Enter")
    item = page.locator("#bell .item", has_text="Edmond")
    expect(item).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#bell > summary")).to_be_focused()
    expect(item).to_be_hidden()
    page.keyboard.press("Enter")
    expect(item).to_be_visible()
    press_until(page, "Tab", "#bell .item:first-child button[data-post]")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r"/leads/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("heading", name="Edmond Prospect")).to_be_visible()


def press_until(page: Page, key: str, selector: str, *, at_most: int = 40) -> None:
    for _ in range(at_most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{selector} is not reached by {key}")


def test_reading_in_one_tab_is_read_in_the_other(server: Server, at_home: Callable[[str], Page]):
    first = at_home(KARIM)
    second = first.context.new_page()
    second.goto(f"{server.url}/inbox/")
    send_lead(server.url, "Firmin")
    line = second.locator(".items .item", has_text="Firmin").last
    expect(line).to_have_class(re.compile("is-unread"))
    number = unread(second)

    first.locator("#bell > summary").click()
    first.locator("#bell .item", has_text="Firmin").locator(".item-read").click()

    expect(line).not_to_have_class(re.compile("is-unread"))
    wait_for_unread(second, number - 1)
    wait_for_unread(first, number - 1)


def test_everything_read_empties_the_badge_and_can_be_undone(server: Server, at_home: Callable[[str], Page]):
    page = at_home(CAMILLE)
    send_lead(server.url, "Gaspard")
    expect(page.locator(".note-title", has_text="Gaspard")).to_be_visible()

    page.locator("#bell > summary").click()
    page.get_by_role("button", name="Tout lu").click()

    wait_for_unread(page, 0)
    assert not page.title().startswith("(")
    expect(page.locator(".note", has_text="Gaspard")).to_have_count(0)

    page.locator(".note").get_by_role("button", name="Annuler").click()

    expect(page.locator("[data-unread-badge]").first).to_be_visible()
    assert page.title().startswith("(")


def test_a_cut_loses_nothing_and_doubles_nothing(server: Server, new_page: Callable[..., Page]):
    page = new_page()
    wires: list[WebSocketRoute] = []
    open_again = [True]

    def through(wire: WebSocketRoute) -> None:
        wires.append(wire)
        if open_again[0]:
            wire.connect_to_server()
        else:
            wire.close(code=1011)

    page.route_web_socket("**/ws/inbox/", through)
    sign_in(page, server.url, KARIM)
    send_lead(server.url, "Honoré")
    expect(page.locator(".note-title", has_text="Honoré")).to_be_visible()
    number = unread(page)

    open_again[0] = False
    wires[-1].close(code=1011)
    for name in ("Isidore", "Joséphine", "Kléber"):
        send_lead(server.url, name)
    expect(page.locator("#offline-note")).to_be_visible()
    assert unread(page) == number
    open_again[0] = True

    wait_for_unread(page, number + 3)
    expect(page.locator("#offline-note")).to_be_hidden()
    page.goto(f"{server.url}/inbox/")
    for name in ("Isidore", "Joséphine", "Kléber"):
        expect(page.locator("main .item", has_text=name)).to_have_count(1)


def test_a_tab_learns_that_the_session_ended_in_another(server: Server, at_home: Callable[[str], Page]):
    page = at_home(CAMILLE)
    other = page.context.new_page()
    other.goto(f"{server.url}/inbox/")
    other.locator("#user-menu > summary").click()
    other.get_by_role("button", name="Se déconnecter").click()
    other.wait_for_url(re.compile("/accounts/login/"))

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(page.locator(".note", has_text="Votre session est terminée")).to_be_visible()
