"""One text message to one person; the only channel on which a repetition costs money and trust."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from gateways import sms
from gateways.sms_events import ABOUT
from notifications.channels.base import DeliveryError, Receipt, Recipient
from notifications.channels.sms.content import text_of
from notifications.rendering import Message


class SmsAdapter:
    repeat_is_safe = False
    uses_database = False

    def deliver(self, message: Message, recipient: Recipient, delivery_id: int | None) -> Receipt:
        if not recipient.phone:
            raise DeliveryError("no_phone", permanent=True)
        callback = callback_for(delivery_id)
        return Receipt(provider_id=sms.send(recipient.phone, text_of(message), callback=callback))

    def find_earlier(self, message: Message, recipient: Recipient, since: datetime) -> Receipt | None:
        """The very text: other messages may have gone to that number meanwhile. Trial accounts prefix words."""
        text = text_of(message)
        found = (one for one in sms.find_sent(recipient.phone, since) if one.body.endswith(text))
        earlier = next(found, None)
        return Receipt(provider_id=earlier.sid) if earlier else None


def callback_for(delivery_id: int | None) -> str:
    """Where Twilio reports on this message; it names our number, so that a lost answer can still be matched.

    Empty without a public address: Twilio refuses a message whose callback leads nowhere (error 21609).
    """
    if delivery_id is None or not settings.PUBLIC_URL.startswith("https://"):
        return ""
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('notifications:twilio-status')}?{ABOUT}={delivery_id}"
