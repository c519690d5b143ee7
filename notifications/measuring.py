"""Keeping the measures: each local day of each site is worked out of its alerts, and replaced as a whole.

So running it twice, late, or from nothing comes to the same. A day is looked at again for a week, because people
look late; who has not looked by then counts as one who ignored it for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Max, Min

from notifications import registry
from notifications.choices import DeliveryState
from notifications.declarations import Notice
from notifications.measures import ANY_CHANNEL, Cell
from notifications.models import DayMeasure, Delivery, EventKind, Notification
from notifications.outcomes import Outcome, Told, outcome_of, reaction_of
from sites.hours import SiteHours, hours_of_sites
from sites.locks import hold_group
from sites.models import Group, Membership, Site
from sites.roles import PERMISSIONS, Role
from sites.scope import group_scope

# How long a day is looked at again.
OPEN_DAYS = timedelta(days=7)
# What is held in memory at once.
DAYS_AT_ONCE = timedelta(days=7)

_ONE_DAY = timedelta(days=1)
# No clock on earth is further from UTC.
_WIDEST_OFFSET = timedelta(hours=14)

# A message that left, whatever became of it; and one that reached its person as far as anybody can tell.
LEFT = (
    DeliveryState.ACCEPTED,
    DeliveryState.DELIVERED,
    DeliveryState.FAILED_PERMANENT,
    DeliveryState.UNKNOWN,
    DeliveryState.DEAD,
)
ARRIVED = (DeliveryState.ACCEPTED, DeliveryState.DELIVERED)

Arrivals = dict[str, bool]
"""channel → whether a message of it arrived"""


def measure_all(*, at: datetime) -> None:
    """Bring every group up to the instant `at`: what changed since the last time, or everything the first time."""
    for group_id in Group.objects.order_by("pk").values_list("pk", flat=True):
        with group_scope(group_id):
            latest = DayMeasure.objects.aggregate(day=Max("day"))["day"]
            measure(group_id, since=latest - OPEN_DAYS if latest else None, at=at)


def measure(group_id: int, *, since: date | None, at: datetime) -> None:
    """Work out the scope's group's days from `since` on (None: from its first alert) until `at`."""
    first = since or _first_day()
    if first is None:
        return
    calendar = _Calendar.read()
    last = (at + _WIDEST_OFFSET).date()
    while first <= last:
        until = min(first + DAYS_AT_ONCE, last + _ONE_DAY)
        _replace(group_id, first, until, _worked_out(calendar, first, until, at), at)
        first = until


def _first_day() -> date | None:
    earliest = Notification.objects.aggregate(at=Min("created_at"))["at"]
    return (earliest - _WIDEST_OFFSET).date() if earliest else None


@dataclass(frozen=True)
class _Calendar:
    """What tells where, when and for whom an alert counts."""

    hours: Mapping[int, SiteHours]
    home: SiteHours | None
    roles: Mapping[int, list[tuple[Role, int | None]]]
    notices: Mapping[str, type[Notice[Any]]]

    @classmethod
    def read(cls) -> _Calendar:
        hours = hours_of_sites(list(Site.objects.order_by("pk").values_list("pk", flat=True)))
        roles: dict[int, list[tuple[Role, int | None]]] = {}
        for user_id, role, site_id in Membership.objects.values_list("user_id", "role", "site_id"):
            roles.setdefault(user_id, []).append((Role(role), site_id))
        notices = {notice.key: notice for notice in registry.all_notices()}
        return cls(hours, next(iter(hours.values()), None), roles, notices)

    def day_of(self, moment: datetime, site_id: int | None) -> date:
        """The local day at the site; of what concerns none, at the group's first."""
        hours = self.hours[site_id] if site_id else self.home
        return moment.astimezone(hours.zone if hours else UTC).date()

    def role_of(self, user_id: int, notice: type[Notice[Any]], site_id: int | None) -> str:
        """The first of the person's roles that lets him hear of it, in the order of `Role`; empty when he has none."""
        here = {role for role, site in self.roles.get(user_id, ()) if site is None or site == site_id}
        return next((role for role in Role if role in here and notice.needs in PERMISSIONS[role]), "")


