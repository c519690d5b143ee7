"""A director reads the measures and narrows them; a manager is asked about what he ignores, and answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as NotInTime

from tests.journeys.browsing import sign_in
from tests.journeys.serving import Server, copy_of, serving

DIANE, CLAIRE = "directeur@demo.test", "chef.lyon@demo.test"


@pytest.fixture(scope="module")
def untouched(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: on the shared one other journeys look at what must have been ignored."""
    with serving(copy_of(prepared, tmp_path_factory.mktemp("untouched"))) as running:
        yield running


def test_the_measures_are_read_narrowed_and_taken_along(untouched: Server, page: Page):
    sign_in(page, untouched.url, DIANE)
    page.get_by_role("link", name="Mesures").first.click()
    page.wait_for_url("**/measures/")  # whole: before its script has run nobody hears of a choice
    expect(page.locator(".headline")).to_contain_text("Une alerte vue l’est en")
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


def test_less_noise_is_proposed_accepted_and_taken_back(untouched: Server, page: Page):
    sign_in(page, untouched.url, CLAIRE)
    page.goto(f"{untouched.url}/preferences/")
    box = page.locator("#quieter")
    expect(box).to_contain_text("« Demande en quarantaine » par E-mail")

    box.get_by_role("button", name="Dans la boîte seulement").press("Enter")
    expect(box.get_by_role("status")).to_contain_text("n’arrive plus par E-mail")
    again = box.get_by_role("button", name="Dans la boîte seulement")
    for _time in range(3):  # a key that falls into the exchange of the box is lost
        box.get_by_role("button", name="Annuler").press("Enter")
        try:
            again.wait_for(timeout=4_000)
        except NotInTime:
            continue
        break

    expect(again).to_be_visible()
