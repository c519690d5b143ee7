"""A salesperson asks on the phone, the manager answers from the bell, the phone and the number in the rail follow."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.browsing import findings, listening
from tests.journeys.serving import Server

CAMILLE, CLAIRE = "vendeuse.lyon@demo.test", "chef.lyon@demo.test"
PHONE = {"width": 390, "height": 844}


def ask_on_the_phone(server: Server, page: Page, amount: str) -> None:
    """Open the oldest of the person's own leads on the first page, and ask."""
    page.goto(f"{server.url}/leads/?owner=me")
    page.locator(".lead-name").last.click()
    page.locator("#discount-open").click()
    page.locator("input[name=amount]").fill(amount)
    page.locator("textarea[name=reason]").fill("Il signe aujourd'hui.")
    page.locator("#discount-ask").click()


def test_a_discount_is_asked_on_a_phone_granted_from_the_bell_and_seen_at_once(
    server: Server, new_page: Callable[..., Page]
):
    manager, other_tab = listening(server, new_page(), CLAIRE), listening(server, new_page(), CLAIRE)
    waiting = other_tab.locator(".rail [data-waiting] [data-number]")
    before = int(waiting.inner_text())
    other_tab.evaluate("window.stillHere = true")
    phone = listening(server, new_page(viewport=PHONE, has_touch=True), CAMILLE)

    ask_on_the_phone(server, phone, "beaucoup")
    expect(phone.locator("#discount .errorlist")).to_contain_text("Écrivez un montant")
    phone.locator("input[name=amount]").fill("430")
    phone.locator("#discount-ask").click()
    expect(phone.locator("#discount")).to_contain_text("En attente de décision")
    phone.evaluate("window.stillHere = true")
    assert findings(phone) == []

    expect(waiting).to_have_text(str(before + 1))
    toast = manager.locator(".note", has_text="430")
    expect(toast).to_contain_text("Remise exceptionnelle")
    manager.locator("#bell summary").click()
    line = manager.locator("#bell .item", has_text="430")
    line.get_by_role("button", name="Approuver").click()

    expect(phone.locator("#discount .granted")).to_contain_text("par Claire Fontaine")
    expect(waiting).to_have_text(str(before))
    assert phone.evaluate("window.stillHere")
    assert other_tab.evaluate("window.stillHere")
    expect(manager.locator("h1")).to_have_text("Remise exceptionnelle")
    expect(manager.locator("main")).to_contain_text("Approuvée par Claire Fontaine")
    assert findings(manager) == []
