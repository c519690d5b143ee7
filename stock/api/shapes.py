"""A vehicle in the words of schema.org (Car, Vehicle, Offer, AutoDealer), as search engines and portals read it.

Closed lists are told in English whatever the language of the caller, and never change: programs compare them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec
from msgspec import field

from stock.models import Fuel, Gearbox, Kind, Segment, VehicleStatus
from stock.publishing.cars import PublicCar

CONTEXT = "https://schema.org"

# A DIN horsepower is 75 kgf·m/s, a British or American one 550 ft·lbf/s; in watts.
_WATTS_OF_DIN, _WATTS_OF_BHP = 735.49875, 745.699872

_CONDITIONS: Mapping[str, str] = {
    Kind.NEW: f"{CONTEXT}/NewCondition",
    Kind.DEMO: f"{CONTEXT}/UsedCondition",  # it has been registered
    Kind.USED: f"{CONTEXT}/UsedCondition",
}
_AVAILABILITY: Mapping[str, str] = {
    VehicleStatus.ORDERED: f"{CONTEXT}/PreOrder",
    VehicleStatus.IN_TRANSIT: f"{CONTEXT}/PreOrder",
    VehicleStatus.PREPARATION: f"{CONTEXT}/InStock",
    VehicleStatus.AVAILABLE: f"{CONTEXT}/InStock",
    VehicleStatus.RESERVED: f"{CONTEXT}/Reserved",
}
_FUELS: Mapping[str, str] = {
    Fuel.PETROL: "Petrol",
    Fuel.DIESEL: "Diesel",
    Fuel.HYBRID: "Hybrid",
    Fuel.PLUGIN_HYBRID: "Plug-in hybrid",
    Fuel.ELECTRIC: "Electric",
    Fuel.LPG: "LPG",
    Fuel.CNG: "CNG",
    Fuel.ETHANOL: "E85",
    Fuel.HYDROGEN: "Hydrogen",
}
_GEARBOXES: Mapping[str, str] = {Gearbox.MANUAL: "Manual", Gearbox.AUTOMATIC: "Automatic"}
_BODIES: Mapping[str, str] = {
    Segment.CITY: "Hatchback",
    Segment.COMPACT: "Hatchback",
    Segment.SALOON: "Saloon",
    Segment.ESTATE: "Estate",
    Segment.SUV: "SUV",
    Segment.MPV: "MPV",
    Segment.COUPE: "Coupé",
    Segment.CABRIOLET: "Convertible",
    Segment.PICKUP: "Pick-up",
    Segment.VAN: "Van",
}


class _Thing(msgspec.Struct, rename="camel", tag_field="@type", omit_defaults=True):
    """What is empty is left out."""


class BrandOut(_Thing, tag="Brand"):
    name: str


class QuantityOut(_Thing, tag="QuantitativeValue"):
    """A value with its UN/CEFACT unit: KMT kilometre, N12 DIN horsepower, KWT kilowatt, BHP brake horsepower."""

    value: int
    unit_code: Literal["KMT", "N12", "KWT", "BHP"]


class EngineOut(_Thing, tag="EngineSpecification"):
    engine_power: list[QuantityOut]


class OptionOut(_Thing, tag="PropertyValue"):
    """A piece of equipment; the name is always « option »."""

    name: Literal["option"]
    value: str


class AddressOut(_Thing, tag="PostalAddress"):
    """The country as ISO 3166-1."""

    address_country: str
    address_region: str = ""


class DealerOut(_Thing, tag="AutoDealer"):
    name: str
    telephone: str = ""
    address: AddressOut | None = None


class OfferOut(_Thing, tag="Offer"):
    """Tax included, two decimals, in the site's currency. Without `price` it is told on request."""

    price_currency: str
    availability: str
    seller: DealerOut
    price: str = ""


class CarOut(msgspec.Struct, rename="camel", omit_defaults=True, kw_only=True):
    """A vehicle: `Car`, and `Vehicle` for a van."""

    type_: Literal["Car", "Vehicle"] = field(name="@type")
    id_: str = field(name="@id")
    name: str
    brand: BrandOut
    model: str
    vehicle_configuration: str = ""
    sku: str = ""
    vehicle_identification_number: str = ""
    mileage_from_odometer: QuantityOut | None = None
    vehicle_model_date: str = ""
    date_vehicle_first_registered: date | None = None
    fuel_type: str = ""
    vehicle_transmission: str = ""
    vehicle_engine: EngineOut | None = None
    emissions_co2: int | None = field(default=None, name="emissionsCO2")
    color: str = ""
    number_of_doors: int | None = None
    vehicle_seating_capacity: int | None = None
    body_type: str = ""
    item_condition: str
    description: str = ""
    additional_property: list[OptionOut] = []
    image: list[str] = []
    offers: OfferOut


class StockOut(msgspec.Struct, rename="camel", kw_only=True):
    """Every published vehicle. `numberOfItems` comes last: the list is written while it is read."""

    context: Literal["https://schema.org"] = field(name="@context")
    type_: Literal["ItemList"] = field(name="@type")
    name: str
    item_list_element: list[CarOut]
    number_of_items: int


def car_out(car: PublicCar) -> CarOut:
    """The vehicle as JSON-LD."""
    return CarOut(
        type_="Vehicle" if car.segment == Segment.VAN else "Car",
        id_=f"urn:uuid:{car.id}",
        name=car.label,
        brand=BrandOut(name=car.make),
        model=car.model,
        vehicle_configuration=car.version,
        sku=car.stock_number,
        vehicle_identification_number=car.vin,
        mileage_from_odometer=None
        if car.mileage is None
        else QuantityOut(value=car.mileage, unit_code="KMT"),
        vehicle_model_date=str(car.year or ""),
        date_vehicle_first_registered=car.first_registration,
        fuel_type=_FUELS.get(car.fuel, ""),
        vehicle_transmission=_GEARBOXES.get(car.gearbox, ""),
        vehicle_engine=None if not car.power else EngineOut(engine_power=_powers(car.power)),
        emissions_co2=car.co2,
        color=car.colour,
        number_of_doors=car.doors,
        vehicle_seating_capacity=car.seats,
        body_type=_BODIES.get(car.segment, ""),
        item_condition=_CONDITIONS[car.kind],
        description=car.description,
        additional_property=[OptionOut(name="option", value=str(option)) for option in car.options],
        image=list(car.photos),
        offers=_offer(car),
    )


def _powers(horsepower: int) -> list[QuantityOut]:
    """DIN horsepower as they are kept, kilowatts and brake horsepower, rounded."""
    watts = horsepower * _WATTS_OF_DIN
    return [
        QuantityOut(value=horsepower, unit_code="N12"),
        QuantityOut(value=round(watts / 1000), unit_code="KWT"),
        QuantityOut(value=round(watts / _WATTS_OF_BHP), unit_code="BHP"),
    ]


def _offer(car: PublicCar) -> OfferOut:
    site = car.site
    return OfferOut(
        price="" if car.price is None else f"{car.price // 100}.{car.price % 100:02d}",
        price_currency=car.currency,
        availability=_AVAILABILITY[car.status],
        seller=DealerOut(
            name=f"{site.group.name} {site.name}",
            telephone=site.phone,
            address=AddressOut(address_country=site.country, address_region=site.region),
        ),
    )
