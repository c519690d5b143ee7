"""Sending again what did not arrive, by a person's hand."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from notifications.choices import Channel, DeliveryState
from notifications.models import Delivery, Replay
from notifications.undelivered import cause_of, undelivered
from sites.access import Member

# A larger heap is sent again in several goes, so that nobody's page waits for it.
AT_ONCE = 1_000


class NothingToReplay(LookupError):
    """The group has no such message, or it has arrived or is on its way meanwhile."""


def replay_one(*, member: Member, delivery_id: int, at: datetime) -> None:
    """Send one message again. Raises `NothingToReplay`."""
    if not _replay(undelivered(at=at).filter(pk=delivery_id), member, at):
        raise NothingToReplay(delivery_id)


def replay_all(*, member: Member, channel: Channel | None, cause: str, at: datetime) -> int:
    """Send again what is listed for this channel and cause; how many, at most `AT_ONCE`."""
    return _replay(undelivered(at=at, channel=channel, cause=cause), member, at)


def _replay(found: QuerySet[Delivery], member: Member, at: datetime) -> int:
    """The rows are locked while they are moved, so that of two persons one sends them again."""
    with transaction.atomic():
        rows = list(found.select_for_update().order_by("pk")[:AT_ONCE])
        Replay.objects.bulk_create(
            Replay(
                group_id=row.group_id,
                delivery=row,
                by=member.user,
                at=at,
                state=row.state,
                cause=cause_of(row)[:60],
            )
            for row in rows
        )
        mine = Delivery.objects.filter(pk__in=[row.pk for row in rows])
        # What may have left is looked up at the provider first, as after any interruption.
        mine.filter(state=DeliveryState.UNKNOWN).update(attempts=0, due_at=at)
        mine.exclude(state=DeliveryState.UNKNOWN).update(
            state=DeliveryState.PLANNED,
            attempts=0,
            due_at=at,
            cadence="",
            reason="",
            error="",
            provider_id="",
            finished_at=None,
        )
    return len(rows)
