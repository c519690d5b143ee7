"""Files that somebody made to do harm: each ends in a refusal with a sentence, soon, and with little memory."""

from __future__ import annotations

import io
import os
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from imports.files import Refused, open_table
from imports.mapping import known_headers
from stock.importers import VehicleImporter

KNOWN = known_headers(VehicleImporter)
HEADER = (
    '<row r="1"><c r="A1" t="str"><v>Marque</v></c><c r="B1" t="str"><v>Modèle</v></c>'
    '<c r="C1" t="str"><v>Prix</v></c></row>'
)
KIA = '<row r="2"><c t="str"><v>Kia</v></c></row>'
NAMESPACE = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def opened(path: Path, data: bytes | str):
    (file := path / "stock").write_bytes(data if isinstance(data, bytes) else data.encode())
    return open_table(file, known=KNOWN)


def sheet(rows: str = KIA, after: str = "", header: str = HEADER) -> str:
    return f"<worksheet><sheetData>{header}{rows}</sheetData>{after}</worksheet>"


def book(
    *sheets: str, packing: int = zipfile.ZIP_DEFLATED, hidden: tuple[int, ...] = (), **members: str
) -> bytes:
    """A workbook of these sheets; `styles` and `sharedStrings` as they are."""
    data = io.BytesIO()
    states = dict.fromkeys(hidden, ' state="hidden"')
    names = "".join(f'<sheet name="s{n}" r:id="r{n}"{states.get(n, "")}/>' for n in range(len(sheets)))
    links = "".join(f'<Relationship Id="r{n}" Target="worksheets/s{n}.xml"/>' for n in range(len(sheets)))
    with zipfile.ZipFile(data, "w", packing) as file:
        file.writestr("xl/workbook.xml", f"<workbook {NAMESPACE}><sheets>{names}</sheets></workbook>")
        file.writestr("xl/_rels/workbook.xml.rels", f"<Relationships>{links}</Relationships>")
        for place, text in enumerate(sheets):
            file.writestr(f"xl/worksheets/s{place}.xml", text)
        for name, text in members.items():
            file.writestr(f"xl/{name}.xml", text)
    return data.getvalue()


LONG = "9" * 5000
STYLES = (
    '<styleSheet><numFmts><numFmt numFmtId="x" formatCode="yyyy"/></numFmts>'
    f'<cellXfs><xf numFmtId="y"/><xf numFmtId="{LONG}"/><xf numFmtId="14"/></cellXfs></styleSheet>'
)
ODD_ROWS = [
    f'<row r="{LONG}"><c t="str"><v>Kia</v></c></row>',
    '<row r="99999999999"><c t="str"><v>Kia</v></c></row>',
    f'<row r="-5"><c t="str"><v>Kia</v></c><c t="s"><v>{LONG}</v></c><c s="{LONG}"><v>1</v></c></row>',
    '<row r="²"><c t="str"><v>Kia</v></c><c t="s"><v>-1</v></c><c s="-1"><v>1e999</v></c></row>',
    '<row><c t="str"><v>Kia</v></c><c s="0"><v>44270</v></c><c s="2"><v>1e999</v></c></row>',
]


@pytest.mark.parametrize("rows", ODD_ROWS)
def test_numbers_that_no_spreadsheet_has_do_not_stop_the_reader(tmp_path, rows):
    (row,) = opened(
        tmp_path, book(sheet(rows), styles=STYLES, sharedStrings="<sst><si><t>a</t></si></sst>")
    ).rows()

    assert row.number == 2
    assert row.cells[0] == "Kia"


def test_rows_that_say_the_same_number_are_numbered_on(tmp_path):
    rows = list(opened(tmp_path, book(sheet(KIA * 3 + '<row r="1"><c t="str"><v>Fiat</v></c></row>'))).rows())

    assert [row.number for row in rows] == [2, 3, 4, 5]


