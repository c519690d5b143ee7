"""The words of an email: one plain part, one HTML part, the same facts in both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from notifications.channels.base import Recipient
from notifications.channels.outbox import Copy, Copyist
from notifications.choices import Channel
from notifications.rendering import Message, Section


@dataclass(frozen=True)
class EmailContent:
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Words:
    """All that an email says; the same for every reader of one language who has no link of his own."""

    title: str
    body: str
    url: str
    language: str
    sections: tuple[Section, ...]
    group_name: str
    public_url: str


def content_of(message: Message, recipient: Recipient) -> EmailContent:
    """Render both parts in the message's language."""
    return _rendered(_words(message, recipient, message.url))


def _words(message: Message, recipient: Recipient, url: str) -> _Words:
    return _Words(
        message.title,
        message.body,
        url,
        message.language,
        message.sections,
        recipient.group_name,
        settings.PUBLIC_URL.rstrip("/"),
    )


@lru_cache(maxsize=64)  # a batch has a handful; the next batch often goes on with the same alert
def _rendered(words: _Words) -> EmailContent:
    with translation.override(words.language):
        context = {
            "message": words,
            "recipient": words,
            "preferences_url": words.public_url + reverse("notifications:preferences"),
        }
        text = render_to_string("notifications/email/message.txt", context)
        html = render_to_string("notifications/email/message.html", context)
    # Stripped, and so plain strings: what Django marks as safe travels through no encoder but its own.
    return EmailContent(subject=words.title, text=text.strip() + "\n", html=html.strip() + "\n")


def copy_of(message: Message, recipient: Recipient) -> Copy:
    """For the outbox: both parts and who would have received them.

    A link that is its reader's own stays his: others read the copy. In the demo, everybody may be anybody.
    """
    public = settings.PUBLIC_URL.rstrip("/") + message.path
    content = _rendered(_words(message, recipient, message.url if settings.DEMO else public))
    return Copy(
        channel=Channel.EMAIL,
        subject=content.subject,
        text=content.text,
        html=content.html,
    )


def _addressee(recipient: Recipient) -> str:
    return f"{recipient.name} <{recipient.email}>"


copyist = Copyist(copy_of, _addressee)
