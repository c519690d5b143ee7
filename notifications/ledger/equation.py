"""One day's equation: what apps stated, what was recorded, who was considered, what was planned, and what became of it.

Each side is counted where it was written down on its own: an app's rows against the events; the numbers that routing
wrote into the event against the rows that it wrote beside it; a digest's number against its members. So a row that
vanished behind the engine's back is missed, and named. Reads only; runs in the group's scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, F, Manager, Q, QuerySet, Sum

from notifications.choices import DeliveryState
from notifications.digests import DIGEST_KEY
from notifications.ledger.statements import Statement, all_statements
from notifications.models import Delivery, Digest, Event, EventKind, Notification

# Keys looked up by one query: SQLite takes no more than some thousand values.
AT_ONCE = 500


class Line(StrEnum):
    """The lines of the equation, in the order in which a fact passes them."""

    STATED = "stated"
    PEOPLE = "people"
    MESSAGES = "messages"
    DIGESTS = "digests"


@dataclass(frozen=True)
class Difference:
    """Something that is missing: `name` is the key or id of what lacks it, `about` its type."""

    line: Line
    about: str
    name: str
    expected: int
    found: int


@dataclass(frozen=True)
class StatedCount:
    """How many things an app holds, and how many of them have their event."""

    key: str
    held: int
    recorded: int


@dataclass(frozen=True)
class Figures:
    """The numbers of one day. `left_out` is by reason, `messages` by state; `set_aside` lists the ids of events."""

    stated: list[StatedCount] = field(default_factory=list)
    recorded: int = 0
    routed: int = 0
    waiting: int = 0
    set_aside: list[int] = field(default_factory=list)
    considered: int = 0
    in_inbox: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    planned: int = 0
    messages: dict[str, int] = field(default_factory=dict)
    digests: int = 0
    digested: int = 0

    @property
    def unfinished(self) -> int:
        """Events and messages whose end is still to come."""
        return self.recorded - self.routed + sum(self.messages.get(state, 0) for state in _UNFINISHED)


_UNFINISHED = (
    DeliveryState.PLANNED,
    DeliveryState.SENDING,
    DeliveryState.FAILED_TEMPORARY,
    DeliveryState.UNKNOWN,
)


@dataclass(frozen=True)
class Span:
    """From `since` to before `until`."""

    since: datetime
    until: datetime

    def of(self, field_name: str) -> Q:
        return Q(**{f"{field_name}__gte": self.since, f"{field_name}__lt": self.until})


def count(span: Span) -> tuple[Figures, list[Difference]]:
    """The figures of the scope's group, and what is missing. About ten queries, whatever happened."""
    events = Event.objects.filter(span.of("recorded_at"))
    stated, unrecorded = _stated(span)
    routed = events.filter(routed_at__isnull=False).count()
    unrouted = events.filter(routed_at__isnull=True)
    told = _by(Notification.objects.filter(span.of("event__recorded_at")), "in_inbox", "reason")
    left_out = {reason: number for (in_inbox, reason), number in told.items() if not in_inbox}
    messages = _by(Delivery.objects.filter(span.of("notification__event__recorded_at")), "state")
    digests = Digest.objects.filter(span.of("told_at"))
    figures = Figures(
        stated=stated,
        recorded=routed + unrouted.count(),
        routed=routed,
        waiting=unrouted.filter(attempts=0).count(),
        set_aside=list(unrouted.filter(attempts__gt=0).values_list("pk", flat=True)),
        considered=_promised(events, "considered", Notification.objects, "event"),
        in_inbox=sum(number for (in_inbox, _), number in told.items() if in_inbox),
        left_out=left_out,
        planned=_promised(events, "planned", Delivery.objects, "notification__event"),
        messages={state: number for (state,), number in messages.items()},
        digests=digests.count(),
        digested=Delivery.objects.filter(digest__in=digests).count(),
    )
    missing = [*unrecorded, *_without_people(events), *_without_messages(events), *_digests(span)]
    return figures, missing


