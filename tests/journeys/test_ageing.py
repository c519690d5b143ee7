"""What has stood too long: told in the morning, repriced with leave or put in front, and settled for all."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.journeys.ageing import SONIA
from tests.journeys.browsing import in_bell, listening, shut_bell
from tests.journeys.conftest import NewPage
from tests.journeys.serving import ROOT, Server, environment
from tests.journeys.test_accessibility import faults

REMY, CLAIRE = "responsable.lyon@demo.test", "chef.lyon@demo.test"


def dawn(server: Server) -> list[dict[str, Any]]:
    """The site's morning comes while its people sit at their screens; the two cars that it is about."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.ageing"],
        cwd=ROOT,
        env=environment(server.data),
        capture_output=True,
        text=True,
        check=True,
    )
    cars: list[dict[str, Any]] = json.loads(done.stdout)
    return cars


def alert_of(page: Page, car: dict[str, Any]) -> Locator:
    """The line of the bell that is about this car alone."""
    return in_bell(page, "jours en stock", page.locator(f'.item-title[href="{car["path"]}"]'))


def on_the_board(page: Page, car: dict[str, Any]) -> Locator:
    return page.locator("li.old", has=page.locator(f'a.line-title[href="{car["path"]}"]'))


def ask_for_a_price(page: Page, euros: int) -> None:
    """Under the lowest one: a manager is to say yes."""
    page.locator("#price-open").click()
    page.get_by_label("Nouveau prix").fill(str(euros))
    page.get_by_role("button", name="Enregistrer le prix").click()
    page.get_by_label("Pourquoi si bas").fill("400 jours sur le parc.")
    page.get_by_role("button", name="Demander à mon responsable").click()
    expect(page.locator(".price-asked")).to_be_visible()


def test_the_mornings_alert_leads_to_the_board_and_ends_for_everybody_once_something_is_done(
    yard: Server, new_page: NewPage
):
    remy, sonia, claire = (listening(yard, new_page(), email) for email in (REMY, SONIA, CLAIRE))
    slow, other = dawn(yard)

    morning = in_bell(remy, "en stock", "Voir le tableau")
    morning.get_by_role("link", name="Voir le tableau").click()
    wrong = faults(remy)
    for person in (remy, sonia):
        for car in (slow, other):
            expect(alert_of(person, car).get_by_role("button", name="Mettre en avant")).to_be_visible()

    on_the_board(shut_bell(remy), slow).get_by_role("link", name="Revoir le prix").click()
    ask_for_a_price(remy, slow["lowest"] - 300)
    remy.evaluate("window.stillHere = true")
    wrong += faults(remy)
    in_bell(claire, "400 jours sur le parc").get_by_role("button", name="Approuver").click()
    expect(claire.locator("main")).to_contain_text("Approuvée par Claire Fontaine")
    expect(remy.locator(".price-asked")).to_have_count(0)
    for person in (remy, sonia):
        expect(alert_of(person, slow)).to_contain_text("Prix revu")
        expect(alert_of(person, slow).get_by_role("button", name="Mettre en avant")).to_have_count(0)
    assert remy.evaluate("window.stillHere")

    remy.goto(f"{yard.url}/stock/ageing/?site=lyon")
    on_the_board(remy, other).get_by_role("button", name="Mettre en avant").click()
    expect(on_the_board(remy, other)).to_contain_text("Mis en avant")
    for person in (remy, sonia):
        expect(alert_of(person, other)).to_contain_text("Mis en avant")
        expect(alert_of(person, other).get_by_role("button", name="Mettre en avant")).to_have_count(0)
    assert wrong + faults(shut_bell(remy)) == []
