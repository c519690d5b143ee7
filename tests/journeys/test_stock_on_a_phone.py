"""The stock under a thumb: its rooms are in reach, and no line of a card ends in a point."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsing import sign_in
from tests.journeys.conftest import NewPage
from tests.journeys.serving import Server

THIERRY = "stock.lyon@demo.test"

# Each fact that begins a line of its card: whether the point before it can be seen; and any point behind one.
LOOSE_POINTS = """() => [...document.querySelectorAll(".stock-table tbody tr:not(.row-more)")].flatMap((card) => {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const begins = card.getBoundingClientRect().left + 8.25 * rem + 1;
  const strip = getComputedStyle(card, "::before");
  const reaches = parseFloat(strip.left) + parseFloat(strip.width) - 8.25 * rem;
  const isCovered = strip.content !== "none" && Math.abs(reaches) < 1 && parseFloat(strip.width) >= 0.75 * rem;
  const facts = [...card.querySelectorAll("td:not(.price, .site), td > p")].filter((fact) => fact.offsetWidth);
  return facts.filter((fact) => {
    if (getComputedStyle(fact, "::after").content.includes("·")) {
      const box = fact.getBoundingClientRect();
      return !facts.some((other) => {
        const next = other.getBoundingClientRect();
        return next.left >= box.right && Math.abs(next.top - box.top) < 4;
      });
    }
    return Math.abs(fact.getBoundingClientRect().left - begins) < 2 && !isCovered;
  }).map((fact) => `${card.querySelector("a").textContent}: ${fact.textContent}`);
})"""


@pytest.fixture
def phone(server: Server, new_page: NewPage) -> Page:
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    sign_in(page, server.url, THIERRY)
    page.goto(f"{server.url}/stock/")
    return page


@pytest.mark.parametrize("width", [320, 390, 430])
def test_no_line_of_a_card_ends_in_a_point(phone: Page, width: int):
    phone.set_viewport_size({"width": width, "height": 844})

    assert phone.locator(".stock-table tbody tr").count() > 10
    assert phone.evaluate(LOOSE_POINTS) == []


def test_a_tap_on_a_fact_opens_the_vehicle(phone: Page):
    phone.locator(".stock-table tbody td.n").first.click(force=True)

    expect(phone).to_have_url(re.compile(r"/stock/[0-9a-f-]{36}/$"))


@pytest.mark.parametrize("width", [320, 390, 430])
def test_what_a_menu_offers_is_on_the_screen(phone: Page, width: int):
    phone.set_viewport_size({"width": width, "height": 844})

    menus = phone.locator(".stock-menus details")
    assert menus.count() == 3
    for menu in menus.all():
        menu.locator("summary").click()
        panel = menu.locator(".menu-panel").bounding_box()
        assert panel is not None
        assert panel["x"] >= 0
        assert panel["x"] + panel["width"] <= width
        menu.locator("summary").click()


def test_the_room_that_is_open_is_in_sight(phone: Page):
    phone.get_by_role("navigation", name="Stock").get_by_role("link", name="Ancienneté").click()

    here = phone.get_by_role("navigation", name="Stock").locator("[aria-current]")
    expect(here).to_have_text("Ancienneté")
    expect(here).to_be_in_viewport(ratio=1)


def test_the_imports_are_in_reach(phone: Page):
    phone.get_by_role("navigation", name="Stock").get_by_role("link", name="Imports").click()

    expect(phone.get_by_role("heading", level=1)).to_have_text("Imports")


def test_escape_closes_the_filters_and_leads_back_to_their_button(phone: Page):
    opener = phone.locator("#stock-filter")
    opener.click()
    panel = phone.locator("#panel")
    expect(panel.locator("input").first).to_be_focused()

    phone.keyboard.press("Escape")

    expect(panel).to_be_hidden()
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")
