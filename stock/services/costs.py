"""What a vehicle cost beyond its purchase."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from sites.access import Member
from stock.access import EDIT, SEE_MARGIN
from stock.models import Cost
from stock.services.refusals import CostNotFound
from stock.services.writing import locked, write


def add_cost(
    *, vehicle_id: UUID, label: str, cents: int, incurred_on: date, by: Member, at: datetime
) -> Cost:
    """Note a cost, in cents without tax. Raises VehicleNotFound, StockNotAllowed."""
    with transaction.atomic():
        vehicle = locked(vehicle_id, by, EDIT, SEE_MARGIN)
        cost = Cost.objects.create(
            group_id=vehicle.group_id,
            vehicle=vehicle,
            label=label,
            cents=cents,
            incurred_on=incurred_on,
            added_at=at,
            added_by=by.user,
        )
        write(vehicle, {}, by=by, at=at, costs=[None, _as_noted(cost)])
    return cost


def remove_cost(*, vehicle_id: UUID, cost_id: int, by: Member, at: datetime) -> None:
    """Take a cost out again; the history keeps it. Raises VehicleNotFound, StockNotAllowed, CostNotFound."""
    with transaction.atomic():
        vehicle = locked(vehicle_id, by, EDIT, SEE_MARGIN)
        cost = Cost.objects.filter(vehicle=vehicle, pk=cost_id).first()
        if cost is None:
            raise CostNotFound(cost_id)
        noted = _as_noted(cost)
        cost.delete()
        write(vehicle, {}, by=by, at=at, costs=[noted, None])


def _as_noted(cost: Cost) -> dict[str, object]:
    return {"label": cost.label, "cents": cost.cents}
