"""« Boîte d'envoi »: what each channel sent or would have sent, kept as it was rendered, for administrators to read.

A sandbox writes here instead of calling a provider. With `settings.OUTBOX_KEEPS_COPIES` a copy of what really
left is kept too, and of what could not leave. One entry a delivery: a later attempt rewrites it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import connection, transaction

from core import clock
from notifications.channels.base import Adapter, DeliveryError, Letter, Receipt, Recipient
from notifications.choices import Channel
from notifications.models import OutboxEntry
from notifications.rendering import Message
from sites.scope import group_scope

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Copy:
    """One message as its channel renders it."""

    channel: Channel
    recipient: str
    subject: str = ""
    text: str
    html: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


# As long as the columns are.
_RECIPIENT, _SUBJECT = 320, 300
# What several readers are told travels once.
_KEEP_MANY = """
    WITH entry AS MATERIALIZED (
        SELECT * FROM json_to_recordset(%(entries)s)
            AS e(delivery_id bigint, recipient text, detail jsonb, words int)
        JOIN json_to_recordset(%(said)s) AS s(words int, subject text, body text, html text) USING (words)
    ), rewritten AS (
        UPDATE notifications_outboxentry o
        SET recipient = entry.recipient, subject = entry.subject, text = body, html = entry.html,
            detail = entry.detail, sent_at = %(at)s
        FROM entry
        WHERE o.delivery_id = entry.delivery_id AND o.group_id = %(group)s AND o.channel = %(channel)s
        RETURNING o.delivery_id
    )
    INSERT INTO notifications_outboxentry
        (group_id, delivery_id, channel, recipient, subject, text, html, detail, sent_at)
    SELECT %(group)s, delivery_id, %(channel)s, recipient, subject, body, html, detail, %(at)s
    FROM entry WHERE delivery_id NOT IN (SELECT delivery_id FROM rewritten)
    ORDER BY delivery_id
"""

CopyOf = Callable[[Message, Recipient], Copy]


class Sandbox:
    """Stands in for a provider whose credentials are not set: everything ends in the outbox, nothing leaves."""

    repeat_is_safe = True
    uses_database = True

    def __init__(self, copy_of: CopyOf) -> None:
        self._copy_of = copy_of

    def deliver(self, message: Message, recipient: Recipient, delivery_id: int | None) -> Receipt:
        _keep(self._copy_of(message, recipient), recipient.group_id, delivery_id, outcome="sandbox")
        return Receipt(provider_id="sandbox")

    def deliver_many(self, letters: Sequence[Letter]) -> Receipt:
        """The same for a batch of one group: one statement, or none of it."""
        copies = {one.delivery_id: self._copy_of(one.message, one.recipient) for one in letters}
        keep_many(copies, letters[0].recipient.group_id, outcome="sandbox")
        return Receipt(provider_id="sandbox")

    def find_earlier(self, message: Message, recipient: Recipient, since: datetime) -> Receipt | None:
        return None


class WithCopy:
    """A real adapter that leaves a copy of each attempt in the outbox, whatever became of it."""

    uses_database = False  # not while the provider is called; the copy is written after

    def __init__(self, adapter: Adapter, copy_of: CopyOf) -> None:
        self._adapter, self._copy_of = adapter, copy_of
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
            _keep(self._copy_of(message, recipient), recipient.group_id, delivery_id, outcome=outcome)
        except Exception:  # the message has left; a missing copy must not make it leave again
            logger.exception("Delivery %s left without a copy in the outbox", delivery_id)
        finally:
            if not had_connection:
                connection.close()


def kept(adapter: Adapter, copy_of: CopyOf) -> Adapter:
    """The adapter as it is, or with copies where the settings ask for them."""
    return WithCopy(adapter, copy_of) if settings.OUTBOX_KEEPS_COPIES else adapter


def keep_many(copies: Mapping[int, Copy], group_id: int, *, outcome: str) -> None:
    """Keep the copies of these deliveries, which are of one channel: all, or by raising none."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_KEEP_MANY, _values(copies, group_id, outcome))
        return
    with transaction.atomic():
        for delivery_id, copy in copies.items():
            _keep(copy, group_id, delivery_id, outcome=outcome)


def _values(copies: Mapping[int, Copy], group_id: int, outcome: str) -> dict[str, Any]:
    said: dict[tuple[str, str, str], int] = {}
    entries = [
        {
            "delivery_id": delivery_id,
            "recipient": copy.recipient[:_RECIPIENT],
            "detail": {**copy.detail, "outcome": outcome},
            "words": said.setdefault((copy.subject[:_SUBJECT], copy.text, copy.html), len(said)),
        }
        for delivery_id, copy in copies.items()
    ]
    words = [
        {"words": number, "subject": subject, "body": text, "html": html}
        for (subject, text, html), number in said.items()
    ]
    return {
        "group": group_id,
        "channel": next(iter(copies.values())).channel.value,
        "at": clock.now(),
        "entries": msgspec.json.encode(entries).decode(),
        "said": msgspec.json.encode(words).decode(),
    }


def _keep(copy: Copy, group_id: int, delivery_id: int | None, *, outcome: str) -> None:
    content = {
        "recipient": copy.recipient[:_RECIPIENT],
        "subject": copy.subject[:_SUBJECT],
        "text": copy.text,
        "html": copy.html,
        "detail": {**copy.detail, "outcome": outcome},
        "sent_at": clock.now(),
    }
    fixed: dict[str, Any] = {"group_id": group_id, "delivery_id": delivery_id, "channel": copy.channel}
    with group_scope(group_id):
        if delivery_id is None:
            OutboxEntry.objects.create(**fixed, **content)
        else:
            OutboxEntry.objects.update_or_create(**fixed, defaults=content)
