"""Claiming what is due: a batch becomes `sending` under a lease, committed before anything leaves.

PostgreSQL claims the rows and brings what sending reads of them in one statement. SQLite, which has one writer at a
time, claims by a conditional UPDATE and reads the rows after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django_scopes import get_scope

from notifications import letters
from notifications.choices import Channel, DeliveryState
from notifications.models import WAITING, Delivery
from notifications.sendable import Sendable

# A call ends within twice PROVIDER_TIMEOUT (it connects, then it waits for an answer); nothing leaves later than that
# before the end of its lease. Short, because what a dead worker held is final only after it: within a minute.
LEASE = timedelta(seconds=40)

# Whatever the door and the letter ask of a delivery stands in its row. Lists of ids keep PostgreSQL from reading whole
# tables while they are small.
_CLAIM = f"""
    WITH due AS (
        SELECT id FROM notifications_delivery
        WHERE group_id = %(group)s AND channel = %(channel)s AND due_at <= %(at)s AND cadence = ''
            AND state IN ({", ".join(f"'{state.value}'" for state in WAITING)})
        ORDER BY due_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE notifications_delivery d
        SET state = '{DeliveryState.SENDING.value}', lease_token = %(token)s, lease_until = %(until)s,
            attempted_at = %(at)s, attempts = attempts + 1
        WHERE d.id = ANY(ARRAY(SELECT id FROM due))
        RETURNING d.id, d.notification_id, d.endpoint, d.step, d.reason, d.attempts, d.due_at
    )
    SELECT c.id, c.endpoint, c.step, c.reason, c.attempts,
        n.id, n.reason, n.created_at, n.seen_at, n.read_at, n.acted_at, n.closed_at, n.archived_at, n.snoozed_until,
        u.id, u.email, u.phone, u.language, u.first_name, u.last_name,
        e.id, e.type_key, CAST(e.payload AS text), g.name
    FROM claimed c JOIN notifications_notification n ON n.id = c.notification_id
    JOIN notifications_event e ON e.id = n.event_id
    JOIN sites_user u ON u.id = n.user_id
    JOIN sites_group g ON g.id = n.group_id
    WHERE n.id = ANY(ARRAY(SELECT notification_id FROM claimed))
    ORDER BY c.due_at, c.id
"""  # noqa: S608 - our own words


class _Reader(msgspec.Struct, frozen=True):
    pk: int
    email: str
    phone: str
    language: str
    first_name: str
    last_name: str

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class _Group(msgspec.Struct, frozen=True):
    name: str


class _Event(msgspec.Struct, frozen=True):
    pk: int
    type_key: str
    payload: dict[str, Any]


class _Line(msgspec.Struct, frozen=True):
    """First what is not of its row, then the row's columns in the order of the statement."""

    group_id: int
    group: _Group
    event: _Event
    user: _Reader
    pk: int
    reason: str
    created_at: datetime
    seen_at: datetime | None
    read_at: datetime | None
    acted_at: datetime | None
    closed_at: datetime | None
    archived_at: datetime | None
    snoozed_until: datetime | None
    user_id: int


class _Claimed(msgspec.Struct, frozen=True):
    """In the same order."""

    group_id: int
    channel: str
    lease_token: UUID
    notification: _Line
    notification_id: int
    pk: int
    endpoint: str
    step: int
    reason: str
    attempts: int


def claim(channel: Channel, token: UUID, at: datetime, most: int) -> Sequence[Sendable]:
    """Take at most so many of what is due on the channel in the scope's group, those that wait longest first."""
    if connection.features.has_select_for_update_skip_locked:
        return _claimed_in_one(channel, token, at, most)
    return list(_under(token)) if _claimed(channel, token, at, most) else []


def _claimed_in_one(channel: Channel, token: UUID, at: datetime, most: int) -> Sequence[Sendable]:
    group_id = get_scope()["group"]
    values = {
        "group": group_id,
        "channel": channel.value,
        "at": at,
        "token": token,
        "until": at + LEASE,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, values)
        rows = cursor.fetchall()
    events: dict[int, _Event] = {}
    return [_claimed_row(row, events, group_id, channel, token) for row in rows]


def _claimed_row(
    row: tuple[Any, ...], events: dict[int, _Event], group_id: int, channel: Channel, token: UUID
) -> _Claimed:
    """One row of the statement; an event that several rows tell of is read once."""
    event_id, type_key, payload, group_name = row[20:]
    if event_id not in events:
        events[event_id] = _Event(event_id, type_key, msgspec.json.decode(payload))
    line = _Line(group_id, _Group(group_name), events[event_id], _Reader(*row[14:20]), *row[5:15])
    return _Claimed(group_id, channel.value, token, line, line.pk, *row[:5])


def _claimed(channel: Channel, token: UUID, at: datetime, most: int) -> int:
    due = Delivery.objects.filter(channel=channel, state__in=WAITING, due_at__lte=at, cadence="")
    with transaction.atomic():
        ids = list(due.order_by("due_at").values_list("pk", flat=True)[:most])
        return Delivery.objects.filter(pk__in=ids, state__in=WAITING).update(
            state=DeliveryState.SENDING,
            lease_token=token,
            lease_until=at + LEASE,
            attempted_at=at,
            attempts=F("attempts") + 1,
        )


def _under(token: UUID) -> QuerySet[Delivery]:
    claimed = Delivery.objects.filter(lease_token=token, state=DeliveryState.SENDING)
    return claimed.select_related(*letters.NEEDED_ROWS).order_by("due_at", "pk")
