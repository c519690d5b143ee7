"""What the API tells staff of a vehicle: as the stock list, and no more than the caller may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from sites.access import Member
from stock.access import may_see_field
from stock.models import Vehicle


class StockVehicleOut(msgspec.Struct, kw_only=True):
    """One vehicle. Prices are tax included, in `currency`; null where there is none, or where you may not see it.

    `mileage` is kilometres, `power` DIN horsepower, `co2` grams a kilometre, `age` days in stock by your clock.
    """

    id: UUID
    site: str
    kind: str
    status: str
    stock_number: str
    vin: str
    plate: str
    make: str
    model: str
    version: str
    segment: str
    fuel: str
    gearbox: str
    power: int | None
    co2: int | None
    mileage: int | None
    first_registration: date | None
    year: int | None
    colour: str
    doors: int | None
    seats: int | None
    lot: str
    currency: str
    price: Decimal | None
    list_price: Decimal | None
    lowest_price: Decimal | None
    purchase_price: Decimal | None
    vat_scheme: str
    is_highlighted: bool
    arrived_on: date
    age: int
    updated_at: datetime
    url: str


class StockVehicleDetailOut(StockVehicleOut, kw_only=True):
    """One vehicle with its equipment and the advertisement's text."""

    options: list[str]
    description: str


class StockListOut(msgspec.Struct, kw_only=True):
    """A page of vehicles. `searched` is what was searched after typing faults were corrected.

    `next` is the address of the following page, null on the last.
    """

    results: list[StockVehicleOut]
    searched: str
    next: str | None


def vehicle_out(vehicle: Vehicle, member: Member, today: date) -> StockVehicleOut:
    """The vehicle as far as the person may see it; no query when its site is loaded."""
    return StockVehicleOut(**_parts(vehicle, member, today))


def vehicle_detail_out(vehicle: Vehicle, member: Member, today: date) -> StockVehicleDetailOut:
    """The same with its long texts."""
    return StockVehicleDetailOut(
        **_parts(vehicle, member, today),
        options=[str(option) for option in vehicle.options],
        description=vehicle.description,
    )


def vehicles_out(
    vehicles: Sequence[Vehicle], member: Member, *, today: date, searched: str, next_url: str | None
) -> StockListOut:
    """A page."""
    results = [vehicle_out(vehicle, member, today) for vehicle in vehicles]
    return StockListOut(results=results, searched=searched, next=next_url)


# Told as they are.
_SAME = (
    "id", "kind", "status", "stock_number", "vin", "plate", "make", "model", "version", "segment", "fuel", "gearbox",
    "power", "co2", "mileage", "first_registration", "colour", "doors", "seats", "lot", "currency", "vat_scheme",
    "arrived_on", "updated_at",
)  # fmt: skip
_PRICES = {
    "price": "price",
    "list_price": "list_price",
    "lowest_price": "min_price",
    "purchase_price": "purchase_price",
}


def _parts(vehicle: Vehicle, member: Member, today: date) -> dict[str, Any]:
    prices = {name: _amount(vehicle, field, member) for name, field in _PRICES.items()}
    return {
        **{name: getattr(vehicle, name) for name in _SAME},
        **prices,
        "site": vehicle.site.slug,
        "year": vehicle.known_year,
        "is_highlighted": vehicle.highlighted_at is not None,
        "age": vehicle.age_on(today),
        "url": vehicle.get_absolute_url(),
    }


def _amount(vehicle: Vehicle, field: str, member: Member) -> Decimal | None:
    cents = getattr(vehicle, field)
    seen = cents is not None and may_see_field(member, field, vehicle.site_id)
    return Decimal(cents) / 100 if seen else None
