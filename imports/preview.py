"""What a person sees of a file before it is imported: its columns, what becomes of them, what is not understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from core.words import fold
from imports import mapping as mappings
from imports.day_order import day_order
from imports.declarations import Importer, Setting
from imports.files import Row, Shape, Table, open_table
from imports.plan import Plan
from imports.problems import Problem

# Rows that are read for the preview, and how many of them are shown.
LOOKED_AT = 5_000
_MOST_CHARACTERS = 20_000_000
SHOWN = 20
_SAMPLES = 5
_DIFFERENT = 200  # unknown values that are listed for a field
_TROUBLES = 100  # rows with problems that are listed


@dataclass(frozen=True)
class Column:
    """A column of the file; `field` is what it would become, empty when nothing."""

    name: str
    samples: tuple[str, ...]
    field: str


@dataclass
class Preview:
    """`unknown`: field → text as written → how often, among the rows that were looked at.

    `troubles` are (row number, problems) of the first rows that would not be taken.
    """

    shape: Shape
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    missing: tuple[str, ...]
    unknown: dict[str, Counter[str]] = field(default_factory=dict)
    troubles: list[tuple[int, list[Problem]]] = field(default_factory=list)
    rows_looked_at: int = 0
    rows_in_order: int = 0
    day_order: str = ""

    @property
    def mapping(self) -> dict[str, str]:
        """Column → field as proposed."""
        return {column.name: column.field for column in self.columns}


def preview_of(path: Path, importer: type[Importer], setting: Setting) -> Preview:
    """Look at the first rows of a file. Raises `Refused`. The feed in our hands learns how its dates are to be read."""
    feed = setting.feed
    table = open_table(path, known=mappings.known_headers(importer), wanted=())
    rows = list(_first(table.rows()))
    mapping = mappings.for_file(
        importer,
        feed.mapping,
        table.columns,
        has_header=table.shape.has_header,
        texts=mappings.texts_of(table.columns, (row.cells for row in rows)),
    )
    preview = Preview(
        shape=table.shape,
        columns=_columns(table, mapping, rows),
        rows=tuple(rows[:SHOWN]),
        missing=tuple(mappings.missing(importer, mapping)),
        rows_looked_at=len(rows),
    )
    if not feed.day_order:
        feed.day_order = day_order((row.cells for row in rows), table.columns, mapping, importer)
    preview.day_order = feed.day_order
    plan = Plan(importer, setting, table.columns, mapping)
    for row in rows:
        _look_at(row, plan, preview)
    return preview


def _first(rows: Iterator[Row]) -> Iterator[Row]:
    """As many as are looked at, or as a page may hold in memory."""
    size = 0
    for row in islice(rows, LOOKED_AT):
        yield row
        size += sum(map(len, row.cells))
        if size > _MOST_CHARACTERS:
            return


def _columns(table: Table, mapping: dict[str, str], rows: Sequence[Row]) -> tuple[Column, ...]:
    found = []
    for place, name in enumerate(table.columns):
        texts = dict.fromkeys(row.cells[place] for row in rows[:500] if row.cells[place])
        found.append(Column(name, tuple(islice(texts, _SAMPLES)), mapping[name]))
    return tuple(found)


def _look_at(row: Row, plan: Plan, preview: Preview) -> None:
    problems = [row.problem] if row.problem else plan.read(row.cells).problems
    if not problems:
        preview.rows_in_order += 1
        return
    for problem in problems:
        if problem.code == "unknown_value":
            counts = preview.unknown.setdefault(problem.field, Counter())
            if problem.value in counts or len(counts) < _DIFFERENT:
                counts[problem.value] += 1
    if len(preview.troubles) < _TROUBLES:
        preview.troubles.append((row.number, problems))


def learnt(values: dict[str, dict[str, str]], field_name: str, text: str, meant: str) -> None:
    """Note in a feed's values what a text means for a field; the text is compared folded."""
    values.setdefault(field_name, {})[fold(text)] = meant
