"""Files to try an import with; and our own public table, read back by our own importer."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.test import Client

from dms.demo.feeds.files import SAMPLES
from dms.demo.feeds.rows import HEADER, faulty_rows
from imports.mapping import proposed
from imports.models import Feed, RunState
from sites.models import Site, User
from stock.api.table import COLUMNS
from stock.importers import VehicleImporter
from stock.models import Vehicle, VehicleStatus
from tests.cast import MONDAY, make_vehicle, signed_in
from tests.imports.files import counts, imported, make_feed
from tests.stock.publishing import TABLE, body_of, fetch, make_outlet

FAULTY = "/demo/feeds/stock-avec-erreurs.csv"


@pytest.fixture
def demo(settings: Any) -> None:
    settings.DEMO = True


@pytest.fixture
def feed(ursule: User, lyon: Site) -> Feed:
    return make_feed(ursule, lyon)


def test_the_faulty_file_is_as_a_dealer_sends_it():
    text = SAMPLES["stock-avec-erreurs.csv"].write(["LY-1", "LY-2"]).decode("cp1252")

    lines = text.splitlines()
    assert len(lines) == 42
    assert lines[0].startswith("N° de stock;VIN;")
    assert {"Please Call", "1HGCM82643A004353", "LY-1", "Vapeur"} <= set(text.replace("\r\n", ";").split(";"))
    assert any(line.count("https://") == 80 for line in lines)
    assert Counter(len(row) == len(HEADER) for row in faulty_rows())[False] == 2


def test_every_row_of_the_faulty_file_is_accounted_for(feed: Feed, lyon: Site, in_rhone: None):
    sold = make_vehicle(lyon, stock_number="LY-1", status=VehicleStatus.SOLD, sold_at=MONDAY)

    run = imported(feed, SAMPLES["stock-avec-erreurs.csv"].write(["LY-1"]))

    created, updated, unchanged, failed = counts(run)
    assert run.state == RunState.DONE
    assert created + updated + unchanged + failed == 41
    assert 5 <= failed <= 12
    assert created >= 28
    sold.refresh_from_db()
    assert sold.status == VehicleStatus.SOLD


@pytest.mark.parametrize("name", ["stock.xlsx", "stock.xml"])
def test_the_clean_files_have_no_fault(feed: Feed, in_rhone: None, name: str):
    run = imported(feed, SAMPLES[name].write([]), name=name)

    assert counts(run) == (25, 0, 0, 0)


def test_the_files_are_for_signed_in_people_of_the_demo(demo: None, camille: User, lyon: Site):
    make_vehicle(lyon, stock_number="LY-7", status=VehicleStatus.SOLD, sold_at=MONDAY)

    answer = signed_in(camille).get(FAULTY)

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/csv; charset=windows-1252")
    assert b"LY-7;" in answer.content
    assert Client().get(FAULTY).status_code == 302
    assert signed_in(camille).get("/demo/feeds/other.csv").status_code == 404
    assert "stock.xlsx" in signed_in(camille).get("/demo/feeds/").content.decode()


def test_a_rivals_sold_cars_are_not_in_the_file(demo: None, rita: User, lyon: Site):
    make_vehicle(lyon, stock_number="LY-7", status=VehicleStatus.SOLD, sold_at=MONDAY)

    assert b"LY-7;" not in signed_in(rita).get(FAULTY).content


def test_outside_the_demo_there_are_no_samples(settings: Any, camille: User):
    settings.DEMO = False

    assert signed_in(camille).get(FAULTY).status_code == 404
    assert signed_in(camille).get("/demo/feeds/").status_code == 404


@pytest.mark.parametrize("language", ["fr", "en"])
def test_our_importer_knows_every_column_of_our_public_table(language: str):
    headers = [column.header(language) for column in COLUMNS]

    mapping = proposed(VehicleImporter, headers)

    assert [header for header in headers if not mapping[header]] == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_we_publish_can_be_read_back(
    feed: Feed, lyon: Site, marseille: Site, in_rhone: None, language: str
):
    make_outlet(marseille)
    fields = {
        "power": 100, "co2": 121, "doors": 5, "seats": 5, "options": ["Caméra de recul", "GPS"],
        "vin": "VF3UPHNKS12345678",
        "price": 15_990_50, "description": "Première main; révisée.", "stock_number": "M-77",
    }  # fmt: skip
    published = make_vehicle(marseille, **fields)
    table = body_of(fetch(f"{TABLE}?language={language}")).replace("Marseille", "Lyon")
    Vehicle.objects.filter(pk=published.pk).delete()

    run = imported(feed, table.encode())

    assert counts(run) == (1, 0, 0, 0)
    read = Vehicle.objects.get()
    same = [
        *fields,
        "make",
        "model",
        "version",
        "segment",
        "fuel",
        "gearbox",
        "year",
        "mileage",
        "colour",
        "kind",
    ]
    assert {name: getattr(read, name) for name in same} == {name: getattr(published, name) for name in same}
