"""Step 3 of the road: one event becomes the rows that say who is told, on which channel, and why or why not.

Everything happens in one transaction that also claims the event, so a crash leaves either nothing or all of
it. The number of statements does not depend on the size of the audience.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import F
from django_scopes import get_scope

from notifications import closing, inbox, registry
from notifications.choices import Channel
from notifications.declarations import Notice
from notifications.directory import people_concerned
from notifications.models import Event, EventKind
from notifications.planning import Plan, write_plan
from notifications.policy import Policy

logger = logging.getLogger(__name__)

# An event that fails is tried again later and later, for ever: a fault may end with the next version. From
# ALARMING attempts on, /healthz counts it.
FIRST_RETRY = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
ALARMING = 5

# The one conditional UPDATE that lets exactly one router have the event; it also brings whether the subject
# was closed before the router came. The group is the open scope's: a foreign event is as good as missing.
_CLAIM = """
    UPDATE notifications_event SET routed_at = %s
    WHERE id = %s AND group_id = %s AND routed_at IS NULL
    RETURNING id, group_id, type_key, kind, subject, payload, (
        SELECT min(c.id) FROM notifications_event c
        WHERE c.group_id = notifications_event.group_id AND c.subject = notifications_event.subject
          AND c.type_key = notifications_event.type_key AND c.kind = 'closing' AND c.subject <> ''
          AND c.id > notifications_event.id)
"""


@dataclass(frozen=True, slots=True)
class ClaimedEvent:
    """An event that this router has. `payload` is JSON; `closing_id` the event that closed its subject before."""

    pk: int
    group_id: int
    type_key: str
    kind: str
    subject: str
    payload: str
    closing_id: int | None


@dataclass
class Routed:
    """What routing an event led to: the channels that now have something to send."""

    event_id: int
    channels: frozenset[Channel] = field(default_factory=frozenset)


def route_events(event_ids: Iterable[int], *, at: datetime) -> list[Routed]:
    """Route each event on its own: one that fails is noted, counted, and does not stop the rest."""
    routed = []
    for event_id in event_ids:
        try:
            routed.append(route(event_id, at=at))
        except Exception as error:
            logger.exception("Event %s could not be routed", event_id)
            _note_failure(event_id, error, at)
    return routed


def route(event_id: int, *, at: datetime) -> Routed:
    """Claim the event and write its rows; routing it a second time does nothing. Runs in the group's scope."""
    with transaction.atomic():
        event = _claim(event_id, at)
        if event is None:
            return Routed(event_id)
        notice = registry.get(event.type_key)
        if event.kind == EventKind.CLOSING:
            closing.close(event, notice, at=at)
            return Routed(event_id)
        plan = _plan(event, notice, at)
        heads = write_plan(plan)
        inbox.announce_after_commit(heads)
    return Routed(event_id, plan.channels_to_send)


def _claim(event_id: int, at: datetime) -> ClaimedEvent | None:
    with connection.cursor() as cursor:
        moment: Any = connection.ops.adapt_datetimefield_value(at)
        cursor.execute(_CLAIM, [moment, event_id, get_scope()["group"]])
        row = cursor.fetchone()
    return None if row is None else ClaimedEvent(*row)


def _note_failure(event_id: int, error: Exception, at: datetime) -> None:
    """Set the event aside for a while, so that it does not hold up the others (no poison in the queue)."""
    event = Event.objects.get(pk=event_id)
    pause = min(FIRST_RETRY * 4**event.attempts, LONGEST_PAUSE)
    Event.objects.filter(pk=event_id).update(
        attempts=F("attempts") + 1, retry_at=at + pause, error=repr(error)[:1000]
    )


def _plan(event: ClaimedEvent, notice: type[Notice[Any]], at: datetime) -> Plan:
    fact = msgspec.json.decode(event.payload, type=notice.signal.fact_type)
    directory = people_concerned(notice, fact)
    policy = Policy(notice, directory.defaults)
    plan = Plan(event.pk, event.group_id, at, closing_id=event.closing_id)
    for person in directory.people.values():
        plan.add(person, policy.verdicts(person.roles, person.own))
    return plan
