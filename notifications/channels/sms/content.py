"""The words of a text message, in the alphabet that costs least and within what one text may cost."""

from __future__ import annotations

from gateways.sms_text import Encoding, segments, transliterated, without_symbols
from notifications.channels.base import Recipient
from notifications.channels.outbox import Copy, Copyist
from notifications.choices import Channel
from notifications.rendering import Message

# One segment. In the wide alphabet of Greek or Chinese names a link alone nearly fills one: two.
AFFORDABLE = {Encoding.GSM_7: 1, Encoding.UCS_2: 2}
# Characters of a customer's longest words, tried in turn.
_WIDTHS = (40, 32, 24, 16, 10, 6)


def text_of(message: Message) -> str:
    """What the phone shows. Emoji go first, then the ends of long words; the link always stays whole."""
    text = _cheap(message.short)
    for width in _WIDTHS:
        if is_affordable(text):
            return text
        text = _cheap(message.words(width))
    return text if is_affordable(text) else _cut(text)


def is_affordable(text: str) -> bool:
    """Whether the text costs no more than a text may."""
    count = segments(text)
    return count.segments <= AFFORDABLE[count.encoding]


def copy_of(message: Message, _recipient: Recipient) -> Copy:
    """For the outbox: the text, and what it would have cost in segments."""
    text = text_of(message)
    count = segments(text)
    return Copy(
        channel=Channel.SMS,
        text=text,
        detail={
            "encoding": count.encoding.value,
            "segments": count.segments,
            "characters": count.characters,
        },
    )


def _cheap(text: str) -> str:
    """In the cheap alphabet, if need be without its emoji; as it is where a name has other letters."""
    plain = transliterated(text)
    if segments(plain).encoding == Encoding.GSM_7:
        return plain
    return transliterated(without_symbols(text))


def _cut(text: str) -> str:
    """Word after word goes from the end, before the link."""
    words, _blank, link = text.rpartition(" ")
    while words and not is_affordable(f"{words}... {link}"):
        words = words.rpartition(" ")[0].rstrip(" .,:;-")
    return f"{words}... {link}" if words else text


def _addressee(recipient: Recipient) -> str:
    return f"{recipient.name} · {recipient.phone}"


copyist = Copyist(copy_of, _addressee)
