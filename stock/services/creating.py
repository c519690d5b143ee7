"""Taking a vehicle into the stock, and taking a slip out again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from sites.access import Member
from sites.locks import hold_group
from sites.models import Site
from stock.access import EDIT
from stock.models import GONE, Transfer, Vehicle, VehicleChange, VehicleStatus
from stock.models.vehicles import SEARCHED, words_of
from stock.services import files
from stock.services.checking import check_prices, cleaned
from stock.services.refusals import HasHistory, NoDayOfSale, StockNotAllowed, VinInStock
from stock.services.writing import check_fields, locked, note
from stock.signals import VehiclesErased, vehicles_erased

_SOLD = {VehicleStatus.SOLD.value, VehicleStatus.DELIVERED.value}


def add_vehicle(*, site: Site, values: Mapping[str, Any], by: Member, at: datetime) -> Vehicle:
    """Take a vehicle into the stock of the site. `values` are fields; without `arrived_on` it came today.

    Whatever the person filled in is his: a feed that brings the same car later may add, not overwrite.

    Raises:
        StockNotAllowed: it is not for him to add on this site, or to fill in one of the fields.
        VinInStock: the car stands in the stock already.
        UnknownField, ValidationError: a value that the field does not take.
        BelowLowestPrice: the price lies under the lowest one.
        NoDayOfSale: what is sold already is not taken in.
    """
    if not by.can(EDIT, site.pk):
        raise StockNotAllowed(site.pk)
    status = VehicleStatus(values.get("status", VehicleStatus.AVAILABLE))
    fields = cleaned({name: value for name, value in values.items() if name != "status"})
    check_fields(fields, by, site.pk)
    if status in GONE:
        raise NoDayOfSale
    vehicle = Vehicle(group_id=by.group_id, site=site, status=status, created_at=at, updated_at=at)
    vehicle.arrived_on = at.astimezone(site.zone).date()
    for name, value in fields.items():
        setattr(vehicle, name, value)
    check_prices(vehicle)
    vehicle.kept = sorted(name for name, value in fields.items() if value not in (None, "", []))
    vehicle.words = words_of(**{name: getattr(vehicle, name) for name in SEARCHED})
    with transaction.atomic():
        check_vin(vehicle)
        vehicle.save(force_insert=True)
        note(vehicle, {}, by=by, at=at)
    return vehicle


def erase_vehicle(*, vehicle_id: UUID, by: Member, at: datetime) -> None:
    """Remove what was taken in by mistake, with its photos and documents; nothing that was told of it leads anywhere.

    Raises VehicleNotFound, StockNotAllowed, and HasHistory when it was sold or transferred.
    """
    with transaction.atomic():
        vehicle = locked(vehicle_id, by, EDIT)
        if _has_history(vehicle):
            raise HasHistory(vehicle_id)
        files.erase_on_commit(files.names_of(vehicle))
        vehicles_erased.send(
            VehiclesErased(
                group_id=by.group_id, occurred_at=at, actor_id=by.user.pk, vehicle_ids=(vehicle_id,)
            )
        )
        vehicle.delete()


def check_vin(vehicle: Vehicle) -> None:
    """Raises VinInStock. Inside a transaction: of two people who take the same car in at once, one is told."""
    if not vehicle.vin:
        return
    hold_group(vehicle.group_id)
    with_vin = Vehicle.objects.exclude(vin="")  # in the words of the index, by which SQLite goes
    same = with_vin.select_related("site").filter(group_id=vehicle.group_id, vin=vehicle.vin)
    other = same.exclude(pk=vehicle.pk).exclude(status__in=GONE).first()
    if other is not None:
        raise VinInStock(other)


def _has_history(vehicle: Vehicle) -> bool:
    if vehicle.sold_at is not None or Transfer.objects.filter(vehicle=vehicle).exists():
        return True
    steps = VehicleChange.objects.filter(of=vehicle).values_list("changes", flat=True)
    return any(_SOLD & set(changes.get("status", ())) for changes in steps)
