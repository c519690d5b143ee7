"""The words of a text message, in the alphabet that costs least."""

from gateways.sms_text import segments, transliterated
from notifications.channels.base import Recipient
from notifications.channels.outbox import Copy
from notifications.choices import Channel
from notifications.rendering import Message


def text_of(message: Message) -> str:
    """What the phone shows."""
    return transliterated(message.short)


def copy_of(message: Message, recipient: Recipient) -> Copy:
    """For the outbox: the text, and what it would have cost in segments."""
    text = text_of(message)
    count = segments(text)
    return Copy(
        channel=Channel.SMS,
        recipient=f"{recipient.name} · {recipient.phone}",
        text=text,
        detail={
            "encoding": count.encoding.value,
            "segments": count.segments,
            "characters": count.characters,
        },
    )
