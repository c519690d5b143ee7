"""The filter of the stock list: what may be asked, and which vehicles that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractYear

from core.words import fold
from stock.models import SELLABLE, Photo, VatScheme, Vehicle
from stock.searching import Search

# Statuses beside the real ones: every vehicle, whatever became of it.
ANY_STATUS = "any"
# Every site, said aloud: lifts the narrowing to the site that the person looks at.
EVERY_SITE = "all"


@dataclass(frozen=True, kw_only=True)
class StockFilter:
    """What to list; empty means « whatever », and empty `statuses` what may be sold.

    Amounts are cents, mileage kilometres, power horsepower, CO₂ grams a kilometre, ages days in stock.
    """

    text: str = ""
    is_literal: bool = False
    site_ids: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    fuels: tuple[str, ...] = ()
    gearboxes: tuple[str, ...] = ()
    colour: str = ""
    price_from: int | None = None
    price_to: int | None = None
    mileage_to: int | None = None
    year_from: int | None = None
    year_to: int | None = None
    power_from: int | None = None
    power_to: int | None = None
    co2_to: int | None = None
    seats_from: int | None = None
    age_from: int | None = None
    age_to: int | None = None
    is_margin: bool = False
    lacks_price: bool = False
    lacks_photo: bool = False
    is_highlighted: bool = False

    def without(self, *names: str) -> StockFilter:
        """The same without these fields."""
        empty: dict[str, Any] = {field.name: field.default for field in fields(self)}
        return replace(self, **{name: empty[name] for name in names})


# The fields that facets count, and the vehicle's field that each one compares.
FACETS: Mapping[str, str] = {
    "site_ids": "site_id",
    "kinds": "kind",
    "makes": "make",
    "models": "model",
    "segments": "segment",
    "fuels": "fuel",
    "gearboxes": "gearbox",
}
# Lower and upper bounds that compare a field as it is.
_BOUNDS: Mapping[str, str] = {
    "price_from": "price__gte",
    "price_to": "price__lte",
    "mileage_to": "mileage__lte",
    "power_from": "power__gte",
    "power_to": "power__lte",
    "co2_to": "co2__lte",
    "seats_from": "seats__gte",
}
_YEARS: Mapping[str, str] = {"year_from": "known__gte", "year_to": "known__lte"}
_KNOWN_YEAR = Coalesce("year", ExtractYear("first_registration"), output_field=IntegerField())


def matching(
    vehicles: QuerySet[Vehicle], wanted: StockFilter, search: Search, *, today: date
) -> QuerySet[Vehicle]:
    """The vehicles that fit every filled field and the search; `today` is the reader's, for ages in days."""
    condition = _of_status(wanted) & _chosen(wanted) & _bounded(wanted, _BOUNDS) & search.condition
    condition &= _aged(wanted, today) & _flagged(wanted)
    if wanted.colour:
        condition &= Q(words__contains=f" {fold(wanted.colour)}")
    if wanted.year_from is not None or wanted.year_to is not None:
        vehicles = vehicles.alias(known=_KNOWN_YEAR)
        condition &= _bounded(wanted, _YEARS)
    return vehicles.filter(condition)


def _of_status(wanted: StockFilter) -> Q:
    if ANY_STATUS in wanted.statuses:
        return Q()
    return Q(status__in=wanted.statuses or SELLABLE)


def _chosen(wanted: StockFilter) -> Q:
    chosen = {column: getattr(wanted, name) for name, column in FACETS.items()}
    return Q(**{f"{column}__in": values for column, values in chosen.items() if values})


def _bounded(wanted: StockFilter, bounds: Mapping[str, str]) -> Q:
    asked = {lookup: getattr(wanted, name) for name, lookup in bounds.items()}
    return Q(**{lookup: value for lookup, value in asked.items() if value is not None})


def _aged(wanted: StockFilter, today: date) -> Q:
    """At least and at most so many days in stock."""
    condition = Q()
    if wanted.age_from is not None:
        condition &= Q(arrived_on__lte=today - timedelta(days=wanted.age_from))
    if wanted.age_to is not None:
        condition &= Q(arrived_on__gte=today - timedelta(days=wanted.age_to))
    return condition


_FLAGS: Mapping[str, Callable[[], Q]] = {
    "is_margin": lambda: Q(vat_scheme=VatScheme.MARGIN),
    "lacks_price": lambda: Q(price__isnull=True),
    "lacks_photo": lambda: ~Q(Exists(Photo.objects.filter(vehicle=OuterRef("pk")))),
    "is_highlighted": lambda: Q(highlighted_at__isnull=False),
}


def _flagged(wanted: StockFilter) -> Q:
    condition = Q()
    for name, flag in _FLAGS.items():
        if getattr(wanted, name):
            condition &= flag()
    return condition


def facet_values(wanted: StockFilter) -> dict[str, frozenset[Any]]:
    """The facets that the filter narrows, by the vehicle's field, with the values that it lets through."""
    return {
        column: frozenset(getattr(wanted, name)) for name, column in FACETS.items() if getattr(wanted, name)
    }
