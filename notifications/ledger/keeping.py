"""Counting the nights: each local day of each group once it is over, and again while late receipts may change it.

A day is worked out of the rows and replaced as a whole: running it twice, late, or by two schedulers at once comes to
the same. What is due follows from the rows that there are, so a scheduler that slept makes up for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Min

from notifications.canaries import CANARY_GROUP
from notifications.ledger.equation import Span, count
from notifications.models import Event, LedgerDay
from sites.models import Group, Site
from sites.scope import group_scope

# On the group's clock: the day is over, digests of the evening have left, and nobody works.
NIGHT = time(3)
# Receipts come late: a day is counted again every night for a week, and every hour while it is not at its end.
OPEN_DAYS = timedelta(days=7)
AGAIN_AFTER = timedelta(hours=1)
# How far one goes back at the first count, or after a long sleep.
FURTHEST = timedelta(days=31)

_ONE_DAY = timedelta(days=1)


def count_all(*, at: datetime) -> None:
    """Count what is due in every group but the canaries'."""
    for group_id in Group.objects.exclude(slug=CANARY_GROUP).order_by("pk").values_list("pk", flat=True):
        with group_scope(group_id):
            for day in list(_due(at)):
                count_day(group_id, day, at=at)


def count_day(group_id: int, day: date, *, at: datetime) -> LedgerDay:
    """Count one local day of the scope's group and keep it in place of what was there."""
    figures, missing = count(span_of(day, zone_of_group()))
    kept, _is_new = LedgerDay.objects.update_or_create(
        group_id=group_id,
        day=day,
        defaults={
            "figures": msgspec.to_builtins(figures),
            "differences": msgspec.to_builtins(missing),
            "missing": len(missing),
            "unfinished": figures.unfinished,
            "counted_at": at,
        },
    )
    return kept


def zone_of_group() -> ZoneInfo:
    """The clock of the scope's group: that of its first site."""
    name = Site.objects.order_by("pk").values_list("time_zone", flat=True).first()
    return ZoneInfo(name or "Europe/Paris")


def span_of(day: date, zone: ZoneInfo) -> Span:
    """From midnight to midnight: 23, 24 or 25 hours."""
    return Span(datetime.combine(day, time(), zone), datetime.combine(day + _ONE_DAY, time(), zone))


def _due(at: datetime) -> Iterator[date]:
    """The days to count at this moment, the oldest first."""
    zone = zone_of_group()
    local = at.astimezone(zone)
    night = datetime.combine(local.date(), NIGHT, zone)
    last = local.date() - (_ONE_DAY if local >= night else 2 * _ONE_DAY)
    first = _first_day(zone, last)
    kept = {row.day: row for row in LedgerDay.objects.filter(day__gte=first)} if first else {}
    day = first
    while day is not None and day <= last:
        row = kept.get(day)
        if row is None or (day > last - OPEN_DAYS and _wants_another_look(row, night, at)):
            yield day
        day += _ONE_DAY


def _wants_another_look(row: LedgerDay, night: datetime, at: datetime) -> bool:
    is_open = bool(row.missing or row.unfinished)
    return row.counted_at < night <= at or (is_open and row.counted_at <= at - AGAIN_AFTER)


def _first_day(zone: ZoneInfo, last: date) -> date | None:
    """The day of the group's first event, unless that is too long ago; None while there is none."""
    began = Event.objects.aggregate(at=Min("recorded_at"))["at"]
    return max(began.astimezone(zone).date(), last - FURTHEST) if began else None
