"""What became of an attempt, written down. Only the holder of the lease's token may.

A provider's answers are written as they come, so that a crash loses none; a sandbox takes a batch in one go, and its
answers are written in one statement.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, QuerySet

from core.arrays import array_of
from notifications import addresses, attention
from notifications.channels.base import DeliveryError, Receipt
from notifications.choices import WITHHELD, DeliveryState, Reason
from notifications.door import Hold
from notifications.models import Delivery, PushSubscription
from notifications.sendable import Sendable

# The first look at what became of an interrupted message: a provider takes a moment before it lists one.
SETTLE_AFTER = timedelta(seconds=30)
# 5 s, 20 s, 80 s, 5 min, 21 min: a lead alert that arrives after half an hour no longer helps anybody.
MAX_ATTEMPTS = 6
FIRST_RETRY = timedelta(seconds=5)
RETRY_FACTOR = 4

Outcome = Receipt | DeliveryError

# Who wakes up behind the end of his lease still knows best what became of his message, unless somebody was told since.
_OPEN = (DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.FAILED_TEMPORARY)

# The receipts of a batch, and beside them in the same statement what rang for people (in its turn, with the last batch
# of it) and when their devices last took one.
_ACCEPTED = f"""
    WITH rang AS (
        {attention.ADDING}
    ), used AS (
        UPDATE notifications_pushsubscription SET last_used_at = %(at)s
        WHERE id = ANY(%(devices)s::bigint[]) AND group_id = %(group)s
    )
    UPDATE notifications_delivery
    SET state = %(state)s, provider_id = %(provider_id)s, finished_at = %(at)s, error = '', lease_until = NULL
    WHERE id = ANY(%(ids)s::bigint[]) AND group_id = %(group)s AND lease_token = %(token)s
        AND state IN ({", ".join(f"'{state.value}'" for state in _OPEN)})
"""  # noqa: S608 - our own words


def record_outcome(delivery: Sendable, token: UUID, outcome: Outcome, *, at: datetime) -> None:
    """Write what became of one attempt, and what a refusal teaches."""
    with transaction.atomic():
        recorded = _held(delivery, token).update(lease_until=None, **_changes(delivery, outcome, at))
        if recorded and isinstance(outcome, DeliveryError):
            _learn(delivery, outcome, at)


def record_accepted(
    deliveries: Sequence[Sendable], token: UUID, receipt: Receipt, rang: attention.Rang, *, at: datetime
) -> None:
    """Write that one receipt stands for all of these, what rang for people, and note their devices."""
    if connection.vendor != "postgresql":
        for one in deliveries:
            record_outcome(one, token, receipt, at=at)
        attention.keep(rang, group_id=deliveries[0].group_id)
        note_devices(deliveries, at)
        return
    values: dict[str, Any] = {
        "ids": array_of(one.pk for one in deliveries),
        "devices": array_of(_devices_of(deliveries)),
        "group": deliveries[0].group_id,
        "token": token,
        "state": receipt.state.value,
        "provider_id": receipt.provider_id,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ACCEPTED, values | attention.values(rang))


def cancel(delivery: Sendable, token: UUID, reason: Reason, *, at: datetime) -> None:
    """It is no use any more, or withheld for a reason that somebody can mend."""
    _held(delivery, token).update(
        state=DeliveryState.SUPPRESSED if reason in WITHHELD else DeliveryState.CANCELLED,
        reason=reason,
        finished_at=at,
        lease_until=None,
    )


def put_back(delivery: Sendable, token: UUID, hold: Hold) -> None:
    """It has not been tried: the claim counts for nothing."""
    _held(delivery, token).update(
        state=DeliveryState.PLANNED,
        due_at=hold.until,
        cadence=hold.cadence,
        reason=hold.reason,
        lease_until=None,
        attempts=F("attempts") - 1,
    )


def note_devices(deliveries: Sequence[Sendable], at: datetime) -> None:
    """When each device last took a message: its owner reads it, and silent devices make room for new ones."""
    devices = _devices_of(deliveries)
    if devices:
        PushSubscription.objects.filter(pk__in=devices).update(last_used_at=at)


def _held(delivery: Sendable, token: UUID) -> QuerySet[Delivery]:
    return Delivery.objects.filter(pk=delivery.pk, lease_token=token, state__in=_OPEN)


def _devices_of(deliveries: Sequence[Sendable]) -> list[int]:
    return sorted(device for one in deliveries if (device := addresses.device_of(one)) is not None)


def _changes(delivery: Sendable, outcome: Outcome, at: datetime) -> dict[str, Any]:
    if isinstance(outcome, Receipt):
        return {"state": outcome.state, "provider_id": outcome.provider_id, "finished_at": at, "error": ""}
    error = str(outcome)[:300]
    if outcome.permanent:
        return {"state": DeliveryState.FAILED_PERMANENT, "error": error, "finished_at": at}
    if outcome.unknown:  # a lost answer: `recovery` asks the provider before anything is sent again
        return {"state": DeliveryState.UNKNOWN, "error": error, "due_at": at + SETTLE_AFTER}
    if delivery.attempts >= MAX_ATTEMPTS:
        return {"state": DeliveryState.DEAD, "error": error, "finished_at": at}
    due_at = at + _pause(delivery.attempts, outcome.retry_after)
    return {"state": DeliveryState.FAILED_TEMPORARY, "error": error, "due_at": due_at}


def _pause(attempts: int, retry_after: float | None) -> timedelta:
    """Exponential with jitter, so that a provider that comes back is not met by everybody at once."""
    factor: int = RETRY_FACTOR ** (attempts - 1)
    pause = FIRST_RETRY * factor * random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
    return max(pause, timedelta(seconds=retry_after)) if retry_after else pause


def _learn(delivery: Sendable, error: DeliveryError, at: datetime) -> None:
    """What a refusal says of the address: the next message need not find out again."""
    if error.gone:
        # The push service said that this device is gone (404, 410).
        PushSubscription.objects.filter(pk__in=_devices_of([delivery])).delete()
    elif error.reason in addresses.REFUSALS:
        addresses.note_refusal(delivery, error.reason, at=at)
