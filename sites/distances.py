"""How far two sites are apart, as the crow flies. Without a place of one of them nobody knows.

On a plane, whose error at 500 km is a few kilometres: less than any road adds.
"""

from __future__ import annotations

from math import cos, hypot, radians

from django.db.models import Expression, F, FloatField, Value
from django.db.models.functions import Cos, Power, Radians, Round, Sqrt

from sites.models import Site

# Of latitude.
KM_A_DEGREE = 111.2

# Whole kilometres between two rows with the columns `latitude` and `longitude` in degrees, on both databases; null
# where one is unknown. `one` and `other` are the aliases of the two tables, filled in by `format`.
SQL = (
    f"round({KM_A_DEGREE} * sqrt(power({{one}}.latitude - {{other}}.latitude, 2)"
    " + power(({one}.longitude - {other}.longitude) * cos(radians({other}.latitude)), 2)))"
)


def are_known() -> bool:
    """Whether the places of at least two of the scope's sites are known."""
    return Site.objects.filter(latitude__isnull=False).count() > 1


def kilometres(one: Site, other: Site) -> int | None:
    """Whole kilometres between two sites, None where a place is unknown."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return None
    north = one.latitude - other.latitude
    east = (one.longitude - other.longitude) * cos(radians(other.latitude))
    return round(KM_A_DEGREE * hypot(north, east))


def kilometres_between(one: str, other: str) -> Expression:
    """The same for a query, null where a place is unknown; `one` and `other` are the paths of the two sites."""
    north = F(f"{one}__latitude") - F(f"{other}__latitude")
    east = (F(f"{one}__longitude") - F(f"{other}__longitude")) * Cos(Radians(f"{other}__latitude"))
    far = Value(KM_A_DEGREE) * Sqrt(Power(north, 2) + Power(east, 2), output_field=FloatField())
    return Round(far, output_field=FloatField())
