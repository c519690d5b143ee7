"""« Boîte d'envoi »: what each channel sent or would have sent, kept as it was rendered, for administrators to read.

A sandbox writes here instead of calling a provider. With `settings.OUTBOX_KEEPS_COPIES` a copy of what really
left is kept too, and of what could not leave. One entry a delivery: a later attempt rewrites it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from core import clock
from core.ids import new_id
from notifications.channels.base import Adapter, DeliveryError, HandOver, Letter, Receipt, Recipient
from notifications.choices import Channel
from notifications.models import OutboxEntry, OutboxWords
from notifications.rendering import Message
from sites.scope import every_group, group_scope

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What a channel says, as it renders it."""

    channel: Channel
    subject: str = ""
    text: str
    html: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


Addressed = tuple[str, Copy]
"""(to whom, what)"""

# As long as the columns are.
_RECIPIENT, _SUBJECT = 320, 300
# What several readers are told is written once; an entry that an earlier attempt left is written anew.
_KEEP_MANY = """
    WITH said AS (
        INSERT INTO notifications_outboxwords (id, group_id, subject, text, html)
        SELECT id, %(group)s, subject, body, html
        FROM json_to_recordset(%(words)s) AS s(id uuid, subject text, body text, html text)
    )
    INSERT INTO notifications_outboxentry (group_id, channel, sent_at, delivery_id, recipient, detail, words_id)
    SELECT %(group)s, %(channel)s, %(at)s, delivery_id, recipient, detail, words_id
    FROM json_to_recordset(%(entries)s) AS e(delivery_id bigint, recipient text, detail jsonb, words_id uuid)
    ON CONFLICT (delivery_id) DO UPDATE SET
        recipient = excluded.recipient, detail = excluded.detail, words_id = excluded.words_id,
        sent_at = excluded.sent_at
"""


@dataclass(frozen=True)
class Copyist:
    """How a channel puts down what it sends: what it says, and the words for whom it says it to."""

    copy_of: Callable[[Message, Recipient], Copy]
    addressee: Callable[[Recipient], str]

    def one(self, message: Message, recipient: Recipient) -> Addressed:
        """What one person is told."""
        return self.addressee(recipient), self.copy_of(message, recipient)

    def many(self, letters: Sequence[Letter]) -> dict[int, Addressed]:
        """What several people of one group are told, by delivery. A message that they share is put down once."""
        copies: dict[int, Copy] = {}
        entries: dict[int, Addressed] = {}
        for letter in letters:
            message, recipient = letter.message, letter.recipient
            copy = copies.get(id(message))
            if copy is None:
                copy = copies[id(message)] = self.copy_of(message, recipient)
            entries[letter.delivery_id] = self.addressee(recipient), copy
        return entries


class Sandbox:
    """Stands in for a provider whose credentials are not set: everything ends in the outbox, nothing leaves."""

    repeat_is_safe = True
    uses_database = True

    def __init__(self, copyist: Copyist) -> None:
        self._copyist = copyist

    def deliver(self, message: Message, recipient: Recipient, delivery_id: int | None) -> Receipt:
        entry = self._copyist.one(message, recipient)
        keep_one(entry, recipient.group_id, delivery_id, outcome="sandbox")
        return Receipt()

    def packed(self, letters: Sequence[Letter]) -> HandOver:
        """The same for a batch of one group: one statement, or none of it."""
        keep = keeping_many(self._copyist.many(letters), letters[0].recipient.group_id, outcome="sandbox")

        def hand_over() -> Receipt:
            keep()
            return Receipt()

        return hand_over

    def find_earlier(self, message: Message, recipient: Recipient, since: datetime) -> Receipt | None:
        return None


