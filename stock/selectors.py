"""Which vehicles a person sees, counted, in facets, with what stands beside them in a list: constant queries each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.formats import number_format

from core.money import currency_of
from sites.access import Member
from sites.models import Site
from stock.access import VIEW
from stock.filters import FACETS, StockFilter, facet_values, matching
from stock.models import ChosenColumns, Photo, SavedView, Vehicle
from stock.searching import Search

# Counted no further: an exact number beyond it helps nobody and costs a scan.
COUNTED = 1_000
# Vehicles that facets look at; beyond it their counts are « at least ».
FACET_ROWS = 20_000


@dataclass(frozen=True)
class Size:
    """How many there are: exactly, or more than `COUNTED`."""

    number: int
    is_more: bool

    @property
    def said(self) -> str:
        return str(number_format(self.number, force_grouping=True))


@dataclass(frozen=True)
class Facets:
    """By the vehicle's field: value → how many fit the filter with that value instead of the chosen ones."""

    counts: dict[str, Counter[Any]]
    is_capped: bool


def visible_vehicles(member: Member) -> QuerySet[Vehicle]:
    """The stock of the whole group, for whoever may see stock at all."""
    return Vehicle.objects.all() if member.can(VIEW) else Vehicle.objects.none()


def size_of(vehicles: QuerySet[Vehicle]) -> Size:
    """The capped count, in one query."""
    number = vehicles.order_by()[: COUNTED + 1].count()
    return Size(min(number, COUNTED), number > COUNTED)


def facets_of(vehicles: QuerySet[Vehicle], wanted: StockFilter, search: Search, *, today: date) -> Facets:
    """What each value of each facet would find, in one query over at most `FACET_ROWS` vehicles.

    A facet's own choice does not narrow its own counts: who has ticked Peugeot still sees how many Renaults there are.
    """
    columns = tuple(FACETS.values())
    rows = _grouped(matching(vehicles, wanted.without(*FACETS), search, today=today), columns)
    chosen = {columns.index(column): values for column, values in facet_values(wanted).items()}
    counts: dict[str, Counter[Any]] = {column: Counter() for column in columns}
    seen = 0
    for *values, number in rows:
        seen += number
        refused = [place for place, allowed in chosen.items() if values[place] not in allowed]
        if len(refused) > 1:
            continue
        for place in refused or range(len(columns)):
            counts[columns[place]][values[place]] += number
    return Facets(counts, is_capped=seen >= FACET_ROWS)


def _grouped(vehicles: QuerySet[Vehicle], columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """(values…, number) for each combination among the first so many rows.

    The ORM puts LIMIT after GROUP BY; here the rows are limited first, so the statement is wrapped by hand.
    """
    inner = vehicles.order_by().values_list(*columns)[:FACET_ROWS]
    try:
        statement, values = inner.query.sql_with_params()
    except EmptyResultSet:  # nothing can be found: « ?! » is no word
        return []
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {names}, COUNT(*) FROM ({statement}) AS found GROUP BY {names}",  # noqa: S608 - our own names
            values,
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def first_photos(vehicles: Iterable[Vehicle]) -> dict[UUID, Photo]:
    """The photo that a list shows of each vehicle that has one."""
    rows = Photo.objects.filter(vehicle__in=[vehicle.pk for vehicle in vehicles])
    return {photo.vehicle_id: photo for photo in reversed(rows.order_by("position", "pk"))}


def sites_of_group() -> list[Site]:
    """Every site: stock is seen by the whole group."""
    return list(Site.objects.order_by("name"))


def sites_to_go_to(vehicle: Vehicle) -> list[Site]:
    """Where the vehicle could go: the other sites that sell in its currency. One query."""
    others = Site.objects.exclude(pk=vehicle.site_id).order_by("name")
    return [site for site in others if currency_of(site.country) == vehicle.currency]


def views_for(member: Member) -> list[SavedView]:
    """The person's own views in his order, then those that colleagues share, by name. Read once a request."""
    if "stock_views" not in member.memo:
        rows = SavedView.objects.filter(Q(user=member.user) | Q(is_shared=True)).select_related("user")
        member.memo["stock_views"] = sorted(
            rows, key=lambda view: (view.user_id != member.user.pk, view.position, view.name)
        )
    views: list[SavedView] = member.memo["stock_views"]
    return views


def chosen_columns(member: Member) -> list[str] | None:
    """The columns that the person has chosen; None as long as he has not."""
    keys: list[str] | None = (
        ChosenColumns.objects.filter(user=member.user).values_list("keys", flat=True).first()
    )
    return keys
