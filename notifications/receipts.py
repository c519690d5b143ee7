"""« Receive » in docs/architecture.md: what providers tell us of messages that left. Stored raw first, applied after.

Receipts come out of order, twice, and before we know the provider's name for the message. A state moves
upwards only, by conditional UPDATE, and never out of a final one: accepted → delivered, accepted → failed. What
finds no message waits, and is applied once the message is known.

A receipt names no group: the provider's name for the message does, so these are looked up in all groups.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from gateways.events import Meaning, ProviderEvent
from notifications import addresses
from notifications.choices import Channel, DeliveryState
from notifications.models import WAITING, Delivery, OffReason, Outcome, ProviderReceipt
from sites.scope import every_group, group_scope

logger = logging.getLogger(__name__)

PER_RUN = 200
# Raw receipts hold addresses. After a quarter nobody asks a provider about one message any more.
KEPT_FOR = timedelta(days=90)
_ID_LENGTH = 120  # characters, as `Delivery.provider_id`

# A receipt about the address, and not only about the message.
_SWITCHES_OFF = {
    Meaning.BOUNCED: OffReason.BOUNCED,
    Meaning.COMPLAINED: OffReason.COMPLAINED,
    Meaning.STOPPED: OffReason.STOPPED,
}
_ANSWERS = frozenset({Meaning.SAID_STOP, Meaning.SAID_START, Meaning.ANSWERED})
_ARRIVED = frozenset({Meaning.DELIVERED, Meaning.COMPLAINED})
_FAILURES = frozenset({Meaning.FAILED, Meaning.BOUNCED, Meaning.STOPPED})

# A message of which the provider's answer was lost: nobody knows, or it waits to be sent again.
_LOST = Q(provider_id="") & (Q(state=DeliveryState.UNKNOWN) | Q(state__in=WAITING, attempts__gt=0))


def keep(events: Iterable[ProviderEvent], *, headers: Mapping[str, str], at: datetime) -> list[int]:
    """Store what was told, before anything is made of it. The ids of those that have not been applied yet."""
    rows = [_row(event, headers, at) for event in events]
    ProviderReceipt.objects.bulk_create(rows, ignore_conflicts=True)
    keys = [row.event_key for row in rows]
    found = ProviderReceipt.objects.filter(event_key__in=keys, applied_at__isnull=True)
    return list(found.order_by("pk").values_list("pk", flat=True))


def apply(receipt_ids: Iterable[int], *, at: datetime) -> None:
    """Make of them what can be made now. One that fails is logged, waits, and does not stop the rest."""
    for receipt in ProviderReceipt.objects.filter(pk__in=list(receipt_ids)).order_by("pk"):
        try:
            _apply(receipt, at)
        except Exception:
            logger.exception("Receipt %s could not be applied", receipt.pk)


def apply_waiting(*, at: datetime) -> int:
    """Apply those whose message has become known since they came, however old; how many were tried."""
    with every_group():
        named = Delivery.objects.filter(provider_id=OuterRef("message_id"))
        lost = Delivery.objects.filter(_LOST, pk=OuterRef("about_id"))
        known = Exists(named) | Exists(lost) | Q(meaning__in=_ANSWERS)
        waiting = ProviderReceipt.objects.filter(known, applied_at__isnull=True)
        ids = list(waiting.order_by("pk").values_list("pk", flat=True)[:PER_RUN])
    apply(ids, at=at)
    return len(ids)


def forget_old(*, at: datetime) -> int:
    """Drop the receipts that nobody will ask about any more, of all groups; how many."""
    deleted, _by_model = ProviderReceipt.objects.filter(received_at__lt=at - KEPT_FOR).delete()
    return deleted


def _row(event: ProviderEvent, headers: Mapping[str, str], at: datetime) -> ProviderReceipt:
    return ProviderReceipt(
        provider=event.provider,
        event_key=event.event_key,
        message_id=event.message_id[:_ID_LENGTH],
        about_id=event.about,
        meaning=event.meaning,
        address=event.address,
        error=event.error,
        raw=event.raw,
        headers=dict(headers),
        received_at=at,
    )


def _apply(receipt: ProviderReceipt, at: datetime) -> None:
    if receipt.meaning in _ANSWERS:
        _obey(receipt, at)
        return
    delivery = _delivery_of(receipt)
    if delivery is None:
        return
    with group_scope(delivery.group_id), transaction.atomic():
        if not (_is_known_still(receipt, delivery) and _is_mine(receipt, delivery, at)):
            return
        moved = _move(delivery, receipt, at)
        moved = _switch_off(delivery, receipt, at) or moved
        outcome = Outcome.APPLIED if moved else Outcome.NOTHING_NEW
        ProviderReceipt.objects.filter(pk=receipt.pk).update(outcome=outcome)


def _obey(receipt: ProviderReceipt, at: datetime) -> None:
    """STOP and START hold in every group that has a person with this number. Other words are only kept."""
    with transaction.atomic():
        if not _is_mine(receipt, None, at):
            return
        changed = [_obey_in(group_id, receipt, at) for group_id in addresses.groups_at(receipt.address)]
        outcome = Outcome.APPLIED if any(changed) else Outcome.NOTHING_NEW
        ProviderReceipt.objects.filter(pk=receipt.pk).update(outcome=outcome)


def _obey_in(group_id: int, receipt: ProviderReceipt, at: datetime) -> bool:
    with group_scope(group_id):
        if receipt.meaning == Meaning.SAID_START:
            return addresses.switch_on(group_id=group_id, channel=Channel.SMS, address=receipt.address, at=at)
        if receipt.meaning == Meaning.SAID_STOP:
            off = addresses.switch_off(
                group_id=group_id,
                channel=Channel.SMS,
                address=receipt.address,
                reason=OffReason.STOPPED,
                at=at,
            )
            return off is not None
        return False


def _is_known_still(receipt: ProviderReceipt, delivery: Delivery) -> bool:
    """Whether it is still this message's: one that a worker has taken to send again waits, and so does the receipt.

    Locked: nobody claims it meanwhile.
    """
    named = Q(provider_id=receipt.message_id) if receipt.message_id else Q()
    locked = Delivery.objects.select_for_update().filter(_LOST | named, pk=delivery.pk)
    return locked.values_list("pk", flat=True).first() is not None


def _is_mine(receipt: ProviderReceipt, delivery: Delivery | None, at: datetime) -> bool:
    """Of two that apply the same receipt at once, one does."""
    waiting = ProviderReceipt.objects.filter(pk=receipt.pk, applied_at__isnull=True)
    return waiting.update(applied_at=at, delivery=delivery) == 1


def _delivery_of(receipt: ProviderReceipt) -> Delivery | None:
    """The message by the provider's name for it; or by our own number, when the answer that named it was lost."""
    with every_group():
        named = (
            Delivery.objects.filter(provider_id=receipt.message_id).first() if receipt.message_id else None
        )
        if named is None and receipt.about_id is not None:
            return Delivery.objects.filter(_LOST, pk=receipt.about_id).first()
        return named


