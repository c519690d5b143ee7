"""Transfers that life has overtaken: the vehicle was sold while somebody asked for it, or stands elsewhere already."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from stock.models import GONE, OPEN_TRANSFERS, Transfer, TransferState
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
