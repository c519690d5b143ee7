"""What nobody found in the stock begins the customer's search: nothing is typed twice."""

from __future__ import annotations

from typing import Any

import pytest

from sites.models import Site, User
from stock.filters import StockFilter
from stock.wishes import wish_in
from tests.cast import make_vehicle, signed_in


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("peugeot 5008", {"make": "Peugeot", "model": "5008"}),
        (
            "vw golf break auto",
            {"make": "Volkswagen", "model": "golf", "segment": "estate", "gearbox": "automatic"},
        ),
        ("Land Rover Defender diesel", {"make": "Land Rover", "model": "defender", "fuel": "diesel"}),
        ("hybride", {}),
        ("une 208 d'occasion", {"model": "208"}),
        ("", {}),
    ],
)
def test_words_are_a_make_a_model_and_what_the_trade_calls_the_rest(text: str, wish: dict[str, Any]):
    assert wish_in(StockFilter(), text) == wish


def test_what_the_filter_says_counts_more_than_the_words():
    wanted = StockFilter(
        makes=("Peugeot",),
        fuels=("petrol", "diesel"),
        price_to=15_000_00,
        mileage_to=0,
    )

    assert wish_in(wanted, "renault diesel") == {
        "make": "Peugeot",
        "fuel": "diesel",
        "max_price": 15_000_00,
        "max_mileage": 0,
    }


def test_an_empty_list_hands_its_question_to_the_form(camille: User, lyon: Site, in_rhone: None):
    client = signed_in(camille)
    make_vehicle(lyon)

    page = client.get("/stock/?q=peugeot+5008&price_to=15000").content.decode()
    form = client.get("/stock/wanted/new/?q=peugot+5008+lyon&price_to=15000").content.decode()

    assert "/stock/wanted/new/?q=peugeot+5008&amp;price_to=15000" in page
    assert 'value="Peugeot"' in form
    assert 'value="5008"' in form
    assert "15" in form.partition('name="max_price"')[2][:200]


@pytest.mark.parametrize(
    "odd", ["q=%00", "price_to=x&make=", "make=a&make=b", "site=nowhere&segment=zzz", "like=1"]
)
def test_an_odd_address_begins_with_an_empty_form(camille: User, lyon: Site, in_rhone: None, odd: str):
    assert signed_in(camille).get(f"/stock/wanted/new/?{odd}").status_code == 200
