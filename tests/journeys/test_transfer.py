"""A car of another site: asked for on the phone, given away from the bell, sent, received; refused; sold meanwhile."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.browsing import in_bell, listening, shut_bell
from tests.journeys.conftest import NewPage
from tests.journeys.serving import Server
from tests.journeys.test_accessibility import faults
from tests.stock.pictures import picture

KARIM, THIERRY, BRUNO = "vendeur.lyon@demo.test", "stock.lyon@demo.test", "stock.marseille@demo.test"
SITES = ("lyon", "marseille", "paris")
PHONE = {"width": 390, "height": 844}
CUSTOMER = "Mme Perrault"
ARRIVAL: FilePayload = {"name": "arrivee.jpg", "mimeType": "image/jpeg", "buffer": picture((640, 480))}


@dataclass(frozen=True)
class Car:
    """A car for sale in Marseille: where its page is, its number, and what it has on the clock."""

    path: str
    number: str
    mileage: int


@pytest.fixture
def karim(yard: Server, new_page: NewPage) -> Page:
    """A salesperson in Lyon, in the yard."""
    return listening(yard, new_page(viewport=PHONE, has_touch=True), KARIM)


@pytest.fixture
def bruno(yard: Server, new_page: NewPage) -> Page:
    """The stock manager in Marseille, at his desk."""
    return listening(yard, new_page(), BRUNO)


def car_of_marseille(page: Page, url: str, place: int) -> Car:
    """The one in this place of the list; each journey takes another."""
    page.goto(f"{url}/stock/?site=marseille&status=available&sort=fewest_km")
    path = page.locator(".stock-table tbody tr th a").nth(place).get_attribute("href")
    page.goto(f"{url}{path}")
    number = page.locator(".vehicle-numbers .plate-text").first.inner_text().split()[-1]
    mileage = page.locator(".key-facts li", has_text="km").locator("strong").inner_text()
    return Car(str(path), number, int(re.sub(r"\D", "", mileage)))


def sites_of(car: Car, page: Page, url: str) -> list[str]:
    """On which sites the stock list shows the car now."""
    lists = {site: page.request.get(f"{url}/stock/?q={car.number}&site={site}").text() for site in SITES}
    return [site for site, text in lists.items() if f'href="{car.path}"' in text]


def ask(page: Page, url: str, car: Car) -> None:
    """« Demander », for a customer."""
    page.goto(f"{url}{car.path}")
    page.get_by_role("link", name="Demander ce véhicule").click()
    page.get_by_label("Pour quel client").fill(CUSTOMER)
    page.get_by_role("button", name="Demander").click()
    expect(page.locator("main")).to_contain_text("La demande est partie à Marseille.")
    page.evaluate("window.stillHere = true")


def receive(page: Page, mileage: int) -> None:
    """It stands in the yard: what is on its clock, and how it looks."""
    page.get_by_label("Kilométrage à l’arrivée").fill(str(mileage))
    page.locator("#receive-photos").set_input_files(ARRIVAL)
    page.get_by_role("button", name="Il est ici maintenant").click()
    expect(page.locator("main")).to_contain_text("1 photo ajoutée.")


def test_a_car_is_asked_for_given_away_sent_and_received_and_is_never_on_two_sites(
    yard: Server, new_page: NewPage, karim: Page, bruno: Page
):
    thierry = listening(yard, new_page(viewport=PHONE, has_touch=True), THIERRY)
    car = car_of_marseille(karim, yard.url, 0)
    ask(karim, yard.url, car)
    stood, wrong = [sites_of(car, karim, yard.url)], faults(karim)

    wanted = in_bell(bruno, "Lyon demande")
    expect(wanted).to_contain_text(CUSTOMER)
    wanted.get_by_role("button", name="Accepter").click()
    expect(bruno.get_by_role("heading", name="Promis : à faire partir")).to_be_visible()
    expect(karim.locator("main")).to_contain_text("Bruno Colombani")
    expect(in_bell(karim, "Accepté par Bruno Colombani")).to_be_visible()
    stood, wrong = [*stood, sites_of(car, karim, yard.url)], [*wrong, *faults(bruno)]

    bruno.get_by_role("button", name="Il part maintenant").click()
    in_bell(thierry, "En route vers Lyon").get_by_role("link", name="Noter son arrivée").click()
    expect(thierry.get_by_role("heading", name="Il est arrivé")).to_be_visible()
    stood, wrong = [*stood, sites_of(car, karim, yard.url)], [*wrong, *faults(thierry)]
    receive(thierry, car.mileage + 312)

    for told in (karim, bruno):
        expect(in_bell(told, "Reçu par Thierry Blanc")).to_be_visible()
    assert karim.evaluate("window.stillHere")
    assert (stood, sites_of(car, karim, yard.url)) == ([["marseille"]] * 3, ["lyon"])
    thierry.goto(f"{yard.url}{car.path}")
    arrived = re.sub(r"\D", "", thierry.locator(".key-facts li", has_text="km").inner_text())
    assert (arrived, wrong + faults(thierry)) == (str(car.mileage + 312), [])


def test_a_refused_car_stays_and_the_asker_reads_why(yard: Server, karim: Page, bruno: Page):
    car = car_of_marseille(karim, yard.url, 1)
    ask(karim, yard.url, car)
    in_bell(bruno, "Lyon demande").locator(".item-title").click()
    bruno.locator("#refuse summary").click()
    bruno.get_by_label("Pourquoi (facultatif)").first.fill("Un client l'essaie cet après-midi.")
    bruno.get_by_role("button", name="Refuser et dire pourquoi").click()

    expect(karim.locator("main .timeline")).to_contain_text("Un client l'essaie cet après-midi.")
    expect(in_bell(karim, "Refusée par Bruno Colombani")).to_be_visible()
    assert karim.evaluate("window.stillHere")
    assert (faults(shut_bell(karim)), faults(shut_bell(bruno))) == ([], [])
    assert sites_of(car, karim, yard.url) == ["marseille"]
    karim.goto(f"{yard.url}{car.path}")
    expect(karim.get_by_role("link", name="Demander ce véhicule")).to_be_visible()


def test_a_car_that_is_sold_meanwhile_ends_the_request_and_leaves_nothing_to_answer(
    yard: Server, karim: Page, bruno: Page
):
    car = car_of_marseille(karim, yard.url, 2)
    ask(karim, yard.url, car)
    expect(in_bell(bruno, "Lyon demande").get_by_role("button", name="Accepter")).to_be_visible()
    bruno.goto(f"{yard.url}{car.path}")
    bruno.locator("#status-open").click()
    bruno.get_by_label("Vendu", exact=True).check()
    bruno.locator("#status-save").click()
    expect(bruno.locator("main")).to_contain_text("Vendu le")

    expect(karim.locator("main .timeline")).to_contain_text("vendu, retiré ou déplacé")
    expect(in_bell(karim, "Plus en stock")).to_be_visible()
    answered = in_bell(bruno, "Lyon demande")
    expect(answered).to_contain_text("Plus en stock")
    expect(answered.get_by_role("button", name="Accepter")).to_have_count(0)
    assert karim.evaluate("window.stillHere")
    assert (faults(shut_bell(karim)), faults(shut_bell(bruno))) == ([], [])
