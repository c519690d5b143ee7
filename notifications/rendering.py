"""From a declaration and a fact to the words that one person reads, in his language.

Templates are ours, values are the customers': formatting inserts values as they are and never reads them as
templates. Escaping belongs to whoever writes the page, the email or the payload.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from core.signals import Fact
from notifications.choices import Urgency
from notifications.declarations import Notice

# A line on a lock screen; longer customer words are cut where a person stops reading anyway.
MAX_TITLE = 120
MAX_BODY = 400
# Characters: a value inside an SMS, and an SMS that has no words of its own, without its link.
MAX_WORDS_SMS = 40
MAX_TEXT_SMS = 160
_SEPARATOR = " · "
# The category of a message that tells of several: a digest.
EVERYTHING = "*"


@dataclass(frozen=True)
class MessageAction:
    """A button: `post` is a path of the API that does the deed, empty for a button that only opens the page."""

    key: str
    label: str
    post: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class Line:
    """One thing told among others; `url` opens it."""

    title: str
    body: str
    url: str


@dataclass(frozen=True)
class Section:
    """The lines of a digest that belong together, under the words for what they are."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Message:
    """What one person is told, ready for any channel. `short` is the SMS; `url` and `path` open the subject."""

    title: str
    body: str
    short: str
    path: str
    url: str
    actions: tuple[MessageAction, ...]
    urgency: Urgency
    tag: str
    language: str
    notification_id: int | None = None
    badge: int | None = None
    sections: tuple[Section, ...] = ()
    category: str = ""


def render(
    notice: type[Notice[Any]],
    fact: Fact,
    language: str,
    *,
    notification_id: int | None = None,
    badge: int | None = None,
) -> Message:
    """The message of `notice` for `fact` in `language` (« fr » or « en »). Links are absolute: PUBLIC_URL + path."""
    with translation.override(language):
        values = notice.values_of(fact)
        title = _filled(notice.title, values)[:MAX_TITLE]
        body = _filled(notice.body, values)[:MAX_BODY]
        path = notice.url.format_map(values)
        url = settings.PUBLIC_URL.rstrip("/") + path
        return Message(
            title=title,
            body=body,
            short=_short(notice, values, title, body, url),
            path=path,
            url=url,
            actions=tuple(
                MessageAction(action.key, str(action.label), action.post.format_map(values), action.quiet)
                for action in notice.actions
            ),
            urgency=notice.urgency,
            tag=notice.subject_of(fact),
            language=language,
            notification_id=notification_id,
            badge=badge,
            category=EVERYTHING if notice.internal else notice.category.key,
        )


def closed_text(notice: type[Notice[Any]], closing: Fact) -> str:
    """Who or what made the notice pointless, in the active language: « Taken by Karim Benali »."""
    return _filled(notice.closed_text, notice.values_of(closing))


def _short(notice: type[Notice[Any]], values: dict[str, Any], title: str, body: str, url: str) -> str:
    """The SMS: a customer's long words are cut, because each segment costs; the number and the link stay whole."""
    brief = {
        name: value[:MAX_WORDS_SMS] if isinstance(value, str) else value for name, value in values.items()
    }
    words = _filled(notice.sms, brief) if notice.sms else f"{title}. {body}"[:MAX_TEXT_SMS]
    return f"{words} {url}"


def _filled(template: str | Promise, values: dict[str, Any]) -> str:
    """The template with its values on one clean line; parts between « · » that came out empty are dropped."""
    parts = str(template).split(_SEPARATOR)
    filled = (_one_line(part.format_map(values)) for part in parts)
    return _SEPARATOR.join(part for part in filled if part)


def _one_line(text: str) -> str:
    """Control and direction-override characters out, white space folded: nothing may forge a second line."""
    kept = "".join(
        " " if unicodedata.category(char) in {"Cc", "Cf"} and char != "\u200d" else char for char in text
    )
    return " ".join(kept.split())
