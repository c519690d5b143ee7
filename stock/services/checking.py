"""What a person may write into a vehicle, value by value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.vin import tidy_vin
from stock.models import Vehicle
from stock.services.refusals import BelowLowestPrice, UnknownField

# What an edit writes. Status, site and highlight have services of their own; the rest is the product's.
EDITABLE = (
    "kind", "stock_number", "vin", "plate", "make", "model", "version", "segment", "fuel", "gearbox", "power", "co2",
    "mileage", "first_registration", "year", "colour", "doors", "seats", "options", "description", "lot",
    "list_price", "price", "min_price", "purchase_price", "vat_scheme", "arrived_on",
)  # fmt: skip

_TIDY: dict[str, Callable[[str], str]] = {
    "vin": tidy_vin,
    "plate": lambda typed: " ".join(typed.upper().split()),
    "stock_number": str.strip,
}


def cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the fields keep them. Raises UnknownField, and Django's ValidationError."""
    _refuse_unknown(values)
    found = {}
    for name, value in values.items():
        field: Any = Vehicle._meta.get_field(name)
        tidied = _TIDY[name](value) if name in _TIDY else value
        empty_list = name == "options" and not tidied
        found[name] = [] if empty_list else field.clean(tidied, None)
    return found


def check_prices(vehicle: Vehicle) -> None:
    """Raises BelowLowestPrice: nobody sets such a price by himself."""
    if vehicle.price is not None and vehicle.min_price is not None and vehicle.price < vehicle.min_price:
        raise BelowLowestPrice(vehicle.min_price - vehicle.price)


def _refuse_unknown(names: Iterable[str]) -> None:
    unknown = sorted(set(names) - set(EDITABLE))
    if unknown:
        raise UnknownField(", ".join(unknown))
