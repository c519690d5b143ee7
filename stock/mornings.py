"""What is done once on each site's local day, at opening: telling what has aged, and what fits wanted cars.

A row is the right to do it: whoever inserts it does it, in the same transaction. So any number of schedulers, however
late, do it once; and on a day without opening hours it waits for the next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction

from sites.hours import SiteHours, hours_of_sites, instant_of
from sites.models import Site
from stock import ageing, matching, thresholds, wanting
from stock.models import Errand, Morning, Vehicle, WantedCar, WantedState

logger = logging.getLogger(__name__)

# When a site without opening hours begins its day.
WITHOUT_HOURS = time(8)
# The first morning of a site looks back so far; each later one to the one before it.
FIRST_LOOK = timedelta(days=7)
# Changes that were committed while the last morning ran are looked at again.
OVERLAP = timedelta(hours=1)

_INSERT = "INSERT INTO stock_morning (group_id, site_id, errand, day, ran_at) VALUES (%s, %s, %s, %s, %s)"
_ONCE = "ON CONFLICT (site_id, day, errand) DO NOTHING"


@dataclass(frozen=True)
class Due:
    """An errand of a site whose hour has come, on its local day."""

    group_id: int
    site_id: int
    day: date
    errand: Errand


def due(*, at: datetime) -> list[Due]:
    """What is to be done now, in all groups. Runs in every group's scope. Five queries, whatever their number."""
    groups = dict(Site.objects.values_list("pk", "group_id"))
    open_now = {}
    for site_id, hours in hours_of_sites(groups).items():
        day = day_at(hours, at)
        if day is not None:
            open_now[site_id] = day
    lately = at.date() - timedelta(days=2)
    done = set(Morning.objects.filter(day__gte=lately).values_list("site_id", "day", "errand"))
    return [
        Due(groups[site_id], site_id, day, errand)
        for site_id, day in sorted(open_now.items())
        for errand in Errand
        if (site_id, day, errand.value) not in done
    ]


def day_at(hours: SiteHours, at: datetime) -> date | None:
    """The site's local day if it has begun there and not ended: from opening to closing; None otherwise.

    A scheduler that comes to life at night leaves the day alone: its alerts would wait for the next opening, and
    come together with that day's own.
    """
    day = at.astimezone(hours.zone).date()
    stretches = hours.stretches(day) if hours.week else ((WITHOUT_HOURS, time.max),)
    if not stretches:
        return None
    opens = instant_of(datetime.combine(day, stretches[0][0], hours.zone))
    closes = instant_of(datetime.combine(day, stretches[-1][1], hours.zone))
    return day if opens <= at.astimezone(UTC) < closes else None


def run(one: Due, *, at: datetime) -> bool:
    """Do the errand in its group's scope, unless it is done; whether it was this run that did it."""
    try:
        with transaction.atomic():
            site = Site.objects.get(pk=one.site_id)
            before = _last_run(one)
            if not _claims(one, at):
                return False
            _DEEDS[one.errand](site, one.day, before, at)
    except Exception:
        logger.exception("The morning's %s of site %s could not be done", one.errand, one.site_id)
        return False
    return True


def _age(site: Site, day: date, _before: datetime | None, at: datetime) -> None:
    ageing.tell_aged(site, day=day, at=at)


def _want(site: Site, day: date, before: datetime | None, at: datetime) -> None:
    wanting.end_overdue(site, day=day)
    since = (before - OVERLAP) if before else at - FIRST_LOOK
    open_here = WantedCar.objects.filter(site=site, state=WantedState.OPEN)
    matching.match(Vehicle.objects.filter(updated_at__gte=since), day=day, at=at, searches=open_here)
    midnight = instant_of(datetime.combine(day, time(), site.zone))
    wanting.tell_matches(site, day=day, since=midnight, at=at)


def _recount(_site: Site, _day: date, _before: datetime | None, at: datetime) -> None:
    thresholds.recount(at=at)


_DEEDS: dict[Errand, Callable[[Site, date, datetime | None, datetime], None]] = {
    Errand.AGEING: _age,
    Errand.WANTED: _want,
    Errand.RECOUNT: _recount,
}


def _last_run(one: Due) -> datetime | None:
    ran = Morning.objects.filter(site_id=one.site_id, errand=one.errand, day__lt=one.day)
    return ran.order_by("-day").values_list("ran_at", flat=True).first()


def _claims(one: Due, at: datetime) -> bool:
    """Insert the row; a second run waits here for the first one's commit, and then finds it there."""
    values: list[Any] = [
        one.group_id,
        one.site_id,
        one.errand.value,
        connection.ops.adapt_datefield_value(one.day),
        connection.ops.adapt_datetimefield_value(at),
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"{_INSERT} {_ONCE}", values)
        return bool(cursor.rowcount == 1)
