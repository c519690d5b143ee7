"""Reading « Boîte d'envoi »: what each channel sent or would have sent, newest first. Written by `channels.outbox`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications import causes
from notifications.causes import Text
from notifications.choices import Channel
from notifications.models import OutboxEntry, OutboxWords

PAGE = 50


class UnknownEntry(LookupError):
    """The group has no such entry."""


@dataclass(frozen=True)
class OutboxPage:
    """Some entries and, when there are older ones, the id to continue before."""

    entries: list[Shown]
    next_before: int | None


@dataclass(frozen=True)
class Shown:
    """An entry as a person reads it: templates ask it questions."""

    entry: OutboxEntry

    @property
    def words(self) -> OutboxWords:
        """Its subject, text and HTML; others may have been told the same."""
        return self.entry.words

    @property
    def channel_label(self) -> str:
        return str(Channel(self.entry.channel).label)

    @property
    def outcome(self) -> str:
        """« Kept here », « Sent », or why it did not leave."""
        code: str = self.entry.detail.get("outcome", "")
        known = _OUTCOMES.get(code)
        return str(known) if known else causes.said(code)

    @property
    def failed(self) -> bool:
        return self.entry.detail.get("outcome") not in _OUTCOMES

    @property
    def is_email(self) -> bool:
        return self.entry.channel == Channel.EMAIL

    @property
    def is_sms(self) -> bool:
        return self.entry.channel == Channel.SMS

    @property
    def is_push(self) -> bool:
        return self.entry.channel == Channel.PUSH

    @property
    def segments(self) -> int | None:
        count: int | None = self.entry.detail.get("segments")
        return count

    @property
    def payload(self) -> dict[str, Any]:
        """What a push message carried."""
        kept = self.entry.detail.get("payload", {})
        # Kept as the text that was encrypted; entries from before that hold it taken apart.
        payload: dict[str, Any] = json.loads(kept) if isinstance(kept, str) else kept
        return payload

    @property
    def size(self) -> int:
        """Bytes of a push message before encryption."""
        count: int = self.entry.detail.get("bytes", 0)
        return count

    @property
    def payload_json(self) -> str:
        return json.dumps(self.payload, ensure_ascii=False, indent=2)


_OUTCOMES: dict[str, Text] = {"sandbox": _("Kept here: no provider is set"), "sent": _("Sent")}


def outbox_page(*, channel: Channel | None = None, before_id: int | None = None) -> OutboxPage:
    """One page of the scope's group. `before_id` continues an earlier page."""
    entries = OutboxEntry.objects.select_related("words").order_by("-sent_at", "-pk")
    if channel is not None:
        entries = entries.filter(channel=channel)
    if before_id is not None:
        entries = entries.filter(_older_than(before_id))
    found = list(entries.defer("words__html")[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else None
    return OutboxPage([Shown(entry) for entry in found[:PAGE]], more)


def _older_than(entry_id: int) -> Q:
    """By time, because a later attempt moves an entry to the top; one that has gone meanwhile ends the list."""
    sent_at = OutboxEntry.objects.filter(pk=entry_id).values_list("sent_at", flat=True).first()
    return Q(pk=None) if sent_at is None else Q(sent_at__lt=sent_at) | Q(sent_at=sent_at, pk__lt=entry_id)


def outbox_entry(entry_id: int) -> Shown:
    """One entry of the scope's group. Raises `UnknownEntry`."""
    try:
        return Shown(OutboxEntry.objects.select_related("words").get(pk=entry_id))
    except OutboxEntry.DoesNotExist:
        raise UnknownEntry(entry_id) from None
