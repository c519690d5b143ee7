"""How fast leads are taken: the figures that the home page shows and the promise that they are measured by.

Minutes are those of the clock. A lead counts towards the promise once it is taken or the ten minutes are over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Q

from leads.models import SUSPECT, LeadStatus
from leads.selectors import visible_leads
from sites.access import Member
from sites.models import Site

# What dealers were promised (MISSION M27): a customer is called back within this time.
PROMISE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Wait:
    """One lead's wait. `taken_at` is None while nobody has taken it."""

    site_id: int
    owner_id: int | None
    received_at: datetime
    taken_at: datetime | None

    @property
    def minutes(self) -> float | None:
        return None if self.taken_at is None else (self.taken_at - self.received_at).total_seconds() / 60

    @property
    def is_waiting(self) -> bool:
        return self.taken_at is None and self.owner_id is None

    def is_due(self, at: datetime) -> bool:
        return self.taken_at is not None or at - self.received_at > PROMISE

    @property
    def kept_promise(self) -> bool:
        return self.taken_at is not None and self.taken_at - self.received_at <= PROMISE


@dataclass(frozen=True)
class Speed:
    """What a set of waits amounts to; percentages and medians are None when there is nothing to measure."""

    received: int
    taken: int
    median_minutes: float | None
    prompt_percent: int | None


@dataclass(frozen=True)
class Queue:
    """How many wait in the pool now, and since when the first."""

    length: int
    oldest: datetime | None


@dataclass(frozen=True)
class SiteSpeed:
    """One row of the managers' table."""

    site: Site
    speed: Speed
    queue: Queue


def waits_since(member: Member, since: datetime, *, site_id: int | None = None) -> list[Wait]:
    """The waits of leads that the member sees: those since then, and all that still wait. One query."""
    recent = Q(received_at__gte=since) | Q(status=LeadStatus.NEW)
    leads = visible_leads(member).exclude(status__in=SUSPECT).filter(recent)
    if site_id is not None:
        leads = leads.filter(site_id=site_id)
    rows = leads.order_by("received_at").values_list("site_id", "owner_id", "received_at", "claimed_at")
    return [Wait(*row) for row in rows]


def speed_of(waits: Iterable[Wait], at: datetime) -> Speed:
    """Fold waits into figures, as they stand at the instant `at`."""
    waits = list(waits)
    minutes = [wait.minutes for wait in waits if wait.minutes is not None]
    due = [wait for wait in waits if wait.is_due(at)]
    return Speed(
        received=len(waits),
        taken=len(minutes),
        median_minutes=median(minutes) if minutes else None,
        prompt_percent=round(100 * sum(wait.kept_promise for wait in due) / len(due)) if due else None,
    )


def queue_of(waits: Iterable[Wait]) -> Queue:
    """The pool's part of the waits."""
    since = [wait.received_at for wait in waits if wait.is_waiting]
    return Queue(len(since), min(since, default=None))


def speed_by_site(
    waits: Sequence[Wait], sites: Iterable[Site], *, since: datetime, at: datetime
) -> list[SiteSpeed]:
    """The figures of each site for what arrived since then, and its whole queue, in the order of `sites`."""
    by_site: dict[int, list[Wait]] = {}
    for wait in waits:
        by_site.setdefault(wait.site_id, []).append(wait)
    rows = []
    for site in sites:
        here = by_site.get(site.pk, [])
        recent = [wait for wait in here if wait.received_at >= since]
        rows.append(SiteSpeed(site, speed_of(recent, at), queue_of(here)))
    return rows
