"""What is odd about a VIN, a plate, a number: said, and never in the way of saving."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation

from core.vin import is_acceptable_vin
from sites.models import Site
from stock.doubts import doubts_of
from tests.cast import MONDAY, make_vehicle


@pytest.fixture(autouse=True)
def _french() -> Iterator[None]:
    """Whatever language the reader of the last page had."""
    with translation.override("fr"):
        yield


def fields(**numbers: Any) -> list[str]:
    return [doubt.field for doubt in doubts_of(**numbers)]


@pytest.mark.parametrize(
    "plate", ["AB-123-CD", "ab123cd", "WA-123-AA", "1234 AB 69", "12 ABC 2A", "345 ZZ 971", ""]
)
def test_plates_as_france_gives_them_raise_no_doubt(in_rhone: None, plate: str):
    assert fields(plate=plate) == []


@pytest.mark.parametrize(
    ("plate", "word"),
    [
        ("AI-123-CD", "ni I, ni O, ni U"),
        ("AB-123-OO", "ni I, ni O, ni U"),
        ("UB-123-CD", "ni I, ni O, ni U"),
        ("SS-123-CD", "SS"),
        ("AB-123-SS", "SS"),
        ("WW-123-AB", "provisoire"),
        ("B-MW 2023", "pas une plaque française"),
        ("1234567", "pas une plaque française"),
    ],
)
def test_odd_plates_are_doubted_in_words(in_rhone: None, plate: str, word: str):
    (doubt,) = doubts_of(plate=plate)

    assert word in doubt.text


@pytest.mark.parametrize("plate", ["A12 BCD", "123 ABC", "FAB1234", "L12345"])
def test_quebec_has_plates_of_its_own(in_rhone: None, plate: str):
    assert [doubt.field for doubt in doubts_of(plate=plate, country="CA")] == []
    assert [doubt.field for doubt in doubts_of(plate=plate, country="FR")] == ["plate"]


def test_a_french_plate_in_quebec_is_doubted_and_elsewhere_nobody_knows(in_rhone: None):
    assert [doubt.field for doubt in doubts_of(plate="AB-123-CD", country="CA")] == ["plate"]
    assert doubts_of(plate="AB-123-CD", country="CH") == []


def test_a_vin_is_doubted_for_its_length_and_letters_only(in_rhone: None):
    assert fields(vin="VF3CCHMZ6JT012345") == []
    assert fields(vin="VF3CCHMZ6JT01234") == ["vin"]
    assert fields(vin="VF3CCHMZ6JTO12345") == ["vin"]


def test_only_north_america_refuses_a_check_digit():
    assert is_acceptable_vin("1M8GDM9AXKP042788")
    assert not is_acceptable_vin("1M8GDM9A1KP042788")
    assert is_acceptable_vin("VF3CCHMZ1JT012345")


def test_namesakes_are_named_with_the_way_to_them(in_rhone: None, lyon: Site, marseille: Site):
    here = make_vehicle(marseille, stock_number="M-1", plate="AB-123-CD")
    sold = make_vehicle(lyon, stock_number="L-9", plate="AB-123-CD", status="sold", sold_at=MONDAY)

    found = {doubt.other.pk: doubt.text for doubt in doubts_of(plate="ab 123 cd") if doubt.other}

    assert found[here.pk].startswith("Il est déjà en stock\u00a0: Peugeot 208 2023, Marseille")
    assert found[sold.pk].startswith("Nous l’avons déjà eu")
    assert [d.text[:21] for d in doubts_of(stock_number="M-1")] == ["Ce n° de stock est pr"]
    assert doubts_of(stock_number="M-1", but=here.pk) == []


def test_a_rival_s_cars_are_no_namesakes(in_rhone: None, rival_site: Site):
    make_vehicle(rival_site, plate="AB-123-CD", stock_number="M-1", vin="VF3CCHMZ6JT012345")

    assert doubts_of(plate="AB-123-CD", stock_number="M-1", vin="VF3CCHMZ6JT012345") == []
