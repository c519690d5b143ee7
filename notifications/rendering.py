"""From a declaration and a fact to the words that one person reads, in his language.

Templates are ours, values are the customers': formatting inserts values as they are and never reads them as
templates. Escaping belongs to whoever writes the page, the email or the payload.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from core.signals import Fact
from notifications.choices import Urgency
from notifications.declarations import Notice, is_gone

# A line on a lock screen; longer customer words are cut where a person stops reading anyway.
MAX_TITLE = 120
MAX_BODY = 400
# Characters of an SMS without its link; its channel asks for shorter words where they cost too much.
MAX_TEXT_SMS = 160
_SEPARATOR = " · "
_BLANKS = re.compile(r"\s{2,}|[^\S \u00a0\u202f]")
_NO_BREAK = {"\u00a0", "\u202f"}
# What Python calls unprintable and we keep: most texts then need no look at each of their characters.
_PRINTABLE = str.maketrans(dict.fromkeys([*_NO_BREAK, "\u200d"], ""))
# The category of a message that tells of several: a digest.
EVERYTHING = "*"


class MessageAction(msgspec.Struct, frozen=True):
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


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What one person is told, ready for any channel. `url` and `path` open the subject.

    `words` says it in an SMS, no value longer than so many characters: asked by the one channel that counts them,
    so that a line of the inbox does not pay for it.
    """

    title: str
    body: str
    words: Callable[[int], str]
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

    @property
    def short(self) -> str:
        """The SMS at its full length."""
        return self.words(MAX_TEXT_SMS)


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
            words=partial(_short, notice, values, url, language),
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


def closed_text(notice: type[Notice[Any]], closing: Mapping[str, Any]) -> str:
    """Who or what made the notice pointless, in the active language: « Taken by Karim Benali ».

    `closing` is the payload of the event that closed it; empty where its type says nothing of its end.
    """
    if is_gone(closing):
        return gettext("No longer exists")
    ended = notice.ending_of(closing)
    return _filled(ended[0].text, notice.values_of(ended[1])) if ended else ""


def _short(notice: type[Notice[Any]], values: dict[str, Any], url: str, language: str, width: int) -> str:
    """The SMS, no words in it longer than `width`; a number to call and the link always stay whole."""
    brief = {name: _cut(value, width) if _is_words(value) else value for name, value in values.items()}
    with translation.override(language):
        words = _filled(notice.sms, brief)
        words = words or _sentences(_filled(notice.title, brief), _filled(notice.body, brief))
    return f"{_cut(words, MAX_TEXT_SMS)} {url}"


def _sentences(title: str, body: str) -> str:
    stop = " " if title.endswith("…") else ". "
    return stop.join(part for part in (title, body) if part)


def _is_words(value: object) -> bool:
    return isinstance(value, str) and not value.removeprefix("+").isdigit()


def _cut(words: str, width: int) -> str:
    """`words` in at most `width` characters, cut between two words where that leaves most of them."""
    if len(words) <= width:
        return words
    kept = words[: width - 1]
    whole, _blank, _rest = kept.rpartition(" ")
    return (whole if len(whole) > width // 2 else kept).rstrip(" ,;:.·-") + "…"


def _filled(template: str | Promise, values: dict[str, Any]) -> str:
    """The template with its values on one clean line; parts between « · » that came out empty are dropped."""
    parts = str(template).split(_SEPARATOR)
    filled = (_one_line(part.format_map(values)) for part in parts)
    return _SEPARATOR.join(part for part in filled if part)


def _one_line(text: str) -> str:
    """Control and direction-override characters out, white space folded: nothing may forge a second line.

    What must not be parted at a line's end, like « 800 € », keeps its no-break space.
    """
    if not text.translate(_PRINTABLE).isprintable():
        text = "".join(
            " " if unicodedata.category(char) in {"Cc", "Cf"} and char != "\u200d" else char for char in text
        )
    return _BLANKS.sub(" ", text).strip()
