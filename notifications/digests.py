"""Digests: what was held for the same moment is told as one message, or alone when it is little.

A held delivery is a row with a `due_at` and a `cadence`; nothing else remembers it. Telling is one transaction: the
members become `digested` under a `Digest` row, and one delivery of an event of its own takes their place and
travels like any other. Two tellers at once: the second finds no member left, or the period told.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from django.db import InterfaceError, OperationalError, connection, transaction

from notifications import letters
from notifications.calendars import calendars_of
from notifications.choices import Cadence, Channel, DeliveryState, Reason
from notifications.models import WAITING, Delivery, Digest, Event, EventKind, Notification
from notifications.pacing import period_of, slot_of_next_period
from notifications.signals import DigestTold
from notifications.timing import Calendar

logger = logging.getLogger(__name__)

# So few of a night are told one by one: a digest of three says less than they do. Who asked for a recap gets one.
ALONE = 3

# People whom one run tells, and messages that it looks at to find them: the next run comes at once. So a night of
# a hundred thousand is told in runs that all cost the same.
PER_RUN = 100
LOOKED_AT = 1000

# What cannot be told is looked at again after this long.
TRIED_AGAIN = timedelta(minutes=10)

DIGEST_KEY = "notifications.digest"


def tell_due(channel: Channel, *, at: datetime) -> int:
    """Tell what is due together on the channel, in the scope's group; how many people had something waiting."""
    due = Delivery.objects.filter(channel=channel, state__in=WAITING, due_at__lte=at).exclude(cadence="")
    oldest = due.order_by("due_at").values_list("notification__user_id", "cadence")[:LOOKED_AT]
    waiting = list(dict.fromkeys(oldest))[:PER_RUN]
    calendars = calendars_of({user_id for user_id, _cadence in waiting}, at) if waiting else {}
    for user_id, cadence in waiting:
        try:
            with transaction.atomic():
                _tell(user_id, calendars[user_id], channel, Cadence(cadence), at)
        except (OperationalError, InterfaceError):
            raise  # the database is away, for everybody
        except Exception:  # the trouble of one person is nobody else's
            logger.exception("What waits for person %s on %s cannot be told", user_id, channel)
            his = due.filter(notification__user_id=user_id, cadence=cadence)
            his.update(due_at=at + TRIED_AGAIN)
    return len(waiting)


def _tell(user_id: int, calendar: Calendar, channel: Channel, cadence: Cadence, at: datetime) -> None:
    members = _locked_members(user_id, channel, cadence, at)
    if not members:
        return
    reachable = calendar.reachable_from(at)
    if reachable > at:  # his hours have changed, or the scheduler comes late
        _change(members, due_at=reachable)
        return
    members = _still_of_use(members, at)
    if len({member.notification_id for member in members}) <= (ALONE if cadence == Cadence.OPENING else 1):
        _release(members, cadence)
        return
    digest, is_new = Digest.objects.get_or_create(
        user_id=user_id,
        channel=channel,
        cadence=cadence,
        period=period_of(cadence, calendar, at),
        defaults={"group_id": members[0].group_id, "told_at": at},
    )
    if is_new:
        _tell_together(digest, members, at)
    else:
        _change(members, due_at=slot_of_next_period(cadence, calendar, at))


def _locked_members(user_id: int, channel: Channel, cadence: Cadence, at: datetime) -> list[Delivery]:
    due = Delivery.objects.filter(
        notification__user_id=user_id, channel=channel, cadence=cadence, state__in=WAITING, due_at__lte=at
    )
    if connection.features.has_select_for_update:
        due = due.select_for_update(of=("self",))
    return list(due.select_related(*letters.NEEDED_ROWS).order_by("due_at", "pk"))


def _still_of_use(members: Sequence[Delivery], at: datetime) -> list[Delivery]:
    """Without those that somebody has dealt with meanwhile, which are cancelled with the reason."""
    allowed, devices = letters.still_allowed(members), letters.devices_of(members)
    of_use = []
    for member in members:
        try:
            reason = letters.why_not(member, allowed, devices)
        except Exception:  # a type that is gone, a payload of another time: alone it is tried and given up
            logger.exception("Delivery %s cannot be gathered", member.pk)
            _change([member], cadence="")
            continue
        if reason is None:
            of_use.append(member)
        else:
            _change([member], state=DeliveryState.CANCELLED, reason=reason, finished_at=at)
    return of_use


def _release(members: Sequence[Delivery], cadence: Cadence) -> None:
    """They leave one by one. One of a recap would be gathered again, if its reason did not say that it was."""
    if cadence == Cadence.OPENING:
        _change(members, cadence="")
    else:
        _change(members, cadence="", reason=Reason.TOLD_ALONE)


def _tell_together(digest: Digest, members: Sequence[Delivery], at: datetime) -> None:
    told = {member.notification_id: member.reason for member in members}
    fact = DigestTold(
        group_id=digest.group_id,
        occurred_at=at,
        user_id=digest.user_id,
        digest_id=digest.pk,
        count=len(told),
        cadence=digest.cadence,
        beyond_limit=sum(reason == Reason.OVER_BUDGET for reason in told.values()),
    )
    notification = _told(fact, digest.user_id, at)
    Delivery.objects.bulk_create(
        Delivery(
            group_id=digest.group_id,
            notification=notification,
            channel=digest.channel,
            endpoint=endpoint,
            reason=Reason.IN_DIGEST,
            due_at=at,
        )
        for endpoint in sorted({member.endpoint for member in members})
    )
    _change(members, state=DeliveryState.DIGESTED, digest=digest, reason=Reason.IN_DIGEST, finished_at=at)


def _told(fact: DigestTold, user_id: int, at: datetime) -> Notification:
    """The digest as an event that is routed already: it has one addressee, and its lines are in his inbox."""
    key = f"digest:{fact.digest_id}"
    event = Event.objects.create(
        group_id=fact.group_id,
        type_key=DIGEST_KEY,
        kind=EventKind.NOTICE,
        dedupe_key=key,
        subject=key,
        payload=msgspec.to_builtins(fact),
        occurred_at=at,
        recorded_at=at,
        routed_at=at,
    )
    return Notification.objects.create(
        group_id=fact.group_id,
        event=event,
        user_id=user_id,
        in_inbox=False,
        reason=Reason.IN_DIGEST,
        created_at=at,
    )


def _change(members: Sequence[Delivery], **values: object) -> None:
    Delivery.objects.filter(pk__in=[member.pk for member in members]).update(**values)
