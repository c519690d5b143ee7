"""The open faults as a file: taken away, corrected in a spreadsheet, and dropped here again.

Its first column is the number of the row, so that a corrected cell finds back to its row whatever was changed in it.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.spreadsheets import BEGINS_FORMULA, as_csv, csv_rows
from imports import kinds, sentences
from imports.declarations import RUN_IMPORT
from imports.files import Refused, open_table
from imports.headers import heard
from imports.models import Fault, Run
from imports.views.answers import go_to
from imports.views.faults import Reader, take
from imports.views.guards import run_or_404
from sites.http import MemberRequest, member_required
from sites.scope import group_scope

_AT_ONCE = 500
# What is read of a corrected file; they are taken in one request, and a larger one is a new file of the feed.
_MOST_ROWS = 2_000
# What the download puts before a cell that a spreadsheet would compute.
_HARMLESS = re.compile(f"^'(?=[{re.escape(''.join(BEGINS_FORMULA))}])")


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
            request, _("This is not the file of this page: it has no column with the rows' numbers.")
        )
        return go_to(request, f"{reverse('imports:run', args=[run.pk])}#faults")
    reader = Reader(run, request.member)
    faults = kinds.open_faults(run).filter(number__in=list(rows))
    cells = {fault.number: _changed(fault, rows[fault.number], reader) for fault in faults}
    return take(request, run, {number: changed for number, changed in cells.items() if changed})


def _table(run: Run, reader: Reader, language: str) -> Iterator[bytes]:
    with group_scope(run.group_id):  # the answer is sent when the request's own scope is closed
        yield from _lines(run, reader, language)


def _lines(run: Run, reader: Reader, language: str) -> Iterator[bytes]:
    faults = kinds.open_faults(run).order_by("number")
    named: dict[str, None] = {}
    for fault in faults[:_AT_ONCE]:
        named.update(dict.fromkeys(reader.columns(fault)))
    columns = [name for name in named if not reader.is_hidden(name)]
    with translation.override(language):
        yield as_csv([[str(sentences.ROW), *columns, str(sentences.WHY)]], language=language).encode()
        for fault in faults.iterator(chunk_size=_AT_ONCE):
            yield csv_rows([_line(fault, columns, reader)], language=language).encode()


def _line(fault: Fault, columns: list[str], reader: Reader) -> list[str | int]:
    shown = (problem for problem in fault.problems if not reader.is_hidden(problem["column"]))
    why = " ".join(map(sentences.problem_sentence, shown))
    return [fault.number, *(str(fault.cells.get(column, "")) for column in columns), why]


def _rows_of(file: UploadedFile[Any]) -> dict[int, dict[str, str]] | None:
    """Number → column → text; None for a file without numbers. Raises `Refused`."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        table = open_table(Path(copy.name), known=_row_names())
        place = next((at for at, name in enumerate(table.columns) if heard(name) in _row_names()), None)
        if place is None:
            return None
        found = {}
        for row in islice(table.rows(), _MOST_ROWS):
            number = row.cells[place]
            if row.problem is None and number.isdecimal() and len(number) < 10:
                texts = (_HARMLESS.sub("", cell) for cell in row.cells)
                found[int(number)] = dict(zip(table.columns, texts, strict=True))
        return found


def _row_names() -> set[str]:
    """What the column with the numbers is called, in whichever language the file was made."""
    names = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            names.add(heard(str(sentences.ROW)))
    return names


def _changed(fault: Fault, row: dict[str, str], reader: Reader) -> dict[str, str]:
    return {
        name: row[name]
        for name in reader.columns(fault)
        if name in row
        and row[name].strip() != str(fault.cells.get(name, "")).strip()
        and not reader.is_hidden(name)
    }
