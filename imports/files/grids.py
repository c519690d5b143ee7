"""What calls itself .xls and is none: a web page with a table in it, and Excel's XML of 2003. Systems export both."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from imports.files import limits
from imports.files.headers import LOOKED_AT, header_place
from imports.files.lines import encoding_of
from imports.files.refusals import EmptyFile, IsAWebPage, LineTooLong
from imports.files.table import Row, Shape, Table, unfit, unique_names
from imports.files.xml_safely import Element, elements, forget, local_name, refuse_doctype_in
from imports.headers import heard
from imports.problems import Problem

_OFFICE = b"urn:schemas-microsoft-com:office:spreadsheet"


class GridTable(Table):
    """Rows of cells, of which one names the columns."""

    def __init__(self, path: Path, kind: str, known: Collection[str]) -> None:
        self._path = path
        first = list(islice(self._grid(), LOOKED_AT))
        self._look_at(first, known)
        self._header = header_place(first, known)
        header = first[self._header] if self._header is not None else [""] * max(map(len, first))
        super().__init__(unique_names(header), Shape(kind, has_header=self._header is not None))

    def _look_at(self, first: Sequence[Sequence[str]], known: Collection[str]) -> None:
        if not any(map(any, first)):
            raise EmptyFile

    def _rows(self) -> Iterator[Row]:
        width, header = len(self.columns), -1 if self._header is None else self._header
        for place, cells in enumerate(self._grid()):
            if place <= header or not any(cells):
                continue
            fitted = [*cells[:width], *[""] * (width - len(cells))]
            problem = unfit(self.columns, fitted)
            if any(cells[width:]):
                problem = Problem("row_too_long", values={"cells": len(cells), "columns": width})
            yield Row(place + 1, fitted, problem)

    @abstractmethod
    def _grid(self) -> Iterator[list[str]]:
        """Every row, blank ones too. Raises `Refused`."""

    def _row_elements(
        self, file: BinaryIO, row: str, *, encoding: str | None = None, html: bool = False
    ) -> Iterator[Element]:
        """The elements of this name, one at a time."""
        parts, begun = 0, 0
        for event, element in elements(file, ("start", "end"), encoding=encoding, html=html):
            if event == "start":
                parts += 1
                if parts > limits.MAX_PARTS or file.tell() - begun > limits.MAX_LINE:
                    raise LineTooLong
            elif local_name(element).lower() == row:
                self.position = file.tell()
                yield element
                forget(element)
                parts, begun = 0, file.tell()


class PageTable(GridTable):
    """The table of a web page. Raises `IsAWebPage` where it is a page for people: one that asks to sign in."""

    def __init__(self, path: Path, sample: bytes, known: Collection[str]) -> None:
        says = b"charset=" in sample[:4096].lower()
        self._encoding = (
            None if says else "windows-1252" if encoding_of(sample) == "Windows-1252" else "utf-8"
        )
        super().__init__(path, "xls (HTML)", known)

    def _look_at(self, first: Sequence[Sequence[str]], known: Collection[str]) -> None:
        if not any(sum(heard(cell) in known for cell in row) >= 2 for row in first):
            raise IsAWebPage

    def _grid(self) -> Iterator[list[str]]:
        with self._path.open("rb") as file:
            for row in self._row_elements(file, "tr", encoding=self._encoding, html=True):
                cells: list[str] = []
                for cell in row:
                    if local_name(cell).lower() in ("td", "th"):
                        cells += [_text_of(cell), *[""] * (_whole(cell.get("colspan", "1")) - 1)]
                yield cells


class OldSheetTable(GridTable):
    """The first sheet with rows of an XML spreadsheet of 2003."""

    def __init__(self, path: Path, sample: bytes, known: Collection[str]) -> None:
        refuse_doctype_in(sample)
        super().__init__(path, "xls (XML)", known)

    @staticmethod
    def is_one(sample: bytes) -> bool:
        """Whether a document's beginning says so."""
        return _OFFICE in sample and b"<Workbook" in sample

    def _grid(self) -> Iterator[list[str]]:
        sheet = None
        with self._path.open("rb") as file:
            for row in self._row_elements(file, "row"):
                table = row.getparent()
                sheet = table if sheet is None else sheet
                if table is not sheet:
                    return
                yield _cells_of(row)


def _cells_of(row: Element) -> list[str]:
    """A cell may say its place: those before it are empty."""
    cells: list[str] = []
    for cell in row:
        if local_name(cell) == "Cell":
            place = next((value for name, value in cell.items() if str(name).endswith("}Index")), "")
            cells += [""] * (_whole(str(place)) - 1 - len(cells))
            cells.append(_text_of(cell))
    return cells


def _whole(text: str) -> int:
    """A count that the format says; 1 for nonsense, and never more than columns are taken."""
    return min(int(text), limits.MAX_COLUMNS + 1) if text.isdecimal() and len(text) < 6 else 1


def _text_of(cell: Element) -> str:
    return " ".join("".join(map(str, cell.itertext())).split())
