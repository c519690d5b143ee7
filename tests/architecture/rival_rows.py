"""Rows of the rival, each text with the mark that must not leak."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator

from notifications.choices import Channel, DeliveryState
from notifications.models import (
    AddressBlock,
    Delivery,
    Event,
    Notification,
    OffReason,
    OutboxEntry,
    OutboxWords,
    PushSubscription,
    RoleDefault,
    RoleDefaultChange,
)
from sites.models import Group, Site, User
from sites.roles import Role
from stock.models import Cost, DiscardedPhoto, Document, Outlet, Photo, Vehicle
from tests.cast import MONDAY, make_vehicle

# What the rival was told about.
SUBJECT = "lead:zebra"


def undelivered(person: User, mark: str) -> Delivery:
    group_id = person.group_id or 0
    event = Event.objects.create(
        group_id=group_id,
        type_key="leads.received",
        subject=SUBJECT,
        payload={},
        occurred_at=MONDAY,
        recorded_at=MONDAY,
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


def device(person: User, mark: str) -> PushSubscription:
    return PushSubscription.objects.create(
        group_id=person.group_id or 0,
        user=person,
        endpoint="https://push.example/zebra",
        p256dh="x",
        auth="y",
        device_name=mark,
        created_at=MONDAY,
    )


def outbox_entry(group: Group, mark: str) -> OutboxEntry:
    words = OutboxWords.objects.create(group=group, text=mark, html=mark)
    return OutboxEntry.objects.create(
        group=group, channel=Channel.EMAIL, recipient=mark, words=words, sent_at=MONDAY
    )


def passkey(person: User, mark: str) -> Authenticator:
    made: Authenticator = Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data={"name": mark, "credential": {}}
    )
    return made


def role_default(group: Group) -> RoleDefault:
    return RoleDefault.objects.create(
        group=group, role=Role.SALESPERSON, type_key="leads.received", channel=Channel.SMS, enabled=True
    )


def defaults_batch(group: Group) -> UUID:
    """What the rival decided for its salespeople, beside `role_default`; it still stands."""
    batch = uuid4()
    RoleDefaultChange.objects.create(
        group=group,
        batch=batch,
        role=Role.SALESPERSON,
        type_key="leads.received",
        channel=Channel.SMS,
        after=True,
        at=MONDAY,
    )
    return batch


def outlet(site: Site, mark: str) -> Outlet:
    """A public feed of the rival's that is read by its address too."""
    made = Outlet.objects.create(group_id=site.group_id, name=mark, by_address=True)
    made.sites.set([site])
    return made


def papers(vehicle: Vehicle, mark: str) -> tuple[Document, Cost, DiscardedPhoto]:
    """A document, a cost and a photo that was taken away."""
    common: dict[str, Any] = {"group_id": vehicle.group_id, "vehicle": vehicle, "added_at": MONDAY}
    document = Document.objects.create(
        name=mark, file="zebra.pdf", media_type="application/pdf", size=3, **common
    )
    cost = Cost.objects.create(label=mark, cents=100, incurred_on=MONDAY.date(), **common)
    gone = DiscardedPhoto.objects.create(
        file="zebra.jpg",
        thumbnail="zebra-small.jpg",
        width=4,
        height=3,
        digest=mark,
        discarded_at=MONDAY,
        **common,
    )
    return document, cost, gone


def photo(site: Site, mark: str) -> Photo:
    """Of a vehicle that no feed shows yet."""
    vehicle = make_vehicle(site, version=mark, status="ordered")
    return Photo.objects.create(
        group_id=site.group_id,
        vehicle=vehicle,
        file="zebra.jpg",
        thumbnail="zebra-small.jpg",
        width=4,
        height=3,
        digest="z" * 64,
        added_at=MONDAY,
    )
