"""A provider in the tests' hands, and the words to send with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from notifications import delivery
from notifications.channels.base import DeliveryError, Receipt, Recipient
from notifications.choices import Channel
from notifications.rendering import Message
from tests.cast import MONDAY

Answer = Callable[[Message, Recipient], Receipt]


# When the latest batch was sent: the time at which its outcomes are recorded.
CLOCK: list[datetime] = []


class Provider:
    """An adapter in the tests' hands: it notes what it was given and answers as told."""

    repeat_is_safe = False
    uses_database = True

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.found: Receipt | None = None
        self.answer: Answer = lambda _message, _recipient: Receipt(provider_id="SM1")

    def deliver(self, message: Message, recipient: Recipient, delivery_id: int) -> Receipt:
        self.sent.append((recipient.name, message.title))
        return self.answer(message, recipient)

    def find_earlier(self, message: Message, recipient: Recipient, since: datetime) -> Receipt | None:
        return self.found


def send(at: datetime = MONDAY, channel: Channel = Channel.SMS) -> int:
    CLOCK.append(at)
    return delivery.deliver_due(channel, at=at)


def refuse(*, permanent: bool, **details: Any) -> Answer:
    def answer(_message: Message, _recipient: Recipient) -> Receipt:
        raise DeliveryError("refused", permanent=permanent, **details)

    return answer
