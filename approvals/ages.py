"""How long a request has waited, in the time that counts: while its site was open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals.models import ApprovalRequest
from sites.hours import SiteHours, hours_of_sites, instant_of


@dataclass(frozen=True)
class Waiting:
    """An open request as a line of a list. `minutes` are open ones of its site."""

    request: ApprovalRequest
    minutes: float
    can_decide: bool = True

    @property
    def is_late(self) -> bool:
        return self.request.remind_at is None


def waiting_lines(requests: list[ApprovalRequest], at: datetime, *, can_decide: bool) -> list[Waiting]:
    """The requests with the open minutes that each has waited. Three queries, whatever their number."""
    hours = hours_of_sites({request.site_id for request in requests}) if requests else {}
    return [
        Waiting(request, open_minutes(hours[request.site_id], request.asked_at, at), can_decide=can_decide)
        for request in requests
    ]


def open_minutes(hours: SiteHours, since: datetime, until: datetime) -> float:
    """For how many minutes between two instants the site was open."""
    day, last_day = since.astimezone(hours.zone).date(), until.astimezone(hours.zone).date()
    total = timedelta(0)
    while day <= last_day:
        for opens, closes in hours.stretches(day):
            start = max(since, instant_of(datetime.combine(day, opens, hours.zone)))
            end = min(until, instant_of(datetime.combine(day, closes, hours.zone)))
            total += max(end - start, timedelta(0))
        day += timedelta(days=1)
    return total.total_seconds() / 60