def test_a_damaged_zip_is_a_damaged_file(tmp_path):
    whole = book(sheet(f'<row r="2"><c t="str"><v>{os.urandom(3000).hex()}</v></c></row>'))
    place = whole.index(b"worksheets/s0.xml") + 300

    for data in (whole[:place] + b"\0" * 900 + whole[place + 900 :], whole[:-60], whole[: len(whole) // 2]):
        with pytest.raises(Refused, match="not_a_sheet"):
            list(opened(tmp_path, data).rows())


def test_the_sheet_with_the_cars_is_read_not_the_notice_before_it(tmp_path):
    notice = sheet("", header='<row r="1"><c t="str"><v>Mode d\'emploi</v></c></row>')

    for data in (
        book(notice, sheet()),
        book(sheet(), notice, sheet(), hidden=(0,)),
        book("<worksheet/>", sheet()),
    ):
        assert [row.cells[0] for row in opened(tmp_path, data).rows()] == ["Kia"]
    with pytest.raises(Refused, match="not_a_sheet"):
        opened(tmp_path, book(sheet(), hidden=(0,)))


def test_a_date_is_one_by_its_own_style_only(tmp_path):
    rows = '<row r="2"><c s="0"><v>44270</v></c><c s="2"><v>44270.5</v></c></row>'

    (row,) = opened(tmp_path, book(sheet(rows), styles=STYLES)).rows()

    assert list(row.cells[:2]) == ["44270", date(2021, 3, 15).isoformat()]


def test_a_formula_that_failed_is_not_an_empty_cell(tmp_path):
    rows = '<row r="2"><c t="str"><v>Kia</v></c><c/><c t="e"><f>B9</f><v>#REF!</v></c></row>'

    (row,) = opened(tmp_path, book(sheet(rows))).rows()

    assert list(row.cells) == ["Kia", "", "#REF!"]


CELLS = "".join(f'<c r="A2"><v>{number * 7919 % 99991}</v></c>' for number in range(200_000))
MERGED = "".join(f'<mergeCell ref="A{number}:B{number * 7 % 9973}"/>' for number in range(300_000))
TEXTS = "".join(f"<t>{number * 7919 % 99991}</t>" for number in range(200_000))
ATTRIBUTES = " ".join(f"a{number}='1'" for number in range(50_000))
BOMBS: dict[str, Callable[[], bytes | str]] = {
    "one row of a spreadsheet": lambda: book(sheet(f'<row r="2">{CELLS}</row>')),
    "one text of a spreadsheet": lambda: book(sheet(), sharedStrings=f"<sst><si>{TEXTS}</si></sst>"),
    "one row of XML": lambda: f"<f><c><make>Kia</make></c><c>{'<p>x</p>' * 300_000}</c></f>",
    "one attribute after the other": lambda: f"<f><c/><c {ATTRIBUTES}/></f>",
}


@pytest.mark.parametrize("kind", BOMBS)
def test_what_has_no_end_is_not_read_into_memory(tmp_path, kind):
    data, began = BOMBS[kind](), time.perf_counter()

    with pytest.raises(Refused):
        list(opened(tmp_path, data).rows())

    assert time.perf_counter() - began < 5


def test_what_stands_below_the_rows_of_a_sheet_is_not_read(tmp_path):
    data = book(sheet(after=f"<mergeCells>{MERGED}</mergeCells>"))
    tracemalloc.start()
    began = time.perf_counter()

    assert len(list(opened(tmp_path, data).rows())) == 1

    assert time.perf_counter() - began < 2
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


XML = (
    "<export><concession id='1'><nom>Lyon</nom><vehicules>"
    "<vehicule><marque>Kia</marque><modele>Rio</modele><prix>1</prix><energie>Diesel</energie></vehicule>"
    "<vehicule><marque>Kia</marque><modele>Ceed</modele><prix>2</prix></vehicule></vehicules></concession>"
    "<concession id='2'><nom>Nice</nom><vehicules>"
    "<vehicule><ident><marque>Kia</marque><modele>Niro</modele></ident><prix>3</prix>"
    "<equipements><equipement><libelle>GPS</libelle></equipement><equipement><libelle>ABS</libelle></equipement>"
    "</equipements></vehicule></vehicules></concession></export>"
)


def test_in_an_export_of_several_dealers_the_car_is_the_row(tmp_path):
    table = opened(tmp_path, XML)

    prices = [row.cells[table.columns.index("prix")] for row in table.rows()]

    assert prices == ["1", "2", "3"]
    assert "equipements.equipement.libelle" in table.columns


def test_what_repeats_in_one_row_is_joined_as_far_as_a_cell_goes(tmp_path):
    photos = "".join(
        f"<photo>https://photos.example.com/{number:060d}.jpg</photo>" for number in range(1_000)
    )

    rows = list(opened(tmp_path, f"<f><c><make>Kia</make>{photos}</c><c><make>Fiat</make></c></f>").rows())

    assert [row.problem.code if row.problem else "" for row in rows] == ["cell_too_long", ""]


@pytest.mark.parametrize(
    "data",
    [
        b"\n \r\n<?xml version='1.0' encoding='UTF-8'?>{}",
        b"<?xml version='1.0' encoding='UTF-8'?>{}",
        b"{}",
        b"<?xml version='1.0' encoding='ISO-8859-1'?>{}",
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_xml_may_begin_with_blanks_and_be_in_the_letters_of_windows(tmp_path, data, encoding):
    cars = "<f><c><make>Citroën</make><model>C3</model></c><c><make>Kia</make><model>Ceed</model></c></f>"

    (first, _second) = opened(tmp_path, data.replace(b"{}", cars.encode(encoding))).rows()

    garbled = b"8859" in data and encoding == "utf-8"  # which says of itself what it is not
    assert first.cells[0] == ("Citroën".encode().decode("latin-1") if garbled else "Citroën")


FORBIDDEN = [
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY % x SYSTEM "file:///etc/passwd">%x;]><a/>',
    "<a><!-- " + "x" * 300_000 + ' --></a><!DOCTYPE a [<!ENTITY x "y">]>',
    f'<?xml version="1.0"?><!--{"x" * 300_000}--><!DOCTYPE a [<!ENTITY x "y">]><a><c><m>&x;</m></c></a>',
    '<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a><a/>',
    "<a>" * 400 + "</a>" * 400,
]


@pytest.mark.parametrize("data", FORBIDDEN, ids=range(len(FORBIDDEN)))
def test_xml_that_reaches_out_or_down_is_refused(tmp_path, data):
    with pytest.raises(Refused, match=r"forbidden_xml|broken_xml|file_cut"):
        list(opened(tmp_path, data).rows())
