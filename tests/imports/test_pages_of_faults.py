"""Rows in error: corrected in the page or as a file, alone or all at once, by who may see what they hold."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from imports.models import Feed, Run
from sites.models import Site, User
from sites.scope import group_scope
from stock.models import Fuel, Vehicle
from tests.cast import signed_in
from tests.imports.files import (
    CLIO,
    GOLF,
    HEADER,
    ZOE,
    changed,
    counts,
    csv_of,
    imported,
    make_feed,
)

HTMX = {"HX-Request": "true"}


@pytest.fixture
def feed(sophie: User, lyon: Site) -> Feed:
    return make_feed(sophie, lyon)


@pytest.fixture
def client(sophie: User) -> Client:
    return signed_in(sophie)


def page_of(client: Client, run: Run, **query: Any) -> str:
    answer = client.get(f"/imports/{run.pk}/", query)
    assert answer.status_code == 200
    return answer.content.decode()


def again(run: Run) -> Run:
    with group_scope(run.group_id):
        run.refresh_from_db()
    return run


def field_of(page: str, column: str) -> str:
    """The name of the field in which the column of the first faulty row is corrected."""
    found = re.search(rf'<label for="(cell-[^"]+)">{re.escape(column)}<', page)
    assert found is not None
    return found[1]


def vehicles(group: Any, **wanted: Any) -> int:
    with group_scope(group.pk):
        return Vehicle.objects.filter(**wanted).count()


# --- faults ---------------------------------------------------------------------------------------------


def test_a_fault_says_row_column_value_and_why(client: Client, feed: Feed):
    page = page_of(client, imported(feed, csv_of(CLIO, changed(ZOE, price="beaucoup"))))

    assert "Ligne 3" in page
    assert "L-2 · RENAULT · Zoé" in page
    assert field_of(page, "Prix")
    assert 'value="beaucoup"' in page
    assert "fault-why" in page


def test_two_rows_are_corrected_in_the_page_and_taken_at_once(client: Client, feed: Feed, rhone: Any):
    run = imported(feed, csv_of(CLIO, changed(ZOE, price="beaucoup"), changed(GOLF, km="loin")))
    page = page_of(client, run)
    typed = {field_of(page, "Prix"): "13 990", field_of(page, "Km"): "33 000"}

    done = client.post(f"/imports/{run.pk}/fix/", {"row": [3, 4], **typed}, follow=True).content.decode()

    assert counts(again(run)) == (3, 0, 0, 0)
    assert vehicles(rhone, price=13_990_00) == 1
    assert "2 lignes sont maintenant en stock." in done
    assert "Toutes les lignes sont en stock" in done


def test_what_is_still_wrong_stays_with_its_new_reason(client: Client, feed: Feed):
    run = imported(feed, csv_of(changed(CLIO, price="beaucoup")))
    field = field_of(page_of(client, run), "Prix")

    page = client.post(
        f"/imports/{run.pk}/fix/", {"row": 2, field: "énormément"}, follow=True
    ).content.decode()

    assert counts(again(run)) == (0, 0, 0, 1)
    assert "1 ligne est toujours en erreur." in page
    assert 'value="énormément"' in page


def test_nothing_typed_changes_nothing(client: Client, feed: Feed):
    run = imported(feed, csv_of(changed(CLIO, price="beaucoup")))
    field = field_of(page_of(client, run), "Prix")

    page = client.post(f"/imports/{run.pk}/fix/", {"row": 2, field: "beaucoup"}, follow=True).content.decode()

    assert "Rien n’a encore été modifié" in page


def test_a_missing_cell_is_filled_in(client: Client, feed: Feed, rhone: Any):
    run = imported(feed, csv_of(changed(CLIO, make="")))
    field = field_of(page_of(client, run), "Marque")

    client.post(f"/imports/{run.pk}/fix/", {"row": 2, field: "Renault"})

    assert vehicles(rhone, make="Renault") == 1


def test_a_word_is_corrected_in_all_rows_and_remembered(client: Client, feed: Feed, rhone: Any):
    rows = [changed(CLIO, stock=f"A-{number}", vin="", plate="", fuel="Jus") for number in range(3)]
    run = imported(feed, csv_of(*rows))
    page = page_of(client, run)

    told = {"kind": "unknown_value~Énergie", "value": "Jus", "text": "electric"}
    client.post(f"/imports/{run.pk}/fix-everywhere/", told)

    feed = again_feed(feed)
    assert "Corriger les 3 lignes" in page
    assert vehicles(rhone, fuel=Fuel.ELECTRIC) == 3
    assert feed.values == {"fuel": {"jus": "electric"}}


def again_feed(feed: Feed) -> Feed:
    with group_scope(feed.group_id):
        feed.refresh_from_db()
    return feed


def test_a_value_is_corrected_in_all_rows_that_have_it_and_in_no_other(
    client: Client, feed: Feed, rhone: Any
):
    texts = ["cher", "cher", "trop"]
    rows = [changed(CLIO, stock=f"A-{n}", vin="", plate="", price=text) for n, text in enumerate(texts)]
    run = imported(feed, csv_of(*rows))

    client.post(
        f"/imports/{run.pk}/fix-everywhere/", {"kind": "not_money~Prix", "value": "cher", "text": "9 990"}
    )

    assert counts(again(run)) == (2, 0, 0, 1)
    assert vehicles(rhone, price=9_990_00) == 2


@pytest.mark.parametrize("kind", ["", "nonsense", "not_money~Colonne", "~", "not_money~' OR 1=1 --"])
def test_nonsense_corrects_nothing(client: Client, feed: Feed, kind: str):
    run = imported(feed, csv_of(changed(CLIO, price="beaucoup")))

    answer = client.post(
        f"/imports/{run.pk}/fix-everywhere/", {"kind": kind, "value": "beaucoup", "text": "1"}
    )

    assert answer.status_code == 302
    assert counts(again(run)) == (0, 0, 0, 1)


def test_one_kind_of_problem_is_looked_at_alone(client: Client, feed: Feed):
    run = imported(feed, csv_of(changed(CLIO, price="beaucoup"), changed(ZOE, km="loin")))

    both, one = page_of(client, run), page_of(client, run, kind="not_a_number~Km")

    assert ("Ligne 2" in both, "Ligne 3" in both) == (True, True)
    assert ("Ligne 2" in one, "Ligne 3" in one) == (False, True)


def test_a_whole_row_is_opened_and_any_cell_of_it_corrected(client: Client, feed: Feed, rhone: Any):
    run = imported(feed, csv_of(changed(CLIO, price="beaucoup")))
    page = page_of(client, run, row=2)
    typed = {field_of(page, "Prix"): "9000", field_of(page, "Modèle"): "Clio V"}

    client.post(f"/imports/{run.pk}/fix/", {"row": 2, "only": 2, **typed})

    assert vehicles(rhone, model="Clio V", price=9_000_00) == 1


def test_many_faults_are_paged(client: Client, feed: Feed):
    run = imported(feed, csv_of(*(changed(CLIO, stock=f"A-{n}", price="cher") for n in range(30))))

    page = page_of(client, run)
    after = re.search(r"after=(\d+)#faults", page)
    assert after is not None

    assert len(re.findall(r'class="fault"', page)) == 25
    assert len(re.findall(r'class="fault"', page_of(client, run, after=after[1]))) == 5


# --- the same as a file ---------------------------------------------------------------------------------


def taken(client: Client, run: Run) -> str:
    answer: Any = client.get(f"/imports/{run.pk}/faults.csv")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def test_the_faulty_rows_are_taken_away_corrected_and_dropped_again(client: Client, feed: Feed, rhone: Any):
    run = imported(feed, csv_of(CLIO, changed(ZOE, price="beaucoup"), changed(GOLF, make="", model="=A1")))
    text = taken(client, run)

    corrected = text.replace("beaucoup", "13 990").replace(";;;", ";;;")
    lines = corrected.split("\r\n")
    place = lines[0].split(";").index("Marque")
    cells = lines[2].split(";")
    cells[place] = "Volkswagen"
    lines[2] = ";".join(cells)
    file = SimpleUploadedFile("faults.csv", "\r\n".join(lines).encode())
    done = client.post(f"/imports/{run.pk}/corrected/", {"file": file}, follow=True).content.decode()

    assert "'=A1" in text
    assert "2 lignes sont maintenant en stock." in done
    assert counts(again(run)) == (3, 0, 0, 0)
    assert vehicles(rhone, make="Volkswagen", model="=A1") == 1


@pytest.mark.parametrize("data", [b"", b"<html>", csv_of(CLIO), b"PK\x03\x04"])
def test_another_file_is_not_taken_for_the_corrected_one(client: Client, feed: Feed, data: bytes):
    run = imported(feed, csv_of(changed(CLIO, price="beaucoup")))

    answer = client.post(f"/imports/{run.pk}/corrected/", {"file": SimpleUploadedFile("x.csv", data)})

    assert answer.status_code == 302
    assert counts(again(run)) == (0, 0, 0, 1)


def test_a_purchase_price_shows_neither_in_the_page_nor_in_the_file_to_who_may_not_see_it(
    client: Client, ursule: User, lyon: Site
):
    header, row = (*HEADER, "Prix d'achat"), (*changed(CLIO, price="beaucoup"), "8765")
    bought = make_feed(ursule, lyon, name="Achats", mapping={"Prix d'achat": "purchase_price"})
    run = imported(bought, csv_of(row, header=header))
    boss = signed_in(ursule)

    hidden = (page_of(client, run), page_of(client, run, row=2), taken(client, run))
    shown = (page_of(boss, run, row=2), taken(boss, run))
    number = hidden[2].removeprefix("\ufeff").partition(";")[0]
    crafted = f"{number};Prix;Prix d'achat\r\n2;9000;1\r\n".encode()
    client.post(f"/imports/{run.pk}/corrected/", {"file": SimpleUploadedFile("x.csv", crafted)})

    assert not any("8765" in text for text in hidden)
    assert all("8765" in text for text in shown)
    with group_scope(run.group_id):
        assert Vehicle.objects.get().purchase_price == 8_765_00
