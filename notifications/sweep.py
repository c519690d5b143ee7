"""What every hint missed: events nobody routed, messages nobody sent, leases nobody ended. However old.

Runs every few seconds and in any number at once: everything it does is a conditional UPDATE.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from notifications import recovery, routing
from notifications.choices import DeliveryState
from notifications.delivery import WAITING
from notifications.models import Delivery, Event
from sites.scope import every_group, group_scope

# Younger events are on their way by their own hint; the age must exceed the normal backlog of a burst.
MIN_AGE = timedelta(seconds=5)
EVENTS_PER_RUN = 500

DueChannel = tuple[int, str]
"""(group id, channel)"""


def run(*, at: datetime) -> set[DueChannel]:
    """Route what waits and end what expired; the (group, channel) pairs that have something to send or settle."""
    with every_group():
        recovery.expire_leases(at=at)
        missed = _unrouted(at)
    for group_id, event_ids in missed.items():
        with group_scope(group_id):
            routing.route_events(event_ids, at=at)
    with every_group():
        return _channels_with_work(at)


def _unrouted(at: datetime) -> dict[int, list[int]]:
    """Event ids by group, oldest first; those that failed too often wait for a person."""
    rows = (
        Event.objects.filter(
            routed_at__isnull=True, recorded_at__lte=at - MIN_AGE, attempts__lt=routing.MAX_ATTEMPTS
        )
        .order_by("recorded_at")
        .values_list("group_id", "pk")[:EVENTS_PER_RUN]
    )
    by_group: dict[int, list[int]] = {}
    for group_id, pk in rows:
        by_group.setdefault(group_id, []).append(pk)
    return by_group


def _channels_with_work(at: datetime) -> set[DueChannel]:
    settled = Q(state=DeliveryState.UNKNOWN, attempted_at__lte=at - recovery.SETTLE_AFTER)
    due = Q(state__in=WAITING, due_at__lte=at) | settled
    return set(Delivery.objects.filter(due).values_list("group_id", "channel").distinct())
