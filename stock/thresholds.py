"""Thresholds: how many vehicles of a segment a site wants, and when somebody hears that there are too few.

What counts is what may still be sold: in the yard, in preparation, and ordered or on its way already, so that nobody
buys twice. What is reserved has its buyer. A vehicle between two sites counts where it stands: at the one it leaves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, F, Q

from sites.access import Member
from sites.models import Site
from stock.models import SELLABLE, Kind, Segment, Threshold, Vehicle
from stock.services.refusals import StockNotAllowed
from stock.signals import SegmentFellShort, SegmentWellAgain, segment_fell_short, segment_well_again

SET_LIMITS = "stock.set_limits"

# « Lately »: a month of sales says what customers of this site want now.
LATELY = timedelta(days=30)
TOP = 3

Place = tuple[int, str, str]
"""(site id, segment, kind); kind empty is whatever kind"""


class ThresholdNotFound(Exception):
    """There is no such threshold, or the person may not know of it."""


class WellBelowLeast(ValueError):
    """It cannot be well again below the number that alerts."""


def set_threshold(
    *, site_id: int, segment: str, kind: str, least: int, enough: int, by: Member, at: datetime
) -> Threshold:
    """Set or change what the site wants; whoever buys hears at once when it is short already.

    Raises StockNotAllowed (also for a site that is none), WellBelowLeast.
    """
    segment, kind = Segment(segment).value, Kind(kind).value if kind else ""
    if enough < least:
        raise WellBelowLeast(least, enough)
    if not by.can(SET_LIMITS, site_id) or not Site.objects.filter(pk=site_id).exists():
        raise StockNotAllowed(site_id)
    with transaction.atomic():
        threshold, _new = Threshold.objects.update_or_create(
            group_id=by.group_id,
            site_id=site_id,
            segment=segment,
            kind=kind,
            defaults={"least": least, "enough": enough},
        )
        recount(at=at)
    return threshold


def remove_threshold(*, threshold_id: int, by: Member, at: datetime) -> None:
    """Nobody hears of it any more. Raises ThresholdNotFound, StockNotAllowed."""
    with transaction.atomic():
        rows = Threshold.objects.select_related("site").select_for_update(of=("self",))
        threshold = rows.filter(pk=threshold_id).first()
        if threshold is None:
            raise ThresholdNotFound(threshold_id)
        if not by.can(SET_LIMITS, threshold.site_id):
            raise StockNotAllowed(threshold_id)
        if threshold.below_since is not None:
            segment_well_again.send(_well_again(threshold, 0, at))
        threshold.delete()


def recount(*, at: datetime) -> int:
    """Hold every threshold of the scope's group against its stock; how many fell below or recovered.

    One grouped count for all of them. The rows are locked before it, so that of two counts the later one has the
    last word; each change of state is a conditional UPDATE, so that one spell is told once.
    """
    with transaction.atomic():
        thresholds = list(
            Threshold.objects.select_related("site").select_for_update(of=("self",)).order_by("pk")
        )
        if not thresholds:
            return 0
        counts = counts_at({one.site_id for one in thresholds})
        fallen = [one for one in thresholds if _is_short(one, counts) and _falls(one, at)]
        risen = [one for one in thresholds if _has_recovered(one, counts) and _recovers(one)]
        sold = sold_lately(map(place_of, fallen), at=at) if fallen else {}
        for one in fallen:
            segment_fell_short.send(_fell_short(one, counts[place_of(one)], sold.get(place_of(one), ()), at))
        for one in risen:
            segment_well_again.send(_well_again(one, counts[place_of(one)], at))
    return len(fallen) + len(risen)


def place_of(threshold: Threshold) -> Place:
    """Where and what it counts."""
    return threshold.site_id, threshold.segment, threshold.kind


def counts_at(site_ids: Iterable[int]) -> Counter[Place]:
    """What may still be sold on these sites, by segment, of each kind and of all. One query."""
    rows = (
        Vehicle.objects.filter(site_id__in=list(site_ids), status__in=SELLABLE)
        .order_by()
        .values_list("site_id", "segment", "kind")
        .annotate(number=Count("pk"))
    )
    counts: Counter[Place] = Counter()
    for site_id, segment, kind, number in rows:
        counts[site_id, segment, kind] += number
        counts[site_id, segment, ""] += number
    return counts


def sold_lately(places: Iterable[Place], *, at: datetime) -> Mapping[Place, tuple[tuple[str, int], ...]]:
    """What sold in the last 30 days, the best first. One query, whatever the number of places."""
    wanted = list(places)
    rows = (
        Vehicle.objects.filter(site_id__in={site_id for site_id, _segment, _kind in wanted})
        .filter(segment__in={segment for _site, segment, _kind in wanted})
        .filter(sold_at__gt=at - LATELY, sold_at__lte=at)
        .order_by()
        .values_list("site_id", "segment", "kind", "make", "model")
        .annotate(number=Count("pk"))
    )
    models: dict[Place, Counter[str]] = defaultdict(Counter)
    for site_id, segment, kind, make, model, number in rows:
        for place in ((site_id, segment, kind), (site_id, segment, "")):
            models[place][f"{make} {model}".strip()] += number
    return {place: _best(models[place]) for place in wanted}


def _best(models: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(models.items(), key=lambda one: (-one[1], one[0]))[:TOP])


def _is_short(threshold: Threshold, counts: Counter[Place]) -> bool:
    return threshold.below_since is None and counts[place_of(threshold)] < threshold.least


def _has_recovered(threshold: Threshold, counts: Counter[Place]) -> bool:
    return threshold.below_since is not None and counts[place_of(threshold)] >= threshold.enough


def _falls(threshold: Threshold, at: datetime) -> bool:
    healthy = Threshold.objects.filter(pk=threshold.pk, below_since__isnull=True)
    if not healthy.update(below_since=at, spells=F("spells") + 1):
        return False
    threshold.below_since, threshold.spells = at, threshold.spells + 1
    return True


def _recovers(threshold: Threshold) -> bool:
    return bool(
        Threshold.objects.filter(Q(pk=threshold.pk), below_since__isnull=False).update(below_since=None)
    )


def _fell_short(
    threshold: Threshold, count: int, sold: tuple[tuple[str, int], ...], at: datetime
) -> SegmentFellShort:
    return SegmentFellShort(
        group_id=threshold.group_id,
        occurred_at=at,
        site_id=threshold.site_id,
        threshold_id=threshold.pk,
        spell=threshold.spells,
        segment=threshold.segment,
        kind=threshold.kind,
        site_name=threshold.site.name,
        site_slug=threshold.site.slug,
        count=count,
        least=threshold.least,
        enough=threshold.enough,
        sold=sold,
    )


def _well_again(threshold: Threshold, count: int, at: datetime) -> SegmentWellAgain:
    return SegmentWellAgain(
        group_id=threshold.group_id,
        occurred_at=at,
        site_id=threshold.site_id,
        threshold_id=threshold.pk,
        spell=threshold.spells,
        segment=threshold.segment,
        kind=threshold.kind,
        site_name=threshold.site.name,
        count=count,
    )
