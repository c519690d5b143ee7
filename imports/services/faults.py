"""Rows in error: corrected in the page, or taken away as a file to be corrected there."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language, override

from core.spreadsheets import BEGINS_FORMULA, as_csv
from imports import sentences
from imports.access import check_sites, run_for
from imports.files import Refused, Table, open_table
from imports.headers import heard
from imports.models import Fault, Run, RunState
from imports.running.fixing import Fixed, fix
from imports.services.runs import NotNow
from sites.access import Member

_AT_ONCE = 500
# Rows of a corrected file: they are taken in one transaction.
MOST_CORRECTED = 2_000
# What `faulty_rows` puts before a cell that a spreadsheet would compute.
_HARMLESS = re.compile(f"^'(?=[{re.escape(''.join(BEGINS_FORMULA))}])")


class TooManyCorrected(Refused):
    """A corrected file with so many rows is a new file of the feed."""

    code = "too_many_corrected"


class NotTheFaultyRows(Refused):
    """The file has no column with the numbers of the rows, or none of them is in error."""

    code = "not_the_faulty_rows"


def fix_rows(*, run_id: UUID, cells: Mapping[int, Mapping[str, str]], by: Member, at: datetime) -> Fixed:
    """Take rows in error once more: number of the row → column → text as it should be.

    What is still wrong stays in error with its new problems. Raises `RunNotFound`, `NotAllowed`, `NotNow`, `Refused`.
    """
    run = run_for(by, run_id)
    check_sites(by, {site.pk for site in run.feed.sites.all()})
    if run.state not in (RunState.DONE, RunState.CANCELLED):
        raise NotNow(run)
    return fix(run, cells, by_id=by.user.pk, at=at)


def fix_with_file(*, run_id: UUID, file: IO[bytes], by: Member, at: datetime) -> Fixed:
    """Take rows in error once more, as they stand in the file that `faulty_rows` gave and somebody has corrected.

    Raises as `fix_rows`; `NotTheFaultyRows`, `TooManyCorrected`.
    """
    with tempfile.NamedTemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        copy.flush()
        cells = _corrected(open_table(Path(copy.name), known={heard(name) for name in _row_names()}))
    if not cells:
        raise NotTheFaultyRows
    return fix_rows(run_id=run_id, cells=cells, by=by, at=at)


def _corrected(table: Table) -> dict[int, dict[str, str]]:
    names = {heard(name) for name in _row_names()}
    place = next((place for place, column in enumerate(table.columns) if heard(column) in names), None)
    if place is None:
        raise NotTheFaultyRows
    cells: dict[int, dict[str, str]] = {}
    for row in table.rows():
        if row.cells[place].isdecimal() and row.problem is None:
            texts = (_HARMLESS.sub("", cell) for cell in row.cells)
            cells[int(row.cells[place])] = dict(zip(table.columns, texts, strict=True))
        if len(cells) > MOST_CORRECTED:
            raise TooManyCorrected(most=MOST_CORRECTED)
    return cells


def _row_names() -> Iterator[str]:
    """What the column with the numbers is called, in whichever language the file was made."""
    for language, _name in settings.LANGUAGES:
        with override(language):
            yield str(sentences.ROW)


def faulty_rows(*, run: Run) -> Iterator[bytes]:
    """The open rows in error as a table: their numbers, the file's columns, and why. In pieces, to be streamed.

    Cells that a spreadsheet would compute are made harmless; `fix_with_file` takes that away again.
    """
    language = get_language() or "fr"
    faults = run.faults.filter(fixed_at__isnull=True).order_by("number")
    columns: dict[str, None] = {}
    for cells in faults.values_list("cells", flat=True)[:_AT_ONCE]:
        columns.update(dict.fromkeys(cells))
    yield as_csv([[str(sentences.ROW), *columns, str(sentences.WHY)]], language=language).encode()
    for fault in faults.iterator(chunk_size=_AT_ONCE):
        yield as_csv([_line(fault, list(columns))], language=language).removeprefix("\ufeff").encode()


def _line(fault: Fault, columns: list[str]) -> list[str]:
    why = " ".join(sentences.problem_sentence(problem) for problem in fault.problems)
    return [str(fault.number), *(str(fault.cells.get(column, "")) for column in columns), why]
