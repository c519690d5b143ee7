"""A morning in Lyon on which two cars have passed the last age limit, from a process that has the journey's settings.

`python -m tests.journeys.ageing` lets it dawn and prints the two cars as JSON: where their pages are, and their lowest
prices in whole euros. The used-car manager wants to hear of each such car as well, so that two people are told.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from sites.models import Site
    from stock.mornings import Due

SONIA = "vo.lyon@demo.test"
# Older than anything else of the demo, so that they stand at the top of the board.
DAYS = 400


def main() -> None:
    """Let it dawn, and say which cars it is about."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dms.settings")
    django.setup()
    from django.db import transaction

    from sites.models import Group
    from sites.scope import group_scope

    with group_scope(Group.objects.get(slug="rhone").pk), transaction.atomic():
        print(json.dumps(dawn()))


def dawn() -> list[dict[str, Any]]:
    """The morning after the last one that the site has seen."""
    from core.clock import now
    from sites.models import Site
    from stock import ageing, mornings

    lyon, at = Site.objects.get(slug="lyon"), now()
    errand = _next_morning(lyon)
    ageing.tell_aged(lyon, day=errand.day - timedelta(days=1), at=at)  # whatever else has passed a limit
    _let_sonia_hear()
    cars = _grow_old(errand)
    mornings.run(errand, at=at)
    return cars


def _next_morning(site: Site) -> Due:
    from core.clock import now
    from stock.models import Errand, Morning
    from stock.mornings import Due

    today = now().astimezone(site.zone).date()
    seen = Morning.objects.filter(site=site, errand=Errand.AGEING, day__gte=today).order_by("-day").first()
    day = seen.day + timedelta(days=1) if seen else today
    return Due(site.group_id, site.pk, day, Errand.AGEING)


def _grow_old(errand: Due) -> list[dict[str, Any]]:
    from stock.models import Vehicle, VehicleStatus

    rows = Vehicle.objects.filter(site_id=errand.site_id, status=VehicleStatus.AVAILABLE, transfers=None)
    cars = list(rows.filter(price__gt=0, min_price__gt=0, highlighted_at=None).order_by("-arrived_on")[:2])
    Vehicle.objects.filter(pk__in=[car.pk for car in cars]).update(
        arrived_on=errand.day - timedelta(days=DAYS)
    )
    return [{"path": car.get_absolute_url(), "lowest": (car.min_price or 0) // 100} for car in cars]


def _let_sonia_hear() -> None:
    from notifications.choices import Channel
    from notifications.services import set_preference
    from sites.access import member_for
    from sites.models import User
    from stock.notices import VehicleAgedNotice

    sonia = member_for(User.objects.get(email=SONIA))
    assert sonia is not None
    set_preference(member=sonia, topic=VehicleAgedNotice.key, channel=Channel.IN_APP, enabled=True)


if __name__ == "__main__":
    main()
