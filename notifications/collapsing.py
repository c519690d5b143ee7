"""The same subject again: the new alert takes the place of the line that its person has not read yet.

Ten messages of one customer are one line that says « 10 times », not ten. What is replaced moves to the archive, and
its messages that have not left are cancelled: the new ones say as much.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from notifications import inbox
from notifications.choices import DeliveryState, Reason
from notifications.declarations import Notice
from notifications.models import UNREAD, WAITING, Delivery, Event, EventKind, Notification
from notifications.planning import Plan
from notifications.writing import write_plan

OlderLines = list[tuple[int, int, int]]
"""(notification id, user id, alerts it stands for)"""


@transaction.atomic
def write(plan: Plan, subject: str) -> inbox.States | None:
    """Like `write_plan`, and unread lines of this type on the `subject` give way. None when somebody was quicker."""
    _one_after_another(plan.notice, subject)
    states = write_plan(plan)
    if not states:
        return states
    older = _older(plan, subject, states)
    if not older:
        return states
    _cancel_unsent([pk for pk, _user, _times in older], plan.at)
    _count(plan.event_id, older)
    return {**states, **_archive(older, plan.at)}


def _one_after_another(notice: type[Notice[Any]], subject: str) -> None:
    """Two routers with news of one subject: the second waits here, and then sees the first one's lines.

    SQLite has one writer at a time and needs no lock.
    """
    if connection.features.has_select_for_update:
        same = Event.objects.filter(subject=subject, type_key=notice.key, kind=EventKind.NOTICE)
        list(same.select_for_update().order_by("pk").values_list("pk", flat=True))


def _older(plan: Plan, subject: str, people: Iterable[int]) -> OlderLines:
    lines = Notification.objects.filter(
        UNREAD, event__subject=subject, event__type_key=plan.notice.key, user_id__in=list(people)
    )
    lines = lines.exclude(event_id=plan.event_id).order_by("pk")
    return list(lines.values_list("pk", "user_id", "times"))


def _cancel_unsent(ids: list[int], at: datetime) -> None:
    Delivery.objects.filter(notification_id__in=ids, state__in=WAITING).update(
        state=DeliveryState.CANCELLED, reason=Reason.REPLACED, finished_at=at
    )


def _count(event_id: int, older: OlderLines) -> None:
    """The new lines stand for those that they replace. One statement for each number, which few people differ in."""
    totals: dict[int, int] = defaultdict(int)
    for _pk, user_id, times in older:
        totals[user_id] += times
    people: dict[int, list[int]] = defaultdict(list)
    for user_id, total in totals.items():
        people[total].append(user_id)
    for total, who in people.items():
        Notification.objects.filter(event_id=event_id, user_id__in=who).update(times=total + 1)


def _archive(older: OlderLines, at: datetime) -> inbox.States:
    lines: dict[int, list[int]] = defaultdict(list)
    for pk, user_id, _times in older:
        lines[user_id].append(pk)
    return inbox.rewrite(lines, "archived_at = %(at)s", at=connection.ops.adapt_datetimefield_value(at))
