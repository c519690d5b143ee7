"""The stock list as a file: streamed, a piece at a time, so that 100,000 vehicles need no more memory than 1,000.

A file is read after the tenant's scope has closed, so everything that asks for it is looked up before: the vehicles'
query carries its group since it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from tempfile import TemporaryFile

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import translation
from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from core.spreadsheets import Value, as_csv, csv_rows, safe_cell
from sites.access import Member
from sites.models import Site
from stock.columns import Column, in_file, may_read
from stock.models import Vehicle
from stock.selectors import sites_of_group
from stock.sorting import Sort, cursor_of, ordered

# Vehicles that are in memory at once.
PIECE = 1_000
# Bytes of a finished file that are sent at once.
_BLOCK = 64 * 1024
# No column shows them, and they are most of a row.
_HEAVY = ("description", "options", "photo_urls", "words", "kept")

_WIDTHS = {"version": 34, "model": 18, "make": 16, "stock_number": 16, "vin": 21, "site": 18}
_WIDTH = 14  # characters

Line = list[Value]


@dataclass(frozen=True)
class Table:
    """What is written: the heads, then pieces of lines, in the language of the reader."""

    columns: Sequence[Column]
    pieces: Iterator[list[Line]]
    language: str
    sheet: str

    @property
    def heads(self) -> Line:
        with translation.override(self.language):
            return [str(column.label) for column in self.columns]


def answer(
    form: str,
    vehicles: QuerySet[Vehicle],
    *,
    sort: Sort,
    shown: Sequence[Column],
    member: Member,
    today: date,
) -> StreamingHttpResponse:
    """The vehicles as a file of `FORMATS[form]`, named for the day."""
    media_type, write = FORMATS[form]
    columns = in_file(member, shown)
    language = translation.get_language() or "fr"
    sites = {site.pk: site for site in sites_of_group()}
    lines = _lines(vehicles, sort, sites, Reader(columns, member, today, language))
    table = Table(columns, lines, language, _("Stock"))
    response = StreamingHttpResponse(write(table), content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="stock-{today:%Y-%m-%d}.{form}"'
    return response


@dataclass(frozen=True)
class Reader:
    """Who reads the file, and what of a vehicle he reads."""

    columns: Sequence[Column]
    member: Member
    today: date
    language: str

    def line_of(self, vehicle: Vehicle) -> Line:
        return [
            column.value(vehicle, self.today) if may_read(column, self.member, vehicle.site_id) else None
            for column in self.columns
        ]


def _lines(
    vehicles: QuerySet[Vehicle], sort: Sort, sites: Mapping[int, Site], reader: Reader
) -> Iterator[list[Line]]:
    """The lines, a piece at a time by keyset: no cursor of the database stays open while somebody downloads."""
    cursor = ""
    while True:
        rows = list(ordered(vehicles.defer(*_HEAVY), sort=sort, cursor=cursor)[:PIECE])
        for vehicle in rows:
            vehicle.site = sites[vehicle.site_id]
        with translation.override(reader.language):
            lines = [reader.line_of(vehicle) for vehicle in rows]
        yield lines
        if len(rows) < PIECE:
            return
        cursor = cursor_of(rows[-1], sort)


def _csv(table: Table) -> Iterator[bytes]:
    yield as_csv([table.heads], language=table.language).encode()
    for lines in table.pieces:
        yield csv_rows(lines, language=table.language).encode()


def _xlsx(table: Table) -> Iterator[bytes]:
    """A workbook, row by row into a file of the system: XlsxWriter keeps one row in memory."""
    with TemporaryFile() as file:
        workbook = Workbook(
            file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        _fill(workbook, table)
        workbook.close()
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block


def _fill(workbook: Workbook, table: Table) -> None:
    sheet = workbook.add_worksheet(table.sheet)
    bold = workbook.add_format({"bold": True})
    looks = {
        Decimal: workbook.add_format({"num_format": "#,##0.00"}),
        date: workbook.add_format({"num_format": 14}),
    }
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, _WIDTHS.get(column.key, _WIDTH))
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, table.heads, bold)
    number = 0
    for lines in table.pieces:
        for line in lines:
            number += 1
            _write(sheet, number, line, looks)
    sheet.autofilter(0, 0, number, len(table.columns) - 1)


def _write(sheet: Worksheet, number: int, line: Line, looks: Mapping[type, Format]) -> None:
    """A line, each value as what it is; text never as anything but text."""
    for place, value in enumerate(line):
        if value is None or value == "":
            continue
        if isinstance(value, Decimal):
            sheet.write_number(number, place, float(value), looks[Decimal])
        elif isinstance(value, int):
            sheet.write_number(number, place, value)
        elif isinstance(value, date):
            sheet.write_datetime(number, place, value, looks[date])
        else:
            sheet.write_string(number, place, str(safe_cell(value)))


FORMATS: Mapping[str, tuple[str, Callable[[Table], Iterator[bytes]]]] = {
    "csv": ("text/csv; charset=utf-8", _csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx),
}
