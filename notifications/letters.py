"""A claimed delivery becomes a letter: the words, and the person as he can be reached now.

Checked again at this last moment: did somebody act, was it read elsewhere, may the person still know?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import F
from msgspec.structs import replace

from notifications import registry, rendering
from notifications.addresses import Off, address_of, device_of
from notifications.channels.base import Letter, PushEndpoint, Recipient
from notifications.choices import Channel, Reason
from notifications.models import PushSubscription
from notifications.push_devices import endpoint_of
from notifications.rendering import Message
from notifications.sendable import Line, Sendable
from sites.models import Membership
from sites.roles import PERMISSIONS, Role

Allowed = Mapping[int, list[tuple[Role, int | None]]]
"""user id → his (role, site id) pairs in the group; site None means every site"""


# What `write` and `why_not` read of a delivery, joined in the query that loads it.
NEEDED_ROWS = ("notification__event", "notification__user", "notification__group")


Devices = Mapping[int, PushEndpoint]
"""id of a push subscription → what it is reached by"""


def still_allowed(deliveries: Iterable[Sendable]) -> Allowed:
    """What the addressees may do now. One query; a person who left or was switched off is missing."""
    people = {delivery.notification.user_id for delivery in deliveries}
    held: dict[int, list[tuple[Role, int | None]]] = {}
    # A person who was moved to another group keeps no say in this one, whatever rows he left behind.
    grants = Membership.objects.filter(user_id__in=people, user__is_active=True, user__group_id=F("group_id"))
    for user_id, role, site_id in grants.values_list("user_id", "role", "site_id"):
        if role in Role.values:  # one that the product no longer has grants nothing
            held.setdefault(user_id, []).append((Role(role), site_id))
    return held


def devices_of(deliveries: Iterable[Sendable]) -> Devices:
    """The devices that these deliveries go to, by id. One query, none without push."""
    wanted = [device for one in deliveries if (device := device_of(one)) is not None]
    rows = PushSubscription.objects.filter(pk__in=wanted) if wanted else ()
    return {row.pk: endpoint_of(row) for row in rows}


def why_not(delivery: Sendable, allowed: Allowed, devices: Devices, off: Off = frozenset()) -> Reason | None:
    """Why the message must not leave any more; None when it may."""
    if delivery.step and delivery.notification.seen_at is not None:
        return Reason.SEEN
    return out_of_use(delivery.notification, allowed) or _unreachable(delivery, devices, off)


def out_of_use(notification: Line, allowed: Allowed) -> Reason | None:
    """Why nobody need or may hear of it any more; None when it is still news."""
    if notification.closed_at is not None:
        return Reason.CLOSED
    looked_at = (
        notification.read_at, notification.acted_at, notification.archived_at, notification.snoozed_until
    )  # fmt: skip
    if any(looked_at):
        return Reason.READ_ELSEWHERE
    if notification.user_id not in allowed:
        return Reason.LEFT
    if not _may_know(notification, allowed[notification.user_id]):
        return Reason.NOT_ALLOWED
    return None


def _may_know(notification: Line, grants: list[tuple[Role, int | None]]) -> bool:
    """Whether a role of his still holds the permission, on the fact's site unless it is about him in person."""
    notice = registry.get(notification.event.type_key)
    site_id = notification.event.payload.get("site_id")
    anywhere = site_id is None or not notice.audience.is_bound_to_site(notification.reason)
    for role, held_on in grants:
        if (anywhere or held_on is None or held_on == site_id) and notice.needs in PERMISSIONS[role]:
            return True
    return False


def _unreachable(delivery: Sendable, devices: Devices, off: Off) -> Reason | None:
    if delivery.channel == Channel.SMS and not delivery.notification.user.phone:
        return Reason.NO_PHONE
    if delivery.channel == Channel.PUSH and device_of(delivery) not in devices:
        return Reason.NO_DEVICE
    if off and address_of(delivery) in off:
        return Reason.ADDRESS_OFF
    return None


class Writer:
    """Writes the letters of a batch: what is the same for several readers is put into words once."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._messages: dict[tuple[int, str], Message] = {}

    def write(self, delivery: Sendable) -> Letter:
        """The letter of one delivery. Raises `UnknownNotice`, and whatever a bad payload causes."""
        notification, user = delivery.notification, delivery.notification.user
        recipient = Recipient(
            user_id=user.pk,
            group_id=notification.group_id,
            group_name=notification.group.name,
            name=user.full_name,
            email=user.email,
            phone=user.phone,
            language=user.language,
            push=self._devices[int(delivery.endpoint)] if delivery.channel == Channel.PUSH else None,
        )
        message = self._message(notification, user.language)
        if recipient.push is not None:  # a device shows, updates and closes one line of the inbox
            message = replace(message, notification_id=notification.pk)
        return Letter(delivery.pk, message, recipient)

    def _message(self, notification: Line, language: str) -> Message:
        key = notification.event.pk, language
        shared = self._messages.get(key)
        if shared is not None:
            return shared
        notice = registry.get(notification.event.type_key)
        fact = notice.fact_from(notification.event.payload)
        if notice.is_completed:
            own = rendering.render(notice, fact, language, notification_id=notification.pk)
            return notice.completed(own, fact)
        return self._messages.setdefault(key, rendering.render(notice, fact, language))


def asks_rows(type_key: str) -> bool:
    """Whether a message of this type gets something that differs from reader to reader, which only rows can tell."""
    try:
        return registry.get(type_key).is_completed
    except registry.UnknownNotice:
        return False


def write(delivery: Sendable, devices: Devices) -> Letter:
    """The letter of one delivery alone."""
    return Writer(devices).write(delivery)
