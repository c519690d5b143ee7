"""One push message to one device."""

from datetime import datetime, timedelta

from gateways import push
from gateways.vapid import VapidKeys
from notifications.channels.base import DeliveryError, Receipt, Recipient
from notifications.channels.push.payload import SHORTENED, payload_of
from notifications.choices import Urgency
from notifications.rendering import Message

_URGENCY = {
    Urgency.LOW: push.Urgency.LOW,
    Urgency.NORMAL: push.Urgency.NORMAL,
    Urgency.HIGH: push.Urgency.HIGH,
    Urgency.CRITICAL: push.Urgency.HIGH,
}
# How long the service keeps a message for a phone that is off. A lead of this morning is stale in the evening.
_LIFE = {
    Urgency.LOW: timedelta(days=1),
    Urgency.NORMAL: timedelta(days=1),
    Urgency.HIGH: timedelta(hours=4),
    Urgency.CRITICAL: timedelta(days=1),
}


class PushAdapter:
    repeat_is_safe = True  # the same tag replaces what is on screen
    uses_database = False

    def __init__(self, keys: VapidKeys) -> None:
        self._keys = keys

    def deliver(self, message: Message, recipient: Recipient, delivery_id: int | None) -> Receipt:
        if recipient.push is None:
            raise DeliveryError("no_device", permanent=True)
        device = recipient.push
        provider_id = push.send(
            push.Subscription(device.endpoint, device.p256dh, device.auth),
            payload_of(message),
            keys=self._keys,
            life=_LIFE[message.urgency],
            urgency=_URGENCY[message.urgency],
            topic=message.tag,
            shorten=SHORTENED,
        )
        return Receipt(provider_id=provider_id)

    def find_earlier(self, message: Message, recipient: Recipient, since: datetime) -> Receipt | None:
        return None
