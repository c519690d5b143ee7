"""A change of the stock is looked at soon, and what was told of a car that is erased is taken back."""

from __future__ import annotations

from django.db import transaction

from notifications.services import retract
from stock.models import AgeMark, StockHint
from stock.notices.limits import VehicleAgedNotice
from stock.signals import StockChanged, VehiclesErased, stock_changed, vehicles_erased


@stock_changed.connect
def note_change(fact: StockChanged) -> None:
    """Write down that there is something to look at, in the change's own transaction, and say so once it holds.

    The row is what counts. The message may be lost or refused: the sweep finds the row.
    """
    StockHint.objects.create(
        group_id=fact.group_id, vehicle_ids=[str(pk) for pk in fact.vehicle_ids], since=fact.occurred_at
    )
    group_id = fact.group_id
    # No partial: where it fails Django asks for its name.
    transaction.on_commit(lambda: _wake(group_id), robust=True)


@vehicles_erased.connect
def take_back(fact: VehiclesErased) -> None:
    """Close the alerts of those that stood too long, in the erasure's own transaction: their links lead nowhere."""
    told = AgeMark.objects.filter(vehicle_id__in=fact.vehicle_ids).values_list("vehicle_id", "days")
    for vehicle_id, days in told:
        subject = VehicleAgedNotice.subject.format(vehicle_id=vehicle_id, limit=days)
        retract(subject=subject, at=fact.occurred_at)


def _wake(group_id: int) -> None:
    from stock.tasks import watch  # tasks look at the stock with all that it knows: loaded when it is used

    watch.apply_async(kwargs={"group_id": group_id}, queue="default")
