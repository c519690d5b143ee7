"""The inbox page as people live in it: by thumb, by key, in two tabs, and with every step taken back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.browsing import findings, sign_in
from tests.journeys.prospect import send_lead
from tests.journeys.serving import Server

KARIM = "vendeur.lyon@demo.test"


@pytest.fixture
def inbox(server: Server, new_page: Callable[..., Page]) -> Callable[..., Page]:
    """Karim's inbox with one fresh alert for each name."""

    def open_inbox(*names: str, **options: object) -> Page:
        page = new_page(**options)
        sign_in(page, server.url, KARIM)
        page.goto(f"{server.url}/inbox/")
        for name in names:
            send_lead(server.url, name)
            expect(line(page, name)).to_be_visible()
        page.evaluate("document.getElementById('toasts').replaceChildren()")
        return page

    return open_inbox


def line(page: Page, name: str) -> Locator:
    return page.locator("main .item", has_text=name)


def test_an_archived_alert_leaves_every_tab_and_the_undo_brings_it_back(
    inbox: Callable[..., Page], server: Server
):
    page = inbox("Anselme")
    other = page.context.new_page()
    other.goto(f"{server.url}/inbox/")

    line(page, "Anselme").get_by_role("button", name=re.compile("^Archiver")).click()

    expect(page.locator(".note", has_text="Alerte archivée")).to_be_visible()
    expect(line(page, "Anselme")).to_have_count(0)
    expect(line(other, "Anselme")).to_have_count(0)
    page.locator(".note").get_by_role("button", name="Annuler").click()
    expect(line(page, "Anselme")).to_have_count(1)
    expect(line(other, "Anselme")).to_have_count(1)


def test_two_alerts_are_put_off_together_under_one_thumb(inbox: Callable[..., Page], server: Server):
    page = inbox("Basile", "Clotaire", viewport={"width": 390, "height": 780}, has_touch=True)
    for name in ("Basile", "Clotaire"):
        line(page, name).locator(".item-check").tap()

    page.locator(".filing-deeds").get_by_role("button", name="Plus tard").tap()
    page.locator("#later").get_by_role("button", name=re.compile("Demain matin")).tap()

    expect(page.locator(".note", has_text="2 alertes reportées")).to_be_visible()
    expect(line(page, "Basile")).to_have_count(0)
    page.goto(f"{server.url}/inbox/?folder=snoozed")
    expect(line(page, "Clotaire")).to_contain_text("demain à 09:00")


def test_keys_do_what_the_list_of_keys_says(inbox: Callable[..., Page]):
    page = inbox("Désiré", "Émile")

    page.keyboard.press("j")
    expect(line(page, "Émile").locator(".item-title")).to_be_focused()
    page.keyboard.press("u")
    expect(line(page, "Émile")).not_to_have_class(re.compile("is-unread"))
    page.keyboard.press("x")
    expect(line(page, "Émile").locator("input[name=ids]")).to_be_checked()
    page.keyboard.press("x")
    page.keyboard.press("e")
    expect(line(page, "Émile")).to_have_count(0)
    expect(line(page, "Désiré").locator(".item-title")).to_be_focused()
    page.keyboard.press("z")
    expect(line(page, "Émile")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.locator("#inbox-search")).to_be_focused()


def test_keys_can_be_switched_off(inbox: Callable[..., Page]):
    page = inbox("Fabrice")
    page.keyboard.press("?")
    page.get_by_label("Utiliser ces touches").uncheck()
    page.get_by_role("button", name="Fermer").click()

    page.keyboard.press("j")
    page.keyboard.press("e")

    expect(page.locator("main .item-title").first).not_to_be_focused()
    expect(line(page, "Fabrice")).to_have_count(1)


def test_what_is_selected_stays_so_while_new_alerts_arrive(inbox: Callable[..., Page], server: Server):
    page = inbox("Gaston")
    line(page, "Gaston").locator(".item-check").click()

    send_lead(server.url, "Hector")

    expect(line(page, "Hector")).to_be_visible()
    expect(line(page, "Gaston").locator("input[name=ids]")).to_be_checked()
    expect(page.locator("[data-selected]")).to_have_text("1 sélectionnée")


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_selecting_and_choosing_an_hour_have_no_findings(
    color_scheme: str, width: int, inbox: Callable[..., Page]
):
    name = f"Ignace-{color_scheme}-{width}"
    page = inbox(name, color_scheme=color_scheme, viewport={"width": width, "height": 900})
    line(page, name).locator(".item-check").click()
    assert findings(page) == []

    page.locator(".filing-deeds").get_by_role("button", name="Plus tard").click()
    expect(page.locator("#later")).to_be_visible()

    assert findings(page) == []
