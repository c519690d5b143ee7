"""A stock manager drops a file with faults, looks, takes it in, corrects it in the page, and undoes it all."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.browsing import sign_in
from tests.journeys.conftest import NewPage
from tests.journeys.serving import Server
from tests.journeys.test_accessibility import faults

THIERRY = "stock.lyon@demo.test"
ROWS = [
    "N° de stock;Marque;Modèle;Énergie;Km;Prix TTC;Notre prix conseillé",
    "J-1;Peugeot;208;Essence;24 500;15 990 €;1",
    "J-2;Renault;Clio;Essence;31 200;beaucoup;2",
    "J-3;Toyota;Yaris;Jus;9 800;17 200 €;3",
    "J-4;Dacia;Sandero;Essence;loin;11 500 €;4",
]
FILE = "\r\n".join(ROWS).encode()
DROP = """([bytes, name]) => {
  const moved = new DataTransfer();
  moved.items.add(new File([new Uint8Array(bytes)], name, { type: "text/csv" }));
  return moved;
}"""


def drop(page: Page, data: bytes, name: str) -> None:
    """Let a file go over the place for it, as a mouse does."""
    page.locator(".drop-place").dispatch_event(
        "drop", {"dataTransfer": page.evaluate_handle(DROP, [list(data), name])}
    )


def test_a_file_with_faults_is_dropped_looked_at_taken_in_corrected_and_undone(yard: Server, page: Page):
    sign_in(page, yard.url, THIERRY)
    page.get_by_role("link", name="Imports").first.click()
    page.wait_for_url("**/imports/")  # whole: before its script has run nobody listens to a drop
    drop(page, FILE, "stock-lyon.csv")
    page.wait_for_url("**/preview/")
    expect(page.locator("#says")).to_contain_text("Sur 4 lignes examinées, 3 sont en erreur.")

    page.get_by_label("« Jus »").select_option(label="Hybride")
    expect(page.locator("#says")).to_contain_text("Sur 4 lignes examinées, 2 sont en erreur.")
    looked = faults(page)
    page.get_by_role("button", name="Lancer l’import").click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/"))
    expect(page.locator(".run-created dd")).to_have_text("2")
    expect(page.locator(".run-failed dd")).to_have_text("2")
    with_faults = faults(page)
    page.get_by_label("Prix TTC (Ligne 3)").fill("13 490")
    page.get_by_label("Km (Ligne 5)").fill("18 050")
    page.get_by_role("button", name="Reprendre ces lignes").click()

    expect(page.locator("#faults")).to_contain_text("Toutes les lignes sont en stock")
    expect(page.locator(".run-created dd")).to_have_text("4")
    page.locator("#undo > summary").press("Enter")
    page.get_by_role("button", name="Annuler cet import").click()
    expect(page.locator("#run")).to_contain_text("Annulé par Thierry Blanc")
    assert (looked, with_faults, faults(page)) == ([], [], [])


def test_the_same_works_on_a_phone_without_script(yard: Server, new_page: NewPage):
    page = new_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
    sign_in(page, yard.url, THIERRY)
    page.goto(f"{yard.url}/imports/")
    page.locator("input[type=file]").set_input_files(
        {"name": "sans-script.csv", "mimeType": "text/csv", "buffer": FILE.replace(b"J-", b"K-")}
    )
    page.get_by_role("button", name="Voir le fichier").click()
    page.wait_for_url("**/preview/")
    page.get_by_label("« Prix TTC » devient").select_option(label="– ignorée –")
    page.get_by_role("button", name="Revoir l’aperçu").click()
    expect(page.locator("#says")).to_contain_text("Sur 4 lignes examinées, 2 sont en erreur.")

    page.get_by_role("button", name="Lancer l’import").click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}/"))
    for _attempt in range(50):
        if page.locator(".run-created").count():
            break
        page.wait_for_timeout(200)
        page.reload()

    expect(page.locator(".run-created dd")).to_have_text("2")
    expect(page.locator("#faults")).to_contain_text("2 lignes à corriger")
