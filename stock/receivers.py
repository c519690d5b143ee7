"""What follows from a change of the stock: somebody looks at it, soon, whatever happens to the hint."""

from __future__ import annotations

from functools import partial

from django.db import transaction

from stock.models import StockHint
from stock.signals import StockChanged, stock_changed


@stock_changed.connect
def note_change(fact: StockChanged) -> None:
    """Write down that there is something to look at, in the change's own transaction, and say so once it holds.

    The row is what counts. The message may be lost or refused: the sweep finds the row.
    """
    StockHint.objects.create(
        group_id=fact.group_id, vehicle_ids=[str(pk) for pk in fact.vehicle_ids], since=fact.occurred_at
    )
    transaction.on_commit(partial(_wake, fact.group_id), robust=True)


def _wake(group_id: int) -> None:
    from stock.tasks import watch  # tasks look at the stock with all that it knows: loaded when it is used

    watch.apply_async(kwargs={"group_id": group_id}, queue="default")
