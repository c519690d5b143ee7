"""The vehicles of an outlet, read piece by piece: a hundred thousand of them need no more memory than one piece.

Only what a customer may know is read from the database at all: neither what a car cost nor its lowest price, no notes,
no plate (which is somebody's personal data).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.fields.tuple_lookups import TupleLessThan
from django.urls import reverse

from core.money import currency_of
from sites.models import Site
from sites.scope import group_scope
from stock.models import Outlet, Photo, Vehicle

# Vehicles read at a time.
PIECE = 500


@dataclass(frozen=True, slots=True)
class PublicCar:
    """One vehicle as everybody may see it. `price` is cents of `currency`; `photos` are absolute addresses."""

    id: UUID
    site: Site
    kind: str
    status: str
    stock_number: str
    vin: str
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
    options: list[str]
    description: str
    price: int | None
    arrived_on: date
    photos: Sequence[str]

    @property
    def currency(self) -> str:
        return currency_of(self.site.country)

    @property
    def label(self) -> str:
        return " ".join(part for part in (self.make, self.model, self.version) if part)


_COLUMNS = tuple(name for name in PublicCar.__slots__ if name not in {"site", "photos"})


def published(outlet: Outlet) -> QuerySet[Vehicle]:
    """The outlet's vehicles, inside its group's scope."""
    rows = Vehicle.objects.filter(site__in=sites_of(outlet), kind__in=outlet.kinds)
    rows = rows.filter(status__in=outlet.published_statuses)
    return rows if outlet.with_priceless else rows.filter(price__isnull=False)


def sites_of(outlet: Outlet) -> QuerySet[Site]:
    """Of its own group only, whatever else was linked to it."""
    return Site.objects.filter(outlets=outlet)


def pieces_of(outlet: Outlet, *, size: int = PIECE) -> Iterator[list[PublicCar]]:
    """Every published vehicle, newest arrivals first within each status, `size` at a time.

    A generator lives longer than the view that made it, so it opens the scope for each piece by itself.
    """
    with group_scope(outlet.group_id):
        sites = {site.pk: site for site in sites_of(outlet).select_related("group")}
    for status in outlet.published_statuses:
        last: tuple[date, UUID] | None = None
        while True:
            with group_scope(outlet.group_id):
                piece = _piece(outlet, sites, status, last, size)
            if piece:
                yield piece
                last = (piece[-1].arrived_on, piece[-1].id)
            if len(piece) < size:
                break


def _piece(
    outlet: Outlet, sites: Mapping[int, Site], status: str, last: tuple[date, UUID] | None, size: int
) -> list[PublicCar]:
    rows = published(outlet).filter(group_id=outlet.group_id, status=status, site__in=list(sites))
    if last is not None:
        rows = rows.filter(TupleLessThan((F("arrived_on"), F("id")), last))
    found = list(rows.order_by("-arrived_on", "-id").values("site_id", *_COLUMNS)[:size])
    photos = _photos_of([row["id"] for row in found])
    return [_car(row, sites, photos) for row in found]


def _car(row: dict[str, Any], sites: Mapping[int, Site], photos: Mapping[UUID, list[str]]) -> PublicCar:
    return PublicCar(site=sites[row.pop("site_id")], photos=photos.get(row["id"], ()), **row)


def _photos_of(vehicle_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The addresses of these vehicles' photos, in their order."""
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = Photo.objects.filter(vehicle_id__in=vehicle_ids).order_by("vehicle_id", "position", "pk")
    for vehicle_id, photo_id in rows.values_list("vehicle_id", "pk"):
        found[vehicle_id].append(photo_address(photo_id))
    return found


def photo_address(photo_id: UUID) -> str:
    """Where everybody may fetch the photo of a published vehicle."""
    return f"{settings.PUBLIC_URL}{reverse('feeds:photo', args=[photo_id])}"
