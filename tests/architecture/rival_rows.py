"""Rows of the rival's messages, each text with the mark that must not leak."""

from __future__ import annotations

from notifications.choices import Channel, DeliveryState
from notifications.models import AddressBlock, Delivery, Event, Notification, OffReason
from sites.models import User
from tests.cast import MONDAY


def undelivered(person: User, mark: str) -> Delivery:
    group_id = person.group_id or 0
    event = Event.objects.create(
        group_id=group_id, type_key="leads.received", payload={}, occurred_at=MONDAY, recorded_at=MONDAY
    )
    notification = Notification.objects.create(
        group_id=group_id, event=event, user=person, reason=mark, created_at=MONDAY
    )
    return Delivery.objects.create(
        group_id=group_id,
        notification=notification,
        channel=Channel.SMS,
        state=DeliveryState.DEAD,
        error=mark,
        due_at=MONDAY,
    )


def address_off(person: User, mark: str) -> AddressBlock:
    return AddressBlock.objects.create(
        group_id=person.group_id or 0,
        channel=Channel.EMAIL,
        address=f"{mark}@rival.test",
        reason=OffReason.BOUNCED,
        since=MONDAY,
    )
