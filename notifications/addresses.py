"""Which addresses are off: switched off by a bounce, a complaint or a STOP, and lifted by a person or a START.

An address is off for the group that wrote to it. Nothing leaves for it (`letters.why_not`), the person reads why
on his alert settings, and the group's administrators are told, by other ways than this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from notifications.choices import Channel
from notifications.models import AddressBlock, OffReason
from notifications.sendable import Sendable
from notifications.signals import AddressBack, AddressOff, address_back, address_off
from sites.access import Member
from sites.models import User

Address = tuple[str, str]
"""(channel, address)"""

Off = frozenset[Address]
"""Those that take no messages any more."""


# Reasons of a `DeliveryError` that speak of the address for ever.
REFUSALS = {"sms_stopped_by_recipient": OffReason.STOPPED, "sms_not_a_mobile": OffReason.BOUNCED}


# Digits that a bigint surely holds.
_LONGEST_ID = 18


class UnknownBlock(LookupError):
    """The group has no such address that is off, or it is none of this person's business."""


def switch_off(
    *, group_id: int, channel: Channel, address: str, reason: OffReason, at: datetime
) -> AddressBlock | None:
    """Send nothing more to the address, and tell the administrators. None when it is off already.

    Runs in the group's scope.
    """
    address = _plain(channel, address)
    with transaction.atomic():
        block, is_new = AddressBlock.objects.get_or_create(
            group_id=group_id,
            channel=channel,
            address=address,
            lifted_at=None,
            defaults={"reason": reason, "since": at},
        )
        if not is_new:
            return None
        address_off.send(
            AddressOff(
                group_id=group_id,
                occurred_at=at,
                block_id=block.pk,
                channel=channel,
                address=address,
                reason=reason,
                person_name=", ".join(person.full_name for person in people_at(channel, address, group_id)),
            )
        )
    return block


def lift(*, member: Member, block_id: int, at: datetime) -> AddressBlock:
    """Try the address again: the person himself, or who may read the outbox. Raises `UnknownBlock`."""
    block = AddressBlock.objects.filter(pk=block_id, lifted_at=None).first()
    if block is None or not (_is_of(block, member.user) or member.can("notifications.view_outbox")):
        raise UnknownBlock(block_id)
    _lift(block, by=member.user, at=at)
    return block


def switch_on(*, group_id: int, channel: Channel, address: str, at: datetime) -> bool:
    """The person himself wants messages again (START). False when the address was not off. In the group's scope."""
    off = AddressBlock.objects.filter(
        group_id=group_id, channel=channel, address=_plain(channel, address), lifted_at=None
    )
    block = off.first()
    if block is not None:
        _lift(block, by=None, at=at)
    return block is not None


def note_refusal(delivery: Sendable, refusal: str, *, at: datetime) -> None:
    """The provider took no message for this address, by one of `REFUSALS`, and will take none."""
    found = address_of(delivery)
    if found is not None and found[1]:
        switch_off(
            group_id=delivery.group_id,
            channel=Channel(found[0]),
            address=found[1],
            reason=REFUSALS[refusal],
            at=at,
        )


def off_among(deliveries: Iterable[Sendable]) -> Off:
    """The addresses of these that are off. One query, none where no delivery has an address."""
    wanted = {found[1] for one in deliveries if (found := address_of(one)) is not None}
    if not wanted:
        return frozenset()
    rows = AddressBlock.objects.filter(address__in=wanted, lifted_at=None)
    return frozenset((channel, address) for channel, address in rows.values_list("channel", "address"))


def address_of(delivery: Sendable) -> Address | None:
    """Where the delivery goes, if it goes to an address. Reads the joined person."""
    if delivery.channel == Channel.EMAIL:
        return delivery.channel, _plain(Channel.EMAIL, delivery.notification.user.email)
    if delivery.channel == Channel.SMS:
        return delivery.channel, delivery.notification.user.phone
    return None


def device_of(delivery: Sendable) -> int | None:
    """The id of the push subscription that the delivery goes to, if it goes to one."""
    endpoint = delivery.endpoint
    if delivery.channel == Channel.PUSH and endpoint.isdecimal() and len(endpoint) <= _LONGEST_ID:
        return int(endpoint)
    return None


def blocks_of(user: User) -> dict[str, AddressBlock]:
    """channel → what keeps that channel from the person, for those of his addresses that are off."""
    mine = [_plain(Channel.EMAIL, user.email), user.phone]
    found = AddressBlock.objects.filter(address__in=[one for one in mine if one], lifted_at=None)
    return {block.channel: block for block in found if _is_of(block, user)}


def people_at(channel: str, address: str, group_id: int) -> list[User]:
    """Who has this address in the group, by name."""
    named = {"email": address} if channel == Channel.EMAIL else {"phone": address}
    return list(User.objects.filter(group_id=group_id, **named).order_by("last_name", "first_name", "pk"))


def groups_at(number: str) -> list[int]:
    """The groups that have a person with this number."""
    found = User.objects.filter(phone=number, group_id__isnull=False).order_by("group_id")
    return list(found.values_list("group_id", flat=True).distinct()) if number else []


def language_at(number: str) -> str | None:
    """The language of the person with this number."""
    return User.objects.filter(phone=number).order_by("pk").values_list("language", flat=True).first()


def _lift(block: AddressBlock, *, by: User | None, at: datetime) -> None:
    with transaction.atomic():
        off = AddressBlock.objects.filter(pk=block.pk, lifted_at=None)
        if not off.update(lifted_at=at, lifted_by=by):
            return
        address_back.send(
            AddressBack(
                group_id=block.group_id,
                occurred_at=at,
                actor_id=by.pk if by else None,
                block_id=block.pk,
                address=block.address,
            )
        )


def _is_of(block: AddressBlock, user: User) -> bool:
    return block.address == (
        _plain(Channel.EMAIL, user.email) if block.channel == Channel.EMAIL else user.phone
    )


def _plain(channel: str, address: str) -> str:
    return address.strip().lower() if channel == Channel.EMAIL else address.strip()
