"""The list as a file: what is in it, for whom, safe for spreadsheets, flat in memory."""

from __future__ import annotations

import csv
import tracemalloc
import zipfile
from io import BytesIO, StringIO
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from sites.models import Site, User
from sites.scope import group_scope
from stock import exporting
from stock.models import Vehicle
from tests.cast import MONDAY, make_person, make_vehicle, signed_in

CSV, XLSX = "/stock/export.csv", "/stock/export.xlsx"
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(autouse=True)
def _monday(time_machine: Any) -> None:
    time_machine.move_to(MONDAY, tick=False)


def file_of(person: User, address: str, query: str = "") -> bytes:
    response = signed_in(person).get(f"{address}?{query}")
    assert response.status_code == 200
    assert response.streaming
    return b"".join(response)


def rows_of_csv(person: User, query: str = "") -> list[list[str]]:
    text = file_of(person, CSV, query).decode("utf-8-sig")
    return list(csv.reader(StringIO(text), delimiter=";"))


def table_of_xlsx(content: bytes) -> tuple[str, list[dict[str, str | None]]]:
    """The sheet's XML, and its cells as type and value."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    cells = [
        {"type": cell.get("t"), "value": "".join(cell.itertext())}
        for cell in ET.fromstring(sheet).iter(f"{_MAIN}c")
    ]
    return sheet, cells


def test_the_file_holds_the_filtered_list_in_its_order(camille: User, lyon: Site, marseille: Site):
    make_vehicle(lyon, stock_number="A", price=15_990_50)
    make_vehicle(marseille, stock_number="B", price=12_000_00, fuel="diesel")
    make_vehicle(lyon, stock_number="C", make="Renault")

    head, *rows = rows_of_csv(camille, "make=Peugeot&sort=cheapest")

    assert [row[0] for row in rows] == ["B", "A"]
    assert head[:5] == ["N° de stock", "Marque", "Modèle", "Version", "Prix"]
    assert [row[4] for row in rows] == ["12000", "15990,50"]
    assert rows[0][head.index("Site")] == "Marseille"
    assert rows[0][head.index("En stock")] == "10"


def test_the_file_is_named_for_the_day(camille: User, lyon: Site):
    response = signed_in(camille).get(CSV)

    assert response["Content-Disposition"] == 'attachment; filename="stock-2026-03-02.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert file_of(camille, CSV).startswith(b"\xef\xbb\xbf")


def test_english_readers_get_commas_and_points(rhone: Any, lyon: Site):
    sam = make_person(rhone, "Sam Smith", "salesperson", lyon, language="en")
    make_vehicle(lyon, price=15_990_50)

    text = file_of(sam, CSV).decode("utf-8-sig")

    assert text.startswith("Stock number,Make,Model,Version,Price")
    assert ",15990.50," in text


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@cmd", "\t=1", "=HYPERLINK(0)"])
def test_no_cell_is_ever_a_formula(camille: User, lyon: Site, text: str):
    make_vehicle(lyon, version=text, stock_number=text)

    rows = rows_of_csv(camille)
    sheet, cells = table_of_xlsx(file_of(camille, XLSX))

    assert rows[1][0] == f"'{text}"
    assert rows[1][3] == f"'{text}"
    assert "<f>" not in sheet
    assert {"type": "inlineStr", "value": f"'{text}"} in cells


def test_a_workbook_holds_numbers_as_numbers_and_days_as_days(camille: User, lyon: Site):
    make_vehicle(lyon, price=15_990_50, mileage=24_500)

    _sheet, cells = table_of_xlsx(file_of(camille, XLSX))

    values = {cell["value"]: cell["type"] for cell in cells}
    assert values["15990.5"] is None
    assert values["24500"] is None
    assert values["Peugeot"] == "inlineStr"


def test_a_reader_of_workbooks_reads_it(camille: User, lyon: Site):
    make_vehicle(lyon)

    with zipfile.ZipFile(BytesIO(file_of(camille, XLSX))) as book:
        assert book.testzip() is None
        assert "xl/workbook.xml" in book.namelist()


def test_margin_is_in_the_file_of_who_may_see_it_for_his_sites_only(
    camille: User, ursule: User, lyon: Site, marseille: Site
):
    make_vehicle(lyon, stock_number="HERS", purchase_price=11_111_00)
    make_vehicle(marseille, stock_number="THEIRS", purchase_price=12_222_00)
    keys = {"columns": ["purchase_price", "gap", "min_price"]}
    for person in (camille, ursule):
        signed_in(person).post("/stock/columns/", keys)

    hers, his = file_of(ursule, CSV).decode(), file_of(camille, CSV).decode()

    assert "11111" in hers
    assert "4879" in hers
    assert "12222" not in hers
    assert "11111" not in his
    assert "achat" not in his


def test_the_file_has_the_chosen_columns(camille: User, lyon: Site):
    make_vehicle(lyon, plate="AB-123-CD")
    signed_in(camille).post("/stock/columns/", {"columns": ["plate"]})

    head, row = rows_of_csv(camille)

    assert head == ["N° de stock", "Marque", "Modèle", "Version", "Prix", "Immatriculation"]
    assert row[-1] == "AB-123-CD"


def test_a_rivals_cars_are_in_no_file(camille: User, lyon: Site, rival_site: Site):
    make_vehicle(lyon)
    make_vehicle(rival_site, stock_number="RIVAL")

    assert b"RIVAL" not in file_of(camille, CSV, "status=any")


def test_pieces_follow_each_other_without_gap_or_double(
    camille: User, lyon: Site, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(exporting, "PIECE", 3)
    for number in range(10):
        make_vehicle(lyon, stock_number=f"S{number}", price=None if number % 2 else 100)

    rows = rows_of_csv(camille, "sort=dearest")

    assert len({row[0] for row in rows[1:]}) == len(rows) - 1 == 10


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_memory_stays_flat_however_long_the_list(
    camille: User, lyon: Site, monkeypatch: pytest.MonkeyPatch, form: str
):
    monkeypatch.setattr(exporting, "PIECE", 50)
    one = make_vehicle(lyon)
    peaks = []
    for number in (100, 1_000):
        _copies_of(one, number)
        peaks.append(_peak(camille, f"/stock/export.{form}"))

    assert peaks[1] < peaks[0] + 400_000  # bytes; a thousand vehicles in memory are some five million


def _copies_of(one: Vehicle, number: int) -> None:
    with group_scope(one.group_id):
        names = [f.attname for f in Vehicle._meta.concrete_fields if f.name not in ("id", "stock_number")]
        same = {name: getattr(one, name) for name in names}
        Vehicle.objects.bulk_create(Vehicle(**same, stock_number=f"S{at}") for at in range(number))


def _peak(person: User, address: str) -> int:
    """Bytes that a download took at most, its own pieces thrown away as they come."""
    response = signed_in(person).get(address)
    tracemalloc.start()
    for _piece in response:
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