def _stated(span: Span) -> tuple[list[StatedCount], list[Difference]]:
    counts, missing = [], []
    began = Event.objects.order_by("occurred_at").values_list("occurred_at", flat=True).first()
    for statement in all_statements():
        # Before the engine's first event nothing was promised.
        since = span.since if began is None else max(span.since, began)
        keys = list(statement.stated(since, span.until))
        recorded = _recorded(statement, keys)
        counts.append(StatedCount(statement.key, len(keys), len(recorded)))
        missing += [Difference(Line.STATED, statement.key, key, 1, 0) for key in keys if key not in recorded]
    return counts, missing


def _recorded(statement: Statement, keys: list[str]) -> set[str]:
    """Those of the keys that have their event, whenever it was recorded."""
    events = Event.objects.filter(type_key=statement.notice.key, kind=statement.kind)
    found: set[str] = set()
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        found.update(events.filter(dedupe_key__in=some).values_list("dedupe_key", flat=True))
    return found


def _without_people(events: QuerySet[Event]) -> Iterator[Difference]:
    """Events whose plan named more people than there are rows."""
    counted = events.filter(considered__isnull=False).annotate(rows=Count("notifications"))
    short = counted.filter(rows__lt=F("considered"))
    for pk, key, expected, found in short.values_list("pk", "type_key", "considered", "rows"):
        yield Difference(Line.PEOPLE, key, str(pk), expected or 0, found)


def _without_messages(events: QuerySet[Event]) -> Iterator[Difference]:
    """Events whose plan held more messages than there are rows, although everybody has his row."""
    counted = events.filter(planned__isnull=False).annotate(
        people=Count("notifications", distinct=True), rows=Count("notifications__deliveries", distinct=True)
    )
    short = counted.filter(rows__lt=F("planned"), people__gte=F("considered"))
    for pk, key, expected, found in short.values_list("pk", "type_key", "planned", "rows"):
        yield Difference(Line.MESSAGES, key, str(pk), expected or 0, found)


def _digests(span: Span) -> Iterator[Difference]:
    """Digests that told of more alerts than they hold, or of which no event is left; members without a digest."""
    held = Digest.objects.filter(span.of("told_at")).annotate(
        alerts=Count("members__notification", distinct=True)
    )
    found = {f"digest:{pk}": alerts for pk, alerts in held.values_list("pk", "alerts")}
    events = Event.objects.filter(type_key=DIGEST_KEY, kind=EventKind.NOTICE, dedupe_key__in=found)
    told: dict[str, int] = dict(events.values_list("dedupe_key", "payload__count"))
    for key, alerts in found.items():
        if alerts < told.get(key, alerts + 1):
            yield Difference(Line.DIGESTS, DIGEST_KEY, key, told.get(key, alerts), alerts)
    orphans = Delivery.objects.filter(
        span.of("finished_at"), state=DeliveryState.DIGESTED, digest__isnull=True
    )
    for pk in orphans.values_list("pk", flat=True):
        yield Difference(Line.DIGESTS, DIGEST_KEY, f"message:{pk}", 1, 0)


def _promised(events: QuerySet[Event], column: str, rows: Manager[Any], to_event: str) -> int:
    """The sum of what routing wrote into the events. What it did not route (a digest) promises what it holds."""
    unpromised = events.filter(**{f"{column}__isnull": True}).values("pk")
    held: int = rows.filter(**{f"{to_event}__in": unpromised}).count()
    return int(events.aggregate(sum=Sum(column))["sum"] or 0) + held


def _by(rows: QuerySet[Notification] | QuerySet[Delivery], *columns: str) -> dict[tuple[str, ...], int]:
    """How many rows there are of each combination."""
    found: Iterable[tuple[str, ...]] = (
        rows.order_by().values(*columns).annotate(number=Count("pk")).values_list(*columns, "number")
    )
    return {tuple(row[:-1]): int(row[-1]) for row in found}
