"""What people do with their accounts, in a real browser: the demo's list, a passkey, the alerts, the dealer's form."""

from __future__ import annotations

import re

from playwright.sync_api import CDPSession, Page, expect

from tests.journeys.browsing import findings, sign_in
from tests.journeys.conftest import NewPage
from tests.journeys.serving import Server

KARIM, CAMILLE, MARC = "vendeur.lyon@demo.test", "vendeuse.lyon@demo.test", "vendeur.marseille@demo.test"
AGNES = "admin@demo.test"
# Longer than the form's time trap (leads.services.FASTEST_PERSON).
READING = 2_300  # milliseconds


def with_fingerprint_reader(page: Page) -> CDPSession:
    """The browser gets an authenticator whose owner always touches it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def confirm_password(page: Page) -> None:
    page.locator("input[name=password]").fill("demo")
    page.get_by_role("button", name="Continuer").click()


def test_a_click_on_a_person_of_the_demo_fills_the_form(server: Server, page: Page):
    page.goto(f"{server.url}/accounts/login/")

    page.locator(f"[data-demo-email='{MARC}']").click()
    expect(page.locator("input[name=login]")).to_have_value(MARC)
    page.keyboard.press("Enter")

    page.wait_for_url(f"{server.url}/")


def test_the_password_can_be_shown_and_hidden(server: Server, page: Page):
    page.goto(f"{server.url}/accounts/login/")
    password = page.locator("input[name=password]")

    page.locator("[data-reveal]").click()
    expect(password).to_have_attribute("type", "text")
    page.locator("[data-reveal]").click()

    expect(password).to_have_attribute("type", "password")


def test_a_passkey_is_added_and_opens_the_account_without_a_password(server: Server, page: Page):
    by_name = server.url.replace("127.0.0.1", "localhost")
    with_fingerprint_reader(page)
    sign_in(page, by_name, MARC)

    page.goto(f"{by_name}/accounts/2fa/webauthn/add/")
    confirm_password(page)
    page.locator("input[name=name]").fill("Téléphone de Marc")
    page.locator("input[name=passwordless]").check()
    page.locator("#mfa_webauthn_add").click()
    expect(page.locator(".codes code").first).to_be_visible()
    page.goto(f"{by_name}/accounts/logout/")
    page.locator("main").get_by_role("button", name=re.compile("déconnecter", re.IGNORECASE)).click()
    page.wait_for_url("**/accounts/login/")
    page.locator("#passkey_login").click()

    page.wait_for_url(f"{by_name}/")
    page.goto(f"{by_name}/accounts/2fa/webauthn/")
    expect(page.get_by_role("heading", name="Téléphone de Marc")).to_be_visible()
    assert findings(page) == []


def test_on_an_address_of_numbers_the_way_to_a_passkey_is_explained(server: Server, page: Page):
    page.goto(f"{server.url}/accounts/login/")

    expect(page.locator("#passkey_login")).to_be_disabled()
    expect(page.locator("[data-by-name]")).to_have_attribute("href", re.compile("^http://localhost:"))


def test_an_alert_is_switched_off_and_taken_back(server: Server, page: Page):
    sign_in(page, server.url, CAMILLE)
    page.goto(f"{server.url}/preferences/")
    switch = page.locator("#switch-leads-push")

    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    expect(switch).to_be_focused()
    page.locator("#toasts button[data-post]").click()

    expect(switch).to_have_attribute("aria-checked", "true")
    page.reload()
    expect(switch).to_have_attribute("aria-checked", "true")


def test_back_to_the_role_keeps_the_keyboard_where_it_was(server: Server, page: Page):
    sign_in(page, server.url, CAMILLE)
    page.goto(f"{server.url}/preferences/")
    page.locator("#switch-leads-email").click()
    expect(page.locator("#reset-leads-email")).to_be_visible()
    # htmx takes a new form into its hands 20 ms after it appears: sooner than any finger, later than a test.
    expect(page.locator("#cell-leads-email")).not_to_have_class(re.compile("htmx-"))

    page.locator("#reset-leads-email").press("Enter")

    expect(page.locator("#switch-leads-email")).to_have_attribute("aria-checked", "false")
    expect(page.locator("#switch-leads-email")).to_be_focused()
    expect(page.locator("#reset-leads-email")).to_have_count(0)


def test_without_javascript_the_switches_work_as_well(server: Server, new_page: NewPage):
    page = new_page(java_script_enabled=False)
    sign_in(page, server.url, KARIM)
    page.goto(f"{server.url}/preferences/")

    page.locator("#switch-leads-sms").click()
    expect(page.locator("#switch-leads-sms")).to_have_attribute("aria-checked", "true")
    page.locator("#reset-leads-sms").click()

    expect(page.locator("#switch-leads-sms")).to_have_attribute("aria-checked", "false")


def test_a_prospects_form_rings_the_salespersons_bell(server: Server, new_page: NewPage):
    desk, prospect = new_page(), new_page(viewport={"width": 390, "height": 844}, locale="en-GB")
    sign_in(desk, server.url, KARIM)

    prospect.goto(f"{server.url}/demo/lyon/?car=LY-3008")
    prospect.locator("#id_first_name").fill("Philippa")
    prospect.locator("#id_last_name").fill("Prospect")
    prospect.locator("#id_phone").fill("06 39 98 77 66")
    prospect.wait_for_timeout(READING)
    prospect.locator(".enquiry button").last.click()

    prospect.wait_for_url(re.compile("/demo/lyon/merci/"))
    expect(desk.locator("#toasts")).to_contain_text("Philippa Prospect")
    assert findings(prospect) == []


def test_a_form_that_lacks_something_keeps_what_was_typed(server: Server, new_page: NewPage):
    prospect = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    prospect.goto(f"{server.url}/demo/lyon/")
    prospect.locator("#id_first_name").fill("Philippa")

    prospect.locator(".enquiry button").last.click()

    expect(prospect.locator(".problem")).to_be_visible()
    expect(prospect.locator("#id_first_name")).to_have_value("Philippa")
    assert findings(prospect) == []


def test_the_dealers_page_speaks_both_languages(server: Server, page: Page):
    page.goto(f"{server.url}/demo/quebec/")
    french = page.locator("h1").inner_text()

    page.locator(".languages button[value=en]").click()

    expect(page.locator("h1")).to_have_text("Your next car is in Québec")
    assert french != "Your next car is in Québec"


def test_pages_of_security_and_administration_are_accessible(server: Server, page: Page):
    sign_in(page, server.url, AGNES)
    page.goto(f"{server.url}/accounts/2fa/totp/activate/")
    asked = findings(page)
    confirm_password(page)
    expect(page.locator(".qr")).to_be_visible()
    found = {"reauthenticate": asked, "totp": findings(page)}

    for path in (
        "/admin/",
        "/admin/notifications/roledefault/",
        "/admin/sites/user/add/",
        "/admin/sites/apikey/add/",
    ):
        page.goto(f"{server.url}{path}")
        found[path] = findings(page, preload=False)

    assert {path: faults for path, faults in found.items() if faults} == {}
