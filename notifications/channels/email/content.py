"""The words of an email: one plain part, one HTML part, the same facts in both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, zip_longest

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

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
    """Both parts in the message's language."""
    return _content(_words(message, recipient, message.url))


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


def _content(words: _Words) -> EmailContent:
    if words.sections:
        return _rendered(words)
    return _form(words.language, words.group_name, words.public_url).filled(words)


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


class _Form:
    """An email with blanks for what differs between two alerts: rendered once, and filled twenty times as quickly."""

    # What no title, body or link can hold: their words are freed of it, and a database keeps none.
    _BLANK = "\0{}\0"
    _BLANKS = re.compile("\0(title|body|url)\0")

    def __init__(self, language: str, group_name: str, public_url: str) -> None:
        title, body, url = map(self._BLANK.format, ("title", "body", "url"))
        blank = _rendered(_Words(title, body, url, language, (), group_name, public_url))
        # What is printed, and at every second place the name of a blank.
        self._text, self._html = self._BLANKS.split(blank.text), self._BLANKS.split(blank.html)

    def filled(self, words: _Words) -> EmailContent:
        """As the templates would have rendered it."""
        said = {"title": words.title, "body": words.body, "url": words.url}
        escaped: dict[str, str] = {name: escape(value) for name, value in said.items()}
        return EmailContent(words.title, _joined(self._text, said), _joined(self._html, escaped))


def _joined(parts: list[str], said: dict[str, str]) -> str:
    printed, blanks = parts[::2], [said[name] for name in parts[1::2]]
    return "".join(chain.from_iterable(zip_longest(printed, blanks, fillvalue="")))


@lru_cache(maxsize=256)
def _form(language: str, group_name: str, public_url: str) -> _Form:
    return _Form(language, group_name, public_url)


def copy_of(message: Message, recipient: Recipient) -> Copy:
    """For the outbox: both parts and who would have received them.

    A link that is its reader's own stays his: others read the copy. In the demo, everybody may be anybody.
    """
    public = settings.PUBLIC_URL.rstrip("/") + message.path
    content = _content(_words(message, recipient, message.url if settings.DEMO else public))
    return Copy(
        channel=Channel.EMAIL,
        subject=content.subject,
        text=content.text,
        html=content.html,
    )


def _addressee(recipient: Recipient) -> str:
    return f"{recipient.name} <{recipient.email}>"


copyist = Copyist(copy_of, _addressee)
