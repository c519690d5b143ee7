"""Small verbs for journeys: sign in, look for accessibility findings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.journeys.serving import Server

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# WCAG 2.2 AA and everything that it builds on.
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DEMO_PASSWORD = "demo"  # every demo account's, shown on the sign-in page


def sign_in(page: Page, url: str, email: str, password: str = DEMO_PASSWORD) -> None:
    """Sign in by the form, as a person does, and wait for the page after it."""
    page.goto(f"{url}/accounts/login/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("form:has(input[name=password]) button:not([type=button])").first.click()
    page.wait_for_url(lambda address: "/accounts/login/" not in address)


def listening(server: Server, page: Page, email: str) -> Page:
    """The person's page, its bell connected."""
    with page.expect_websocket() as wire:
        sign_in(page, server.url, email)
    wire.value.wait_for_event("framereceived")
    return page


def in_bell(page: Page, *says: str | Locator) -> Locator:
    """The newest line that says or holds all of this; the bell is opened first where it is shut."""
    if page.locator("#bell").get_attribute("open") is None:
        page.locator("#bell summary").click()
    lines = page.locator("#bell .item")
    for one in says:
        lines = lines.filter(has_text=one) if isinstance(one, str) else lines.filter(has=one)
    return lines.first


def shut_bell(page: Page) -> Page:
    """The page without what the open bell lies over, for whoever looks at the page itself."""
    if page.locator("#bell").get_attribute("open") is not None:
        page.locator("#bell summary").click()
    return page


def findings(page: Page, *, preload: bool = True) -> list[str]:
    """What axe finds on the page as it is now: one line per element, empty when it is accessible.

    `preload` lets axe read style sheets through inline ones of its own, which the admin site's @import provokes.
    """
    # Evaluated by the debugger, not added as a script element: the page's CSP would rightly refuse that.
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    result: dict[str, Any] = page.evaluate(
        "options => axe.run(document, options)",
        {"runOnly": {"type": "tag", "values": AXE_RULES}, "resultTypes": ["violations"], "preload": preload},
    )
    return [
        f"{violation['id']}: {' '.join(map(str, node['target']))} – {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
