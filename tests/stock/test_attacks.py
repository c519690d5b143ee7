"""Attacks on the stock: what people wrote never becomes a formula, and nobody reaches beyond his own."""

from __future__ import annotations

import pytest

from core.spreadsheets import safe_cell
from sites.models import Site, User
from tests.cast import make_vehicle, signed_in


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x"]
)
def test_no_text_is_a_formula_in_any_spreadsheet(text: str):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["?!", "...", "%ed%a0%80", "de la", "…"])
@pytest.mark.parametrize("page", ["/stock/", "/stock/filter/", "/stock/export.csv", "/api/v1/stock/"])
def test_a_search_without_a_word_finds_nothing_and_breaks_nothing(
    camille: User, lyon: Site, page: str, text: str
):
    make_vehicle(lyon)

    assert signed_in(camille).get(f"{page}?q={text}").status_code == 200
