"""What life has overtaken: a transfer of what was sold or stands elsewhere, a price asked for that an import set."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from approvals.models import Status
from stock.history import author_of
from stock.models import (
    GONE,
    OPEN_TRANSFERS,
    AskedPrice,
    Transfer,
    TransferState,
    Vehicle,
    VehicleChange,
)
from stock.services.lapsing import lapse_by_import
from stock.transfer_words import Outcome
from stock.transferring import tell_end, with_people

logger = logging.getLogger(__name__)

_BEFORE_IT_LEAVES = (TransferState.ASKED, TransferState.ACCEPTED)


def settle_overtaken(*, at: datetime) -> int:
    """End what has no purpose any more, in the scope's group, and tell whom it concerns; how many.

    What is under way arrives although it was sold: its buyer may be waiting there.
    """
    settled = 0
    for transfer in _overtaken():
        try:
            with transaction.atomic():
                settled += _settle(transfer, at)
        except Exception:
            logger.exception("Transfer %s could not be ended", transfer.pk)
    return settled


def lapse_overtaken_prices(*, at: datetime) -> int:
    """End the price requests that an import has overtaken, in the scope's group; how many.

    What a person does ends them at once (`stock/services/lapsing.py`); an import writes thousands by one statement.
    """
    overtaken = list(_overtaken_prices().values_list("vehicle_id", flat=True))
    lapsed = 0
    for vehicle in Vehicle.objects.select_for_update().filter(pk__in=overtaken).order_by("pk"):
        newest = _prices_since_asked(vehicle).select_related("by", "run__feed").order_by("-at", "-pk").first()
        lapsed += lapse_by_import(vehicle, partial(author_of, newest) if newest else None, at=at)
    return lapsed


def _overtaken_prices() -> QuerySet[AskedPrice]:
    changed = VehicleChange.objects.filter(
        of=OuterRef("vehicle"), at__gt=OuterRef("request__asked_at"), changes__has_key="price"
    )
    pending = AskedPrice.objects.filter(request__status=Status.PENDING)
    return pending.filter(Q(vehicle__status__in=GONE) | Exists(changed))


def _prices_since_asked(vehicle: Vehicle) -> QuerySet[VehicleChange]:
    asked = AskedPrice.objects.filter(vehicle=vehicle, request__status=Status.PENDING)
    since = asked.values("request__asked_at")[:1]
    return VehicleChange.objects.filter(of=vehicle, at__gt=Subquery(since), changes__has_key="price")


def _overtaken() -> QuerySet[Transfer]:
    sold = Q(state__in=_BEFORE_IT_LEAVES, vehicle__status__in=GONE)
    moved = Q(state__in=OPEN_TRANSFERS) & ~Q(vehicle__site=F("from_site"))
    return Transfer.objects.filter(sold | moved).select_related(*with_people()).order_by("pk")


def _settle(transfer: Transfer, at: datetime) -> bool:
    """One conditional UPDATE; of two that look at once, one tells."""
    left, outcome = TransferState(transfer.state), _outcome(transfer)
    arrived = outcome == Outcome.ARRIVED
    after = {"state": TransferState.RECEIVED, "received_at": at}
    if not arrived:
        after = {"state": TransferState.CANCELLED, "cancelled_at": at}
    if not Transfer.objects.filter(pk=transfer.pk, state=left).update(**after):
        return False
    tell_end(transfer, outcome, left=left, at=at)
    return True


def _outcome(transfer: Transfer) -> Outcome:
    if transfer.vehicle.site_id == transfer.to_site_id:
        return Outcome.ARRIVED
    return Outcome.SOLD if transfer.vehicle.site_id == transfer.from_site_id else Outcome.ELSEWHERE
