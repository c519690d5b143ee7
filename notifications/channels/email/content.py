"""The words of an email: one plain part, one HTML part, the same facts in both."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from notifications.channels.base import Recipient
from notifications.channels.outbox import Copy
from notifications.choices import Channel
from notifications.rendering import Message


@dataclass(frozen=True)
class EmailContent:
    subject: str
    text: str
    html: str


def content_of(message: Message, recipient: Recipient) -> EmailContent:
    """Render both parts in the message's language."""
    with translation.override(message.language):
        context = {
            "message": message,
            "recipient": recipient,
            "preferences_url": settings.PUBLIC_URL.rstrip("/") + reverse("notifications:preferences"),
        }
        text = render_to_string("notifications/email/message.txt", context)
        html = render_to_string("notifications/email/message.html", context)
    return EmailContent(subject=message.title, text=text.strip() + "\n", html=html)


def copy_of(message: Message, recipient: Recipient) -> Copy:
    """For the outbox: both parts and who would have received them.

    A link that is its reader's own stays his: others read the copy. In the demo, everybody may be anybody.
    """
    public = replace(message, url=settings.PUBLIC_URL.rstrip("/") + message.path)
    content = content_of(message if settings.DEMO else public, recipient)
    return Copy(
        channel=Channel.EMAIL,
        recipient=f"{recipient.name} <{recipient.email}>",
        subject=content.subject,
        text=content.text,
        html=content.html,
    )
