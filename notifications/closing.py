"""When somebody acted, what the others were told is retracted: marked with who did it, its messages cancelled.

A closing is itself an event of the road, so it survives a crash like any other.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When

from notifications import inbox
from notifications.choices import DeliveryState, Reason
from notifications.declarations import Notice
from notifications.models import Delivery, Inbox, Notification

if TYPE_CHECKING:
    from notifications.routing import ClaimedEvent


def close(closing: ClaimedEvent, notice: type[Notice[Any]], *, at: datetime) -> None:
    """Retract every open notification of the closing's subject and type. Runs in the router's transaction."""
    told = Notification.objects.filter(
        event__subject=closing.subject, event__type_key=closing.type_key, closed_at__isnull=True
    )
    _cancel_unsent(told, at)
    people = set(told.filter(in_inbox=True).values_list("user_id", flat=True))
    heads = inbox.advance(people)
    actor_id = _actor_of(closing, notice)
    own_head = Inbox.objects.filter(user_id=OuterRef("user_id")).values("head")[:1]
    acted = Case(When(user_id=actor_id, then=Value(at)), default=F("acted_at")) if actor_id else F("acted_at")
    told.update(
        closed_at=at,
        closing_id=closing.pk,
        acted_at=acted,
        seq=Case(When(Q(in_inbox=True), then=Subquery(own_head)), default=F("seq")),
    )
    inbox.announce_after_commit(heads)


def _cancel_unsent(told: Any, at: datetime) -> None:
    Delivery.objects.filter(
        notification__in=told, state__in=[DeliveryState.PLANNED, DeliveryState.FAILED_TEMPORARY]
    ).update(state=DeliveryState.CANCELLED, reason=Reason.CLOSED, finished_at=at)


def _actor_of(closing: ClaimedEvent, notice: type[Notice[Any]]) -> int | None:
    fact = notice.closing_fact_from(msgspec.json.decode(closing.payload))
    return fact.actor_id if fact is not None else None
