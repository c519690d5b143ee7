"""« Route » in docs/architecture.md: one event becomes the rows that say who is told, on which channel, and why.

Two statements, whatever the size of the audience: read the event with its people, write the rows. The second also
claims the event, so a crash leaves either nothing or all of it, and of two routers one writes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db.models import F

from core.signals import Fact
from notifications import closing, collapsing, inbox, registry, storms
from notifications.choices import Channel
from notifications.declarations import Notice
from notifications.directory import Directory, read_directory
from notifications.models import Event, EventKind
from notifications.planning import Plan
from notifications.policy import Policy, follows
from notifications.wire import Hint
from notifications.writing import write_plan

logger = logging.getLogger(__name__)

# An event that fails is tried again later and later, for ever: a fault may end with the next version. From
# ALARMING attempts on, /healthz counts it.
FIRST_RETRY = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
MOST_QUADRUPLED = 6  # beyond that it is the longest anyway, and at last more than a timedelta holds
ALARMING = 5


@dataclass
class Routed:
    """What routing an event led to: the channels that now have something to send."""

    event_id: int
    channels: frozenset[Channel] = field(default_factory=frozenset)


def route_events(hints: Iterable[Hint], *, at: datetime) -> list[Routed]:
    """Route each event on its own: one that fails is noted, counted, and does not stop the rest."""
    routed = []
    for hint in hints:
        try:
            routed.append(route(hint, at=at))
        except Exception as error:
            logger.exception("Event %s could not be routed", hint.event_id)
            _note_failure(hint.event_id, error, at)
    return routed


def route(hint: Hint, *, at: datetime) -> Routed:
    """Plan the event and write its rows; routing it a second time does nothing. Runs in the group's scope."""
    notice = registry.get(hint.type_key)
    if hint.kind == EventKind.CLOSING:
        closing.close(hint.event_id, notice, at=at)
        return Routed(hint.event_id)
    directory = read_directory(notice, hint.event_id, at)
    if directory is None:
        return Routed(hint.event_id)
    fact = msgspec.json.decode(directory.payload, type=notice.signal.fact_type)
    plan = _plan(hint.event_id, notice, directory, fact, at)
    storm = notice.storm_limit()
    if storm is not None and directory.told_lately >= storm.more_than:
        storms.write(plan, fact)
        return Routed(hint.event_id)
    states = collapsing.write(plan, notice.subject_of(fact)) if notice.collapses else write_plan(plan)
    if states is None:
        return Routed(hint.event_id)
    inbox.announce_after_commit(states)
    return Routed(hint.event_id, plan.channels_to_send)


def _note_failure(event_id: int, error: Exception, at: datetime) -> None:
    """Set the event aside for a while, so that it does not hold up the others (no poison in the queue)."""
    event = Event.objects.get(pk=event_id)
    pause = min(FIRST_RETRY * 4 ** min(event.attempts, MOST_QUADRUPLED), LONGEST_PAUSE)
    Event.objects.filter(pk=event_id).update(
        attempts=F("attempts") + 1, retry_at=at + pause, error=repr(error)[:1000]
    )


def _plan(event_id: int, notice: type[Notice[Any]], directory: Directory, fact: Fact, at: datetime) -> Plan:
    """What the policy decides for everybody concerned except the one who did it."""
    policy = Policy(notice, directory.defaults)
    plan = Plan(event_id, notice, at, directory.devices)
    for profile, people in directory.crowd.profiles():
        told = [user_id for user_id in people if user_id != fact.actor_id]
        if told:
            followed = follows(notice, reason=profile.reason, site_id=fact.site_id, wishes=profile.wishes)
            plan.add(profile, told, policy.verdicts(profile.roles, profile.own, followed=followed))
    return plan
