"""What the service worker receives: `static_src/js/sw-push.js` reads exactly these fields."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from gateways.push import MAX_PLAINTEXT, fitted
from notifications.channels.base import Recipient
from notifications.channels.outbox import Copy, Copyist
from notifications.choices import Channel, Urgency
from notifications.rendering import Message

# The first of these is shortened first when the whole is too long for a push service.
SHORTENED = ("body", "title")


def payload_of(message: Message) -> dict[str, Any]:
    """The message as the service worker shows it, its own words included: a worker has no translations."""
    return {
        "title": message.title,
        "body": message.body,
        "url": message.path,
        "tag": message.tag,
        "lang": message.language,
        "urgent": message.urgency in (Urgency.HIGH, Urgency.CRITICAL),
        "badge": message.badge,
        "notification": message.notification_id,
        "actions": [
            {"key": action.key, "label": action.label, "post": action.post} for action in message.actions
        ],
        "texts": _texts(message.language),
    }


@cache
def _texts(language: str) -> dict[str, str]:
    """What the worker says of a deed."""
    with translation.override(language):
        return {
            "done": _("Done: it is yours."),
            "failed": _("That did not work. Open it and try again."),
        }


def copy_of(message: Message, _recipient: Recipient) -> Copy:
    """For the outbox: what a lock screen shows, and the JSON that carries it."""
    encoded = fitted(payload_of(message), MAX_PLAINTEXT, SHORTENED)
    return Copy(
        channel=Channel.PUSH,
        subject=message.title,
        text=message.body,
        detail={"payload": encoded.decode(), "bytes": len(encoded)},
    )


def _addressee(recipient: Recipient) -> str:
    device = recipient.push.device_name if recipient.push else ""
    return f"{recipient.name} · {device}" if device else recipient.name


copyist = Copyist(copy_of, _addressee)
