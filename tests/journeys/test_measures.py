"""A director reads the measures and narrows them; a manager is asked about what he ignores, and answers."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.journeys.browsing import sign_in
from tests.journeys.serving import Server

DIANE, CLAIRE = "directeur@demo.test", "chef.lyon@demo.test"


def test_the_measures_are_read_narrowed_and_taken_along(server: Server, page: Page):
    sign_in(page, server.url, DIANE)
    page.get_by_role("link", name="Mesures").first.click()
    expect(page.locator(".headline")).to_contain_text("Une alerte sur deux est vue en")
    expect(page.locator(".advice")).to_contain_text("Un client écrit de nouveau")

    page.get_by_label("Type d’alerte").select_option(label="Nouveau lead")
    expect(page.locator(".headline")).to_contain_text("« Nouveau lead »")
    assert "type=leads.received" in page.url
    page.locator(".chart-table > summary").press("Enter")
    expect(page.locator(".chart-table tbody tr")).to_have_count(10)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Tableau pour Excel").click()

    assert taken.value.suggested_filename.startswith("measures-")
    assert taken.value.suggested_filename.endswith(".csv")


def test_less_noise_is_proposed_accepted_and_taken_back(server: Server, page: Page):
    sign_in(page, server.url, CLAIRE)
    page.goto(f"{server.url}/preferences/")
    box = page.locator("#quieter")
    expect(box).to_contain_text("« Demande en quarantaine » par E-mail")

    box.get_by_role("button", name="Dans la boîte seulement").press("Enter")
    expect(box.get_by_role("status")).to_contain_text("n’arrive plus par E-mail")
    box.get_by_role("button", name="Annuler").press("Enter")

    expect(box.get_by_role("button", name="Dans la boîte seulement")).to_be_visible()
