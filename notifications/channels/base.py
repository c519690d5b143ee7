"""What the engine and a channel say to each other: who, what, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

import msgspec

from gateways.errors import DeliveryError
from notifications.choices import Channel, DeliveryState
from notifications.rendering import Message

__all__ = [
    "Adapter",
    "DeliveryError",
    "HandOver",
    "Letter",
    "ManyAtOnce",
    "PushEndpoint",
    "Receipt",
    "Recipient",
    "adapter_for",
]


@dataclass(frozen=True, kw_only=True)
class PushEndpoint:
    """One device that agreed to be pushed to, as plain values: an adapter reads no rows."""

    subscription_id: int
    endpoint: str
    p256dh: str
    auth: str
    device_name: str = ""


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """The person a message leaves for. `phone` is E.164. `push` is set for a push delivery only."""

    user_id: int
    group_id: int
    name: str
    email: str
    phone: str
    language: str
    group_name: str = ""
    push: PushEndpoint | None = None


class Letter(msgspec.Struct, frozen=True):
    """Everything an adapter needs; nothing in it touches the database."""

    delivery_id: int
    message: Message
    recipient: Recipient


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The provider took the message: `accepted`, or `delivered` where there is nothing more to wait for."""

    state: DeliveryState = DeliveryState.ACCEPTED
    provider_id: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


class Adapter(Protocol):
    """One way of reaching a person.

    `deliver` makes the provider call; it is called without a database connection and raises `DeliveryError`.
    `delivery_id` names the message at every attempt; it is None for a test message that nothing planned.
    `repeat_is_safe`: sending the same message again after an interruption does no harm. Where it does,
    `find_earlier` asks the provider whether this message went out since `since` (aware), and answers its
    receipt or None. `uses_database`: a sandbox writes rows; the engine calls it in its own thread, and a
    provider's adapter in a thread that has no connection at all.
    """

    repeat_is_safe: bool
    uses_database: bool

    def deliver(self, message: Message, recipient: Recipient, delivery_id: int | None) -> Receipt: ...

    def find_earlier(self, message: Message, recipient: Recipient, since: datetime) -> Receipt | None: ...


HandOver = Callable[[], Receipt]
"""Takes what was packed: all of it or, by raising (within `meanwhile` at its end), nothing"""


@runtime_checkable
class ManyAtOnce(Protocol):
    """An adapter that takes the letters of a whole batch in one go."""

    def packed(self, letters: Sequence[Letter]) -> HandOver:
        """Make them ready without asking the database anything."""
        ...


def adapter_for(channel: Channel | str) -> Adapter:
    """The provider's adapter where credentials are set, else the channel's sandbox: each folder knows its own."""
    adapter: Adapter = _folder_of(channel).adapter()
    return adapter


def sandbox_for(channel: Channel | str) -> Adapter:
    """The channel's sandbox, whatever credentials are set: for what must not leave."""
    adapter: Adapter = _folder_of(channel).sandbox()
    return adapter


def _folder_of(channel: Channel | str) -> ModuleType:
    return import_module(f"notifications.channels.{Channel(channel).value}")
