"""Tables of delimited text as dealers' systems and portals really write them.

Rows may be short or long, quotes may stay open, one line may be in another encoding: every line ends as a row that
can be read or as one that says why it cannot.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from imports.files import limits
from imports.files.headers import header_place
from imports.files.lines import Lines, encoding_of
from imports.files.refusals import EmptyFile, NotATable
from imports.files.table import Row, Shape, Table, unfit, unique_names
from imports.problems import Problem

DELIMITERS = (";", ",", "\t", "|")
_SAMPLE_LINES = 60

# The module's own limit is for the whole process; ours is told apart by `unfit`, so that the row can be named.
csv.field_size_limit(limits.MAX_LINE)


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None

    def reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """csv's reader over these lines."""
        options: dict[str, Any] = {"doublequote": self.escape is None, "escapechar": self.escape}
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, strict=False, **options)


class CsvTable(Table):
    """Delimited text. Rows are numbered as a spreadsheet would: the header counts, blank ones too."""

    def __init__(self, path: Path, sample: bytes, known: Collection[str]) -> None:
        self._lines = Lines(path)
        first = list(islice(self._lines, _SAMPLE_LINES))
        if not any(line.strip() for line in first):
            raise EmptyFile
        self._dialect = _dialect_of(first)
        rows = list(islice(self._dialect.reader(iter(first)), _SAMPLE_LINES))
        if first[0].lower().startswith("sep="):  # what Excel writes to say its delimiter
            rows[0] = []
        self._header = header_place(rows, known)
        width = max(len(row) for row in rows)
        header = rows[self._header] if self._header is not None else [""] * width
        shape = Shape("csv", encoding_of(sample), self._dialect.delimiter, self._header is not None)
        super().__init__(unique_names(header), shape)

    def _rows(self) -> Iterator[Row]:
        skipped = -1 if self._header is None else self._header
        short = 0
        for number, (cells, code) in enumerate(self._records(), start=1):
            text = "".join(cells)
            if number <= skipped + 1 or not text or text.isspace():
                continue
            is_short = len(cells) < len(self.columns)
            row = self._row(number, cells, code)
            if is_short:
                if not short and not code and self._lines.is_open and number > skipped + 2:
                    row = Row(number, row.cells, Problem("row_cut"))
                short += 1
            yield row

    def _row(self, number: int, cells: list[str], code: str) -> Row:
        width = len(self.columns)
        if code:
            return Row(number, _bounded(cells, width), Problem(code))
        if len(cells) > width:
            if any(cells[width:]):
                values = {"cells": len(cells), "columns": width}
                return Row(number, _bounded(cells, width), Problem("row_too_long", values=values))
            cells = cells[:width]
        elif len(cells) < width:
            cells += [""] * (width - len(cells))
        text = "".join(cells)
        problem = None
        if "\0" in text or len(text) > limits.MAX_CELL:
            problem = unfit(self.columns, cells)
        return Row(number, _bounded(cells, width) if problem else cells, problem)

    def _records(self) -> Iterator[tuple[list[str], str]]:
        """Each record, and the code of what is wrong with its quotes."""
        feeder = _Feeder(self._lines)
        while not feeder.is_done:
            for cells in self._dialect.reader(feeder):
                if feeder.is_swallowed:  # only an open quote makes the reader ask for more
                    break
                yield cells, ""
                feeder.taken.clear()
                self.position = self._lines.position
            if feeder.taken:
                yield self._rescued(feeder)

    def _rescued(self, feeder: _Feeder) -> tuple[list[str], str]:
        """The line whose quote is never closed, cut at its delimiters."""
        line = feeder.give_back()
        cells = line.rstrip("\r\n").replace(self._dialect.quote, "").split(self._dialect.delimiter)
        return cells, ("row_cut" if feeder.is_done else "quote_open")


class _Feeder:
    """Hands lines to csv's reader one by one and remembers those of the record that it has not finished."""

    def __init__(self, lines: Lines) -> None:
        self._lines = iter(lines)
        self._again: list[str] = []
        self.taken: list[str] = []
        self.has_ended = False
        self.is_swallowed = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= limits.MAX_OPEN_LINES:
            self.is_swallowed = True
            raise StopIteration
        line = self._again.pop() if self._again else next(self._lines, None)
        if line is None:
            self.has_ended = True
            self.is_swallowed = bool(self.taken)
            raise StopIteration
        self.taken.append(line)
        return line

    @property
    def is_done(self) -> bool:
        return self.has_ended and not self.taken and not self._again

    def give_back(self) -> str:
        """Take the unfinished record apart: its first line is returned, the others are read again."""
        first, *others = self.taken
        self._again.extend(reversed(others))
        self.taken.clear()
        self.is_swallowed = False
        return first


def _bounded(cells: Sequence[str], width: int) -> list[str]:
    """Cells that can be kept, one for each column."""
    kept = [cell.strip()[: limits.MAX_CELL].replace("\0", "\ufffd") for cell in cells[:width]]
    return kept + [""] * (width - len(kept))


def _dialect_of(lines: Sequence[str]) -> Dialect:
    """The dialect in which the first lines look most like a table. Raises `NotATable`."""
    if "\0" in lines[0]:
        raise NotATable
    text = "".join(lines)
    quote = "'" if text.count("'") > 2 * len(lines) and text.startswith("'") and '"' not in lines[0] else '"'
    escape = "\\" if '\\"' in text and '""' not in text.replace('\\"', "") else None
    dialects = [Dialect(delimiter, quote, escape) for delimiter in DELIMITERS]
    score, best = max(((_score(dialect, lines), dialect) for dialect in dialects), key=lambda found: found[0])
    if score <= 0:
        raise NotATable
    return best


def _score(dialect: Dialect, lines: Sequence[str]) -> float:
    """How many columns it makes, as far as rows agree; 0 when there is only one."""
    widths = [len(row) for row in dialect.reader(iter(lines)) if any(row)]
    if not widths:
        return 0
    width, often = Counter(widths).most_common(1)[0]
    return 0 if width < 2 else width * often / len(widths)
