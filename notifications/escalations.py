"""What nobody has dealt with in time is told to the next people: the notice that `follows`.

Time is counted while the site is open. Routing writes when it may be due at the soonest; the calendar is asked when
that moment comes, so that hours which changed meanwhile count. What follows is an event like any other: its people
have preferences, and whoever deals with the matter ends all of it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from notifications import recording, registry
from notifications.declarations import Unanswered
from notifications.models import Escalation, Event, EventKind, Notification
from sites.hours import SiteHours, hours_of_sites

logger = logging.getLogger(__name__)

PER_RUN = 200
# A site that does not open for two months, or a row that cannot be read, is looked at again after this long.
LOOK_AGAIN = timedelta(days=1)


def tell_unanswered(*, at: datetime) -> None:
    """Tell what is due, in the scope's group. Two at once tell it once."""
    due = Escalation.objects.filter(done_at__isnull=True, due_at__lte=at)
    waiting = list(due.select_related("event").order_by("due_at")[:PER_RUN])
    hours = hours_of_sites({one.event.payload.get("site_id") for one in waiting} - {None})
    for one in waiting:
        try:
            _follow_up(one, hours, at)
        except Exception:
            logger.exception("What follows event %s could not be told", one.event_id)
            Escalation.objects.filter(pk=one.pk, done_at__isnull=True).update(due_at=at + LOOK_AGAIN)


def _follow_up(one: Escalation, hours: Mapping[int, SiteHours], at: datetime) -> None:
    notice = registry.get(one.type_key)
    waiting = Escalation.objects.filter(pk=one.pk, done_at__isnull=True)
    if notice.follows is None or _is_dealt_with(one.event):
        waiting.update(done_at=at)
        return
    moment = _moment(one.event, notice.follows, hours) or at + LOOK_AGAIN
    if moment > at:
        waiting.update(due_at=moment)
        return
    with transaction.atomic():
        if waiting.update(done_at=at):
            fact = notice.fact_from(one.event.payload)
            recording.record(notice, EventKind.NOTICE, fact, origin=one.event_id)


def _moment(event: Event, follows: Unanswered, hours: Mapping[int, SiteHours]) -> datetime | None:
    """When the time is up; None when the site will not be open for so long."""
    of_site = hours.get(event.payload.get("site_id") or 0)
    if of_site is None or not of_site.week:
        return event.occurred_at + follows.after
    return of_site.after_open(event.occurred_at, follows.after)


def _is_dealt_with(event: Event) -> bool:
    """Whether its subject was closed since, or somebody did what it asks for."""
    closed = Event.objects.filter(
        subject=event.subject, type_key=event.type_key, kind=EventKind.CLOSING, pk__gt=event.pk
    )
    return closed.exists() or Notification.objects.filter(event=event, acted_at__isnull=False).exists()
