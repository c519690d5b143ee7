"""Tables for spreadsheet programs. Text from people must stay text there: it never becomes a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import StringIO

Value = str | int | Decimal | date | None

# What Excel and LibreOffice take for the beginning of a formula, or strip before they look; in some countries the
# wide signs of Asian keyboards as well.
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Tells Excel that the file is UTF-8.
_MARK = "\ufeff"


def as_csv(rows: Iterable[Sequence[Value]], *, language: str) -> str:
    """The rows as a file that opens with a double click: French spreadsheets expect semicolons."""
    return _MARK + csv_rows(rows, language=language)


def csv_rows(rows: Iterable[Sequence[Value]], *, language: str) -> str:
    """Some more rows of such a file."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";" if language == "fr" else ",", lineterminator="\r\n")
    writer.writerows([_written(value, language) for value in row] for row in rows)
    return text.getvalue()


def safe_cell(value: Value) -> Value:
    """The value, with an apostrophe before whatever a spreadsheet would compute."""
    if isinstance(value, str) and value.startswith(BEGINS_FORMULA):
        return f"'{value}"
    return value


def _written(value: Value, language: str) -> Value:
    """The value as the file says it: an amount with the reader's decimal sign, and none without need of it."""
    if isinstance(value, Decimal):
        text = f"{value:.0f}" if value == value.to_integral_value() else f"{value:.2f}"
        return text.replace(".", ",") if language == "fr" else text
    return safe_cell(value)
