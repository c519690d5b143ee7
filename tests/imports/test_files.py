"""Files as they really come: each ends in rows that are accounted for, or in a sentence."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from imports import sentences
from imports.files import Refused, Row, open_table
from imports.files import limits as file_limits
from imports.mapping import known_headers
from stock.importers import VehicleImporter

KNOWN = known_headers(VehicleImporter)


@pytest.fixture
def table(tmp_path: Path):
    def opened(data: bytes | str, name: str = "stock.csv"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return open_table(path, known=KNOWN)

    return opened


def cells(rows: list[Row]) -> list[list[str]]:
    return [list(row.cells) for row in rows]


def codes(rows: list[Row]) -> dict[int, str]:
    return {row.number: row.problem.code for row in rows if row.problem}


# --- delimited text ----------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "iso-8859-1", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiter_encoding_and_line_ends_are_told_apart(table, delimiter, encoding, end):
    lines = [delimiter.join(line) for line in (("Marque", "Modèle", "Prix"), ("Citroën", "C3", "15990"))]

    found = table(end.join([*lines, ""]).encode(encoding))

    assert found.shape.delimiter == delimiter
    assert found.columns == ("Marque", "Modèle", "Prix")
    assert [[cell.strip() for cell in row.cells] for row in found.rows()] == [["Citroën", "C3", "15990"]]


def test_a_file_of_an_old_mac_has_lines_too(table):
    assert cells(list(table("Marque;Modele\rFiat;500\rKia;Picanto\r").rows())) == [
        ["Fiat", "500"],
        ["Kia", "Picanto"],
    ]


def test_each_line_may_be_in_an_encoding_of_its_own(table):
    data = b"Marque;Couleur\n" + "Kia;Bleu foncé\n".encode("cp1252") + "Fiat;Bleu foncé\n".encode()

    assert cells(list(table(data).rows())) == [["Kia", "Bleu foncé"], ["Fiat", "Bleu foncé"]]


def test_quoted_cells_hold_delimiters_quotes_and_line_ends(table):
    found = table('Marque;Modèle;Commentaire\n"Kia";"Picanto ""X""";"beau; propre\net révisé"\nFiat;500;ok\n')

    assert cells(list(found.rows())) == [
        ["Kia", 'Picanto "X"', "beau; propre\net révisé"],
        ["Fiat", "500", "ok"],
    ]


def test_short_rows_are_filled_and_long_ones_are_in_error(table):
    rows = list(table("Marque;Modèle;Prix\nKia;Picanto\nFiat;500;1;;\nFiat;500;1;noir;2\n").rows())

    assert cells(rows)[:2] == [["Kia", "Picanto", ""], ["Fiat", "500", "1"]]
    assert codes(rows) == {4: "row_too_long"}


def test_a_quote_that_is_never_closed_spoils_its_row_only(table):
    rows = list(table('Marque;Modèle\nKia;Picanto\n"Fiat;500\nSeat;Ibiza\nVW;Polo\n').rows())

    assert [row.cells[1] for row in rows] == ["Picanto", "500", "Ibiza", "Polo"]
    assert codes(rows) == {3: "quote_open"}


def test_many_rows_behind_an_open_quote_are_all_read(table):
    lines = [f"Kia;Modèle {number}" for number in range(5_000)]
    lines[1_000] = '"' + lines[1_000]

    rows = list(table("Marque;Modèle\n" + "\n".join(lines) + "\n").rows())

    assert [row.number for row in rows] == list(range(2, 5_002))
    assert codes(rows) == {1_002: "quote_open"}


def test_a_file_that_ends_in_the_middle_of_a_row_says_so_about_that_row(table):
    whole = "Marque;Modèle;Prix\nKia;Picanto;9000\nFiat;500;8000\nSeat;Ib"

    assert codes(list(table(whole).rows())) == {4: "row_cut"}
    assert codes(list(table(whole + "iza;7000").rows())) == {}
    assert codes(list(table('Marque;Modèle;Prix\nKia;Picanto;1\nSeat;"Ib').rows())) == {3: "row_cut"}


def test_rows_that_are_all_short_are_not_cut(table):
    assert codes(list(table("Marque;Modèle;Prix\nKia;Picanto\nFiat;500").rows())) == {}


def test_a_cell_without_end_and_one_with_a_zero_byte_spoil_their_rows_only(table):
    rows = list(table(f"Marque;Modèle\nKia;{'x' * 20_001}\nFi\0at;500\nSeat;Ibiza\n").rows())

    assert codes(rows) == {2: "cell_too_long", 3: "no_text"}
    assert len(rows[0].cells[1]) == file_limits.MAX_CELL
    assert "\0" not in rows[1].cells[0]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(table):
    rows = list(table("Export du 02/03/2026\n\nMarque;Modèle;Prix\nKia;Picanto;1\n\n;;\nFiat;500;2\n").rows())

    assert [row.number for row in rows] == [4, 7]


def test_a_portals_file_without_a_header_is_read_by_position(table):
    found = table(
        "77;L-1;Limousine;BMW;320;110;;;01.2020;45000;20990\n77;L-2;Kombi;VW;Golf;85;;;02.2019;6000;1\n"
    )

    assert not found.shape.has_header
    assert found.columns[:3] == ("1", "2", "3")
    assert [row.number for row in found.rows()] == [1, 2]


def test_what_excel_writes_about_its_delimiter_is_no_row(table):
    assert cells(list(table("sep=;\nMarque;Modèle\nKia;Picanto\n").rows())) == [["Kia", "Picanto"]]


def test_eighty_photos_are_one_cell(table):
    photos = "|".join(
        f"https://photos.example.com/vehicules/2026/03/{number:05d}.jpg" for number in range(80)
    )

    (row,) = table(f"Marque;Modèle;Photos\nKia;Picanto;{photos}\n").rows()

    assert row.problem is None
    assert row.cells[2].count("https://") == 80


