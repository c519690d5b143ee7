"""Storms: when too much of one type happens on a site at once, the rest becomes one alert.

An import gone wrong states five thousand facts; the first few ring, then one alert says that there is more and where
to see it. Nothing is lost: what is gathered keeps its rows, with the reason, and its list is a page.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import count

from django.db import transaction

from core.signals import Fact
from notifications import inbox, recording, registry, rendering
from notifications.choices import Reason
from notifications.models import Event, EventKind, Notification
from notifications.planning import Plan
from notifications.signals import StormGathered
from notifications.writing import write_plan
from sites.models import User

SHOWN = 200
_STAMP = "%Y%m%d-%H"


@transaction.atomic
def write(plan: Plan, fact: Fact) -> inbox.States | None:
    """Write the plan as gathered: everybody considered has his row, nobody is told but of the storm, once an hour."""
    concerned = plan.reached
    states = write_plan(plan.silenced(Reason.IN_STORM))
    if states is not None and concerned:
        _tell(plan, fact, concerned)
    return states


def _tell(plan: Plan, fact: Fact, people: list[int]) -> None:
    """Tell those who have not heard of this hour's storm. Of two at once the second looks again."""
    notice = registry.get("notifications.storm")
    for attempt in count():
        gathered = StormGathered(
            group_id=fact.group_id,
            site_id=fact.site_id,
            occurred_at=plan.at,
            of=plan.notice.key,
            stamp=plan.at.strftime(_STAMP),
            user_ids=[],
        )
        told = Event.objects.filter(type_key=notice.key, subject=notice.subject_of(gathered))
        heard = list(told.values_list("payload__user_ids", flat=True))
        newcomers = set(people).difference(*heard)
        if not newcomers:
            return
        gathered = replace(gathered, user_ids=sorted(newcomers), part=len(heard) + attempt)
        if recording.record(notice, EventKind.NOTICE, gathered):
            return


def gathered_in(user: User, of: str, stamp: str) -> list[rendering.Line]:
    """What was gathered for the person in that hour, oldest first, at most SHOWN. Raises ValueError, UnknownNotice."""
    begins = datetime.strptime(f"{stamp}+0000", f"{_STAMP}%z")
    notice = registry.get(of)
    rows = Notification.objects.filter(
        user=user,
        reason=Reason.IN_STORM,
        event__type_key=of,
        created_at__gte=begins,
        created_at__lt=begins.replace(minute=59, second=59, microsecond=999_999),
    )
    payloads = rows.order_by("pk").values_list("event__payload", flat=True)[:SHOWN]
    messages = [rendering.render(notice, notice.fact_from(one), user.language) for one in payloads]
    return [rendering.Line(one.title, one.body, one.path) for one in messages]
