"""« Qui a été prévenu ? »: for a subject, everybody whom its events considered, what each channel did, and why.

What was decided is read from the rows that the road left. Only for a channel on which nothing was planned is the
rule asked for anew (`policy`), as things are set now. Nothing here writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from django.db.models import Count, Prefetch
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from notifications import passed_over, policy, registry, rendering
from notifications.choices import Channel, DeliveryState, Reason
from notifications.declarations import Notice, is_gone
from notifications.models import Delivery, Escalation, Event, EventKind, Notification, Preference, RoleDefault
from notifications.reasons import rule_for_others
from sites.access import Member
from sites.models import Membership, User
from sites.roles import Role

# Who may see how others were told: on the event's site.
VIEW = "notifications.view_told"

# A lead is told a handful of times; an event that names thousands shows its first people.
EVENTS = 20
PEOPLE = 200


class Mark(Enum):
    """What a line looks like: its icon."""

    ARRIVED = "check2"
    WAITING = "hourglass-split"
    STOPPED = "exclamation-triangle"
    NEEDLESS = "check2-circle"
    SILENT = "dash-circle"


_ARRIVED = (DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.DIGESTED)
_WAITING = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.FAILED_TEMPORARY)


@dataclass(frozen=True)
class Way:
    """What one channel did for one person: in words, by which rule, and when (None: it was silent)."""

    channel: Channel
    mark: Mark
    state: str
    rule: str | Promise = ""
    at: datetime | None = None

    @property
    def is_silent(self) -> bool:
        return self.mark is Mark.SILENT


@dataclass(frozen=True)
class PersonTold:
    """One person whom an event considered, and what each channel did."""

    name: str
    roles: str
    ways: list[Way]

    @property
    def is_told(self) -> bool:
        """Whether something was for him: a line in the inbox, or a message."""
        return not all(way.is_silent for way in self.ways)


@dataclass(frozen=True)
class EventTold:
    """One event: what it was, whom it considered, and what follows if nobody acts."""

    event: Event
    notice: type[Notice[Any]]
    title: str
    people: list[PersonTold]
    has_more: bool
    follow_ups: list[tuple[str, datetime]]
    ended: str


@dataclass(frozen=True)
class Told:
    """The answer for a subject, and its page unless it was erased. Without `everybody` he only sees himself."""

    events: list[EventTold]
    url: str
    everybody: bool


def told_about(member: Member, subject: str) -> Told | None:
    """The answer for whoever may ask, or None: there is nothing, or it is none of his business."""
    found = _events_about(subject)
    told = Notification.objects.filter(event__in=[event for event, _notice in found], user=member.user)
    own = set(told.values_list("event_id", flat=True))
    seen = [(event, notice) for event, notice in found if _may_ask(member, event, notice, own)]
    if not seen:
        return None
    everybody = all(member.can(VIEW, event.payload.get("site_id")) for event, _notice in seen)
    rows = _rows([event for event, _notice in seen], None if everybody else member.user)
    known = _Known.of({row.user_id for found_rows in rows.values() for row in found_rows})
    events = [_event_told(event, notice, rows[event.pk], known) for event, notice in seen]
    message = rendering.render(seen[0][1], seen[0][1].fact_from(seen[0][0].payload), member.user.language)
    ends = (row.closing for found_rows in rows.values() for row in found_rows)
    gone = any(end is not None and is_gone(end.payload) for end in ends)
    return Told(events, "" if gone else message.path, everybody)


def _events_about(subject: str) -> list[tuple[Event, type[Notice[Any]]]]:
    """The subject's events that tell something, oldest first, whose types are still declared."""
    closing = Prefetch("escalations", Escalation.objects.filter(done_at=None).order_by("due_at"))
    events = Event.objects.filter(subject=subject, kind=EventKind.NOTICE).prefetch_related(closing)
    found = []
    for event in events.order_by("pk")[:EVENTS]:
        try:
            found.append((event, registry.get(event.type_key)))
        except registry.UnknownNotice:
            continue
    return found


def _may_ask(member: Member, event: Event, notice: type[Notice[Any]], own: set[int]) -> bool:
    """Who leads people on the event's site; and for himself whoever may know of such a thing there.

    `own` are the events that considered him: of what concerns certain people, nobody else may know.
    """
    site_id = event.payload.get("site_id")
    if member.can(VIEW, site_id):
        return True
    is_his = event.pk in own or not notice.audience.is_private
    return is_his and member.can(notice.needs, site_id)


def _rows(events: Iterable[Event], only: User | None) -> Mapping[int, list[Notification]]:
    """The first rows of each of these events, and one more where there are more. Two queries an event."""
    rows = Notification.objects.select_related("user", "closing")
    rows = rows.prefetch_related(Prefetch("deliveries", Delivery.objects.order_by("step", "pk")))
    if only is not None:
        rows = rows.filter(user=only)
    rows = rows.order_by("-in_inbox", "user__last_name", "user__first_name", "pk")
    return {event.pk: list(rows.filter(event=event)[: PEOPLE + 1]) for event in events}


