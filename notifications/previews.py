"""Every type of alert as each channel shows it, made from its sample. Nothing here writes, and nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import translation
from msgspec.structs import replace

from gateways.push import MAX_PLAINTEXT, fitted
from gateways.sms_text import SegmentCount, segments
from notifications import registry, rendering
from notifications.channels.base import Recipient
from notifications.channels.email.content import EmailContent, content_of
from notifications.channels.push.payload import SHORTENED, payload_of
from notifications.channels.sms.content import is_affordable, text_of
from notifications.declarations import Notice
from notifications.rendering import Line, Message, Section

# Characters that a lock screen shows of a title in two lines.
TITLE_ON_PHONE = 70

# So many types lend their samples to a digest's.
_IN_A_DIGEST = 3


@dataclass(frozen=True)
class Preview:
    """One type in one language, on every channel. `push_bytes` is what is encrypted for a push service."""

    message: Message
    email: EmailContent
    text: str
    count: SegmentCount
    push_bytes: int

    @property
    def language(self) -> str:
        return self.message.language

    @property
    def is_title_long(self) -> bool:
        return len(self.message.title) > TITLE_ON_PHONE

    @property
    def is_text_dear(self) -> bool:
        return not is_affordable(self.text)


def preview(notice: type[Notice[Any]], reader: Recipient, language: str) -> Preview:
    """The type's sample as `reader` would get it in `language`."""
    message = sample_message(notice, language)
    text = text_of(message)
    return Preview(
        message=message,
        email=content_of(message, reader),
        text=text,
        count=segments(text),
        push_bytes=len(fitted(payload_of(message), MAX_PLAINTEXT, SHORTENED)),
    )


def sample_message(notice: type[Notice[Any]], language: str) -> Message:
    """What the sample says. A digest has lines of other types' samples: its own are rows that a sample has not."""
    message = rendering.render(notice, notice.sample, language)
    if not notice.internal:
        return message
    with translation.override(language):
        return replace(message, sections=_sections(language))


def _sections(language: str) -> tuple[Section, ...]:
    told = [one for one in registry.all_notices() if one.category.key != "alerts"][:_IN_A_DIGEST]
    return tuple(Section(str(one.name), (_line(one, language),)) for one in told)


def _line(notice: type[Notice[Any]], language: str) -> Line:
    message = rendering.render(notice, notice.sample, language)
    return Line(message.title, message.body, message.url)
