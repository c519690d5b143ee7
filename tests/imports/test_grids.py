"""Files that call themselves .xls: a web page with a table, Excel's XML of 2003. And pages that hold no list."""

from __future__ import annotations

from pathlib import Path

import pytest

from imports.files import Refused, limits, open_table
from imports.mapping import known_headers
from sites.models import Site, User
from stock.importers import VehicleImporter
from stock.models import Vehicle
from tests.imports.files import counts, imported, make_feed, problems_of

KNOWN = known_headers(VehicleImporter)
HEAD = "<tr><th>Stock</th><th>Marque</th><th>Modèle</th><th>Prix</th></tr>"
BODY = "<tr><td>A1<td>Citroën<td>C3 <b>Été</b><td>12&nbsp;990 &euro;</tr><tr><td>A2</td><td>Kia</td><td>Rio</td></tr>"
OFFICE = "urn:schemas-microsoft-com:office:spreadsheet"


def rows_of(path: Path, data: bytes) -> list[list[str]]:
    (file := path / "stock.xls").write_bytes(data)
    table = open_table(file, known=KNOWN)
    return [list(table.columns), *(list(row.cells) for row in table.rows())]


RIGHT = [
    ["Stock", "Marque", "Modèle", "Prix"],
    ["A1", "Citroën", "C3 Été", "12 990 €"],
    ["A2", "Kia", "Rio", ""],
]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize(
    "page",
    [
        f"<html><body><h1>Parc</h1><table>{HEAD}{BODY}</table></body></html>",
        f"<table border=1><tr><td colspan=4>Parc VO</td></tr>{HEAD}<tbody>{BODY}</tbody></table>",
        f"<!DOCTYPE html><html><table><tr><td><table>{HEAD}{BODY}</table></td></tr></table></html>",
        f"<TABLE>{HEAD}{BODY}".replace("tr>", "TR>").replace("td>", "TD>"),
    ],
    ids=["a page", "a title above", "within another", "never closed"],
)
def test_the_table_of_a_page_is_a_list(tmp_path: Path, page: str, encoding: str):
    assert rows_of(tmp_path, page.encode(encoding)) == RIGHT


def test_a_page_says_its_encoding(tmp_path: Path):
    head = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'

    assert rows_of(tmp_path, f"{head}<table>{HEAD}{BODY}</table>".encode("latin-1")) == RIGHT


@pytest.mark.parametrize(
    "page",
    [
        "<html><form>Mot de passe <input></form></html>",
        "<html><table><tr><td>Bienvenue</td><td>Stock</td></tr></table></html>",
        "<table></table>",
    ],
    ids=["a form", "another table", "an empty one"],
)
def test_a_page_without_a_list_is_no_file(tmp_path: Path, page: str):
    with pytest.raises(Refused, match="is_a_web_page"):
        rows_of(tmp_path, page.encode())


@pytest.mark.parametrize(
    "bomb",
    [
        f"<table>{HEAD}<tr>" + "<b>" * 100_000,
        f"<table>{HEAD}" + "<tr><td>x<table>" * 50_000,
        f"<table>{HEAD}<tr><td>" + "<br>" * 30_000,
        f"<table>{HEAD}<tr><td>" + "x" * 11_000_000,
        f"<table>{HEAD}<tr><td>" + ("x" * 100_000 + "<br>") * 60,
        f"<table>{HEAD}" + "<tr></i></tr>" * 300 + "<b>" * 100_000,
    ],
    ids=["deep", "tables in tables", "many", "long", "much", "after other faults"],
)
def test_a_page_that_never_ends_a_row_is_refused(tmp_path: Path, bomb: str):
    with pytest.raises(Refused):
        rows_of(tmp_path, bomb.encode())


def test_a_row_that_spans_a_million_columns_is_one_row_in_error(tmp_path: Path):
    rows = rows_of(tmp_path, f"<table>{HEAD}<tr><td colspan=99999>A1</td><td>x</td></tr></table>".encode())

    assert len(rows[1]) == 4 < limits.MAX_COLUMNS


def sheet_of(rows: str) -> bytes:
    return (
        f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="{OFFICE}" xmlns:ss="{OFFICE}">'
        f'<Worksheet ss:Name="Parc"><Table>{rows}</Table></Worksheet>'
        f'<Worksheet ss:Name="Notes"><Table>{_row("x", "y")}</Table></Worksheet></Workbook>'
    ).encode()


def _row(*cells: str) -> str:
    return (
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in cells) + "</Row>"
    )


def test_the_first_sheet_of_2003_is_a_list(tmp_path: Path):
    late = '<Row><Cell><Data>A2</Data></Cell><Cell ss:Index="3"><Data>Rio</Data></Cell></Row>'

    rows = rows_of(tmp_path, sheet_of(_row("Stock", "Marque", "Modèle") + _row("A1", "Kia", "Ceed") + late))

    assert rows == [["Stock", "Marque", "Modèle"], ["A1", "Kia", "Ceed"], ["A2", "", "Rio"]]


def test_they_are_imported_like_any_other_file(in_rhone: None, sophie: User, lyon: Site):
    feed = make_feed(sophie, lyon)
    page = f"<html><table>{HEAD}{BODY}<tr><td>A3<td>Kia<td>Niro<td>1<td>2</tr></table></html>".encode()

    first, again = imported(feed, page), imported(feed, page + b" ")

    assert (counts(first), counts(again)) == ((2, 0, 0, 1), (0, 0, 2, 1))
    assert problems_of(first) == {4: ["row_too_long"]}
    assert Vehicle.objects.get(stock_number="A1").price == 12_990_00
