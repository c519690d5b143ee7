"""Tables of delimited text as dealers' systems and portals really write them.

Rows may be short or long, quotes may stay open, one line may be in another encoding: every line ends as a row that
can be read or as one that says why it cannot.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from imports.files import limits
from imports.files.headers import header_place
from imports.files.lines import Lines, encoding_of
from imports.files.refusals import EmptyFile, NotATable
from imports.files.table import Block, Row, Shape, Table, unfit, unique_names
from imports.problems import Problem

DELIMITERS = (";", ",", "\t", "|")
_SAMPLE_LINES = 60
_AT_A_TIME = 100

# The module's own limit is for the whole process; ours is told apart by `unfit`, so that the row can be named.
csv.field_size_limit(limits.MAX_LINE)


@dataclass(frozen=True)
class Dialect:
    """How cells are told apart. `as_text`: some are written ="00123", so that Excel leaves them as they are."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None
    as_text: bool = False

    def reader(self, lines: Iterator[str], *, strict: bool = False) -> Iterator[list[str]]:
        """csv's reader over these lines."""
        options: dict[str, Any] = {"doublequote": self.escape is None, "escapechar": self.escape}
        records = csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, strict=strict, **options)
        return map(_without_formula, records) if self.as_text else records

    def records(self, lines: list[str]) -> list[list[str]]:
        """As the reader reads these lines; sooner where there is nothing but splitting to do. Raises `csv.Error`."""
        text = "\n".join(lines)
        if "\r" in text:
            lines = [line.removesuffix("\r") for line in lines]
            text = "\n".join(lines)
        if self.quote in text or "\r" in text or (self.escape and self.escape in text):
            return _a_few_at_a_time(self.reader(iter(lines)))
        return [line.split(self.delimiter) for line in lines]


class CsvTable(Table):
    """Delimited text. Rows are numbered as a spreadsheet would: the header counts, blank ones too."""

    def __init__(self, path: Path, sample: bytes, known: Collection[str]) -> None:
        self._lines = Lines(path)
        first = [f"{line}\n" for line in islice(chain.from_iterable(self._lines.blocks()), _SAMPLE_LINES)]
        if not any(line.strip() for line in first):
            raise EmptyFile
        self._dialect = _dialect_of(first)
        sample_rows = islice(self._dialect.reader(iter(first)), _SAMPLE_LINES)
        rows = [row[: limits.MAX_COLUMNS + 1] for row in sample_rows]
        if first[0].lower().startswith("sep="):  # what Excel writes to say its delimiter
            rows[0] = []
        self._header = header_place(rows, known)
        width = max(len(row) for row in rows)
        header = rows[self._header] if self._header is not None else [""] * width
        shape = Shape("csv", encoding_of(sample), self._dialect.delimiter, self._header is not None)
        self._shorts, self._last_is_short = 0, False
        super().__init__(unique_names(header), shape)

    def most_rows(self) -> int | None:
        """There are no more rows than lines below the header."""
        return max(0, sum(map(len, self._lines.blocks())) - self._first)

    def _rows(self) -> Iterator[Row]:
        raise TypeError("a CSV file is read in blocks")

    def _blocks(self) -> Iterator[Block]:
        source, number = _Source(self._lines), 0
        self._shorts, self._last_is_short = 0, False
        while (lines := source.take()) is not None:
            self.position = self._lines.position
            records = self._quickly(lines)
            if records is None:
                source.give_back(lines)
                block, number = self._slowly(source, len(lines), number)
            else:
                block = self._block(records, number, lines)
                number += len(records)
            if self._ends_in_a_row(source):
                block.problems.setdefault(len(block.rows) - 1, Problem("row_cut"))
            yield block

    def _ends_in_a_row(self, source: _Source) -> bool:
        """The file stops without a line's end, in the only row that is too short: something is missing."""
        return self._shorts == 1 and self._last_is_short and self._lines.is_open and not source.has_more()

    def _quickly(self, lines: list[str]) -> list[list[str]] | None:
        """One record a line; None where quotes run over lines, or may run on into the next ones."""
        try:
            records = self._dialect.records(lines)
        except csv.Error:
            return None
        one_each = len(records) == len(lines) and not lines[-1].count(self._dialect.quote) % 2
        return records if one_each else None

    def _block(self, records: list[list[str]], before: int, lines: list[str]) -> Block:
        """The block of records that follow the one numbered `before`; at once where nothing is odd about them."""
        width = len(self.columns)
        is_even = before >= self._first and set(map(len, records)) == {width} and all(map(any, records))
        if (
            is_even
            and len(max(lines, key=len)) <= limits.MAX_CELL
            and not any("\0" in line for line in lines)
        ):
            self._last_is_short = False
            return Block(list(range(before + 1, before + 1 + len(records))), list(records))
        block = Block()
        for number, cells in enumerate(records, start=before + 1):
            if number > self._first:
                self._add(block, number, cells, "")
        return block

    @property
    def _first(self) -> int:
        """The number of the header; 0 without one."""
        return 0 if self._header is None else self._header + 1

    def _slowly(self, source: _Source, lines: int, before: int) -> tuple[Block, int]:
        """The records of about so many lines, with care for their quotes; the number of the last one."""
        block, number = Block(), before
        records = self._records(source)
        goal = source.taken + lines
        for cells, code in records:
            number += 1
            if number > self._first:
                self._add(block, number, cells, code)
            if source.taken >= goal:
                records.close()
                break
        return block, number

    def _add(self, block: Block, number: int, cells: list[str], code: str) -> None:
        width, text = len(self.columns), "".join(cells)
        if not text or text.isspace():
            return
        if code:
            block.add(number, _bounded(cells, width), Problem(code))
            return
        if len(cells) > width and any(cells[width:]):
            values = {"cells": len(cells), "columns": width}
            block.add(number, _bounded(cells, width), Problem("row_too_long", values=values))
            return
        self._last_is_short = len(cells) < width
        self._shorts += self._last_is_short
        fitted = cells[:width] + [""] * (width - len(cells))
        problem = None
        if "\0" in text or len(text) > limits.MAX_CELL:
            problem = unfit(self.columns, fitted)
        block.add(number, _bounded(fitted, width) if problem else fitted, problem)

    def _records(self, source: _Source) -> Generator[tuple[list[str], str], None, None]:
        """Each record, and the code of what is wrong with its quotes."""
        feeder = _Feeder(source)
        while not feeder.is_done:
            for cells in _until_error(self._dialect.reader(feeder)):
                # Only an open quote makes the reader ask for more; the next one may open one as well.
                if feeder.is_swallowed or self._has_rows_inside(cells, feeder.taken):
                    break
                feeder.taken.clear()
                yield cells, ""
            if feeder.taken:
                yield self._rescued(feeder)

    def _has_rows_inside(self, cells: list[str], lines: Sequence[str]) -> bool:
        """Whether a cell over several lines holds whole rows: two quotes that nobody closed look like one cell.

        A comment may hold as many commas, but its quote is closed at a delimiter; the one that a row opens is not.
        """
        dialect, between = self._dialect, len(self.columns) - 1
        if len(lines) < 2 or not any(
            "\n" in cell and cell.count(dialect.delimiter) >= between for cell in cells
        ):
            return False
        try:
            list(dialect.reader(iter(lines), strict=True))
        except csv.Error:
            return True
        return False

    def _rescued(self, feeder: _Feeder) -> tuple[list[str], str]:
        """The line whose quote is never closed, cut at its delimiters."""
        line = feeder.give_back()
        cells = line.rstrip("\r\n").replace(self._dialect.quote, "").split(self._dialect.delimiter)
        return cells, ("row_cut" if feeder.is_done else "quote_open")


