"""Attacks on the stock's files and pages: what people wrote never becomes a formula, and nobody reaches beyond his own."""

from __future__ import annotations

import pytest

from core.spreadsheets import safe_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x"]
)
def test_no_text_is_a_formula_in_any_spreadsheet(text: str):
    assert safe_cell(text) == f"'{text}"
