"""Every page, in both themes and both widths: no axe finding, no sideways scrolling, no refused script or style.

Refusals by the Content-Security-Policy and script errors fail through the `new_page` fixture.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Literal

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Page, expect

from tests.journeys.browsing import findings, sign_in
from tests.journeys.conftest import NewPage
from tests.journeys.prospect import send_lead
from tests.journeys.serving import Server

KARIM, CAMILLE, CLAIRE = "vendeur.lyon@demo.test", "vendeuse.lyon@demo.test", "chef.lyon@demo.test"
DIANE, AGNES, ALAIN = "directeur@demo.test", "admin@demo.test", "comptable@demo.test"

# Changes to the role defaults that nobody has saved.
DRAFT = (
    "change=leads.received~salesperson~sms~product~on&change=leads.received~sales_manager~in_app~product~on"
)

STRANGERS_PAGES = [
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/offline/",
    "/demo/lyon/",
    "/demo/lyon/merci/",
    "/nothing/here/",
    "/api/v1/docs/",
]
PAGES = {  # the longest list first: each is looked at by whichever worker is free
    AGNES: [
        "/",
        "/outbox/",
        "/outbox/undelivered/",
        "/outbox/ledger/",
        "/outbox/gallery/",
        "/gallery/",
        "/preferences/",
        "/preferences/roles/",
        "/preferences/roles/?role=sales_manager",
        f"/preferences/roles/?{DRAFT}",
        f"/preferences/roles/?role=salesperson&{DRAFT}",
        f"/preferences/roles/effect/?role=salesperson&{DRAFT}",
        "/admin/",
        "/admin/sites/site/",
        "/admin/sites/site/add/",
        "/admin/sites/user/",
        "/admin/sites/apikey/",
        "/admin/leads/leadsource/",
        "/admin/notifications/roledefault/",
    ],
    KARIM: [
        "/",
        "/leads/",
        "/leads/?status=new",
        "/leads/?q=zzzz",
        "/stock/",
        "/stock/?q=peugot&price_to=25000&sort=cheapest",
        "/stock/?q=zzzz",
        "/stock/filter/?make=Peugeot",
        "/stock/views/",
        "/stock/transfers/",
        "/stock/wanted/",
        "/stock/wanted/new/",
        "/stock/ageing/",
        "/inbox/",
        "/inbox/?unread=1",
        "/preferences/",
        "/preferences/devices/",
        "/preferences/hours/",
        "/accounts/profile/",
        "/accounts/password/change/",
        "/accounts/reauthenticate/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
        "/outbox/",  # refused: the page for 403
    ],
    CLAIRE: ["/", "/preferences/", "/measures/", "/leads/", "/leads/?status=quarantined", "/approvals/"],
    DIANE: [
        "/stock/transfers/",
        "/stock/ageing/?site=all",
        "/stock/thresholds/?site=all",
        "/stock/wanted/?of=all",
        "/",
        "/leads/",
        "/approvals/",
        "/measures/",
        "/measures/?days=90&by=channel",
        "/imports/",
        "/imports/new/",
        "/demo/feeds/",
        "/stock/new/",
    ],
    ALAIN: ["/", "/inbox/"],
}
# Address -> why it is not looked at: it shows no page of its own.
NO_PAGE = {
    "measures/export/": "a file",
    "imports/mail/": "read by machines",
    "imports/upload/": "POST only",
    "stock/export.csv": "a file",
    "stock/transfers/waiting/": "a fragment of /stock/transfers/",
    "stock/export.xlsx": "a file",
    "stock/columns/": "POST only",
    "stock/check/": "a fragment of the form of a vehicle",
    "stock/views/undo/": "POST only",
    "home/waiting/": "a fragment of /",
    "approvals/waiting/": "a fragment of the list of requests",
    "approvals/mine/": "the same",
    "approvals/settled/": "the same",
    "approvals/count/": "read by script",
    "inbox/items/": "a fragment of /inbox/",
    "inbox/latest/": "a fragment of the bell",
    "inbox/read/": "POST only",
    "inbox/file/": "POST only",
    "inbox/undo/": "POST only",
    "inbox/later/": "a fragment of /inbox/",
    "outbox/undelivered/replay/": "POST only",
    "preferences/hours/quiet/": "POST only",
    "preferences/hours/recaps/": "POST only",
    "preferences/hours/away/": "POST only",
    "preferences/hours/duty/": "POST only",
    "preferences/roles/draft/": "POST only",
    "preferences/roles/save/": "POST only",
    "webhooks/mail/": "read by machines",
    "webhooks/mail/second/": "read by machines",
    "webhooks/twilio/inbound/": "read by machines",
    "webhooks/twilio/status/": "read by machines",
    "me/site/": "POST only",
    "me/presence/": "POST only",
    "me/language/": "POST only",
    "me/theme/": "POST only",
    "manifest.webmanifest": "read by the browser",
    "sw.js": "read by the browser",
    "healthz": "read by machines",
    "accounts/": "redirects to the profile",
    "accounts/logout/": "POST only",
    "accounts/password/set/": "redirects: everybody here has a password",
    "accounts/2fa/authenticate/": "within a sign-in with a second factor",
    "accounts/2fa/reauthenticate/": "needs a second factor",
    "accounts/2fa/totp/deactivate/": "needs a second factor",
    "accounts/2fa/recovery-codes/": "needs a second factor",
    "accounts/2fa/recovery-codes/generate/": "needs a second factor",
    "accounts/2fa/recovery-codes/download/": "a text file",
    "accounts/2fa/webauthn/reauthenticate/": "needs a passkey",
    "accounts/2fa/webauthn/login/": "read by script",
}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Django's admin site fades its colours whatever the reader prefers: nobody waits for that.
SETTLED = """async () => {
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  document.getAnimations().forEach((animation) => animation.finish());
}"""
SIZES = {"desk": (1280, 800), "phone": (390, 844)}


@pytest.fixture
def open_as(server: Server, new_page: NewPage) -> Callable[[str | None], Page]:
    """A page of a person, or of a stranger."""

    def open_page(email: str | None) -> Page:
        page = new_page(reduced_motion="reduce")
        if email:
            sign_in(page, server.url, email)
        return page

    return open_page


def routes(patterns: Iterable[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Every address without parameters, of pages that are ours."""
    for pattern in patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        elif not set(address) & set("<^$(") and not address.startswith(("api/", "admin/")):
            yield address


