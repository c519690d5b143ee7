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
        write(vehicle, {}, by=by, at=at, notes={"costs": [None, _as_noted(cost)]})
    return cost


def remove_cost(*, cost_id: int, by: Member, at: datetime) -> Cost:
    """Take a cost out again; the history keeps it. Raises CostNotFound, StockNotAllowed."""
    cost = Cost.objects.filter(pk=cost_id).first() if by.can(SEE_MARGIN) else None
    if cost is None:
        raise CostNotFound(cost_id)
    with transaction.atomic():
        vehicle = locked(cost.vehicle_id, by, EDIT, SEE_MARGIN)
        if not Cost.objects.filter(pk=cost_id).delete()[0]:
            raise CostNotFound(cost_id)
        write(vehicle, {}, by=by, at=at, notes={"costs": [_as_noted(cost), None]})
    return cost


def _as_noted(cost: Cost) -> dict[str, object]:
    return {"label": cost.label, "cents": cost.cents}
