"""What to buy: for each segment of a site how many there are and should be, how fast they sell, and at which price."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F
from django.db.models.functions import TruncDate

from core.money import currency_of
from sites.access import Member
from sites.models import Site
from stock.models import Segment, Threshold, Vehicle
from stock.segments import kind_name
from stock.thresholds import SET_LIMITS, Place, counts_at, place_of, sold_lately

# Three months even out a good week and a holiday.
SPAN = timedelta(days=90)
MONTHS = 3
# A month of sales in the yard is a stock turn of one (good used-car sites turn faster); half as much again is well.
LEAST_MONTHS, ENOUGH_MONTHS = 1.0, 1.5


@dataclass(frozen=True)
class Sales:
    """Of the last 90 days: how many, how long they stood (days), at what price (cents)."""

    count: int = 0
    days: int | None = None
    price: int | None = None

    @property
    def per_month(self) -> float:
        return round(self.count / MONTHS, 1)

    @property
    def suggested(self) -> tuple[int, int] | None:
        """(alert below, well again from) that these sales speak for; None without any."""
        if not self.count:
            return None
        a_month = self.count / MONTHS
        least = max(1, math.ceil(a_month * LEAST_MONTHS))
        return least, max(least + 1, math.ceil(a_month * ENOUGH_MONTHS))


@dataclass(frozen=True)
class Row:
    """One segment of a site, with its threshold if it has one."""

    site: Site
    segment: str
    kind: str
    stock: int
    sales: Sales
    best: Sequence[tuple[str, int]]
    threshold: Threshold | None = None

    @property
    def missing(self) -> int:
        """How many to buy until all is well again; none while nobody is alerted."""
        if self.threshold is None or not self.is_short:
            return 0
        return max(0, self.threshold.enough - self.stock)

    @property
    def is_short(self) -> bool:
        one = self.threshold
        return one is not None and (one.below_since is not None or self.stock < one.least)

    @property
    def label(self) -> str:
        kind = kind_name(self.kind)
        name = str(Segment(self.segment).label)
        return f"{name} · {kind}" if kind else name

    @property
    def currency(self) -> str:
        return currency_of(self.site.country)

    @property
    def filled(self) -> int:
        """Percent of what should be there, at most 100."""
        enough = self.threshold.enough if self.threshold else 0
        return min(100, round(100 * self.stock / enough)) if enough else 0

    @property
    def proposed(self) -> tuple[int, int] | tuple[str, str]:
        """What the form begins with: the threshold as it is, else what the sales speak for, else nothing."""
        if self.threshold is not None:
            return self.threshold.least, self.threshold.enough
        return self.sales.suggested or ("", "")

    @property
    def key(self) -> str:
        """Names the row within a page."""
        return "-".join(part for part in (self.site.slug, self.segment, self.kind) if part)


@dataclass(frozen=True)
class SiteRows:
    """A site's segments: what is short first."""

    site: Site
    rows: list[Row]
    can_set: bool


def purchase_list(sites: Sequence[Site], member: Member, at: datetime) -> list[SiteRows]:
    """Every segment of these sites that has a threshold, sales or stock. Four queries, whatever their number."""
    thresholds = {place_of(one): one for one in Threshold.objects.filter(site__in=sites)}
    counts, sales = counts_at([site.pk for site in sites]), _sales(sites, at)
    places = {place for place in (*counts, *sales) if not place[2] and place[1]} | set(thresholds)
    best = sold_lately(places, at=at)
    found = []
    for site in sites:
        rows = [
            Row(
                site,
                segment,
                kind,
                stock=counts[site_id, segment, kind],
                sales=sales.get((site_id, segment, kind), Sales()),
                best=best[site_id, segment, kind],
                threshold=thresholds.get((site_id, segment, kind)),
            )
            for site_id, segment, kind in places
            if site_id == site.pk
        ]
        rows.sort(key=lambda row: (-row.missing, row.threshold is None, -row.sales.count, row.label))
        found.append(SiteRows(site, rows, member.can(SET_LIMITS, site.pk)))
    return found


def _sales(sites: Sequence[Site], at: datetime) -> dict[Place, Sales]:
    stood = ExpressionWrapper(TruncDate("sold_at") - F("arrived_on"), output_field=DurationField())
    rows = (
        Vehicle.objects.filter(site__in=sites, sold_at__gt=at - SPAN, sold_at__lte=at)
        .order_by()
        .values("site_id", "segment", "kind")
        .annotate(number=Count("pk"), priced=Count("price"), stood=Avg(stood), mean=Avg("price"))
    )
    sums: dict[Place, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for kind in {row["kind"], ""}:
            _add(sums[row["site_id"], row["segment"], kind], row)
    return {place: _as_sales(sum_of) for place, sum_of in sums.items()}


def _add(sum_of: Counter[str], row: Mapping[str, Any]) -> None:
    sum_of["count"] += row["number"]
    sum_of["days"] += round(max(0.0, row["stood"].total_seconds()) / 86_400 * row["number"])
    sum_of["priced"] += row["priced"]
    sum_of["cents"] += round(float(row["mean"] or 0) * row["priced"])


def _as_sales(sum_of: Counter[str]) -> Sales:
    priced = sum_of["priced"]
    return Sales(
        count=sum_of["count"],
        days=round(sum_of["days"] / sum_of["count"]),
        price=round(sum_of["cents"] / priced / 100_00) * 100_00 if priced else None,
    )
