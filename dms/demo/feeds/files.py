"""The sample files as bytes: a CSV as old systems write it, a workbook, and XML."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from xml.sax.saxutils import escape

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from xlsxwriter import Workbook

from dms.demo.feeds.rows import HEADER, Row, clean_rows, faulty_rows

_CLEAN = 25
_TAGS = (
    "stock_number", "vin", "plate", "make", "model", "version", "fuel", "gearbox", "power", "co2", "mileage",
    "first_registration", "colour", "doors", "price", "purchase_price", "vat", "photos", "options",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """A file to download; `write` takes stock numbers of sold cars."""

    name: str
    media_type: str
    about: str | Promise
    write: Callable[[Sequence[str]], bytes]


def faulty_csv(sold: Sequence[str]) -> bytes:
    """Windows-1252 and semicolons, and everything that goes wrong."""
    text = StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([HEADER, *faulty_rows(sold)])
    return text.getvalue().encode("cp1252")


def clean_workbook(_sold: Sequence[str]) -> bytes:
    """An Excel file whose first row names the columns."""
    kept = BytesIO()
    with Workbook(kept, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Stock")
        for number, row in enumerate([HEADER, *clean_rows(_CLEAN, seed=5)]):
            sheet.write_row(number, 0, row)
    return kept.getvalue()


def clean_xml(_sold: Sequence[str]) -> bytes:
    """One element a vehicle, one below it for each field."""
    vehicles = "".join(_element(row) for row in clean_rows(_CLEAN, seed=6))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<stock>\n{vehicles}</stock>\n'.encode()


def _element(row: Row) -> str:
    fields = "".join(
        f"    <{tag}>{escape(text)}</{tag}>\n" for tag, text in zip(_TAGS, row, strict=True) if text
    )
    return f"  <vehicle>\n{fields}  </vehicle>\n"


SAMPLES = {
    sample.name: sample
    for sample in (
        Sample("stock-avec-erreurs.csv", "text/csv; charset=windows-1252", _("As it really comes: 41 rows with faults"), faulty_csv),
        Sample(
            "stock.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _("25 vehicles from a spreadsheet"),
            clean_workbook,
        ),
        Sample("stock.xml", "application/xml", _("25 vehicles from another system"), clean_xml),
    )
}  # fmt: skip
