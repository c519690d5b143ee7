"""The stock's watch: what changed is held against thresholds, transfers, asked prices, aged vehicles and wanted cars.

Everything here may run in any number at once and any number of times: each step is conditional, or an insert that is
ignored when it is there. What fails is logged and tried again by the next look; it holds up nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from stock.ageing import close_dealt_with
from stock.matching import has_new_searches, match, match_new_searches
from stock.models import StockHint, Vehicle, WantedCar
from stock.overtaken import lapse_overtaken_prices, settle_overtaken
from stock.thresholds import recount

logger = logging.getLogger(__name__)

# Hints that one look takes; what is left over is taken by the next.
AT_ONCE = 500


def groups_with_work() -> set[int]:
    """Where something has changed that nobody looked at. Runs in every group's scope. Two queries."""
    changed = StockHint.objects.values_list("group_id", flat=True).distinct()
    searching = WantedCar.objects.filter(has_new_searches()).values_list("group_id", flat=True).distinct()
    return {*changed, *searching}


def look(*, at: datetime) -> bool:
    """Look at what changed in the scope's group; whether more waits."""
    hints = list(StockHint.objects.order_by("pk")[:AT_ONCE])
    day = at.date()
    steps: list[Callable[[], object]] = [partial(match_new_searches, day=day, at=at)]
    if hints:
        steps += [
            partial(settle_overtaken, at=at),
            partial(lapse_overtaken_prices, at=at),
            partial(close_dealt_with, at=at),
            partial(recount, at=at),
            partial(match, changed(hints), day=day, at=at),
        ]
    outcomes = [_went_well(step) for step in steps]
    all_went_well = all(outcomes)
    if all_went_well:
        StockHint.objects.filter(pk__in=[hint.pk for hint in hints]).delete()
    return all_went_well and len(hints) == AT_ONCE


def changed(hints: list[StockHint]) -> QuerySet[Vehicle]:
    """The vehicles that they speak of. An import names none: then whatever it wrote."""
    named = {pk for hint in hints for pk in hint.vehicle_ids}
    since = min((hint.since for hint in hints if not hint.vehicle_ids), default=None)
    of_import = Q(pk__in=[]) if since is None else Q(updated_at__gte=since)
    return Vehicle.objects.filter(Q(pk__in=named) | of_import)


def _went_well(step: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            step()
    except Exception:
        logger.exception("The stock's watch could not finish a step")
        return False
    return True