class WithCopy:
    """A real adapter that leaves a copy of each attempt in the outbox, whatever became of it."""

    uses_database = False  # not while the provider is called; the copy is written after

    def __init__(self, adapter: Adapter, copyist: Copyist) -> None:
        self._adapter, self._copyist = adapter, copyist
        self.repeat_is_safe = adapter.repeat_is_safe

    def deliver(self, message: Message, recipient: Recipient, delivery_id: int | None) -> Receipt:
        try:
            receipt = self._adapter.deliver(message, recipient, delivery_id)
        except DeliveryError as error:
            self._keep(message, recipient, delivery_id, outcome=error.reason)
            raise
        self._keep(message, recipient, delivery_id, outcome="sent")
        return receipt

    def find_earlier(self, message: Message, recipient: Recipient, since: datetime) -> Receipt | None:
        return self._adapter.find_earlier(message, recipient, since)

    def _keep(self, message: Message, recipient: Recipient, delivery_id: int | None, *, outcome: str) -> None:
        # The engine calls providers in threads of their own: leave such a thread without a connection, as found.
        had_connection = connection.connection is not None
        try:
            entry = self._copyist.one(message, recipient)
            keep_one(entry, recipient.group_id, delivery_id, outcome=outcome)
        except Exception:  # the message has left; a missing copy must not make it leave again
            logger.exception("Delivery %s left without a copy in the outbox", delivery_id)
        finally:
            if not had_connection:
                connection.close()


def kept(adapter: Adapter, copyist: Copyist) -> Adapter:
    """The adapter as it is, or with copies where the settings ask for them."""
    return WithCopy(adapter, copyist) if settings.OUTBOX_KEEPS_COPIES else adapter


def keep_one(entry: Addressed, group_id: int, delivery_id: int | None = None, *, outcome: str) -> None:
    """Keep one copy; of the same delivery only the latest."""
    addressee, copy = entry
    fixed: dict[str, Any] = {"group_id": group_id, "delivery_id": delivery_id, "channel": copy.channel}
    with group_scope(group_id), transaction.atomic():
        words = OutboxWords.objects.create(
            group_id=group_id, subject=copy.subject[:_SUBJECT], text=copy.text, html=copy.html
        )
        content = {
            "recipient": addressee[:_RECIPIENT],
            "words": words,
            "detail": {**copy.detail, "outcome": outcome},
            "sent_at": clock.now(),
        }
        if delivery_id is None:
            OutboxEntry.objects.create(**fixed, **content)
        else:
            OutboxEntry.objects.update_or_create(**fixed, defaults=content)


def keeping_many(entries: Mapping[int, Addressed], group_id: int, *, outcome: str) -> Callable[[], None]:
    """What keeps the copies of these deliveries, of one channel, when it is called: all, or by raising none."""
    if connection.vendor == "postgresql":
        return partial(_keep_in_one, _values(entries, group_id, outcome))
    return partial(_keep_in_turn, entries, group_id, outcome)


def _keep_in_one(values: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_MANY, values)


def _keep_in_turn(entries: Mapping[int, Addressed], group_id: int, outcome: str) -> None:
    with transaction.atomic():
        for delivery_id, entry in entries.items():
            keep_one(entry, group_id, delivery_id, outcome=outcome)


def forget_unused_words() -> int:
    """Drop the words that no entry says any more, of all groups; how many."""
    with every_group():
        # Gathered once: no index leads from the words to their entries.
        deleted, _by_model = OutboxWords.objects.exclude(pk__in=OutboxEntry.objects.values("words")).delete()
    return deleted


def _values(entries: Mapping[int, Addressed], group_id: int, outcome: str) -> dict[str, Any]:
    said: dict[tuple[str, str, str], str] = {}
    kept: dict[int, dict[str, Any]] = {}  # what a copy is to its entries, by its identity
    rows = []
    for delivery_id, (addressee, copy) in entries.items():
        shared = kept.get(id(copy))
        if shared is None:
            words = copy.subject[:_SUBJECT], copy.text, copy.html
            words_id = said.get(words) or said.setdefault(words, str(new_id()))
            shared = kept[id(copy)] = {"detail": {**copy.detail, "outcome": outcome}, "words_id": words_id}
        rows.append({"delivery_id": delivery_id, "recipient": addressee[:_RECIPIENT], **shared})
    return {
        "group": group_id,
        "channel": next(iter(entries.values()))[1].channel.value,
        "at": clock.now(),
        "entries": _json(rows),
        "words": _json(
            [
                {"id": words_id, "subject": subject, "body": text, "html": html}
                for (subject, text, html), words_id in said.items()
            ]
        ),
    }


def _json(rows: list[dict[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()