# --- other formats -----------------------------------------------------------------------------------


def sheet(*rows: tuple) -> bytes:
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    page, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            if hasattr(value, "year"):
                page.write_datetime(place, column, value, day)
            else:
                page.write(place, column, value)
    book.close()
    return data.getvalue()


def test_a_spreadsheet_has_days_numbers_and_texts(table):
    from datetime import date

    data = sheet(
        ("Marque", "Prix", "Date MEC", "VIN"), ("Kia", 15990.5, date(2021, 3, 15), "0012"), (), ("Fiat", 3)
    )

    rows = list(table(data, "stock.xlsx").rows())

    assert cells(rows) == [["Kia", "15990.5", "2021-03-15", "0012"], ["Fiat", "3", "", ""]]
    assert [row.number for row in rows] == [2, 4]


def test_xml_rows_are_the_elements_that_repeat(table):
    found = table(
        '<?xml version="1.0"?><feed><made>now</made><car id="1"><make>Kia</make><engine><kw>60</kw></engine>'
        "<photo>a</photo><photo>b</photo></car><car><make>Fiat</make></car></feed>",
        "stock.xml",
    )

    assert found.columns == ("@id", "make", "engine.kw", "photo")
    assert cells(list(found.rows())) == [["1", "Kia", "60", "a|b"], ["", "Fiat", "", ""]]


def test_json_rows_are_the_first_list_of_objects(table):
    data = {
        "made": 1,
        "data": {"cars": [{"make": "Kia", "price": {"amount": 9.0}, "photos": ["a", "b"]}, {"make": None}]},
    }

    found = table(json.dumps(data), "stock.json")

    assert found.columns == ("make", "price.amount", "photos")
    assert cells(list(found.rows())) == [["Kia", "9", "a|b"]]


# --- what is not taken -------------------------------------------------------------------------------


def bomb() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    return data.getvalue()


ENTITIES = '<!DOCTYPE f [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><f><c><m>&b;</m></c><c><m>x</m></c></f>'
OUTSIDE = '<!DOCTYPE f SYSTEM "file:///etc/passwd"><f><c><m>x</m></c><c><m>x</m></c></f>'

REFUSED = [
    ("", "file_empty"),
    ("\n\n  \n", "file_empty"),
    ("Bonjour,\nvoici le stock.\nCordialement\n", "not_a_table"),
    (b"%PDF-1.7 ...", "not_a_table"),
    (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not_a_table"),
    (b"\0\1\2\3" * 1000, "not_a_table"),
    ("<!DOCTYPE html><html><body>Connexion</body></html>", "is_a_web_page"),
    (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old_or_protected_sheet"),
    (b"PK\x03\x04" + b"garbage" * 20, "not_a_sheet"),
    (bomb(), "packed_too_tight"),
    (ENTITIES, "forbidden_xml"),
    (ENTITIES.encode("utf-16"), "forbidden_xml"),
    (OUTSIDE, "forbidden_xml"),
    ("<f><c><m>Kia</m></c><c><m>Fi", "file_cut"),
    ("<f><c><m>Kia</c></f>", "broken_xml"),
    ('[{"make": "Kia"}, {"make": "Fi', "file_cut"),
    ("[" * 100_000, "broken_json"),
    ('[{"make": ' + "[" * 100_000, "broken_json"),
    ("{}", "broken_json"),
    (";".join(f"c{number}" for number in range(501)) + "\n" + ";" * 500 + "1\n", "too_many_columns"),
]


@pytest.mark.parametrize(
    ("data", "code"), REFUSED, ids=[f"{n}-{code}" for n, (_data, code) in enumerate(REFUSED)]
)
def test_what_cannot_be_read_is_refused_with_a_sentence(table, data, code):
    with pytest.raises(Refused) as refused:
        list(table(data).rows())

    assert refused.value.code == code
    sentence = sentences.of(refused.value.code, refused.value.values)
    assert len(sentence) > 20
    assert "%(" not in sentence


def test_more_rows_than_any_stock_are_refused(table, monkeypatch):
    monkeypatch.setattr(file_limits, "MAX_ROWS", 3)

    with pytest.raises(Refused, match="too_many_rows"):
        list(table("Marque;Modèle\n" + "Kia;Picanto\n" * 4).rows())


def test_a_line_without_end_is_not_read_into_memory(table, monkeypatch):
    monkeypatch.setattr(file_limits, "MAX_LINE", 10_000)
    monkeypatch.setattr(file_limits, "BLOCK_BYTES", 1_000)

    with pytest.raises(Refused, match="line_too_long"):
        list(table("Marque;Modèle\n" + "x" * 50_000).rows())


@given(data=st.binary(max_size=400))
def test_no_bytes_make_the_reader_stumble(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "any"
    path.write_bytes(data)

    assert outcome_of(path)


def outcome_of(path: Path) -> str:
    """The sentence of a refusal, or « rows » when each has a cell for every column."""
    try:
        found = open_table(path, known=KNOWN)
        fits = all(len(row.cells) == len(found.columns) for row in found.rows())
    except Refused as refused:
        return sentences.of(refused.code, refused.values)
    return "rows" if fits else ""


@given(
    rows=st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=12),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=12,
    )
)
def test_what_a_spreadsheet_writes_is_read_as_it_was(tmp_path_factory, rows):
    import csv

    path = tmp_path_factory.mktemp("round") / "stock.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL).writerows(
            [["Marque", "Modèle", "Prix"], *rows]
        )

    found = [list(row.cells) for row in open_table(path, known=KNOWN).rows()]

    assert found == [row for row in rows if "".join(row).strip()]