def _without_formula(cells: list[str]) -> list[str]:
    return [cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell for cell in cells]


def _a_few_at_a_time(records: Iterator[list[str]]) -> list[list[str]]:
    """All of them; in between another thread may have its turn, which csv does not see to."""
    all_records: list[list[str]] = []
    while some := list(islice(records, _AT_A_TIME)):
        all_records += some
    return all_records


def _until_error(records: Iterator[list[str]]) -> Iterator[list[str]]:
    """csv's records up to one that it cannot read (a bare carriage return within a line, for example)."""
    try:
        yield from records
    except csv.Error:
        return


class _Source:
    """The lines of a file, in blocks or one by one. `taken` counts those that were handed out one by one."""

    def __init__(self, lines: Lines) -> None:
        self._blocks = lines.blocks()
        self._lines: list[str] = []
        self.taken = 0

    def take(self) -> list[str] | None:
        """The next lines; None at the end."""
        if not self.has_more():
            return None
        lines, self._lines = self._lines[: limits.BLOCK_ROWS], self._lines[limits.BLOCK_ROWS :]
        return lines

    def has_more(self) -> bool:
        """Whether there is another line."""
        while not self._lines:
            block = next(self._blocks, None)
            if block is None:
                return False
            self._lines = block
        return True

    def give_back(self, lines: list[str]) -> None:
        """These come next."""
        self._lines = lines + self._lines

    def next_line(self) -> str | None:
        """One line; None at the end."""
        if not self.has_more():
            return None
        self.taken += 1
        return self._lines.pop(0)


class _Feeder:
    """Hands lines to csv's reader one by one and remembers those of the record that it has not finished."""

    def __init__(self, source: _Source) -> None:
        self._source = source
        self.taken: list[str] = []
        self.is_swallowed = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = None if len(self.taken) >= limits.MAX_OPEN_LINES else self._source.next_line()
        if line is None:
            self.is_swallowed = bool(self.taken)
            raise StopIteration
        self.taken.append(line)
        return f"{line}\n"

    @property
    def is_done(self) -> bool:
        return not self.taken and not self._source.has_more()

    def give_back(self) -> str:
        """Take the unfinished record apart: its first line is returned, the others are read again."""
        first, *others = self.taken
        self._source.give_back(others)
        self._source.taken -= len(others)
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
    dialects = [Dialect(delimiter, quote, escape, '="' in text) for delimiter in DELIMITERS]
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
