"""From the order to the handover: which step follows which."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from sites.access import Member
from sites.locks import hold_group
from stock.access import EDIT
from stock.models import GONE, HERE, Vehicle, VehicleStatus
from stock.services.creating import check_vin
from stock.services.refusals import NoDayOfSale, ReasonMissing, StepNotAllowed
from stock.services.writing import check_seen, locked, write

_S = VehicleStatus

STEPS: dict[VehicleStatus, tuple[VehicleStatus, ...]] = {
    _S.ORDERED: (_S.IN_TRANSIT, _S.PREPARATION, _S.AVAILABLE, _S.RESERVED, _S.SOLD, _S.WITHDRAWN),
    _S.IN_TRANSIT: (_S.PREPARATION, _S.AVAILABLE, _S.RESERVED, _S.SOLD, _S.ORDERED, _S.WITHDRAWN),
    _S.PREPARATION: (_S.AVAILABLE, _S.RESERVED, _S.SOLD, _S.WITHDRAWN),
    _S.AVAILABLE: (_S.RESERVED, _S.SOLD, _S.PREPARATION, _S.WITHDRAWN),
    _S.RESERVED: (_S.SOLD, _S.AVAILABLE, _S.PREPARATION, _S.WITHDRAWN),
    _S.SOLD: (_S.DELIVERED, _S.AVAILABLE, _S.RESERVED),
    _S.DELIVERED: (_S.SOLD, _S.AVAILABLE),
    _S.WITHDRAWN: (_S.AVAILABLE, _S.PREPARATION),
}
# A vehicle that was gone comes back by a person's hand only, who says why.
BACK = tuple((before, after) for before in GONE for after in STEPS[before] if after != _S.DELIVERED)

_ON_THE_WAY = (_S.ORDERED, _S.IN_TRANSIT)
_HAS_A_BUYER = (_S.SOLD, _S.DELIVERED)


def change_status(
    *,
    vehicle_id: UUID,
    status: VehicleStatus,
    by: Member,
    at: datetime,
    sold_on: date | None = None,
    reason: str = "",
    seen: VehicleStatus | None = None,
) -> Vehicle:
    """Take a vehicle a step further, or back. The same status again changes nothing.

    `sold_on` is the day of sale on the site's calendar; `seen` the status that the person had before him.

    Raises:
        VehicleNotFound, StockNotAllowed.
        ChangedMeanwhile: it is no longer as he saw it.
        StepNotAllowed: no such step.
        NoDayOfSale: sold without a day, or on one that has not come.
        ReasonMissing: it comes back from where cars do not come back by themselves.
        VinInStock: it comes back, but stands in the stock again already.
    """
    with transaction.atomic():
        if status not in GONE:
            hold_group(by.group_id)  # before the vehicle: an import holds them in this order
        vehicle = locked(vehicle_id, by, EDIT)
        if status == vehicle.status:
            return vehicle
        check_seen(vehicle, {"status": status}, {"status": seen} if seen else None)
        step = (VehicleStatus(vehicle.status), status)
        if status not in STEPS[step[0]]:
            raise StepNotAllowed(*step)
        if step in BACK and not reason.strip():
            raise ReasonMissing(*step)
        if step in BACK:
            check_vin(vehicle)
        notes: dict[str, list[Any]] = {"reason": ["", reason.strip()]} if reason.strip() else {}
        write(vehicle, _effects(vehicle, status, sold_on, at), by=by, at=at, notes=notes)
    return vehicle


def withdraw_vehicle(*, vehicle_id: UUID, by: Member, at: datetime, reason: str = "") -> Vehicle:
    """It leaves the stock without being sold. Raises what `change_status` raises."""
    return change_status(vehicle_id=vehicle_id, status=_S.WITHDRAWN, by=by, at=at, reason=reason)


def steps_from(status: str) -> tuple[VehicleStatus, ...]:
    """Where a vehicle may go next, the usual way first."""
    return STEPS[VehicleStatus(status)]


def needs_reason(before: str, after: str) -> bool:
    """Whether this step is only done by somebody who says why."""
    return (VehicleStatus(before), VehicleStatus(after)) in BACK


def _effects(vehicle: Vehicle, status: VehicleStatus, sold_on: date | None, at: datetime) -> dict[str, Any]:
    """The status, and what follows from it: the day of sale, the day since which it stands here."""
    effects: dict[str, Any] = {"status": status}
    if status in _HAS_A_BUYER and vehicle.sold_at is None:
        effects["sold_at"] = _moment_of_sale(vehicle, sold_on, at)
    if status not in _HAS_A_BUYER:
        effects["sold_at"] = None
    if vehicle.status in _ON_THE_WAY and status in HERE:
        effects["arrived_on"] = at.astimezone(vehicle.site.zone).date()
    if status in GONE:
        effects["highlighted_at"] = None
    return effects


def _moment_of_sale(vehicle: Vehicle, day: date | None, at: datetime) -> datetime:
    """Now for today; noon at the site for an earlier day."""
    zone = vehicle.site.zone
    today = at.astimezone(zone).date()
    if day is None or day > today or day < vehicle.arrived_on - timedelta(days=365):
        raise NoDayOfSale(day)
    return at if day == today else datetime.combine(day, time(12), zone)
