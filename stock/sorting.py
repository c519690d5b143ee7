"""The orders of the stock list, and its pages by keyset: as quick on page 1,900 as on the first.

Each order is one expression that is never empty, then the id in the same direction: what has no price comes last,
whichever way prices run.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, Expression, F, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat, ExtractYear, Lower
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stock.models import Vehicle
from stock.models.vehicles import MOST_CENTS

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200

_UP, _DOWN = "", "-"

# Beyond every mileage and year that a column holds.
_MOST_KM, _LAST_YEAR = 2_147_483_647, 32_767


class BadCursor(ValueError):
    """The cursor is none that a page of this list, in this order, gave out."""


@dataclass(frozen=True)
class Sort:
    """One order: an expression of Python type `kind` that is never null; `direction` is a minus for « downwards »."""

    key: str
    label: str | Promise
    by: Expression | F
    direction: str
    kind: type

    @property
    def falls(self) -> bool:
        """Whether the figures that the column shows get smaller: days in stock grow as the day of arrival goes back."""
        return (self.direction == _DOWN) != (self.kind is date)


@dataclass(frozen=True)
class Page:
    """Some vehicles and the cursor of the next page; an empty cursor means that these are the last."""

    vehicles: Sequence[Vehicle]
    next_cursor: str


def _or(field: str, otherwise: int) -> Coalesce:
    """As a number of any sign: Django answers a comparison with what a column cannot hold without asking."""
    return Coalesce(field, Value(otherwise), output_field=BigIntegerField())


_YEAR = Coalesce("year", ExtractYear("first_registration"), output_field=IntegerField())
_MAKE = Lower(Concat("make", Value(" "), "model", Value(" "), "version"))

_ALL = (
    Sort("newest", _("Latest arrivals"), F("arrived_on"), _DOWN, date),
    Sort("oldest", _("Longest in stock first"), F("arrived_on"), _UP, date),
    Sort("cheapest", _("Price, lowest first"), _or("price", MOST_CENTS + 1), _UP, int),
    Sort("dearest", _("Price, highest first"), _or("price", -1), _DOWN, int),
    Sort("fewest_km", _("Mileage, lowest first"), _or("mileage", _MOST_KM), _UP, int),
    Sort("most_km", _("Mileage, highest first"), _or("mileage", -1), _DOWN, int),
    Sort("youngest", _("Year, latest first"), Coalesce(_YEAR, Value(0)), _DOWN, int),
    Sort("eldest", _("Year, earliest first"), Coalesce(_YEAR, Value(_LAST_YEAR)), _UP, int),
    Sort("make", _("Make and model"), _MAKE, _UP, str),
    Sort("make_last", _("Make and model, from Z"), _MAKE, _DOWN, str),
)
SORTS = {sort.key: sort for sort in _ALL}
DEFAULT = SORTS["newest"]


def page_of(vehicles: QuerySet[Vehicle], *, sort: Sort, cursor: str = "", limit: int = PAGE_SIZE) -> Page:
    """One page, in one query. Raises `BadCursor`."""
    size = max(1, min(limit, MAX_PAGE_SIZE))
    rows = list(ordered(vehicles, sort=sort, cursor=cursor).select_related("site")[: size + 1])
    shown = rows[:size]
    return Page(shown, cursor_of(shown[-1], sort) if len(rows) > size else "")


def ordered(vehicles: QuerySet[Vehicle], *, sort: Sort, cursor: str = "") -> QuerySet[Vehicle]:
    """The vehicles in this order, those after the cursor only; each row has its `sort_key`. Raises `BadCursor`."""
    vehicles = vehicles.annotate(sort_key=sort.by)
    if cursor:
        vehicles = vehicles.filter(_after(*_read(cursor, sort), sort=sort))
    return vehicles.order_by(f"{sort.direction}sort_key", f"{sort.direction}pk")


def cursor_of(vehicle: Any, sort: Sort) -> str:
    """Where the page ended whose last row is `vehicle`, read by `ordered`."""
    return cursor_at(vehicle.sort_key, vehicle.pk, sort)


def cursor_at(value: Any, pk: UUID, sort: Sort) -> str:
    """The same for a row of which only the two values are known."""
    kept = value.isoformat() if isinstance(value, date) else value
    text = json.dumps([sort.key, kept, pk.hex], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _after(value: Any, pk: UUID, *, sort: Sort) -> Q:
    """The first comparison lets the database begin at the right place of an index; the others are exact."""
    past, from_there = ("lt", "lte") if sort.direction == _DOWN else ("gt", "gte")
    exact = Q((f"sort_key__{past}", value)) | Q((f"pk__{past}", pk))
    return Q((f"sort_key__{from_there}", value)) & exact


def _read(cursor: str, sort: Sort) -> tuple[Any, UUID]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        key, value, pk = json.loads(base64.urlsafe_b64decode(padded.encode()).decode())
        if key != sort.key:
            raise BadCursor(cursor)
        return _value(value, sort), UUID(hex=pk)
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
        raise BadCursor(cursor) from error


def _value(value: Any, sort: Sort) -> Any:
    """The kept value as the database compares it; whatever else somebody puts there is refused."""
    if sort.kind is date:
        return date.fromisoformat(value)
    if type(value) is not sort.kind or (isinstance(value, str) and "\x00" in value):
        raise BadCursor(value)
    if isinstance(value, int) and abs(value) > _MOST_KM:
        raise BadCursor(value)
    return value
