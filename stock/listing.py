"""The stock list as one person sees it: rows in words, chips of the filter, pills of the views, heads that sort."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.money import currency_of
from sites.access import Member
from sites.models import Site
from stock.access import ASK
from stock.ageing import limits_at
from stock.columns import Column, may_read
from stock.models import SELLABLE, Kind, Photo, Vehicle, VehicleStatus
from stock.selectors import first_photos
from stock.sorting import SORTS, Sort

# What a status looks like where it is not the ordinary one.
_STATUS_LOOK: Mapping[str, tuple[str, str]] = {
    VehicleStatus.ORDERED: ("info", "cart"),
    VehicleStatus.IN_TRANSIT: ("info", "truck"),
    VehicleStatus.PREPARATION: ("info", "tools"),
    VehicleStatus.RESERVED: ("signal", "bookmark"),
    VehicleStatus.SOLD: ("good", "check2"),
    VehicleStatus.DELIVERED: ("good", "key"),
    VehicleStatus.WITHDRAWN: ("bad", "dash-circle"),
}


@dataclass(frozen=True)
class Cell:
    """One column of one vehicle; with a `look` it is a chip. `below` stands under it in small print."""

    key: str
    text: str
    shape: str = ""
    look: str = ""
    icon: str = ""
    below: str = ""


@dataclass(frozen=True)
class Row:
    """One vehicle as one person sees it."""

    vehicle: Vehicle
    state: Cell | None
    cells: list[Cell]
    thumbnail: str
    drawing: str
    url: str
    ask_url: str

    @property
    def kind_said(self) -> str:
        """New and demonstration cars say so; used is what most are."""
        return "" if self.vehicle.kind == Kind.USED else str(self.vehicle.get_kind_display())


@dataclass(frozen=True)
class Head:
    """A column's head: where a click on it leads, and how the list runs by it now."""

    label: str | Promise
    shape: str
    query: str
    direction: str


@dataclass(frozen=True)
class Reader:
    """Who reads the list, and on which day by his clock."""

    member: Member
    today: date
    limits: Mapping[int, Mapping[str, Sequence[int]]]


def rows_of(
    vehicles: Sequence[Vehicle],
    columns: Sequence[Column],
    member: Member,
    today: date,
    *,
    sites: Iterable[Site],
) -> list[Row]:
    """The vehicles in words; `sites` are the group's.

    Two queries: their photos, and from when on an age is worth a colour on their sites.
    """
    photos, asks_in = first_photos(vehicles), _asks_in(member, sites)
    reader = Reader(member, today, limits_at({vehicle.site_id for vehicle in vehicles}))
    says_state = any(column.key == "status" for column in columns)
    return [
        Row(
            vehicle=vehicle,
            state=None if says_state else _state(vehicle),
            cells=[_cell(column, vehicle, reader) for column in columns],
            thumbnail=_thumbnail(photos.get(vehicle.pk)),
            drawing=vehicle.segment or "compact",
            url=vehicle.get_absolute_url(),
            ask_url=_ask_url(vehicle, member, asks_in),
        )
        for vehicle in vehicles
    ]


def heads_of(columns: Sequence[Column], sort: Sort, query: QueryDict) -> list[Head]:
    """The heads of the table, after that of the vehicle itself."""
    return [Head(column.label, column.shape, **_turn(column.sorts, sort, query)) for column in columns]


def vehicle_head(sort: Sort, query: QueryDict) -> Head:
    """The head of the first column, which sorts by make and model."""
    return Head(_("Vehicle"), "", **_turn(("make", "make_last"), sort, query))


def _turn(sorts: Sequence[str], now: Sort, query: QueryDict) -> dict[str, str]:
    """The address that a click on the head leads to, and « ascending », « descending » or nothing."""
    if not sorts:
        return {"query": "", "direction": ""}
    is_by_this = now.key in sorts
    following = sorts[1] if now.key == sorts[0] else sorts[0]
    direction = ("descending" if now.falls else "ascending") if is_by_this else ""
    return {"query": with_changes(query, sort=following), "direction": direction}


def with_changes(query: QueryDict, **changes: str) -> str:
    """The address with these parameters, at the beginning of the list."""
    changed = query.copy()
    changed.pop("cursor", None)
    for name, value in changes.items():
        changed[name] = value
    return changed.urlencode()


def _cell(column: Column, vehicle: Vehicle, reader: Reader) -> Cell:
    if not may_read(column, reader.member, vehicle.site_id):
        return Cell(column.key, "", column.shape)
    cell = Cell(column.key, column.text(vehicle, reader.today), column.shape)
    if column.key == "age" and vehicle.is_here:
        return replace(cell, look=_age_look(vehicle, reader))
    if column.key == "status":
        return _state(vehicle) or cell
    if column.key == "fuel":
        return replace(cell, below=str(vehicle.get_gearbox_display()))
    if column.key == "price" and not cell.text:
        return replace(cell, text=_("No price"), look="none")
    return cell


def _state(vehicle: Vehicle) -> Cell | None:
    """The status as a chip; none for a car that simply stands there to be sold."""
    if vehicle.status not in _STATUS_LOOK:
        return None
    look, icon = _STATUS_LOOK[vehicle.status]
    return Cell("status", str(vehicle.get_status_display()), look=look, icon=icon)


def _age_look(vehicle: Vehicle, reader: Reader) -> str:
    """In colour from the last limit but one of its site and segment on, and alarming from the last."""
    of_site = reader.limits[vehicle.site_id]
    limits = of_site.get(vehicle.segment) or of_site[""]
    passed = [limit for limit in limits if vehicle.age_on(reader.today) >= limit]
    if len(passed) == len(limits):
        return "late"
    return "warm" if passed and len(passed) == len(limits) - 1 else ""


def _asks_in(member: Member, sites: Iterable[Site]) -> frozenset[str]:
    """The currencies of the sites for which he may ask; none for who works on every site."""
    mine = member.site_ids(ASK) or frozenset()
    return frozenset(currency_of(site.country) for site in sites if site.pk in mine)


def _ask_url(vehicle: Vehicle, member: Member, asks_in: frozenset[str]) -> str:
    """Where to ask another site for its car; empty for one's own, and for one that cannot come."""
    mine = member.site_ids(ASK)
    if mine is None or vehicle.site_id in mine or vehicle.status not in SELLABLE:
        return ""
    if vehicle.currency not in asks_in:
        return ""
    return reverse("stock:ask", args=[vehicle.pk])


def _thumbnail(photo: Photo | None) -> str:
    return "" if photo is None else reverse("stock:thumbnail", args=[photo.pk])


def sort_choices(sort: Sort) -> Iterable[tuple[Sort, bool]]:
    """Every order, and whether the list runs by it."""
    return [(one, one is sort) for one in SORTS.values()]
