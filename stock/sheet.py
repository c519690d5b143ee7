"""The sheet behind the windscreen: what a passer-by reads, and a code that leads to the vehicle's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from core.typography import day_words
from stock.models import Kind, VatScheme, Vehicle

_QUIET = 4  # modules of white around a code: ISO/IEC 18004
# Options that fit on the page.
MOST_OPTIONS = 18


@dataclass(frozen=True)
class Code:
    """A QR code as one path of an SVG whose unit is a module."""

    path: str
    size: int

    @property
    def view_box(self) -> str:
        return f"0 0 {self.size} {self.size}"


def code_of(address: str) -> Code:
    """The address as a QR code that survives a quarter of dirt (level Q)."""
    rows = list(segno.make_qr(address, error="q").matrix)
    parts = []
    for y, row in enumerate(rows, start=_QUIET):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                parts.append(f"M{x + _QUIET} {y}h{run - x}v1h-{run - x}z")
            x = run + 1
    return Code("".join(parts), len(rows) + 2 * _QUIET)


def sheet_context(vehicle: Vehicle, address: str, at: datetime) -> dict[str, Any]:
    """One query, for the group's name: the caller has the vehicle with its site."""
    return {
        "vehicle": vehicle,
        "code": code_of(address),
        "facts": facts_of(vehicle),
        "options": [str(option) for option in vehicle.options][:MOST_OPTIONS],
        "printed_on": at.astimezone(vehicle.site.zone).date(),
        "is_used": vehicle.kind != Kind.NEW,
        "is_margin_car": vehicle.vat_scheme == VatScheme.MARGIN,
        "saving": _saving(vehicle),
    }


def facts_of(vehicle: Vehicle) -> list[tuple[str, str]]:
    """What a buyer asks first, in his order; what is unknown is left out."""
    registered = vehicle.first_registration
    found = [
        (
            _("Mileage"),
            f"{number_format(vehicle.mileage, force_grouping=True)} km"
            if vehicle.mileage is not None
            else "",
        ),
        (_("First registration"), day_words(registered) if registered else ""),
        (_("Model year"), str(vehicle.year or "")),
        (_("Fuel"), vehicle.get_fuel_display() if vehicle.fuel else ""),
        (_("Gearbox"), vehicle.get_gearbox_display() if vehicle.gearbox else ""),
        (_("Power"), _("%(n)s hp") % {"n": vehicle.power} if vehicle.power else ""),
        (_("CO₂"), f"{vehicle.co2} g/km" if vehicle.co2 is not None else ""),
        (_("Doors / seats"), " / ".join(str(n) for n in (vehicle.doors, vehicle.seats) if n)),
        (_("Colour"), vehicle.colour),
    ]
    return [(label, value) for label, value in found if value]


def _saving(vehicle: Vehicle) -> int | None:
    """Cents below the list price."""
    if vehicle.list_price is None or vehicle.price is None or vehicle.list_price <= vehicle.price:
        return None
    return vehicle.list_price - vehicle.price