def test_no_page_is_left_out():
    looked_at = {path.partition("?")[0].lstrip("/") for path in chain(STRANGERS_PAGES, *PAGES.values())}

    missing = set(routes(get_resolver().url_patterns)) - looked_at - set(NO_PAGE)

    assert missing == set()


def faults(page: Page) -> list[str]:
    """Everything that is wrong with the page as it is now, in each look: theme and size are changed under it."""
    found = []
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{size}: {wide} px wider than the screen"] if wide > 0 else []
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            page.evaluate(SETTLED)
            found += [
                f"{size}, {theme}: {finding}" for finding in findings(page, preload="/admin/" not in page.url)
            ]
    return found


def faults_of_all(page: Page, url: str, paths: list[str]) -> dict[str, list[str]]:
    found = {}
    for path in paths:
        page.goto(f"{url}{path}")
        found[path] = faults(page)
    return {path: wrong for path, wrong in found.items() if wrong}


def test_what_a_stranger_sees(server: Server, open_as: Callable[[str | None], Page]):
    assert faults_of_all(open_as(None), server.url, STRANGERS_PAGES) == {}


@pytest.mark.parametrize("email", PAGES)
def test_what_each_role_sees(email: str, server: Server, open_as: Callable[[str | None], Page]):
    assert faults_of_all(open_as(email), server.url, PAGES[email]) == {}


