"""How the demo's people looked at their alerts: most within minutes, some not at all, and better than a month ago.

In the past of the demo everybody had a phone and the providers took what was sent; now nobody has a device yet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.db.models import F, Q

from notifications import inbox
from notifications.choices import Channel, DeliveryState, Reason
from notifications.models import Delivery, Notification
from sites.hours import SiteHours, hours_of_sites
from sites.models import Membership, Site
from sites.roles import Role

# What is younger has been looked at by nobody yet: it is what a newcomer finds.
_STILL_NEW = timedelta(hours=6)
_A_MONTH = timedelta(days=30)
# A month ago they were this much slower.
_SLOWER_THEN = 1.5
# Of those whose site is closed, how many look at their phone all the same.
_FROM_THE_PHONE = 0.5

_SELLERS = (Role.SALESPERSON, Role.USED_CAR_MANAGER)
_SPREAD = 1.2


@dataclass(frozen=True)
class Habit:
    """How many of a type's alerts are never looked at, how soon the middle one is, in minutes, and how many opened."""

    ignored: float
    median: float
    opened: float = 0.55


_USUAL = Habit(ignored=0.08, median=12, opened=1.0)
_HABITS: Mapping[str, Habit] = {
    "leads.received": Habit(ignored=0.03, median=4),
    "leads.quarantined": Habit(ignored=1.0, median=240),  # robots, every day
    "approvals.asked": Habit(ignored=0.0, median=4),
}
# Where a customer who writes again is on the phone anyway, his salespeople no longer look. Those of Lyon do.
_TIRED_OF_IT = "leads.enquired_again"
_TIRED = Habit(ignored=0.95, median=35)
_STILL_LOOKS = "lyon"


def look_back(*, seed: int, at: datetime) -> None:
    """Let the scope's group have looked at what came until a few hours before `at`, and its messages have left."""
    looker = _Looker.read(seed, at)
    rows = Notification.objects.filter(in_inbox=True, created_at__lt=at - _STILL_NEW)
    changed = [row for row in rows.select_related("event").order_by("created_at", "pk") if looker.look(row)]
    Notification.objects.bulk_update(changed, ["seen_at", "read_at"], batch_size=500)
    _send(at)
    inbox.recount(set(rows.values_list("user_id", flat=True)))


@dataclass(frozen=True)
class _Looker:
    random: Random
    at: datetime
    hours: Mapping[int, SiteHours]
    sellers: frozenset[int]
    keen: frozenset[int]

    @classmethod
    def read(cls, seed: int, at: datetime) -> _Looker:
        hours = hours_of_sites(list(Site.objects.values_list("pk", flat=True)))
        sellers = Membership.objects.filter(role__in=_SELLERS)
        keen = frozenset(sellers.filter(site__slug=_STILL_LOOKS).values_list("user_id", flat=True))
        everybody = frozenset(sellers.values_list("user_id", flat=True))
        return cls(Random(seed), at, hours, everybody, keen)  # noqa: S311 - the same story every time

    def look(self, row: Notification) -> bool:
        """Whether the person looked; then with when he saw and, perhaps, opened it."""
        habit = self._habit(row)
        ignores, opens = self.random.random() < habit.ignored, self.random.random() < habit.opened
        looked_at = self._moment(row, habit)
        if row.acted_at is not None:
            looked_at = min(looked_at, row.acted_at)
        elif ignores or looked_at > self.at:
            return False
        row.seen_at = row.seen_at or looked_at
        if row.acted_at is not None or opens:
            row.read_at = row.read_at or row.acted_at or looked_at + timedelta(seconds=15)
        return True

    def _habit(self, row: Notification) -> Habit:
        if row.event.type_key == _TIRED_OF_IT and row.user_id not in self.keen:
            return _TIRED
        return _HABITS.get(row.event.type_key, _USUAL)

    def _moment(self, row: Notification, habit: Habit) -> datetime:
        """When he would look: at once while his site is open, else from the phone or at the opening."""
        slower = _SLOWER_THEN if self.at - row.created_at > _A_MONTH else 1.0
        minutes = self.random.lognormvariate(math.log(habit.median * slower), _SPREAD)
        hours = self.hours.get(row.event.payload.get("site_id") or 0)
        by_phone = row.user_id in self.sellers and self.random.random() < _FROM_THE_PHONE
        start = row.created_at if hours is None or by_phone else hours.next_opening(row.created_at)
        return (start or row.created_at) + timedelta(minutes=minutes)


def _send(at: datetime) -> None:
    """What was to leave has left, unless its person had looked or the matter was settled before."""
    past = Delivery.objects.filter(notification__created_at__lt=at - _STILL_NEW, notification__in_inbox=True)
    left = {"attempted_at": F("due_at"), "finished_at": F("due_at")}
    past.filter(channel=Channel.PUSH, state=DeliveryState.SUPPRESSED, reason=Reason.NO_DEVICE).update(
        state=DeliveryState.ACCEPTED, reason=Reason.ROLE_DEFAULT, **left
    )
    settled_after = Q(state=DeliveryState.CANCELLED, reason=Reason.CLOSED, finished_at__gt=F("due_at"))
    unseen = past.filter(Q(state=DeliveryState.PLANNED) | settled_after)
    unseen = unseen.filter(Q(notification__seen_at__isnull=True) | Q(notification__seen_at__gte=F("due_at")))
    Delivery.objects.filter(pk__in=list(unseen.values_list("pk", flat=True))).update(
        state=DeliveryState.DELIVERED, reason=Reason.ROLE_DEFAULT, **left
    )
    waiting = Delivery.objects.filter(state=DeliveryState.PLANNED)
    waiting.exclude(notification__event__type_key="approvals.asked").update(
        state=DeliveryState.CANCELLED, reason=Reason.SEEN, finished_at=at
    )