@dataclass
class _Days:
    """Cells by site and day, filled alert by alert."""

    cells: dict[tuple[int | None, date], dict[tuple[str, str, str], Cell]] = field(default_factory=dict)

    def cell(self, site_id: int | None, day: date, key: tuple[str, str, str]) -> Cell:
        of_day = self.cells.setdefault((site_id, day), {})
        found = of_day.get(key)
        if found is None:
            found = of_day[key] = Cell(*key)
        return found


def _worked_out(calendar: _Calendar, first: date, until: date, at: datetime) -> _Days:
    """The days from `first` to before `until`. Two queries."""
    midnight, widest = datetime.combine(first, time(), UTC), _WIDEST_OFFSET
    span = (midnight - widest, datetime.combine(until, time(), UTC) + widest)
    arrivals = _arrivals(span)
    days = _Days()
    for pk, user_id, in_inbox, key, site_id, *moments in _told(span):
        notice, told = calendar.notices.get(key), Told(*moments)
        here = site_id if site_id in calendar.hours else None
        day = calendar.day_of(told.created_at, here)
        channels = arrivals.get(pk)
        if notice is None or not channels or not first <= day < until:
            continue
        hours, role = calendar.hours.get(here or 0), calendar.role_of(user_id, notice, here)
        # Whether somebody looked is known of what lies in his inbox; an email alone was sent, and that is all.
        counted = _counted(told, hours, at) if in_inbox else Cell("", "", "")
        itself = ((ANY_CHANNEL, any(channels.values())),) if in_inbox else ()
        for channel, arrived in (*itself, *channels.items()):
            _count(days.cell(here, day, (key, role, channel)), counted, arrived=arrived)
    return days


def _arrivals(span: tuple[datetime, datetime]) -> dict[int, Arrivals]:
    """notification id → its channels. Two devices of a person are one message."""
    rows = Delivery.objects.filter(
        state__in=LEFT, notification__created_at__gte=span[0], notification__created_at__lt=span[1]
    )
    found: dict[int, Arrivals] = {}
    for pk, channel, state in rows.values_list("notification_id", "channel", "state"):
        channels = found.setdefault(pk, {})
        channels[channel] = channels.get(channel, False) or state in ARRIVED
    return found


def _told(span: tuple[datetime, datetime]) -> Iterable[tuple[Any, ...]]:
    rows = Notification.objects.filter(
        created_at__gte=span[0], created_at__lt=span[1], event__kind=EventKind.NOTICE
    )
    return rows.values_list(
        "pk", "user_id", "in_inbox", "event__type_key", "event__payload__site_id",
        "created_at", "seen_at", "read_at", "acted_at", "closed_at", "archived_at",
    ).iterator()  # fmt: skip


def _counted(told: Told, hours: SiteHours | None, at: datetime) -> Cell:
    """One alert's own counts; seen, read and acted each include the next."""
    outcome = outcome_of(told, hours, at)
    looked_at = outcome is Outcome.LOOKED_AT
    reaction = reaction_of(told, hours) if looked_at else None
    return Cell(
        "", "", "",
        seen=int(looked_at),
        read=int(looked_at and (told.read_at or told.acted_at) is not None),
        acted=int(looked_at and told.acted_at is not None),
        settled=int(outcome is Outcome.SETTLED),
        ignored=int(outcome is Outcome.IGNORED),
        reactions=[] if reaction is None else [int(reaction.total_seconds())],
    )  # fmt: skip


def _count(cell: Cell, one: Cell, *, arrived: bool) -> None:
    """A message that did not arrive was sent, and nothing else is known of it."""
    cell.sent += 1
    if not arrived:
        return
    cell.arrived += 1
    cell.seen += one.seen
    cell.read += one.read
    cell.acted += one.acted
    cell.settled += one.settled
    cell.ignored += one.ignored
    cell.reactions += one.reactions


@transaction.atomic
def _replace(group_id: int, first: date, until: date, days: _Days, at: datetime) -> None:
    """Put these days in the place of what was there; of two at once, one after the other."""
    hold_group(group_id)
    DayMeasure.objects.filter(day__gte=first, day__lt=until).delete()
    DayMeasure.objects.bulk_create(
        DayMeasure(
            group_id=group_id,
            site_id=site_id,
            day=day,
            cells=msgspec.json.encode(list(cells.values())).decode(),
            measured_at=at,
        )
        for (site_id, day), cells in days.cells.items()
    )
