"""How fast leads are taken: the figures that the home page shows and the promise that they are measured by.

Minutes are those of the clock. A lead counts towards the promise once it is taken or the ten minutes are over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from leads.models import SUSPECT
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
    waiting: int
    median_minutes: float | None
    prompt_percent: int | None


@dataclass(frozen=True)
class SiteSpeed:
    """One row of the managers' table."""

    site: Site
    speed: Speed
    oldest_waiting: datetime | None


def waits_since(member: Member, since: datetime, *, site_id: int | None = None) -> list[Wait]:
    """The waits of every lead that the member may see and that arrived since then. One query."""
    leads = visible_leads(member).exclude(status__in=SUSPECT).filter(received_at__gte=since)
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
        waiting=sum(wait.taken_at is None and wait.owner_id is None for wait in waits),
        median_minutes=median(minutes) if minutes else None,
        prompt_percent=round(100 * sum(wait.kept_promise for wait in due) / len(due)) if due else None,
    )


def speed_by_site(waits: Sequence[Wait], sites: Iterable[Site], at: datetime) -> list[SiteSpeed]:
    """The same figures for each site, in the order of `sites`."""
    return [_site_speed(site, [wait for wait in waits if wait.site_id == site.pk], at) for site in sites]


def _site_speed(site: Site, waits: list[Wait], at: datetime) -> SiteSpeed:
    waiting = [wait.received_at for wait in waits if wait.taken_at is None and wait.owner_id is None]
    return SiteSpeed(site, speed_of(waits, at), min(waiting, default=None))
