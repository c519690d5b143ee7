"""What is odd about a vehicle's identity. A doubt is said beside the field and never keeps anybody from saving."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from core.vin import LENGTH, tidy_vin
from stock.identity import plate_of
from stock.models import GONE, Vehicle

# France since 2009: AA-123-AA without I, O, U, and no SS; on the left WW is for the first weeks, W for the trade.
_FRENCH = re.compile(r"(?P<left>[A-HJ-NP-TV-Z]{2})-[0-9]{3}-(?P<right>[A-HJ-NP-TV-Z]{2})")
_LOOKS_FRENCH = re.compile(r"[A-Z]{2}-[0-9]{3}-[A-Z]{2}")
# Before (FNI): 1 to 4 figures, 1 to 3 letters, the department. They stay valid on old cars.
_FRENCH_BEFORE = re.compile(r"[0-9]{1,4} ?[A-Z]{1,3} ?(?:[0-9]{2}|2[AB]|97[1-6])")
_TRADE = re.compile(r"WW?-?[0-9]{3}-?[A-Z]{1,2}")
# Québec since 2009: A12 BCD or 123 ABC before; commercial F, taxi T and others begin with a letter.
_QUEBEC = re.compile(
    r"[A-Z][0-9]{2} ?[A-Z]{3}|[0-9]{3} ?[A-Z]{3}|[A-Z]{1,3} ?[0-9]{4,6}(?:-[0-9])?|[A-Z]{3} ?[0-9]{3}"
)
_PLATES = {"FR": (_FRENCH, _FRENCH_BEFORE, _TRADE), "CA": (_QUEBEC,)}


@dataclass(frozen=True)
class Doubt:
    """A sentence, and the other vehicle where it is about one."""

    field: str
    text: str
    other: Vehicle | None = None


def doubts_of(
    *, vin: str = "", plate: str = "", stock_number: str = "", country: str = "FR", but: UUID | None = None
) -> list[Doubt]:
    """Everything odd, at most one sentence about the shape and one per namesake. One query."""
    vin, plate, stock_number = tidy_vin(vin), plate_of(plate), stock_number.strip()
    shapes = [*_vin_doubts(vin), *_plate_doubts(plate, country)]
    return [*shapes, *_namesakes(vin, plate, stock_number, but)]


def _vin_doubts(vin: str) -> list[Doubt]:
    if not vin:
        return []
    if len(vin) != LENGTH:
        said = _("A VIN has 17 characters; this one has %(n)d. Fine before 1981.") % {"n": len(vin)}
        return [Doubt("vin", said)]
    if any(letter in "IOQ" for letter in vin):
        return [Doubt("vin", _("The letters I, O and Q do not occur in a VIN: check for 1 and 0."))]
    return []


def _plate_doubts(plate: str, country: str) -> list[Doubt]:
    known = _PLATES.get(country)
    if not plate or known is None:
        return []
    if country == "FR" and _LOOKS_FRENCH.fullmatch(plate):
        return _french_doubts(plate)
    if any(shape.fullmatch(plate) for shape in known):
        return []
    if country == "FR":
        return [Doubt("plate", _("This is no French plate (AA-123-AA). Fine if the car comes from abroad."))]
    return [
        Doubt("plate", _("This does not look like a Québec plate. Fine if the car comes from elsewhere."))
    ]


def _french_doubts(plate: str) -> list[Doubt]:
    parts = _FRENCH.fullmatch(plate)
    if parts is None:
        return [Doubt("plate", _("French plates have no I, O or U: check for 1, 0 and V."))]
    if "SS" in (parts["left"], parts["right"]):
        return [Doubt("plate", _("No French plate has the letters SS."))]
    if parts["left"] == "WW":
        return [Doubt("plate", _("WW is a provisional plate: remember to enter the final one."))]
    return []


def _namesakes(vin: str, plate: str, stock_number: str, but: UUID | None) -> list[Doubt]:
    """Others of the group with the same number. Those that are gone share a VIN or plate by right: a car comes back."""
    wanted = Q()
    for name, value in (("vin", vin), ("plate", plate), ("stock_number", stock_number)):
        if value:
            wanted |= Q(**{name: value})
    if not wanted:
        return []
    rows = Vehicle.objects.filter(wanted).select_related("site").order_by("-updated_at")
    found = list((rows.exclude(pk=but) if but else rows)[:5])
    return [
        Doubt(name, _same(name, other), other)
        for other in found
        for name, value in (("vin", vin), ("plate", plate), ("stock_number", stock_number))
        if value and getattr(other, name) == value
    ]


def _same(name: str, other: Vehicle) -> str:
    values = {"vehicle": other.short_label, "site": other.site.name, "status": other.get_status_display()}
    if other.status in GONE:
        return _("We have had it already: %(vehicle)s, %(site)s, %(status)s.") % values
    if name == "stock_number":
        return _("This stock number is taken: %(vehicle)s, %(site)s, %(status)s.") % values
    return _("It stands in the stock: %(vehicle)s, %(site)s, %(status)s.") % values