@dataclass(frozen=True)
class _Known:
    """What the people and their group have chosen: roles, choices by type and by category, defaults by type."""

    roles: Mapping[int, list[str]]
    choices: Mapping[tuple[int, str], dict[str, bool]]
    defaults: Mapping[str, dict[tuple[str, str], bool]]

    @classmethod
    def of(cls, people: set[int]) -> _Known:
        """Three queries, whatever their number."""
        roles: defaultdict[int, list[str]] = defaultdict(list)
        for user_id, role in Membership.objects.filter(user_id__in=people).values_list("user_id", "role"):
            roles[user_id].append(role)
        choices: defaultdict[tuple[int, str], dict[str, bool]] = defaultdict(dict)
        chosen = Preference.objects.filter(user_id__in=people)
        for user_id, category, key, channel, enabled in chosen.values_list(
            "user_id", "category", "type_key", "channel", "enabled"
        ):
            choices[user_id, key or category][channel] = enabled
        defaults: defaultdict[str, dict[tuple[str, str], bool]] = defaultdict(dict)
        given = RoleDefault.objects.values_list("type_key", "role", "channel", "enabled")
        for key, role, channel, enabled in given:
            defaults[key][role, channel] = enabled
        return cls(roles, choices, defaults)

    def silence(self, row: Notification, notice: type[Notice[Any]], channel: Channel) -> Reason | None:
        """The rule that keeps the channel silent for the person: the bell's as stored, else as things are set now."""
        if channel == Channel.IN_APP and row.reason in set(Reason):
            return Reason(row.reason)
        followed = row.reason != Reason.NOT_FOLLOWED
        category, own = ((row.user_id, topic) for topic in (notice.category.key, notice.key))
        chosen = {**self.choices.get(category, {}), **self.choices.get(own, {})}
        roles = sorted(self.roles.get(row.user_id, []))
        given = policy.verdict(
            notice, roles, channel, self.defaults.get(notice.key, {}), chosen, followed=followed
        )
        return None if given.enabled else given.reason


def _event_told(
    event: Event, notice: type[Notice[Any]], rows: list[Notification], known: _Known
) -> EventTold:
    fact = notice.fact_from(event.payload)
    closing = next((row.closing for row in rows if row.closing is not None), None)
    return EventTold(
        event=event,
        notice=notice,
        title=rendering.render(notice, fact, get_language() or "fr").title,
        people=[_person_told(row, notice, known) for row in rows[:PEOPLE]],
        has_more=len(rows) > PEOPLE,
        follow_ups=[] if closing else _follow_ups(event),
        ended=rendering.closed_text(notice, closing.payload) if closing else "",
    )


def _follow_ups(event: Event) -> list[tuple[str, datetime]]:
    """What will be told if nobody acts, and when at the soonest."""
    names = {one.key: str(one.name) for one in registry.all_notices()}
    return [(names[one.type_key], one.due_at) for one in event.escalations.all() if one.type_key in names]


def _person_told(row: Notification, notice: type[Notice[Any]], known: _Known) -> PersonTold:
    roles = sorted({str(Role(role).label) for role in known.roles.get(row.user_id, [])})
    planned = [_way(one) for one in row.deliveries.all() if one.channel != Channel.IN_APP]
    ways = [_standing(row), *planned] if row.in_inbox else planned
    used = {way.channel for way in ways}
    silent = [
        Way(channel, Mark.SILENT, _("Silent"), rule_for_others(reason))
        for channel in Channel
        if channel not in used and (reason := known.silence(row, notice, channel)) is not None
    ]
    order = list(Channel)
    ways = sorted([*ways, *silent], key=lambda way: order.index(way.channel))
    return PersonTold(row.user.full_name, ", ".join(roles), ways)


def _standing(row: Notification) -> Way:
    """How far the person got with the line in his inbox, and when."""
    steps = ((row.acted_at, _("Dealt with")), (row.read_at, _("Read")), (row.seen_at, _("Seen")))
    reached = next(((at, words) for at, words in steps if at is not None), None)
    if reached is None:
        return Way(Channel.IN_APP, Mark.WAITING, _("Not seen yet"))
    return Way(Channel.IN_APP, Mark.ARRIVED, reached[1], at=reached[0])


def _way(row: Delivery) -> Way:
    return Way(
        channel=Channel(row.channel),
        mark=_mark(row.state),
        state=str(DeliveryState(row.state).label),
        rule=rule_for_others(row.reason),
        at=row.finished_at or row.due_at,
    )


def _mark(state: str) -> Mark:
    if state in _ARRIVED:
        return Mark.ARRIVED
    if state in _WAITING:
        return Mark.WAITING
    return Mark.NEEDLESS if state == DeliveryState.CANCELLED else Mark.STOPPED


def colleagues(member: Member, told: Told) -> list[User]:
    """Whom one may ask about, by name: everybody of the group who is missing in a list, those who left as well."""
    considered = Notification.objects.filter(event__in=[one.event for one in told.events]).values("user")
    in_all = considered.annotate(events=Count("event", distinct=True)).filter(events=len(told.events))
    people = User.objects.filter(group_id=member.group_id).exclude(pk__in=in_all.values("user"))
    return list(people.order_by("last_name", "first_name", "pk")[:500])


def why_not(told: Told, person: User) -> list[tuple[EventTold, str | Promise]]:
    """For each event that did not consider this person: the rule that left him out."""
    return [
        (one, passed_over.reason_for(one.notice, one.event, person))
        for one in told.events
        if not Notification.objects.filter(event=one.event, user=person).exists()
    ]
