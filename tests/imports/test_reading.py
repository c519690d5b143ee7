"""Cells and headers as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from imports import sentences
from imports.days import Day
from imports.declarations import Field, Importer, Known, forget, get
from imports.headers import heard
from imports.mapping import for_file, proposed
from imports.problems import Unreadable
from imports.readers import Choice, Items, Links, Money, Text, Whole, Year, YesNo
from stock.feed_words import FUELS
from stock.identity import Make, Vin, plate_of
from stock.importers import VehicleImporter
from stock.models import Fuel, Vehicle, VehicleChange


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("15990", 15_990_00), ("15 990 €", 15_990_00), ("15\u202f990,50 €", 15_990_50), ("15.990,00", 15_990_00),
        ("15,990.00", 15_990_00), ("15990.0", 15_990_00), ("15990 TTC", 15_990_00), ("CA$ 12,500", 12_500_00),
        ("Please Call", None), ("Contact Us", None), ("Nous consulter", None), ("-", None), ("0", None),
    ],
)  # fmt: skip
def test_a_price_is_read_however_it_is_written(text, cents):
    assert Money().read(text) == cents


@pytest.mark.parametrize("text", ["beaucoup", "15k", "=1+1", "1e9", "12,34,56", "99999999999"])
def test_what_is_no_price_is_no_price(text):
    with pytest.raises(Unreadable):
        Money().read(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("24500", 24_500),
        ("24 500 km", 24_500),
        ("24.500", 24_500),
        ("24,500 KM", 24_500),
        ("7.0", 7),
        ("N/A", None),
    ],
)
def test_a_mileage_is_read_however_it_is_written(text, number):
    assert Whole(0, 2_000_000).read(text) == number


@pytest.mark.parametrize("text", ["-5", "2000001", "env. 3000", "1e5", "٣٤", "9" * 5000])
def test_what_is_no_mileage_is_no_mileage(text):
    with pytest.raises(Unreadable):
        Whole(0, 2_000_000).read(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15/03/2021", date(2021, 3, 15)), ("2021-03-15", date(2021, 3, 15)), ("15.03.2021", date(2021, 3, 15)),
        ("2021-03-15T00:00:00", date(2021, 3, 15)), ("03/2021", date(2021, 3, 1)), ("03.2021", date(2021, 3, 1)),
        ("20210315", date(2021, 3, 15)), ("0000-00-00", None),
    ],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text, day):
    assert Day().read(text) == day


@pytest.mark.parametrize("text", ["31/02/2021", "hier", "2021", "15/13/2021"])
def test_what_is_no_day_is_no_day(text):
    with pytest.raises(Unreadable):
        Day().read(text)


def test_closed_lists_know_their_synonyms_and_learn_more():
    read = Choice(Fuel, FUELS).prepared({"jus": "diesel"})

    assert [read(text) for text in ("Essence", "GAZOLE", "Électrique", "EL", "Jus")] == [
        Fuel.PETROL, Fuel.DIESEL, Fuel.ELECTRIC, Fuel.ELECTRIC, Fuel.DIESEL,
    ]  # fmt: skip
    with pytest.raises(Unreadable):
        read("Vapeur")


def test_several_addresses_or_options_in_one_cell():
    assert Links().read("https://a.fr/1.jpg|https://a.fr/2.jpg") == [
        "https://a.fr/1.jpg",
        "https://a.fr/2.jpg",
    ]
    mixed = "https://a.fr/1,2.jpg, https://a.fr/2.jpg javascript:x"
    assert Links().read(mixed) == [
        "https://a.fr/1,2.jpg",
        "https://a.fr/2.jpg",
    ]
    assert Items().read("GPS | Caméra, Toit;GPS") == ["GPS", "Caméra", "Toit"]
    assert [YesNo().read(text) for text in ("Oui", "0")] == [True, False]
    assert Year().read("15/03/2021") == 2021


@pytest.mark.parametrize(
    ("vin", "code"),
    [
        ("VF1RJA0000000001", "vin_length"), ("VF1RJA0000000000O", "vin_letters"),
        ("VF1RJA000000000é1", "vin_characters"), ("1M8GDM9A1KP042788", "vin_check_digit"),
    ],
)  # fmt: skip
def test_a_vin_that_cannot_be_is_refused_with_its_reason(vin, code):
    with pytest.raises(Unreadable) as refused:
        Vin().read(vin)

    assert refused.value.code == code
    assert len(sentences.of(code, refused.value.values)) > 20


def test_a_check_digit_is_law_in_north_america_and_a_doubt_elsewhere():
    assert Vin().read("1M8GDM9AXKP042788") == "1M8GDM9AXKP042788"
    assert Vin().doubt(Vin().read("VF1RJA00000000001")) == "vin_doubtful"
    assert Vin().doubt("1M8GDM9AXKP042788") == ""


def test_plates_and_makes_are_brought_into_one_form():
    assert [plate_of(text) for text in ("ab123cd", "AB 123 CD", "1234 abc 69", "")] == [
        "AB-123-CD",
        "AB-123-CD",
        "1234 ABC 69",
        "",
    ]
    assert [Make().prepared({"pgt": "Peugeot"})(text) for text in ("VW", "CITROEN", "pgt", "LADA", "MPM")] == [
        "Volkswagen", "Citroën", "Peugeot", "Lada", "MPM",
    ]  # fmt: skip


def test_columns_are_proposed_by_what_they_are_called():
    columns = (
        "N° VO",
        "Marque",
        "Libellé modèle",
        "Version",
        "Énergie",
        "Kilométrage",
        "Date 1ère MEC",
        "PV TTC (€)",
        "Divers",
    )

    found = proposed(VehicleImporter, columns)

    assert found == {
        "N° VO": "stock_number", "Marque": "make", "Libellé modèle": "model", "Version": "version", "Énergie": "fuel",
        "Kilométrage": "mileage", "Date 1ère MEC": "first_registration", "PV TTC (€)": "price", "Divers": "",
    }  # fmt: skip


def test_a_portals_columns_are_proposed_by_their_place():
    columns = [str(place) for place in range(1, 101)]

    found = proposed(VehicleImporter, columns, has_header=False)

    assert [found[place] for place in ("2", "4", "5", "10", "11", "1")] == [
        "stock_number",
        "make",
        "model",
        "mileage",
        "price",
        "",
    ]


def test_what_a_person_said_of_a_column_comes_before_what_it_is_called():
    kept = {"Prix": "list_price", "Divers": ""}

    assert for_file(VehicleImporter, kept, ("PRIX", "Prix de vente", "divers")) == {
        "PRIX": "list_price", "Prix de vente": "price", "divers": "",
    }  # fmt: skip
    assert heard("N°_de-Stock") == heard("n° de stock") == "no de stock"


def test_an_importer_that_names_what_does_not_exist_stops_the_start():
    from django.core.exceptions import ImproperlyConfigured

    def declare(**attributes):
        return type("Broken", (Importer,), {
            "key": "tests.broken", "name": "Broken", "model": Vehicle, "history": VehicleChange,
            "fields": (Field("make", "make", Text()),), "known_by": (Known("m", ("make",)),),
            "withdrawal": {}, **attributes,
        })  # fmt: skip

    for wrong in (
        {"fields": (Field("wings", "wings", Text()),), "known_by": (Known("w", ("wings",)),)},
        {"known_by": (Known("n", ("number",)),)},
        {"derived": ("wings",)},
        {"fields": (Field("make", "a", Text(), ("x",)), Field("model", "b", Text(), ("X",)))},
        {"key": "stock.vehicles"},
    ):
        with pytest.raises(ImproperlyConfigured):
            declare(**wrong)
    assert get(declare().key).key == "tests.broken"
    forget("tests.broken")
