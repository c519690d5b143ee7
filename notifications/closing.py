"""When somebody acted, what the others were told is retracted: marked with who did it, its messages cancelled.

A closing is itself an event of the road, so it survives a crash like any other. So is the end of a subject that was
erased (`retracting`): that one concerns every line of the subject, as none may lead to a page that is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from notifications import inbox, registry
from notifications.choices import DeliveryState, Reason
from notifications.declarations import Notice, is_gone
from notifications.models import WAITING, Delivery, Event, EventKind, Inbox, Notification
from notifications.writing import claim_closing


@transaction.atomic
def close(event_id: int, notice: type[Notice[Any]], *, at: datetime) -> None:
    """Claim the closing and retract every open notification of its subject and type, and of what follows it."""
    claimed = claim_closing(event_id, at)
    if claimed is None:
        return
    subject, ended = claimed[0], msgspec.json.decode(claimed[1])
    _wait_for_routers(subject, notice)
    told = Notification.objects.filter(event__subject=subject, event__type_key__in=_keys(notice))
    opened = told.filter(closed_at__isnull=True)
    changed = told if is_gone(ended) else opened
    _cancel_unsent(changed, at)
    people = _renumber(changed)
    actor_id = _actor_of(ended, notice)
    if actor_id is not None:
        opened.filter(user_id=actor_id).update(acted_at=at)
    # A line that was closed before keeps its hour. That what it leads to was erased since replaces who took it.
    changed.update(closed_at=Coalesce("closed_at", at), closing_id=event_id)
    inbox.announce_after_commit(inbox.recount(people))


def _wait_for_routers(subject: str, notice: type[Notice[Any]]) -> None:
    """Wait until whoever routes a notice of this subject right now has committed; then its rows are seen below.

    SQLite has one writer at a time and needs no lock.
    """
    if connection.features.has_select_for_update:
        notices = Event.objects.filter(subject=subject, type_key__in=_keys(notice), kind=EventKind.NOTICE)
        list(notices.select_for_update().order_by("pk").values_list("pk", flat=True))


def _keys(notice: type[Notice[Any]]) -> list[str]:
    """What ends together: the notice and what follows it while nobody acts."""
    return [notice.key, *(following.key for following in registry.followers_of(notice.key))]


def _renumber(told: Any) -> set[int]:
    """Give each line in an inbox a number of its own there, and keep those inboxes locked; whose they are."""
    rounds: list[list[int]] = []
    seen: dict[int, int] = {}
    for pk, user_id in told.filter(in_inbox=True).order_by("pk").values_list("pk", "user_id"):
        turn = seen[user_id] = seen.get(user_id, -1) + 1
        rounds.extend([] for _ in range(turn + 1 - len(rounds)))
        rounds[turn].append(pk)
    inbox.advance(seen, by=len(rounds))
    own_head = Inbox.objects.filter(user_id=OuterRef("user_id")).values("head")[:1]
    for turn, ids in enumerate(rounds):
        Notification.objects.filter(pk__in=ids).update(seq=Subquery(own_head) - (len(rounds) - 1 - turn))
    return set(seen)


def _cancel_unsent(told: Any, at: datetime) -> None:
    Delivery.objects.filter(notification__in=told, state__in=WAITING).update(
        state=DeliveryState.CANCELLED, reason=Reason.CLOSED, finished_at=at
    )


def _actor_of(payload: Mapping[str, Any], notice: type[Notice[Any]]) -> int | None:
    ended = notice.ending_of(payload)
    return ended[1].actor_id if ended else None
