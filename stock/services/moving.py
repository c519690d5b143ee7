"""Where a vehicle stands, and whether it stands in front."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.money import currency_of
from sites.access import Member
from sites.models import Site
from stock.access import EDIT, TRANSFER
from stock.models import Vehicle
from stock.services.refusals import OtherCurrency, StockNotAllowed, VehicleGone
from stock.services.writing import locked, write


def move_vehicle(*, vehicle_id: UUID, to_site: Site, by: Member, at: datetime) -> Vehicle:
    """Put the vehicle on another site; its place in the yard is that of the old one, so it has none now.

    Whoever may transfer on one of the two sites may do it. Raises VehicleNotFound, StockNotAllowed, OtherCurrency.
    """
    with transaction.atomic():
        vehicle = locked(vehicle_id, by)
        if not (by.can(TRANSFER, vehicle.site_id) or by.can(TRANSFER, to_site.pk)):
            raise StockNotAllowed(vehicle_id)
        if to_site.pk == vehicle.site_id:
            return vehicle
        if currency_of(to_site.country) != vehicle.currency:
            raise OtherCurrency(vehicle_id)
        write(vehicle, {"site": to_site, "lot": ""}, by=by, at=at)
    return vehicle


def highlight(*, vehicle_id: UUID, by: Member, at: datetime) -> Vehicle:
    """Put it in front: on top of lists and of the website. Again changes nothing.

    Raises VehicleNotFound, StockNotAllowed, VehicleGone.
    """
    with transaction.atomic():
        vehicle = locked(vehicle_id, by, EDIT)
        if vehicle.is_gone:
            raise VehicleGone(vehicle_id)
        if vehicle.highlighted_at is None:
            write(vehicle, {"highlighted_at": at}, by=by, at=at, keeps=False)
    return vehicle


def unhighlight(*, vehicle_id: UUID, by: Member, at: datetime) -> Vehicle:
    """Put it back among the others. Raises VehicleNotFound, StockNotAllowed."""
    with transaction.atomic():
        vehicle = locked(vehicle_id, by, EDIT)
        write(vehicle, {"highlighted_at": None}, by=by, at=at, keeps=False)
    return vehicle
