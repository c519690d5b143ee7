"""Reading what did not arrive: given up, refused, withheld, or interrupted and not settled for long."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from notifications import causes, letters, registry, rendering
from notifications.choices import WITHHELD, Channel, DeliveryState
from notifications.models import AddressBlock, Delivery, Replay
from sites.models import User

PAGE = 50
# `recovery` asks the provider within minutes; what is unknown for longer wants a person's eyes.
LONG = timedelta(minutes=15)

FAILED = (DeliveryState.DEAD, DeliveryState.FAILED_PERMANENT)
_SUPPRESSED = Q(state=DeliveryState.SUPPRESSED, reason__in=WITHHELD)


@dataclass(frozen=True)
class Cause:
    """Why some of them did not arrive, and how many."""

    code: str
    count: int

    @property
    def words(self) -> str:
        return causes.said(self.code, given_up=True)


@dataclass(frozen=True)
class Undelivered:
    """One message as a person reads it."""

    delivery: Delivery
    title: str

    @property
    def channel_label(self) -> str:
        return str(Channel(self.delivery.channel).label)

    @property
    def subject(self) -> str:
        return self.delivery.notification.event.subject

    @property
    def person(self) -> User:
        return self.delivery.notification.user

    @property
    def why(self) -> str:
        return causes.said(cause_of(self.delivery), given_up=True)

    @property
    def details(self) -> str:
        """An exception's own words, where there are no better ones."""
        return self.delivery.error if cause_of(self.delivery) == causes.OTHER else ""

    @property
    def at(self) -> datetime:
        return self.delivery.finished_at or self.delivery.attempted_at or self.delivery.due_at

    @property
    def replays(self) -> Sequence[Replay]:
        return list(self.delivery.replays.all())


@dataclass(frozen=True)
class UndeliveredPage:
    """Some of them and, when there are older ones, the id to continue before; how many there are in all."""

    lines: list[Undelivered]
    next_before: int | None
    count: int


def undelivered(*, at: datetime, channel: Channel | None = None, cause: str = "") -> QuerySet[Delivery]:
    """The scope's group's, on one channel and for one cause if wanted."""
    found = Delivery.objects.filter(
        Q(state__in=FAILED) | Q(state=DeliveryState.UNKNOWN, attempted_at__lt=at - LONG) | _SUPPRESSED
    )
    if channel is not None:
        found = found.filter(channel=channel)
    return found.filter(_caused_by(cause)) if cause else found


def undelivered_page(
    *,
    at: datetime,
    language: str,
    channel: Channel | None = None,
    cause: str = "",
    before_id: int | None = None,
) -> UndeliveredPage:
    """One page, newest first. A constant number of queries."""
    found = undelivered(at=at, channel=channel, cause=cause)
    older = found if before_id is None else found.filter(pk__lt=before_id)
    rows = older.select_related(*letters.NEEDED_ROWS).prefetch_related("replays__by").order_by("-pk")
    shown = list(rows[: PAGE + 1])
    more = shown[PAGE - 1].pk if len(shown) > PAGE else None
    lines = [Undelivered(row, _title(row, language)) for row in shown[:PAGE]]
    return UndeliveredPage(lines, more, found.count())


def causes_found(*, at: datetime, channel: Channel | None = None) -> list[Cause]:
    """What there is to choose from, the most frequent first. One query."""
    counts: Counter[str] = Counter()
    rows = undelivered(at=at, channel=channel).order_by().values_list("state", "reason", "error")
    for state, reason, error, count in rows.annotate(count=Count("pk")):
        counts[_cause(state, reason, error)] += count
    return [Cause(code, count) for code, count in counts.most_common()]


def addresses_off() -> list[AddressBlock]:
    """The scope's group's addresses that are off, the latest first."""
    return list(AddressBlock.objects.filter(lifted_at=None).order_by("-since", "-pk"))


def cause_of(delivery: Delivery) -> str:
    """The code of why it did not arrive."""
    return _cause(delivery.state, delivery.reason, delivery.error)


def _cause(state: str, reason: str, error: str) -> str:
    if state == DeliveryState.UNKNOWN:
        return causes.INTERRUPTED
    if state == DeliveryState.SUPPRESSED:
        return reason
    return error if re.match(causes.CODE, error) else causes.OTHER


def _caused_by(cause: str) -> Q:
    if cause == causes.INTERRUPTED:
        return Q(state=DeliveryState.UNKNOWN)
    if cause == causes.OTHER:
        return Q(state__in=FAILED) & ~Q(error__regex=causes.CODE)
    return Q(state=DeliveryState.SUPPRESSED, reason=cause) | Q(state__in=FAILED, error=cause)


def _title(row: Delivery, language: str) -> str:
    """What the message said first; its type's key when no app declares it any more or its facts do not fit."""
    event = row.notification.event
    try:
        notice = registry.get(event.type_key)
        return rendering.render(notice, notice.fact_from(event.payload), language).title
    except Exception:  # noqa: BLE001 - what could not be written is listed here for that very reason
        return event.type_key
