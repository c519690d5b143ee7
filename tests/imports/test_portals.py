"""Files of North American systems, of catalogues for vehicle ads, and JSON in the shapes that portals give it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imports.problems import Unreadable
from sites.models import Site, User
from stock.identity import Mileage
from stock.importers import VehicleImporter
from stock.models import Vehicle
from tests.imports.files import counts, imported, make_feed, problems_of


@pytest.mark.parametrize(
    ("text", "km"), [("28,000 miles", 45_062), ("1 mi", 2), ("45 123 km", 45_123), ("12", 12), ("-", None)]
)
def test_a_mileage_that_says_it_is_in_miles(text, km):
    assert Mileage(0, 2_000_000).read(text) == km


def test_a_column_of_miles_becomes_kilometres(sophie: User, lyon: Site, in_rhone: None):
    data = b"Stock #,Make,Model,Odometer (mi)\nA1,Ford,F-150,10000\nA2,Ford,Focus,\n"

    run = imported(make_feed(sophie, lyon), data)

    assert counts(run) == (2, 0, 0, 0)
    assert set(Vehicle.objects.values_list("stock_number", "mileage")) == {("A1", 16_093), ("A2", None)}


def test_a_catalogue_of_vehicle_ads(sophie: User, lyon: Site, in_rhone: None):
    """As social networks and search engines want it: the price with its currency, a column for each picture."""
    data = (
        b"vehicle_id,make,model,year,image[0].url,image[1].url,fuel_type,price\n"
        b"u1,Peugeot,208,2021,https://d.example/1.jpg,https://d.example/2.jpg,GASOLINE,15990.00 EUR\n"
    )

    imported(make_feed(sophie, lyon), data)

    car = Vehicle.objects.get()
    assert (car.stock_number, car.price, car.fuel) == ("u1", 15_990_00, "petrol")
    assert car.photo_urls == ["https://d.example/1.jpg", "https://d.example/2.jpg"]


CAR = {"marque": "Peugeot", "modele": "208", "prix": 15990, "photos": [{"url": "https://d.example/1.jpg"}]}


@pytest.mark.parametrize(
    "whole",
    [
        {"12": CAR, "13": {**CAR, "modele": "308"}},
        {
            "stock": {"total": 2, "vehicules": {"12": CAR, "13": {**CAR, "modele": "308"}}},
            "date": "2026-03-02",
        },
        {
            "dealer": {"id": 7, "name": "Lyon", "location": "Lyon"},
            "vehicles": [CAR, {**CAR, "modele": "308"}],
        },
    ],
)
def test_json_by_id_or_in_a_list(sophie: User, lyon: Site, in_rhone: None, whole: Any):
    run = imported(make_feed(sophie, lyon), json.dumps(whole, indent=1).encode(), name="stock.json")

    assert counts(run) == (2, 0, 0, 0), problems_of(run)
    assert set(Vehicle.objects.values_list("model", "price")) == {("208", 15_990_00), ("308", 15_990_00)}


def test_json_by_id_that_is_cut_changes_nothing(sophie: User, lyon: Site, in_rhone: None):
    whole = json.dumps({str(number): {**CAR, "modele": f"M{number}"} for number in range(50)})

    run = imported(make_feed(sophie, lyon), whole[:-30].encode(), name="stock.json")

    assert (run.state, Vehicle.objects.count()) == ("failed", 0)


def test_json_whose_list_ends_in_the_wrong_bracket_changes_nothing(sophie: User, lyon: Site, in_rhone: None):
    """It is no list that ended: what follows would be lost."""
    one = json.dumps(CAR)

    run = imported(make_feed(sophie, lyon), f"[{one}}}, {one}]".encode(), name="stock.json")

    assert (run.state, Vehicle.objects.count()) == ("failed", 0)


@pytest.mark.parametrize(
    ("text", "gearbox"),
    [
        ("Manuelle à 6 vitesses", "manual"),
        ("BVA 8 rapports", "automatic"),
        ("DSG 7", "automatic"),
        ("M", "manual"),
    ],
)
def test_what_follows_a_gearbox_only_adds_to_it(text: str, gearbox: str):
    assert reader_of("gearbox")(text) == gearbox


@pytest.mark.parametrize("text", ["À confirmer", "A voir", "M ou A"])
def test_one_letter_of_many_words_is_no_gearbox(text: str):
    with pytest.raises(Unreadable):
        reader_of("gearbox")(text)


@pytest.mark.parametrize("text", ["Non disponible", "Not available"])
def test_a_car_that_is_not_for_sale_is_asked_about(text: str):
    with pytest.raises(Unreadable):
        reader_of("status")(text)


@pytest.mark.parametrize(
    ("text", "power"),
    [("168 kW", 228), ("110 kW (150 ch)", 150), ("130 ch", 130), ("7 CV", None), ("90 cv DIN", 90)],
)
def test_power_is_horsepower_whatever_it_says(text: str, power: int | None):
    assert reader_of("power")(text) == power


def reader_of(name: str) -> Any:
    field = VehicleImporter.field(name)
    assert field is not None
    return field.reader.prepared({})
