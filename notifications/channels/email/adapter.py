"""One email to one person."""

from datetime import datetime

from core.ids import new_id
from gateways import mail
from notifications.channels.base import DeliveryError, Receipt, Recipient
from notifications.channels.email.content import content_of
from notifications.rendering import Message
from notifications.unsubscribing import headers_for


class EmailAdapter:
    repeat_is_safe = True  # the same Message-ID: mailboxes keep one
    uses_database = False

    def deliver(self, message: Message, recipient: Recipient, delivery_id: int | None) -> Receipt:
        if not recipient.email:
            raise DeliveryError("no_email", permanent=True)
        content = content_of(message, recipient)
        provider_id = mail.send(
            mail.Mail(
                to=recipient.email,
                to_name=recipient.name,
                subject=content.subject,
                text=content.text,
                html=content.html,
                key=f"delivery {delivery_id}" if delivery_id else f"trial {new_id()}",
                headers=headers_for(message, recipient),
            )
        )
        return Receipt(provider_id=provider_id)

    def find_earlier(self, message: Message, recipient: Recipient, since: datetime) -> Receipt | None:
        return None
