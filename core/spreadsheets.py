"""Tables for spreadsheet programs. Text from people must stay text there: it never becomes a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

Value = str | int | None

# What Excel and LibreOffice take for the beginning of a formula, or strip before they look.
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Tells Excel that the file is UTF-8.
_MARK = "\ufeff"


def as_csv(rows: Iterable[Sequence[Value]], *, language: str) -> str:
    """The rows as a file that opens with a double click: French spreadsheets expect semicolons."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";" if language == "fr" else ",", lineterminator="\r\n")
    writer.writerows([safe_cell(value) for value in row] for row in rows)
    return _MARK + text.getvalue()


def safe_cell(value: Value) -> Value:
    """The value, with an apostrophe before whatever a spreadsheet would compute."""
    if isinstance(value, str) and value.startswith(_BEGINS_FORMULA):
        return f"'{value}"
    return value
