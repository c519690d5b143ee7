"""A claimed delivery becomes a letter: the words, and the person as he can be reached now.

Checked again at this last moment: did somebody act, was it read elsewhere, may the person still know?
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from notifications import registry, rendering
from notifications.channels.base import PushEndpoint, Recipient
from notifications.choices import Channel, Reason
from notifications.models import Delivery, PushSubscription
from notifications.rendering import Message
from sites.models import Membership
from sites.roles import PERMISSIONS, Role

Allowed = Mapping[int, frozenset[str]]
"""user id → the permissions that he holds somewhere in the group"""


# What `write` and `why_not` read of a delivery, joined in the query that loads it.
NEEDED_ROWS = ("notification__event", "notification__user", "notification__group")


class DeviceGone(LookupError):
    """The push subscription was removed since the message was planned."""


@dataclass(frozen=True)
class Letter:
    """Everything an adapter needs; nothing in it touches the database."""

    delivery_id: int
    message: Message
    recipient: Recipient


def still_allowed(deliveries: Iterable[Delivery]) -> Allowed:
    """What the addressees may do now. One query; a person who left or was switched off is missing."""
    people = {delivery.notification.user_id for delivery in deliveries}
    held: dict[int, frozenset[str]] = {}
    rows = Membership.objects.filter(user_id__in=people, user__is_active=True).values_list("user_id", "role")
    for user_id, role in rows:
        held[user_id] = held.get(user_id, frozenset()) | PERMISSIONS[Role(role)]
    return held


def devices_of(deliveries: Iterable[Delivery]) -> Mapping[int, PushSubscription]:
    """The push subscriptions that these deliveries go to, by id. One query, none without push."""
    wanted = [
        int(one.endpoint) for one in deliveries if one.channel == Channel.PUSH and one.endpoint.isdigit()
    ]
    return PushSubscription.objects.in_bulk(wanted) if wanted else {}


def why_not(delivery: Delivery, allowed: Allowed) -> Reason | None:
    """Why the message must not leave any more; None when it may."""
    notification = delivery.notification
    if notification.closed_at is not None:
        return Reason.CLOSED
    if notification.read_at is not None or notification.acted_at is not None:
        return Reason.READ_ELSEWHERE
    if notification.user_id not in allowed:
        return Reason.LEFT
    if registry.get(notification.event.type_key).needs not in allowed[notification.user_id]:
        return Reason.NOT_ALLOWED
    if delivery.channel == Channel.SMS and not notification.user.phone:
        return Reason.NO_PHONE
    return None


def write(delivery: Delivery, devices: Mapping[int, PushSubscription]) -> Letter:
    """The letter of one delivery. Raises `UnknownNotice` or `DeviceGone`, and whatever a bad payload causes."""
    notification, user = delivery.notification, delivery.notification.user
    notice = registry.get(notification.event.type_key)
    fact = notice.fact_from(notification.event.payload)
    message = rendering.render(notice, fact, user.language, notification_id=notification.pk)
    recipient = Recipient(
        user_id=user.pk,
        group_id=notification.group_id,
        group_name=notification.group.name,
        name=user.full_name,
        email=user.email,
        phone=user.phone,
        language=user.language,
        push=_push_endpoint(delivery, devices),
    )
    return Letter(delivery.pk, message, recipient)


def _push_endpoint(delivery: Delivery, devices: Mapping[int, PushSubscription]) -> PushEndpoint | None:
    if delivery.channel != Channel.PUSH:
        return None
    device = devices.get(int(delivery.endpoint))
    if device is None:
        raise DeviceGone(delivery.endpoint)
    return PushEndpoint(
        subscription_id=device.pk,
        endpoint=device.endpoint,
        p256dh=device.p256dh,
        auth=device.auth,
        device_name=device.device_name,
    )
