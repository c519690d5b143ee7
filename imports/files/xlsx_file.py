"""Spreadsheets (.xlsx), row by row: the sheet never stands in memory as a whole.

A library that loads a sheet takes hundreds of megabytes for a large one, and a zip may hold more than it seems.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import islice
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO

from imports.files import archives, limits
from imports.files.headers import LOOKED_AT, header_place
from imports.files.refusals import EmptyFile, NotASheet, OldOrProtectedSheet, PackedTooTight, TooManyColumns
from imports.files.table import Row, Shape, Table, unfit, unique_names
from imports.files.xml_safely import Element, elements, forget, local_name, refuse_doctype_in
from imports.headers import heard

# Built-in number formats that show a date (ECMA-376 part 1, 18.8.30).
_BUILT_IN_DATES = frozenset(
    (14, 15, 16, 17, 22, 27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 55, 56, 57, 58)
)
_DATE_LETTERS = re.compile(r"[ymd]", re.IGNORECASE)
_NOT_DATE_LETTERS = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|General', re.IGNORECASE)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MOST_SHEETS = 20
_LAST_DAY = 2_958_465  # 31 December 9999, counted from 1900


class XlsxTable(Table):
    """The first visible sheet of a workbook with columns that somebody knows; the first of all if none has."""

    def __init__(self, path: Path, known: Collection[str]) -> None:
        self._path = path
        with _opened(path) as book:
            sheets, epoch_is_1904 = _sheets_of(book)
            self._strings = _strings_of(book)
            self._dates = _date_styles_of(book)
        self._epoch = date(1904, 1, 1) if epoch_is_1904 else date(1899, 12, 30)
        first = self._choose(sheets, known)
        self._header = header_place(first, known)
        header = first[self._header] if self._header is not None else [""] * max(map(len, first))
        super().__init__(unique_names(header), Shape("xlsx", has_header=self._header is not None))

    def _choose(self, sheets: Sequence[str], known: Collection[str]) -> list[list[str]]:
        """Settle on a sheet; its first rows. Raises `EmptyFile`."""
        found: dict[str, list[list[str]]] = {}
        for sheet in sheets:
            self._sheet = sheet
            first = [cells for _number, cells in islice(self._sheet_rows(), LOOKED_AT)]
            if any(sum(heard(cell) in known for cell in row) >= 2 for row in first):
                return first
            if first:
                found[sheet] = first
        if not found:
            raise EmptyFile
        self._sheet = next(iter(found))
        return found[self._sheet]

    def _rows(self) -> Iterator[Row]:
        width = len(self.columns)
        skipped = 0 if self._header is None else self._header + 1
        for number, cells in islice(self._sheet_rows(), skipped, None):
            fitted = [cell.strip() for cell in cells[:width]] + [""] * (width - len(cells))
            if any(fitted):
                yield Row(number, fitted, unfit(self.columns, fitted))

    def _sheet_rows(self) -> Iterator[tuple[int, list[str]]]:
        with _opened(self._path) as book, _member(book, self._sheet) as file:
            number = parts = 0
            for _event, element in elements(file, ("end",)):
                name, parts = local_name(element), parts + 1
                if parts > limits.MAX_PARTS:
                    raise TooManyColumns(columns=parts, most=limits.MAX_COLUMNS)
                if name == "sheetData":  # what follows is how it looks
                    return
                if name != "row":
                    continue
                number = max(number + 1, min(_whole(element.get("r", "")), limits.MAX_ROW_NUMBER))
                cells = self._cells(element)
                forget(element)
                parts = 0
                if cells:
                    yield number, cells

    def _cells(self, row: Element) -> list[str]:
        cells: list[str] = []
        for cell in row:
            place = _column_of(cell.get("r", "")) or len(cells)
            if place >= limits.MAX_COLUMNS:
                raise TooManyColumns(columns=place + 1, most=limits.MAX_COLUMNS)
            cells.extend([""] * (place - len(cells)))
            cells.append(self._text(cell))
        return cells

    def _text(self, cell: Element) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _words(cell)
        value = next((child.text or "" for child in cell if local_name(child) == "v"), "")
        if kind == "s":
            return self._strings[_whole(value)] if 0 <= _whole(value) < len(self._strings) else ""
        if kind in ("str", "b", "d", "e"):  # a formula that failed is in error, not empty
            return value
        return self._number(value, cell.get("s", ""))

    def _number(self, value: str, style: str) -> str:
        if _whole(style) in self._dates:
            try:
                days = int(float(value))
                if 0 < days < _LAST_DAY:
                    return (self._epoch + timedelta(days=days)).isoformat()
            except (ValueError, OverflowError):
                return value
        if "." in value or "E" in value:
            try:
                number = round(float(value), 6)
            except (ValueError, OverflowError):
                return value
            return str(int(number)) if number.is_integer() else repr(number)
        return value


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with path.open("rb") as file:
        try:
            book = archives.opened(file)
        except (zipfile.BadZipFile, NotImplementedError) as error:
            raise NotASheet from error
        with book:
            _refuse_bombs(book)
            yield book


def _refuse_bombs(book: zipfile.ZipFile) -> None:
    members = book.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise OldOrProtectedSheet
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if unpacked > limits.MAX_UNPACKED or (
        unpacked > limits.SAMPLE * 8 and unpacked / packed > limits.MAX_RATIO
    ):
        raise PackedTooTight


@contextmanager
def _member(book: zipfile.ZipFile, name: str, most: int = limits.MAX_UNPACKED) -> Iterator[IO[bytes]]:
    """A member to be read: never more bytes than its entry, which was counted, says. Raises `NotASheet`."""
    try:
        if book.getinfo(name).file_size > most:
            raise PackedTooTight
        with book.open(name) as file:
            refuse_doctype_in(file.read(4096))
        with book.open(name) as file:
            yield file
    except (KeyError, NotImplementedError, EOFError, zipfile.BadZipFile, zlib.error, LZMAError) as error:
        raise NotASheet from error


def _sheets_of(book: zipfile.ZipFile) -> tuple[list[str], bool]:
    """The members of the first visible sheets, and whether days count from 1904."""
    relations: list[str] = []
    is_1904 = False
    for element in _small(book, "xl/workbook.xml"):
        if local_name(element) == "workbookPr":
            is_1904 = element.get("date1904", "") in ("1", "true")
        elif local_name(element) == "sheet" and element.get("state", "visible") == "visible":
            relations.append(element.get(_RELATION, ""))
    targets = {
        element.get("Id", ""): element.get("Target", "").lstrip("/")
        for element in _small(book, "xl/_rels/workbook.xml.rels")
        if local_name(element) == "Relationship"
    }
    found = [targets[relation] for relation in relations[:_MOST_SHEETS] if relation in targets]
    if not found:
        raise NotASheet
    return [name if name.startswith("xl/") else str(PurePosixPath("xl") / name) for name in found], is_1904


def _small(book: zipfile.ZipFile, name: str) -> Iterator[Element]:
    """The elements of a member that says how the others are to be read, one at a time."""
    with _member(book, name, limits.MAX_SMALL) as file:
        for _event, element in elements(file, ("end",)):
            yield element
            forget(element)


def _strings_of(book: zipfile.ZipFile) -> list[str]:
    name = "xl/sharedStrings.xml"
    if name not in book.namelist():
        return []
    strings: list[str] = []
    parts = 0
    with _member(book, name, limits.MAX_STRINGS) as file:
        for _event, element in elements(file, ("end",)):
            parts += 1
            if parts > limits.MAX_PARTS:
                raise PackedTooTight
            if local_name(element) == "si":
                strings.append(_words(element))
                forget(element)
                parts = 0
    return strings


def _words(element: Element) -> str:
    """The text of a string, its differently formatted parts joined, without the reading aids of Asian scripts."""
    parts = (
        child.text or ""
        for child in element.iter()
        if local_name(child) == "t" and local_name(child.getparent()) != "rPh"  # type: ignore[arg-type]  # has one
    )
    return "".join(parts)


def _date_styles_of(book: zipfile.ZipFile) -> frozenset[int]:
    """The numbers of the cell styles that show a date."""
    if "xl/styles.xml" not in book.namelist():
        return frozenset()
    dates, found, place = set(_BUILT_IN_DATES), set(), 0
    for element in _small(book, "xl/styles.xml"):
        name = local_name(element)
        if name == "numFmt" and _DATE_LETTERS.search(
            _NOT_DATE_LETTERS.sub("", element.get("formatCode", ""))
        ):
            dates.add(_whole(element.get("numFmtId", "")))
        elif name == "xf" and local_name(element.getparent()) == "cellXfs":  # type: ignore[arg-type]  # has one
            if _whole(element.get("numFmtId", "")) in dates - {-1}:
                found.add(place)
            place += 1
    return frozenset(found)


def _whole(text: str) -> int:
    """A number that the format counts with; -1 for what is none."""
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _column_of(reference: str) -> int | None:
    """« AB12 » → 27."""
    column = 0
    for letter in reference:
        if not "A" <= letter <= "Z":
            break
        column = column * 26 + ord(letter) - 64
        if column > limits.MAX_COLUMNS * 100:
            break
    return column - 1 if column else None
