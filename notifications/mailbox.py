"""The demo's mail service for account mails (a forgotten password): they end in the outbox, where they can be read.

Only for the demo: elsewhere a colleague who may read the outbox must not find another person's reset link there.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from notifications.channels.outbox import Copy, keep_one
from notifications.choices import Channel
from sites.models import User


class OutboxBackend(BaseEmailBackend):
    """A Django mail backend that keeps each message in the outbox of its reader's group."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many messages found a reader; one for an address that nobody has is dropped."""
        return sum(_keep(message) for message in email_messages)


def _keep(message: EmailMessage) -> bool:
    reader = User.objects.filter(email__in=message.to, group__isnull=False).first()
    if reader is None or reader.group_id is None:
        return False
    copy = Copy(
        channel=Channel.EMAIL,
        subject=str(message.subject),
        text=str(message.body),
        html=_html_of(message),
    )
    keep_one((reader.email, copy), reader.group_id, outcome="sandbox")
    return True


def _html_of(message: EmailMessage) -> str:
    if not isinstance(message, EmailMultiAlternatives):
        return ""
    return next((str(content) for content, kind in message.alternatives if kind == "text/html"), "")
