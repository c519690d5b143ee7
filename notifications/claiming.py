"""Claiming what is due: a batch becomes `sending` under a lease, committed before anything leaves.

PostgreSQL claims the rows and brings what sending reads of them in one statement, and may do so while the batch before
is put into words (`ask`). SQLite, which has one writer at a time, claims by a conditional UPDATE and reads the rows
after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.db import connection, transaction
from django.db.models import F, QuerySet
from django_scopes import get_scope

from notifications import letters
from notifications.choices import Channel, DeliveryState
from notifications.models import WAITING, Delivery
from notifications.sendable import Sendable

# A call ends within three times PROVIDER_TIMEOUT (it cannot connect, and the second account connects and waits for an
# answer); nothing leaves later than that before the end of its lease. Short, because what a dead worker held is final
# only after it: within a minute.
LEASE = timedelta(seconds=40)

# Whatever the door and the letter ask of a delivery stands in its row; what an event says, in the first of several rows
# of it. Lists of ids keep PostgreSQL from reading whole tables while they are small.
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
        n.id, n.reason, CAST(n.created_at AS text), n.seen_at, n.read_at, n.acted_at, n.closed_at, n.archived_at,
        n.snoozed_until, u.id, u.email, u.phone, u.language, u.first_name, u.last_name, e.id, e.type_key,
        CASE WHEN e.id IS DISTINCT FROM lag(e.id) OVER (ORDER BY c.due_at, c.id) THEN CAST(e.payload AS text) END,
        (SELECT name FROM sites_group WHERE id = %(group)s)
    FROM claimed c JOIN notifications_notification n ON n.id = c.notification_id
    JOIN notifications_event e ON e.id = n.event_id
    JOIN sites_user u ON u.id = n.user_id
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
    created: str
    seen_at: datetime | None
    read_at: datetime | None
    acted_at: datetime | None
    closed_at: datetime | None
    archived_at: datetime | None
    snoozed_until: datetime | None
    user_id: int

    @property
    def created_at(self) -> datetime:
        """Understood where it is asked for, which is seldom."""
        return datetime.fromisoformat(self.created)


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


@dataclass
class Claim:
    """What was claimed under one token, those that wait longest first. Nobody else sends it before its lease ends."""

    channel: Channel
    at: datetime
    most: int
    token: UUID = field(default_factory=uuid4)
    deliveries: Sequence[Sendable] = ()

    @property
    def is_full(self) -> bool:
        """Whether more may be due than this."""
        return len(self.deliveries) == self.most

    def next(self) -> Claim:
        """One like it, of which nothing is claimed yet."""
        return Claim(self.channel, self.at, self.most)


def claim(channel: Channel, at: datetime, most: int) -> Claim:
    """Take at most so many of what is due on the channel in the scope's group."""
    wanted = Claim(channel, at, most)
    if connection.features.has_select_for_update_skip_locked:
        return ask(wanted)()
    if _mark(wanted):
        wanted.deliveries = list(_under(wanted.token))
    return wanted


def ask(wanted: Claim) -> Callable[[], Claim]:
    """Have PostgreSQL claim it, for `meanwhile`: call what this gives once the block is over."""
    cursor = connection.cursor()
    cursor.execute(_CLAIM, _values(wanted))

    def answer() -> Claim:
        with cursor:
            wanted.deliveries = _read(cursor.fetchall(), wanted)
        return wanted

    return answer


def _values(wanted: Claim) -> dict[str, Any]:
    return {
        "group": get_scope()["group"],
        "channel": wanted.channel.value,
        "at": wanted.at,
        "token": wanted.token,
        "until": wanted.at + LEASE,
        "most": wanted.most,
    }


def _read(rows: Sequence[tuple[Any, ...]], taken: Claim) -> Sequence[Sendable]:
    group_id, events = get_scope()["group"], dict[int, _Event]()
    return [_claimed_row(row, events, group_id, taken) for row in rows]


def _claimed_row(row: tuple[Any, ...], events: dict[int, _Event], group_id: int, taken: Claim) -> _Claimed:
    """One row of the statement; an event that several rows tell of is read once."""
    event_id, type_key, payload, group_name = row[20:]
    if event_id not in events:
        events[event_id] = _Event(event_id, type_key, msgspec.json.decode(payload))
    line = _Line(group_id, _Group(group_name), events[event_id], _Reader(*row[14:20]), *row[5:15])
    return _Claimed(group_id, taken.channel.value, taken.token, line, line.pk, *row[:5])


def _mark(wanted: Claim) -> int:
    due = Delivery.objects.filter(
        channel=wanted.channel, state__in=WAITING, due_at__lte=wanted.at, cadence=""
    )
    with transaction.atomic():
        ids = list(due.order_by("due_at").values_list("pk", flat=True)[: wanted.most])
        return Delivery.objects.filter(pk__in=ids, state__in=WAITING).update(
            state=DeliveryState.SENDING,
            lease_token=wanted.token,
            lease_until=wanted.at + LEASE,
            attempted_at=wanted.at,
            attempts=F("attempts") + 1,
        )


def _under(token: UUID) -> QuerySet[Delivery]:
    claimed = Delivery.objects.filter(lease_token=token, state=DeliveryState.SENDING)
    return claimed.select_related(*letters.NEEDED_ROWS).order_by("due_at", "pk")
