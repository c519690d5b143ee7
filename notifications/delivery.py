"""Step 5 of the road: claim what is due, send it, record what became of it.

A delivery is claimed by a conditional UPDATE that is committed as `sending` with a lease before anything
leaves. What may not disturb its person yet is put back with a later time (`door`). The provider is called with no
transaction open. A crash in between leaves a lease that runs out:
`recovery` then finds out whether the message left, instead of sending it blindly again.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import F, QuerySet

from core.clock import now
from notifications import addresses, attention, canaries, letters
from notifications.caps import caps_for
from notifications.channels.base import Adapter, DeliveryError, Receipt, adapter_for
from notifications.choices import WITHHELD, Channel, DeliveryState, Reason
from notifications.door import Door, Hold, door_for
from notifications.letters import Letter
from notifications.models import WAITING, Delivery, PushSubscription

logger = logging.getLogger(__name__)

PARALLEL_CALLS = 8
# Two rounds of calls: what is checked last when a batch is claimed is still true when it leaves.
BATCH = 2 * PARALLEL_CALLS
# A call ends within twice PROVIDER_TIMEOUT (it connects, then it waits for an answer); nothing leaves later than that
# before the end of its lease. Short, because what a dead worker held is final only after it: within a minute.
LEASE = timedelta(seconds=40)
LAST_DEPARTURE = timedelta(seconds=18)
# The first look at what became of an interrupted message: a provider takes a moment before it lists one.
SETTLE_AFTER = timedelta(seconds=30)
# 5 s, 20 s, 80 s, 5 min, 21 min: a lead alert that arrives after half an hour no longer helps anybody.
MAX_ATTEMPTS = 6
FIRST_RETRY = timedelta(seconds=5)
RETRY_FACTOR = 4

Outcome = Receipt | DeliveryError


def deliver_due(channel: Channel, *, at: datetime) -> int:
    """Send one batch of what is due on the channel in the scope's group; how many were claimed."""
    token = uuid4()
    if not _claim(channel, token, at):
        return 0
    claimed = list(_under(token).select_related(*letters.NEEDED_ROWS))
    adapter = canaries.sandbox_of(claimed) or adapter_for(channel)
    allowed = letters.still_allowed(claimed)
    door = door_for(claimed, allowed, at)
    accepted = set()
    for delivery_id, outcome in _send(
        adapter, _written(claimed, door, token), leave_before=at + LAST_DEPARTURE
    ):
        record_outcome(delivery_id, token, outcome, at=now())
        if isinstance(outcome, Receipt):
            accepted.add(delivery_id)
    attention.keep(door.told, group_id=claimed[0].group_id)
    if channel == Channel.PUSH:
        _note_devices([one.endpoint for one in claimed if one.pk in accepted], at)
    return len(claimed)


def record_outcome(delivery_id: int, token: UUID, outcome: Outcome, *, at: datetime) -> None:
    """Write what became of an attempt. Only the holder of the lease's token may."""
    changes = _changes(delivery_id, outcome, at)
    with transaction.atomic():
        recorded = Delivery.objects.filter(pk=delivery_id, lease_token=token).update(
            lease_until=None, **changes
        )
        if recorded and isinstance(outcome, DeliveryError):
            _learn(delivery_id, outcome, at)


def _changes(delivery_id: int, outcome: Outcome, at: datetime) -> dict[str, Any]:
    if isinstance(outcome, Receipt):
        return {"state": outcome.state, "provider_id": outcome.provider_id, "finished_at": at, "error": ""}
    if outcome.permanent:
        return {"state": DeliveryState.FAILED_PERMANENT, "error": str(outcome)[:300], "finished_at": at}
    if outcome.unknown:  # a lost answer: `recovery` asks the provider before anything is sent again
        return {"state": DeliveryState.UNKNOWN, "error": str(outcome)[:300], "due_at": at + SETTLE_AFTER}
    return _retry_or_give_up(delivery_id, outcome, at)


def _claim(channel: Channel, token: UUID, at: datetime) -> int:
    due = Delivery.objects.filter(channel=channel, state__in=WAITING, due_at__lte=at, cadence="")
    due = due.order_by("due_at")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True)
    with transaction.atomic():
        ids = list(due.values_list("pk", flat=True)[:BATCH])
        return Delivery.objects.filter(pk__in=ids, state__in=WAITING).update(
            state=DeliveryState.SENDING,
            lease_token=token,
            lease_until=at + LEASE,
            attempted_at=at,
            attempts=F("attempts") + 1,
        )


def _under(token: UUID) -> QuerySet[Delivery]:
    return Delivery.objects.filter(lease_token=token, state=DeliveryState.SENDING).order_by("due_at", "pk")


