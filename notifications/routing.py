"""Step 3 of the road: one event becomes the rows that say who is told, on which channel, and why or why not.

Everything happens in one transaction that also claims the event, so a crash leaves either nothing or all of
it. The number of queries does not depend on the size of the audience.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.fields import CharField

from core.signals import Fact
from notifications import closing, inbox, policy, registry
from notifications.choices import Channel
from notifications.declarations import Notice
from notifications.models import Event, EventKind, Preference, PushSubscription, RoleDefault
from notifications.planning import Person, Plan, write_plan
from sites.models import Membership
from sites.roles import roles_holding

logger = logging.getLogger(__name__)

# An event that failed this often waits for a person: it must not hold up the others (no poison in the queue).
MAX_ATTEMPTS = 5

# Up to here a list of ids travels with the query; beyond it reading the whole group's rows is cheaper.
_IDS_IN_QUERY = 500


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
            _note_failure(event_id, error)
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


def _claim(event_id: int, at: datetime) -> Event | None:
    """The one conditional UPDATE that lets exactly one router have the event."""
    claimed = Event.objects.filter(pk=event_id, routed_at__isnull=True).update(routed_at=at)
    return Event.objects.get(pk=event_id) if claimed else None


def _note_failure(event_id: int, error: Exception) -> None:
    Event.objects.filter(pk=event_id).update(attempts=F("attempts") + 1, error=repr(error)[:1000])


def _plan(event: Event, notice: type[Notice[Any]], at: datetime) -> Plan:
    fact = notice.fact_from(event.payload)
    people = _audience(notice, fact)
    _add_preferences(people, notice)
    rules = policy.Policy(notice, _group_defaults(notice))
    plan = Plan(event=event, notice=notice, at=at, closed_by=closing.closing_event_of(event))
    for person in people.values():
        plan.add(person, rules.verdicts(person.roles, person.own))
    if plan.wants(Channel.PUSH):
        plan.devices = _devices(plan.people_wanting(Channel.PUSH))
    return plan


def _audience(notice: type[Notice[Any]], fact: Fact) -> dict[int, Person]:
    """The people the declaration names, within the permission and the tenant, without the one who did it."""
    branches = notice.audience.applicable(fact)
    if not branches:
        return {}
    wanted = Q()
    for _name, branch in branches:
        wanted |= branch
    named = Case(*(When(branch, then=Value(name)) for name, branch in branches), output_field=CharField())
    rows = (
        Membership.objects.filter(wanted, role__in=roles_holding(notice.needs), user__is_active=True)
        .annotate(branch=named)
        .values_list("user_id", "role", "branch", "user__email", "user__phone")
    )
    people: dict[int, Person] = {}
    for user_id, role, branch_name, email, phone in rows:
        if user_id == fact.actor_id:
            continue
        person = people.setdefault(user_id, Person(user_id, reason=branch_name, email=email, phone=phone))
        person.roles.add(role)
    return people


def _add_preferences(people: dict[int, Person], notice: type[Notice[Any]]) -> None:
    chosen = _of_people(Preference.objects.filter(category=notice.category.key), people)
    for user_id, channel, enabled in chosen.values_list("user_id", "channel", "enabled"):
        if user_id in people:
            people[user_id].own[channel] = enabled


def _group_defaults(notice: type[Notice[Any]]) -> policy.GroupDefaults:
    rows = RoleDefault.objects.filter(type_key=notice.key).values_list("role", "channel", "enabled")
    return {(role, channel): enabled for role, channel, enabled in rows}


def _devices(people: set[int]) -> dict[int, list[int]]:
    """Push subscription ids by person."""
    devices: dict[int, list[int]] = {}
    for user_id, pk in _of_people(PushSubscription.objects.all(), people).values_list("user_id", "pk"):
        devices.setdefault(user_id, []).append(pk)
    return devices


def _of_people(rows: QuerySet[Any], people: Iterable[int]) -> QuerySet[Any]:
    ids = list(people)
    return rows.filter(user_id__in=ids) if len(ids) <= _IDS_IN_QUERY else rows