def test_a_lead_before_and_after_it_is_taken(server: Server, open_as: Callable[[str | None], Page]):
    page = open_as(KARIM)
    lead_id = send_lead(server.url, "Léonie", phone=f"+3361{random.randrange(10**7):07}")

    before = faults_of_all(page, server.url, [f"/leads/{lead_id}/"])
    page.get_by_role("button", name=re.compile("Prendre le lead")).first.click()
    expect(page.locator("a[href^='tel:']")).to_be_visible()
    after = faults(page)
    someone_elses = faults_of_all(open_as(CAMILLE), server.url, [f"/leads/{lead_id}/"])

    assert (before, after, someone_elses) == ({}, [], {})


def test_a_vehicle_its_form_its_photos_and_its_sheet(server: Server, open_as: Callable[[str | None], Page]):
    page = open_as(DIANE)
    page.goto(f"{server.url}/stock/new/")
    for name, value in {"make": "Peugeot", "model": "308", "price": "20 490", "mileage": "48 310"}.items():
        page.fill(f"[name={name}]", value)
    page.click("#save")
    expect(page.get_by_role("heading", level=1)).to_have_text("Peugeot 308")
    address = page.url

    page.click("#price-open")
    page.click("#status-open")
    page.check("[name=status][value=sold]")
    opened = faults(page)
    pages = faults_of_all(page, address, ["", "edit/", "photos/", "sheet/"])

    assert (opened, pages) == ([], {})


def test_an_alert_on_every_channel(server: Server, open_as: Callable[[str | None], Page]):
    paths = ["/outbox/gallery/approvals.asked/", "/outbox/gallery/notifications.digest/"]

    assert faults_of_all(open_as(AGNES), server.url, paths) == {}


def test_who_was_told_of_a_lead(server: Server, open_as: Callable[[str | None], Page]):
    lead_id = send_lead(server.url, "Ondine")
    manager, salesperson = open_as(CLAIRE), open_as(KARIM)

    manager.goto(f"{server.url}/leads/{lead_id}/")
    manager.get_by_role("link", name="Qui a été prévenu ?").click()
    manager.get_by_label("Un collègue absent").select_option(label="Alain Petit")
    manager.get_by_role("button", name="Pourquoi pas ?").click()
    expect(manager.locator("#why-not")).to_contain_text("Pas pour ce rôle : Comptable.")
    seen_by_manager = faults(manager)
    salesperson.goto(f"{server.url}/told/lead:{lead_id}/")
    expect(salesperson.get_by_role("heading", level=1)).to_have_text("Ai-je été prévenu ?")

    assert (seen_by_manager, faults(salesperson)) == ([], [])


def test_everything_that_opens(server: Server, open_as: Callable[[str | None], Page]):
    page = open_as(KARIM)
    send_lead(server.url, "Marius")
    expect(page.locator(".note", has_text="Marius")).to_be_visible()
    with_note = faults(page)

    page.locator("#bell > summary").click()
    expect(page.locator("#bell .item").first).to_be_visible()
    with_bell = faults(page)
    page.locator("#user-menu > summary").click()
    expect(page.locator("#bell .menu-panel")).to_be_hidden()
    with_menu = faults(page)
    page.locator(".search-open").click()
    expect(page.locator("#search-phone")).to_be_focused()
    with_search = findings(page)
    page.goto(f"{server.url}/leads/")
    page.locator(".filter-box > summary").click()
    with_filter = faults(page)

    assert (with_note, with_bell, with_menu, with_search, with_filter) == ([], [], [], [], [])


def test_what_customers_type_widens_no_page(server: Server, new_page: NewPage):
    send_lead(server.url, "Anne" * 20, last_name="d" * 90, vehicle={"model": "z" * 70})
    page = new_page()
    sign_in(page, server.url, KARIM)

    found = {}
    for path in ("/", "/leads/", "/inbox/"):
        page.goto(server.url + path)
        found[path] = [line for line in faults(page) if "wider" in line]

    assert found == {"/": [], "/leads/": [], "/inbox/": []}


def test_a_fault_would_be_found(server: Server, new_page: NewPage):
    page = new_page()
    page.goto(f"{server.url}/accounts/login/")
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<hr width=4000>')")

    found = faults(page)

    assert any("label:" in line for line in found)
    assert any("wider than the screen" in line for line in found)
