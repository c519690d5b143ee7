"""The group's administrator changes what a role hears, on a phone, with the keyboard and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.browsing import sign_in
from tests.journeys.serving import Server

AGNES = "admin@demo.test"
PHONE = {"width": 390, "height": 844}


def sideways(page: Page) -> int:
    """Pixels by which the page is wider than the screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_a_default_is_changed_on_a_phone_after_a_look_at_its_effect(
    server: Server, new_page: Callable[..., Page]
):
    page = new_page(viewport=PHONE, has_touch=True, java_script_enabled=False)
    sign_in(page, server.url, AGNES)

    page.goto(f"{server.url}/preferences/")
    page.locator("main").get_by_role("link", name="Alertes par rôle").click()
    expect(page.locator("#history")).to_contain_text("Agnès Moreau")
    page.get_by_role("link", name=re.compile("^Vendeur")).click()
    expect(page.locator("h1")).to_have_text("Vendeur")
    text = page.locator("#leads--received-sms")
    expect(text).not_to_be_checked()
    text.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Chef des ventes").click()
    expect(page.locator(".role-bar")).to_contain_text("1 changement à enregistrer")
    page.locator(".role-bar").get_by_role("button", name="Voir l’effet").click()

    expect(page.locator("h1")).to_have_text("Ce qui changerait")
    expect(page.locator("main")).to_contain_text("Nouveau lead · Vendeur · SMS")
    expect(page.locator("main")).to_contain_text("1 en a décidé elle-même")  # Camille has it already
    expect(page.locator(".swing", has_text="Karim Benali")).to_contain_text("SMS +")
    assert sideways(page) == 0

    page.get_by_role("button", name="Enregistrer 1 changement").click()
    expect(page.get_by_role("status")).to_contain_text("1 changement enregistré.")
    page.goto(f"{server.url}/preferences/roles/?role=salesperson")
    expect(text).to_be_checked()
    expect(page.locator(".role-line", has=text)).to_contain_text("Modifié par Agnès Moreau")
    assert sideways(page) == 0

    page.goto(f"{server.url}/preferences/roles/")
    page.locator("#history .batch").first.get_by_role("button", name="Annuler").click()
    page.goto(f"{server.url}/preferences/roles/?role=salesperson")
    expect(text).not_to_be_checked()