def _move(delivery: Delivery, receipt: ProviderReceipt, at: datetime) -> bool:
    """Move the message's state upwards; False when it stands there, or higher, already."""
    mine = Delivery.objects.filter(pk=delivery.pk)
    # The provider has it, so nobody need ask whether it left, or send it again.
    found: int = mine.filter(_LOST).update(
        state=DeliveryState.ACCEPTED, provider_id=receipt.message_id, finished_at=at, error=""
    )
    changes = _changes(receipt)
    moved = mine.filter(state=DeliveryState.ACCEPTED).update(**changes, finished_at=at) if changes else 0
    return bool(found or moved)


def _switch_off(delivery: Delivery, receipt: ProviderReceipt, at: datetime) -> bool:
    reason = _SWITCHES_OFF.get(Meaning(receipt.meaning))
    if reason is None or not receipt.address:
        return False
    channel = Channel(delivery.channel)
    off = addresses.switch_off(
        group_id=delivery.group_id, channel=channel, address=receipt.address, reason=reason, at=at
    )
    return off is not None


def _changes(receipt: ProviderReceipt) -> dict[str, Any]:
    if receipt.meaning in _ARRIVED:  # who reports a message as spam has got it
        return {"state": DeliveryState.DELIVERED}
    if receipt.meaning in _FAILURES:
        return {"state": DeliveryState.FAILED_PERMANENT, "error": receipt.error}
    return {}
