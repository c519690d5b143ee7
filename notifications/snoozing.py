"""Putting a line off: the hours that are offered, and the waking when an hour has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from notifications import inbox
from notifications.models import SNOOZED, Notification
from sites.access import Member
from sites.chosen import clock_of, sites_of
from sites.hours import SiteHours, hours_of

LONGEST = timedelta(days=366)
BATCH = 500  # lines woken in one transaction, which holds their inboxes
BATCHES_PER_RUN = 20

AFTERNOON, MORNING = time(14), time(9)
_LATEST_FOR_THE_AFTERNOON = time(13)


class NoSuchHour(ValueError):
    """The hour is past, more than a year away, or not one that is offered now."""


@dataclass(frozen=True)
class Preset:
    """An hour that is offered. `until` is an instant in UTC."""

    key: str
    label: str | Promise
    until: datetime


@dataclass(frozen=True)
class Presets:
    """The hours that are offered to a person, on the clock of his first site."""

    zone: ZoneInfo
    offered: tuple[Preset, ...]

    def until(self, key: str) -> datetime:
        """The hour of a preset. Raises NoSuchHour."""
        for preset in self.offered:
            if preset.key == key:
                return preset.until
        raise NoSuchHour(key)


def presets_for(member: Member, *, at: datetime) -> Presets:
    """What can be chosen at this moment. Four queries at the most."""
    sites = sites_of(member)
    zone = clock_of(sites, None)
    local = at.astimezone(zone)
    offered = [Preset("hour", _("In one hour"), (at + timedelta(hours=1)).astimezone(UTC))]
    if local.time() < _LATEST_FOR_THE_AFTERNOON:
        offered.append(Preset("afternoon", _("This afternoon"), _on(local.date(), AFTERNOON, zone)))
    offered.append(
        Preset("tomorrow", _("Tomorrow morning"), _on(local.date() + timedelta(days=1), MORNING, zone))
    )
    opening = _following_opening(hours_of(sites[0]), at) if sites else None
    if opening is not None:
        offered.append(Preset("opening", _("When the site opens"), opening))
    return Presets(zone, tuple(offered))


def checked_hour(until: datetime, *, at: datetime) -> datetime:
    """The hour, when it lies ahead and within a year. Raises NoSuchHour."""
    if not at < until <= at + LONGEST:
        raise NoSuchHour(until)
    return until


def wake_due(*, at: datetime) -> int:
    """Bring back what was put off until now, for the groups of the open scope; how many lines.

    They come back unread and on top, and ring. Several sweepers at once wake each line once. What was archived or
    closed meanwhile only forgets its hour: nothing of it shows.
    """
    Notification.objects.filter(snoozed_until__lte=at).exclude(SNOOZED).update(snoozed_until=None)
    woken = 0
    for _batch in range(BATCHES_PER_RUN):
        batch = _wake_batch(at)
        woken += batch
        if batch < BATCH:
            break
    return woken


@transaction.atomic
def _wake_batch(at: datetime) -> int:
    """One batch. The inboxes are locked first; only what is still asleep then counts."""
    due = Notification.objects.filter(SNOOZED, snoozed_until__lte=at)
    found = dict(due.order_by("snoozed_until", "pk").values_list("pk", "user_id")[:BATCH])
    if not found:
        return 0
    inbox.advance(set(found.values()), by=0)
    lines: dict[int, list[int]] = {}
    for pk, user_id in _still_asleep(due, found):
        lines.setdefault(user_id, []).append(pk)
    if lines:
        inbox.rewrite(lines, "snoozed_until = NULL, read_at = NULL, woken_at = %(at)s", at=_instant(at))
    return sum(map(len, lines.values()))


def _still_asleep(due: QuerySet[Notification], found: Mapping[int, int]) -> list[tuple[int, int]]:
    """(id, user id) of what no other sweeper has woken since it was found."""
    rows = due.filter(pk__in=found).order_by("snoozed_until", "pk")
    return list(rows.values_list("pk", "user_id"))


def _following_opening(hours: SiteHours, at: datetime) -> datetime | None:
    """The next time that the site opens; while it is open, the one after it has closed."""
    local = at.astimezone(hours.zone)
    wall = local.time().replace(fold=0)
    closes = (closes for opens, closes in hours.stretches(local.date()) if opens <= wall < closes)
    closing = next(closes, None)
    return hours.next_opening(_on(local.date(), closing, hours.zone) if closing else at)


def _on(day: date, wall: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, wall, zone).astimezone(UTC)


def _instant(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
