"""Rows in error: corrected in the page, or taken away as a file to be corrected there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import get_language

from core.spreadsheets import as_csv
from imports import sentences
from imports.access import check_sites, run_for
from imports.models import Fault, Run, RunState
from imports.running.fixing import Fixed, fix
from imports.services.runs import NotNow
from sites.access import Member

_AT_ONCE = 500


def fix_rows(*, run_id: UUID, cells: Mapping[int, Mapping[str, str]], by: Member, at: datetime) -> Fixed:
    """Take rows in error once more: number of the row → column → text as it should be.

    What is still wrong stays in error with its new problems. Raises `RunNotFound`, `NotAllowed`, `NotNow`, `Refused`.
    """
    run = run_for(by, run_id)
    check_sites(by, {site.pk for site in run.feed.sites.all()})
    if run.state not in (RunState.DONE, RunState.CANCELLED):
        raise NotNow(run)
    return fix(run, cells, by_id=by.user.pk, at=at)


def faulty_rows(*, run: Run) -> Iterator[bytes]:
    """The open rows in error as a table: the file's columns, and why, in the last one. In pieces, to be streamed.

    Cells that a spreadsheet would compute are made harmless; reading the file again takes that away.
    """
    language = get_language() or "fr"
    faults = run.faults.filter(fixed_at__isnull=True).order_by("number")
    columns: dict[str, None] = {}
    for cells in faults.values_list("cells", flat=True)[:_AT_ONCE]:
        columns.update(dict.fromkeys(cells))
    yield as_csv([[*columns, str(sentences.WHY)]], language=language).encode()
    for fault in faults.iterator(chunk_size=_AT_ONCE):
        yield as_csv([_line(fault, list(columns))], language=language).removeprefix("\ufeff").encode()


def _line(fault: Fault, columns: list[str]) -> list[str]:
    why = " ".join(sentences.problem_sentence(problem) for problem in fault.problems)
    return [*(str(fault.cells.get(column, "")) for column in columns), why]
