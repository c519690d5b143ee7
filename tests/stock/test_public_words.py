"""A published vehicle in the words of schema.org."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from sites.models import Site
from stock.api.shapes import StockOut
from stock.models import Kind, Outlet, Segment, VehicleStatus
from tests.cast import make_vehicle
from tests.stock.publishing import body_of, fetch, listed, make_outlet, make_photo

PEUGEOT = {
    "@type": "Car",
    "name": "Peugeot 208 1.2 PureTech 100 Allure",
    "brand": {"@type": "Brand", "name": "Peugeot"},
    "model": "208",
    "vehicleConfiguration": "1.2 PureTech 100 Allure",
    "sku": "L-1001",
    "vehicleIdentificationNumber": "VF3UPHNKS12345678",
    "mileageFromOdometer": {"@type": "QuantitativeValue", "value": 24_500, "unitCode": "KMT"},
    "vehicleModelDate": "2023",
    "dateVehicleFirstRegistered": "2023-04-17",
    "fuelType": "Petrol",
    "vehicleTransmission": "Manual",
    "vehicleEngine": {
        "@type": "EngineSpecification",
        "enginePower": [
            {"@type": "QuantitativeValue", "value": 100, "unitCode": "N12"},
            {"@type": "QuantitativeValue", "value": 74, "unitCode": "KWT"},
            {"@type": "QuantitativeValue", "value": 99, "unitCode": "BHP"},
        ],
    },
    "emissionsCO2": 121,
    "color": "Bleu Vertigo",
    "numberOfDoors": 5,
    "vehicleSeatingCapacity": 5,
    "bodyType": "Hatchback",
    "itemCondition": "https://schema.org/UsedCondition",
    "additionalProperty": [{"@type": "PropertyValue", "name": "option", "value": "Caméra de recul"}],
    "offers": {
        "@type": "Offer",
        "priceCurrency": "EUR",
        "availability": "https://schema.org/Reserved",
        "seller": {
            "@type": "AutoDealer",
            "name": "Groupe Rhône Auto Lyon",
            "telephone": "+33472000001",
            "address": {"@type": "PostalAddress", "addressCountry": "FR"},
        },
        "price": "15990.00",
    },
}


@pytest.fixture
def outlet(lyon: Site) -> Outlet:
    return make_outlet(lyon)


def test_a_vehicle_is_told_in_the_words_of_schema_org(outlet: Outlet, lyon: Site):
    vehicle = make_vehicle(
        lyon,
        vin="VF3UPHNKS12345678",
        power=100,
        co2=121,
        first_registration=date(2023, 4, 17),
        doors=5,
        seats=5,
        options=["Caméra de recul"],
        status=VehicleStatus.RESERVED,
    )
    photo = make_photo(vehicle)

    car = listed()[0]

    assert car == {
        **PEUGEOT,
        "@id": f"urn:uuid:{vehicle.pk}",
        "image": [f"http://127.0.0.1:8000/feeds/photos/{photo.pk}.jpg"],
    }


def test_what_is_not_known_is_left_out(outlet: Outlet, lyon: Site):
    make_vehicle(lyon, price=None, mileage=None, fuel="", gearbox="", segment="", year=None, version="")

    car = listed()[0]

    assert {"mileageFromOdometer", "fuelType", "vehicleEngine", "image", "bodyType"}.isdisjoint(car)
    assert "price" not in car["offers"]


def test_quebec_sells_in_dollars(quebec: Site):
    make_outlet(quebec)
    make_vehicle(quebec, kind=Kind.NEW, price=38_900_50)

    car = listed()[0]

    assert (car["offers"]["price"], car["offers"]["priceCurrency"]) == ("38900.50", "CAD")
    assert car["itemCondition"] == "https://schema.org/NewCondition"
    assert car["offers"]["seller"]["address"]["addressRegion"] == "QC"


@pytest.mark.parametrize(
    ("horsepower", "kilowatts", "brake"), [(90, 66, 89), (130, 96, 128), (204, 150, 201), (408, 300, 402)]
)
def test_power_is_told_in_three_units(
    outlet: Outlet, lyon: Site, horsepower: int, kilowatts: int, brake: int
):
    make_vehicle(lyon, power=horsepower)

    powers = listed()[0]["vehicleEngine"]["enginePower"]

    told = {power["unitCode"]: power["value"] for power in powers}
    assert told == {"N12": horsepower, "KWT": kilowatts, "BHP": brake}


def test_the_answer_is_what_the_schema_describes(outlet: Outlet, lyon: Site):
    for segment in Segment:
        make_photo(make_vehicle(lyon, segment=segment, options=["GPS"], power=100))

    told = msgspec.json.decode(body_of(fetch()), type=StockOut)

    assert told.number_of_items == len(Segment)
    assert {car.type_ for car in told.item_list_element} == {"Car", "Vehicle"}


def test_an_empty_stock_is_an_empty_list(outlet: Outlet):
    assert listed() == []


@pytest.mark.parametrize("oddity", [{"fuel": "steam"}, {"options": [None, 3]}, {"options": "GPS"}])
def test_an_odd_row_does_not_break_the_feed(outlet: Outlet, lyon: Site, oddity: dict[str, object]):
    make_vehicle(lyon, **oddity)

    assert len(listed()) == 1