def _written(claimed: list[Delivery], door: Door, token: UUID) -> Iterator[Letter]:
    """The letters that may leave now. One that cannot even be written is recorded and does not stop the rest."""
    devices = letters.devices_of(claimed)
    off = addresses.off_among(claimed)
    caps = caps_for(claimed, at=door.at)
    for delivery in claimed:
        try:
            reason = letters.why_not(delivery, door.allowed, devices, off)
            hold = None if reason else door.hold_of(delivery)
            if caps and not reason and not hold:
                reason = caps.why_not(delivery)
            letter = None if reason or hold else letters.write(delivery, devices)
        except Exception as error:
            logger.exception("Delivery %s could not be written", delivery.pk)
            record_outcome(delivery.pk, token, DeliveryError(repr(error), permanent=False), at=now())
            continue
        if reason is not None:
            _cancel(delivery, token, reason)
        elif hold is not None:
            _put_back(delivery, token, hold)
        elif letter is not None:
            door.let_out(delivery)
            yield letter


def _send(
    adapter: Adapter, ready: Iterator[Letter], *, leave_before: datetime
) -> Iterator[tuple[int, Outcome]]:
    """Outcomes as they come. A sandbox is quick and uses the database, so it runs here; providers run in threads.

    The threads are this batch's own: behind another batch's slow calls a lease would run out in the queue.
    """
    if adapter.uses_database:
        for letter in ready:
            yield letter.delivery_id, _attempt(adapter, letter, leave_before)
        return
    with ThreadPoolExecutor(max_workers=PARALLEL_CALLS, thread_name_prefix="provider") as threads:
        calls = {threads.submit(_attempt, adapter, letter, leave_before): letter for letter in ready}
        for call in as_completed(calls):
            yield calls[call].delivery_id, call.result()


def _attempt(adapter: Adapter, letter: Letter, leave_before: datetime) -> Outcome:
    if now() > leave_before:
        return DeliveryError("too late to leave", permanent=False)
    try:
        return adapter.deliver(letter.message, letter.recipient, letter.delivery_id)
    except DeliveryError as error:
        return error
    except Exception as error:
        logger.exception("Delivery %s: the adapter failed", letter.delivery_id)
        # It may have failed after the provider took the message.
        return DeliveryError(repr(error), permanent=False, unknown=not adapter.repeat_is_safe)


def _cancel(delivery: Delivery, token: UUID, reason: Reason) -> None:
    Delivery.objects.filter(pk=delivery.pk, lease_token=token).update(
        state=DeliveryState.SUPPRESSED if reason in WITHHELD else DeliveryState.CANCELLED,
        reason=reason,
        finished_at=now(),
        lease_until=None,
    )


def _put_back(delivery: Delivery, token: UUID, hold: Hold) -> None:
    """It has not been tried: the claim counts for nothing."""
    Delivery.objects.filter(pk=delivery.pk, lease_token=token).update(
        state=DeliveryState.PLANNED,
        due_at=hold.until,
        cadence=hold.cadence,
        reason=hold.reason,
        lease_until=None,
        attempts=F("attempts") - 1,
    )


def _retry_or_give_up(delivery_id: int, error: DeliveryError, at: datetime) -> dict[str, Any]:
    attempts = Delivery.objects.values_list("attempts", flat=True).get(pk=delivery_id)
    if attempts >= MAX_ATTEMPTS:
        return {"state": DeliveryState.DEAD, "error": str(error)[:300], "finished_at": at}
    due_at = at + _pause(attempts, error.retry_after)
    return {"state": DeliveryState.FAILED_TEMPORARY, "error": str(error)[:300], "due_at": due_at}


def _pause(attempts: int, retry_after: float | None) -> timedelta:
    """Exponential with jitter, so that a provider that comes back is not met by everybody at once."""
    factor: int = RETRY_FACTOR ** (attempts - 1)
    pause = FIRST_RETRY * factor * random.uniform(0.75, 1.25)  # noqa: S311 - not a secret
    return max(pause, timedelta(seconds=retry_after)) if retry_after else pause


def _note_devices(endpoints: list[str], at: datetime) -> None:
    """When each device last took a message: its owner reads it, and silent devices make room for new ones."""
    ids = [int(endpoint) for endpoint in endpoints if endpoint.isdigit()]
    PushSubscription.objects.filter(pk__in=ids).update(last_used_at=at)


def _learn(delivery_id: int, error: DeliveryError, at: datetime) -> None:
    """What a refusal says of the address: the next message need not find out again."""
    if error.gone:
        _forget_device(delivery_id)
    elif error.reason in addresses.REFUSALS:
        addresses.note_refusal(delivery_id, error.reason, at=at)


def _forget_device(delivery_id: int) -> None:
    """The push service said that this device is gone (404, 410)."""
    endpoint = Delivery.objects.values_list("endpoint", flat=True).get(pk=delivery_id)
    if endpoint.isdigit():
        PushSubscription.objects.filter(pk=int(endpoint)).delete()
