"""What providers tell us by themselves: what became of a message, and what somebody answered.

A reader of one provider turns its own words into these; nothing here knows whose message it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

# Characters kept of a provider's own words: its largest receipt is a fifth of that.
MAX_RAW = 20_000


class NotSigned(Exception):
    """The call does not prove that it comes from the provider."""


class Unreadable(ValueError):
    """The provider signed it, and yet it makes no sense."""


class Meaning(StrEnum):
    """What a receipt says, whatever the provider calls it."""

    ACCEPTED = "accepted"  # on its way; the provider still has it
    DELIVERED = "delivered"
    FAILED = "failed"  # this message; the address may be good
    BOUNCED = "bounced"  # the address takes no messages at all
    COMPLAINED = "complained"  # reported as spam
    STOPPED = "stopped"  # the person asked for silence
    SAID_STOP = "said_stop"  # somebody texted to us that he wants silence
    SAID_START = "said_start"  # … that he wants to hear from us again
    ANSWERED = "answered"  # … anything else


@dataclass(frozen=True, kw_only=True)
class ProviderEvent:
    """One thing that a provider told.

    `event_key` is the same whenever the provider repeats itself. `message_id` is its name for the message.
    `address` is E.164 or an email address. `error` is a short code of ours, as `DeliveryError.reason` is.
    `about` is the number that we had given the message. `raw` is the provider's own wording.
    """

    provider: str
    event_key: str
    message_id: str
    meaning: Meaning
    address: str = ""
    error: str = ""
    about: int | None = None
    raw: str = ""


def key_of(*parts: str) -> str:
    """A key of fixed length from what makes an event that one."""
    return sha256("\n".join(parts).encode(errors="replace")).hexdigest()


def storable(text: object, length: int) -> str:
    """`text` as a database takes it: no NUL, no lone surrogate, at most `length` characters."""
    whole = text if isinstance(text, str) else ""
    return whole.replace("\0", "").encode(errors="replace").decode()[:length]
