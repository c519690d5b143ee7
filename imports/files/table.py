"""What every file becomes: named columns and a stream of rows of text."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from imports.files import limits
from imports.files.refusals import TooManyColumns, TooManyRows
from imports.problems import Problem

# One of two that make a character beyond the first 65,536: alone it is none, but JSON may name it.
HALF_CHARACTER = re.compile("[\ud800-\udfff]")


class Row(NamedTuple):
    """One row: its number as a spreadsheet shows it, a text for each column, and why it cannot be read, if so.

    Texts are as they were written: whoever reads one strips it.
    """

    number: int
    cells: Sequence[str]
    problem: Problem | None = None


@dataclass
class Block:
    """Some rows at once, which is how they are read quickly: `problems` is place in the block → why not."""

    numbers: list[int] = field(default_factory=list)
    rows: list[Sequence[str]] = field(default_factory=list)
    problems: dict[int, Problem] = field(default_factory=dict)

    def add(self, number: int, cells: Sequence[str], problem: Problem | None = None) -> None:
        if problem is not None:
            self.problems[len(self.rows)] = problem
        self.numbers.append(number)
        self.rows.append(cells)


@dataclass(frozen=True)
class Shape:
    """How the file is written, for the preview."""

    kind: str
    encoding: str = ""
    delimiter: str = ""
    has_header: bool = True


class Table(ABC):
    """A file that has been recognised. `position` is how many of its bytes have been read."""

    def __init__(self, columns: Sequence[str], shape: Shape) -> None:
        if len(columns) > limits.MAX_COLUMNS:
            raise TooManyColumns(columns=len(columns), most=limits.MAX_COLUMNS)
        self.columns = tuple(columns)
        self.shape = shape
        self.position = 0

    def blocks(self) -> Iterator[Block]:
        """Every row below the header that is not blank, from the beginning, some at a time. Raises `Refused`."""
        self.position, count = 0, 0
        for block in self._blocks():
            count += len(block.rows)
            if count > limits.MAX_ROWS:
                raise TooManyRows(most=limits.MAX_ROWS)
            if block.rows:
                yield block

    def most_rows(self) -> int | None:
        """At most how many rows the file has, where that can be told without reading them: it then ends in order.

        None where it cannot. Raises `Refused`.
        """
        return None

    def rows(self) -> Iterator[Row]:
        """The same one by one."""
        for block in self.blocks():
            for place, (number, cells) in enumerate(zip(block.numbers, block.rows, strict=True)):
                yield Row(number, cells, block.problems.get(place))

    def _blocks(self) -> Iterator[Block]:
        """Rows one by one, gathered."""
        block, size = Block(), 0
        for row in self._rows():
            block.add(*row)
            size += sum(map(len, row.cells))
            if len(block.rows) >= limits.BLOCK_ROWS or size >= limits.BLOCK_CHARACTERS:
                yield block
                block, size = Block(), 0
        yield block

    @abstractmethod
    def _rows(self) -> Iterator[Row]: ...


class RecordTable(Table):
    """A file of named values (XML, JSON): its columns are what the first records name, and what is asked for."""

    def __init__(self, kind: str, encoding: str, wanted: Collection[str]) -> None:
        named: dict[str, None] = {}
        for record in islice(self._records(), limits.SAMPLE_ROWS):
            named.update(dict.fromkeys(record))
        named.update(dict.fromkeys(wanted))
        super().__init__(list(named), Shape(kind, encoding))

    @abstractmethod
    def _records(self) -> Iterator[Mapping[str, str]]: ...

    def _rows(self) -> Iterator[Row]:
        columns = self.columns
        for number, record in enumerate(self._records(), start=1):
            cells = [record.get(column, "").strip() for column in columns]
            if any(cells):
                yield Row(number, cells, unfit(columns, cells))


def unfit(columns: Sequence[str], cells: Sequence[str]) -> Problem | None:
    """Why a row as such cannot be kept: a cell is too long, or holds a character that no text has."""
    for place, cell in enumerate(cells):
        if len(cell) > limits.MAX_CELL:
            return Problem(
                "cell_too_long", column=columns[place], value=cell, values={"longest": limits.MAX_CELL}
            )
        if "\0" in cell:
            return Problem("no_text", column=columns[place], value=cell)
    return None


def unique_names(header: Iterable[str]) -> list[str]:
    """The header with a name for every column, none twice: « Prix », « Prix (2) », « 7 » for one without."""
    names: dict[str, None] = {}
    for place, cell in enumerate(
        islice(header, limits.MAX_COLUMNS + 1), start=1
    ):  # what is more is refused anyway
        name = wanted = kept_text(cell).strip()[:200] or str(place)
        again = 2
        while name in names:
            name, again = f"{wanted} ({again})", again + 1
        names[name] = None
    return list(names)


def kept_text(text: str) -> str:
    """Without what no database keeps: zero bytes, and halves of characters that JSON may name."""
    return HALF_CHARACTER.sub("\ufffd", text).replace("\0", "\ufffd")
