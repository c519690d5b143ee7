"""Editing a vehicle: two people may do it at once, and neither loses what he typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from sites.access import Member
from sites.locks import hold_group
from stock.access import EDIT
from stock.models import Vehicle
from stock.services.checking import check_prices, cleaned
from stock.services.creating import check_vin
from stock.services.refusals import BelowLowestPrice
from stock.services.writing import check_fields, check_seen, locked, write


def edit_vehicle(
    *,
    vehicle_id: UUID,
    changes: Mapping[str, Any],
    by: Member,
    at: datetime,
    seen: Mapping[str, Any] | None = None,
) -> Vehicle:
    """Write the fields that differ. What a colleague changed meanwhile in other fields stays.

    `seen` is what the person had before him (as `stored` writes it): a field that a colleague has changed since, to
    something else than he wants, is refused.

    Raises:
        VehicleNotFound, StockNotAllowed: of the vehicle, or of one of the fields.
        UnknownField, ValidationError: a value that the field does not take.
        ChangedMeanwhile: a colleague changed the same.
        VinInStock: another car that is not gone has this VIN.
        BelowLowestPrice: the price lies under the lowest one; `reprice` asks for it.
    """
    fields = cleaned(changes)
    with transaction.atomic():
        if "vin" in fields:
            hold_group(by.group_id)  # before the vehicle: an import holds them in this order
        vehicle = locked(vehicle_id, by, EDIT)
        check_fields(fields, by, vehicle.site_id)
        check_seen(vehicle, fields, seen)
        before = vehicle.vin, vehicle.price, vehicle.min_price
        _check_whole(vehicle, fields, before)
        write(vehicle, fields, by=by, at=at)
    return vehicle


def _check_whole(vehicle: Vehicle, fields: Mapping[str, Any], before: tuple[Any, ...]) -> None:
    """The vehicle as it will be; what stood before (a price that was approved) is not judged again."""
    wanted = Vehicle(pk=vehicle.pk, group_id=vehicle.group_id)
    vin, price, lowest = before
    wanted.vin = fields.get("vin", vin)
    wanted.price, wanted.min_price = fields.get("price", price), fields.get("min_price", lowest)
    if wanted.vin != vin:
        check_vin(wanted)
    if (wanted.price, wanted.min_price) == (price, lowest):
        return
    try:
        check_prices(wanted)
    except BelowLowestPrice:
        if wanted.price != price:
            raise
