"""What every hint missed: events nobody routed, messages nobody sent, leases nobody ended. However old.

Runs every few seconds and in any number at once: everything it does is a conditional UPDATE.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError
from django.db.models import Exists, OuterRef, Q

from notifications import escalations, recovery, routing
from notifications.choices import Channel, DeliveryState
from notifications.models import WAITING, Delivery, Escalation, Event
from notifications.snoozing import wake_due
from notifications.wire import Hint
from sites.models import Group
from sites.scope import every_group, group_scope

logger = logging.getLogger(__name__)

# Younger events are on their way by their own hint; the age must exceed the normal backlog of a burst.
MIN_AGE = timedelta(seconds=5)
EVENTS_PER_RUN = 500

DueChannel = tuple[int, str]
"""(group id, channel)"""


@dataclass(frozen=True)
class Work:
    """Where something is due: messages to send, and interrupted ones to look up."""

    to_send: set[DueChannel]
    to_settle: set[DueChannel]


def run(*, at: datetime) -> Work:
    """Route what waits and end what expired; what else there is to do."""
    with every_group():
        recovery.expire_leases(at=at)
        wake_due(at=at)
        missed = _unrouted(at)
        unanswered = _unanswered(at)
    for group_id in unanswered:
        with group_scope(group_id), _one_group_s_trouble("follow-ups", group_id):
            escalations.tell_unanswered(at=at)
    for group_id, hints in missed.items():
        with group_scope(group_id), _one_group_s_trouble("events", group_id):
            routing.route_events(hints, at=at)
    with every_group():
        return Work(to_send=_due(WAITING, at), to_settle=_due((DeliveryState.UNKNOWN,), at))


@contextmanager
def _one_group_s_trouble(what: str, group_id: int) -> Iterator[None]:
    """What fails for one group keeps no other from its alerts. A database that is away fails for all."""
    try:
        yield
    except OperationalError:
        raise
    except Exception:
        logger.exception("The %s of group %s were not swept", what, group_id)


def _unrouted(at: datetime) -> dict[int, list[Hint]]:
    """Hints at the events by group, oldest first; not those that failed and wait for their next attempt."""
    rows = (
        Event.objects.filter(routed_at__isnull=True, recorded_at__lte=at - MIN_AGE)
        .filter(Q(retry_at__isnull=True) | Q(retry_at__lte=at))
        .order_by("recorded_at")
        .values_list("group_id", "pk", "kind", "type_key")[:EVENTS_PER_RUN]
    )
    by_group: dict[int, list[Hint]] = {}
    for row in rows:
        by_group.setdefault(row[0], []).append(Hint(*row))
    return by_group


def _unanswered(at: datetime) -> set[int]:
    """The groups in which something may have waited for an answer for too long."""
    due = Escalation.objects.filter(done_at__isnull=True, due_at__lte=at)
    return set(due.values_list("group_id", flat=True).distinct())


def _due(states: tuple[DeliveryState, ...], at: datetime) -> set[DueChannel]:
    """Looked up group by group: what is held for tomorrow is not walked through."""
    due = Delivery.objects.filter(group_id=OuterRef("pk"), state__in=states, due_at__lte=at)
    return {
        (group_id, channel.value)
        for channel in Channel
        for group_id in Group.objects.filter(Exists(due.filter(channel=channel))).values_list("pk", flat=True)
    }
