"""The open faults as a file: taken away, corrected in a spreadsheet, and dropped here again.

Its first column is the number of the row, so that a corrected cell finds back to its row whatever was changed in it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.spreadsheets import as_csv
from imports import kinds, sentences
from imports.declarations import RUN_IMPORT
from imports.files import Refused, limits, open_table
from imports.models import Fault, Run
from imports.views.answers import go_to
from imports.views.faults import Reader, take
from imports.views.guards import run_or_404
from sites.http import MemberRequest, member_required

NUMBER = "#"
_AT_ONCE = 500
# Rows that are taken in the page's own request; a larger file goes the way of every file.
MOST_ROWS = 5_000


@require_safe
@member_required(RUN_IMPORT)
def faulty(request: MemberRequest, run_id: UUID) -> StreamingHttpResponse:
    """The open faults as a table that is safe to open, without what the person may not see."""
    run = run_or_404(request.member, run_id)
    language = translation.get_language() or "fr"
    return StreamingHttpResponse(
        _table(run, Reader(run, request.member), language),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="faults-{run.pk}.csv"'},
    )


@require_POST
@member_required(RUN_IMPORT)
def corrected(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Take the rows of a corrected file; what it does not name stays as it is."""
    run = run_or_404(request.member, run_id)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        messages.info(request, _("Choose a file first."))
        return go_to(request, f"{reverse('imports:run', args=[run.pk])}#faults")
    try:
        rows = _rows_of(file)
    except Refused as refused:
        messages.error(request, sentences.of(refused.code, refused.values))
        return go_to(request, f"{reverse('imports:run', args=[run.pk])}#faults")
    if rows is None:
        messages.error(
            request, _("This is not the file of this page: its first column must be « # », the row's number.")
        )
        return go_to(request, f"{reverse('imports:run', args=[run.pk])}#faults")
    reader = Reader(run, request.member)
    faults = kinds.open_faults(run).filter(number__in=list(rows))
    cells = {fault.number: _changed(fault, rows[fault.number], reader) for fault in faults}
    return take(request, run, {number: changed for number, changed in cells.items() if changed})


def _table(run: Run, reader: Reader, language: str) -> Iterator[bytes]:
    faults = kinds.open_faults(run).order_by("number")
    named: dict[str, None] = {}
    for fault in faults[:_AT_ONCE]:
        named.update(dict.fromkeys(reader.columns(fault)))
    columns = [name for name in named if not reader.is_hidden(name)]
    with translation.override(language):
        yield as_csv([[NUMBER, *columns, str(sentences.WHY)]], language=language).encode()
        for fault in faults.iterator(chunk_size=_AT_ONCE):
            yield as_csv([_line(fault, columns)], language=language).removeprefix("\ufeff").encode()


def _line(fault: Fault, columns: list[str]) -> list[str | int]:
    why = " ".join(sentences.problem_sentence(problem) for problem in fault.problems)
    return [fault.number, *(str(fault.cells.get(column, "")) for column in columns), why]


def _rows_of(file: UploadedFile) -> dict[int, dict[str, str]] | None:
    """Number → column → text; None for a file without numbers. Raises `Refused`."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
            if copy.tell() > limits.MAX_BYTES:
                break
        copy.flush()
        table = open_table(Path(copy.name), known={NUMBER: NUMBER})
        if NUMBER not in table.columns:
            return None
        place, found = table.columns.index(NUMBER), {}
        for row in table.rows():
            number = row.cells[place]
            if row.problem is None and number.isdecimal() and len(number) < 10 and len(found) < MOST_ROWS:
                found[int(number)] = dict(zip(table.columns, row.cells, strict=True))
        return found


def _changed(fault: Fault, row: dict[str, str], reader: Reader) -> dict[str, str]:
    return {
        name: row[name]
        for name in reader.columns(fault)
        if name in row
        and row[name].strip() != str(fault.cells.get(name, "")).strip()
        and not reader.is_hidden(name)
    }
