"""The devices that a person lets us push to: agree, withdraw, try it out.

An endpoint is a browser's secret, and one browser has one person at a time: who signs in there and agrees takes
the endpoint over, whoever had it before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from gateways import push, vapid
from gateways.push import BadSubscriptionKeys, UnknownPushService
from notifications.channels.base import DeliveryError, PushEndpoint, Recipient, adapter_for
from notifications.choices import Channel, Urgency
from notifications.models import PushSubscription
from notifications.rendering import Message
from sites.access import Member
from sites.models import User
from sites.scope import every_group

__all__ = [
    "BadSubscriptionKeys",
    "UnknownDevice",
    "UnknownPushService",
    "devices_of",
    "endpoint_of",
    "name_of_browser",
    "public_key",
    "recipient_of",
    "remove_device",
    "send_test_message",
    "subscribe_push",
    "unsubscribe_push",
]

MAX_NAME = 120  # characters
_MAX_ENDPOINT = 1000  # characters, as the column

# Looked for in this order: each browser also names those that it descends from.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


class UnknownDevice(LookupError):
    """The person has no such device (any more)."""


def devices_of(user: User) -> list[PushSubscription]:
    """The person's devices, the one that agreed last first."""
    return list(PushSubscription.objects.filter(user=user).order_by("-created_at", "-pk"))


def public_key() -> str:
    """What a browser needs in order to subscribe; empty while the push keys have not been made."""
    keys = vapid.current_keys()
    return keys.public_key if keys else ""


def fingerprint(endpoint: str) -> str:
    """How a page recognises its own browser among the devices without being told the endpoints."""
    return sha256(endpoint.encode()).hexdigest()


def subscribe_push(
    *, member: Member, endpoint: str, p256dh: str, auth: str, device_name: str, at: datetime
) -> PushSubscription:
    """Remember the device for this person, instead of for whoever had it before.

    Beyond `settings.PUSH_DEVICES_PER_PERSON` the device that was silent longest goes. Raises
    `UnknownPushService` and `BadSubscriptionKeys`.
    """
    user, subscription = member.user, push.Subscription(endpoint, p256dh, auth)
    if len(endpoint) > _MAX_ENDPOINT:
        raise UnknownPushService("too long")
    push.check_endpoint(endpoint)
    push.check_keys(subscription)
    with transaction.atomic():
        _take_from_others(endpoint, user)
        device, _is_new = PushSubscription.objects.update_or_create(
            endpoint=endpoint,
            defaults={"p256dh": p256dh, "auth": auth, "device_name": device_name.strip()[:MAX_NAME]},
            create_defaults={
                "group_id": member.group_id,
                "user": user,
                "p256dh": p256dh,
                "auth": auth,
                "device_name": device_name.strip()[:MAX_NAME],
                "created_at": at,
            },
        )
        _drop_the_silent(user, keep=device)
    return device


def unsubscribe_push(*, user: User, endpoint: str) -> bool:
    """Forget the person's device with this endpoint. False when there is none."""
    deleted, _by_model = PushSubscription.objects.filter(user=user, endpoint=endpoint).delete()
    return deleted > 0


def remove_device(*, user: User, device_id: int) -> None:
    """Forget one of the person's devices. Raises `UnknownDevice`."""
    deleted, _by_model = PushSubscription.objects.filter(user=user, pk=device_id).delete()
    if not deleted:
        raise UnknownDevice(device_id)


def send_test_message(*, user: User, device_id: int, at: datetime) -> None:
    """Push « it works » to one device; one that has ended is forgotten.

    Raises `UnknownDevice` and the channel's `DeliveryError`.
    """
    mine = PushSubscription.objects.filter(user=user, pk=device_id)
    device = mine.first()
    if device is None:
        raise UnknownDevice(device_id)
    try:
        adapter_for(Channel.PUSH).deliver(_test_message(user), recipient_of(user, device), None)
    except DeliveryError as error:
        if error.gone:
            mine.delete()
        raise
    mine.update(last_used_at=at)


def name_of_browser(user_agent: str) -> str:
    """A name that its owner recognises, from the `User-Agent`: « Chrome · Android ». Empty if neither is known."""
    parts = [_first_named(table, user_agent) for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(part for part in parts if part)


def _first_named(table: Sequence[tuple[str, str]], user_agent: str) -> str:
    return next((name for mark, name in table if mark in user_agent), "")


def _take_from_others(endpoint: str, user: User) -> None:
    # A new row rather than a new owner: what is still planned for the old owner's device must not reach the
    # new one. The previous owner may belong to another group, whose rows this scope does not show.
    with every_group():
        PushSubscription.objects.filter(endpoint=endpoint).exclude(user=user, group=user.group).delete()


def _drop_the_silent(user: User, *, keep: PushSubscription) -> None:
    others = PushSubscription.objects.filter(user=user).exclude(pk=keep.pk)
    by_last_sign = others.order_by(F("last_used_at").desc(nulls_last=True), "-created_at", "-pk")
    surplus = by_last_sign.values_list("pk", flat=True)[settings.PUSH_DEVICES_PER_PERSON - 1 :]
    PushSubscription.objects.filter(pk__in=list(surplus)).delete()


def recipient_of(user: User, device: PushSubscription | None = None) -> Recipient:
    """A person of a group as an adapter reaches him; with the device, for a push."""
    return Recipient(
        user_id=user.pk,
        group_id=user.group_id or 0,
        group_name=user.group.name if user.group else "",
        name=user.full_name,
        email=user.email,
        phone=user.phone,
        language=user.language,
        push=endpoint_of(device) if device else None,
    )


def endpoint_of(device: PushSubscription) -> PushEndpoint:
    """A device as an adapter reaches it."""
    return PushEndpoint(
        subscription_id=device.pk,
        endpoint=device.endpoint,
        p256dh=device.p256dh,
        auth=device.auth,
        device_name=device.device_name,
    )


def _test_message(user: User) -> Message:
    path = "/preferences/devices/"
    with translation.override(user.language):
        title, body = _("It works"), _("New leads will ring on this device.")
    return Message(
        title=title,
        body=body,
        words=lambda _width: f"{title}. {body}",
        path=path,
        url=settings.PUBLIC_URL.rstrip("/") + path,
        actions=(),
        urgency=Urgency.NORMAL,
        tag="test",
        language=user.language,
    )
