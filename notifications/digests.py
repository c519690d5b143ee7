"""Digests: what was held for the same moment is told as one message, or alone when it is little.

A held delivery is a row with a `due_at` and a `cadence`; nothing else remembers it. Telling is one transaction: the
members become `digested` under a `Digest` row, and one delivery of an event of its own takes their place and
travels like any other. Two tellers at once: the second finds no member left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import connection, transaction

from notifications import letters
from notifications.calendars import calendars_of
from notifications.choices import Cadence, Channel, DeliveryState, Reason
from notifications.models import WAITING, Delivery, Digest, Event, EventKind, Notification
from notifications.signals import DigestTold

# So few are told one by one: a digest of three says less than they do.
ALONE = 3

# Digests that one run tells: the next run comes within seconds.
PER_RUN = 100

DIGEST_KEY = "notifications.digest"


def tell_due(channel: Channel, *, at: datetime) -> int:
    """Tell what is due together on the channel, in the scope's group; how many people had something waiting."""
    due = Delivery.objects.filter(channel=channel, state__in=WAITING, due_at__lte=at).exclude(cadence="")
    waiting = list(due.values_list("notification__user_id", "cadence").distinct()[:PER_RUN])
    for user_id, cadence in waiting:
        with transaction.atomic():
            _tell(user_id, channel, Cadence(cadence), at)
    return len(waiting)


def _tell(user_id: int, channel: Channel, cadence: Cadence, at: datetime) -> None:
    members = _locked_members(user_id, channel, cadence, at)
    if not members:
        return
    reachable = calendars_of([user_id], at)[user_id].reachable_from(at)
    if reachable > at:  # his hours have changed, or the scheduler comes late
        _change(members, due_at=reachable)
        return
    members = _still_of_use(members, at)
    if len({member.notification_id for member in members}) <= ALONE:
        _change(members, cadence="")
        return
    _tell_together(user_id, channel, cadence, members, at)


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
        reason = letters.why_not(member, allowed, devices)
        if reason is None:
            of_use.append(member)
        else:
            _change([member], state=DeliveryState.CANCELLED, reason=reason, finished_at=at)
    return of_use


def _tell_together(
    user_id: int, channel: Channel, cadence: Cadence, members: Sequence[Delivery], at: datetime
) -> None:
    group_id = members[0].group_id
    digest = Digest.objects.create(
        group_id=group_id,
        user_id=user_id,
        channel=channel,
        cadence=cadence,
        period=at.isoformat(),
        told_at=at,
    )
    count = len({member.notification_id for member in members})
    fact = DigestTold(group_id=group_id, occurred_at=at, user_id=user_id, digest_id=digest.pk, count=count)
    notification = _told(fact, user_id, at)
    Delivery.objects.bulk_create(
        Delivery(
            group_id=group_id,
            notification=notification,
            channel=channel,
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
