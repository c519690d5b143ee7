"""The ageing board: how old the stock of each site and segment is, what it binds and costs, which are the oldest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db.models import Count, DateField, DurationField, ExpressionWrapper, F, Q, Sum, Value
from django.utils.translation import gettext as _

from core.money import currency_of
from sites.access import Member
from sites.models import Site
from stock.access import EDIT, PRICE, SEE_MARGIN, TRANSFER
from stock.ageing import limits_at
from stock.models import HERE, Cost, Segment, Vehicle
from stock.thresholds import SET_LIMITS

# Days in stock: the last one of each class but the open one; 30/45/60/90 are the limits of the trade's reviews.
CLASS_ENDS = (30, 45, 60, 90)
OLDEST_SHOWN = 20


@dataclass(frozen=True)
class Class:
    """A part of a bar: so many vehicles, drawn from `x` on over `width` (of 1000); `key` chooses its colour."""

    key: str
    label: str
    count: int
    x: float
    width: float


@dataclass
class Bar:
    """One site or one segment. Amounts are cents; None where the reader may not see the margin."""

    label: str
    counts: list[int]
    days: int = 0
    capital: int | None = None
    holding: int | None = None
    unpriced: int = 0
    classes: list[Class] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def mean_days(self) -> int:
        return round(self.days / self.total) if self.total else 0

    @property
    def oldest(self) -> int:
        """How many stand in the last class."""
        return self.counts[-1]


@dataclass
class SiteAges:
    """A site's bar, those of its segments, and its limits as a form shows them."""

    site: Site
    whole: Bar
    segments: list[Bar]
    limits: Mapping[str, Sequence[int]]
    can_set: bool
    sees_margin: bool

    @property
    def currency(self) -> str:
        return currency_of(self.site.country)


@dataclass(frozen=True)
class Old:
    """One of the oldest, and what its reader may do about it."""

    vehicle: Vehicle
    days: int
    level: str
    can_price: bool
    can_highlight: bool
    can_transfer: bool


def class_labels() -> list[str]:
    """« 0–30 », …, « 90+ »."""
    starts = [0, *(end + 1 for end in CLASS_ENDS[:-1])]
    return [f"{first}–{last}" for first, last in zip(starts, CLASS_ENDS, strict=True)] + [
        f"{CLASS_ENDS[-1]}+"
    ]


def ages_of(sites: Sequence[Site], member: Member, today: date) -> list[SiteAges]:
    """The stock of these sites by age. Three queries, whatever the number of sites."""
    limits = limits_at(site.pk for site in sites)
    groups = _grouped(sites, today)
    costs = _costs(sites)
    found = []
    for site in sites:
        sees = member.can(SEE_MARGIN, site.pk)
        bars = [
            _bar(segment, row, costs.get((site.pk, segment), 0) if sees else None)
            for (site_id, segment), row in groups.items()
            if site_id == site.pk
        ]
        whole = _sum_of(site.name, bars, sees=sees)
        _draw([whole], whole.total)
        _draw(bars, max((bar.total for bar in bars), default=0))
        bars.sort(key=lambda bar: (-bar.total, bar.label))
        can_set = member.can(SET_LIMITS, site.pk)
        found.append(SiteAges(site, whole, bars, limits[site.pk], can_set, sees_margin=sees))
    return found


def oldest_of(sites: Sequence[Site], member: Member, today: date) -> list[Old]:
    """The oldest vehicles of these sites. Two queries: a vehicle goes where another site sells in its currency."""
    sell_in = Counter(currency_of(country) for country in Site.objects.values_list("country", flat=True))
    rows = Vehicle.objects.filter(site__in=sites, status__in=HERE).select_related("site")
    return [
        _old(vehicle, member, today, can_go=sell_in[vehicle.currency] > 1)
        for vehicle in rows.order_by("arrived_on", "pk")[:OLDEST_SHOWN]
    ]


def _grouped(sites: Sequence[Site], today: date) -> dict[tuple[int, str], Mapping[str, Any]]:
    age = ExpressionWrapper(Value(today, DateField()) - F("arrived_on"), output_field=DurationField())
    counts = {f"class_{number}": Count("pk", filter=one) for number, one in enumerate(_classes(today))}
    rows = (
        Vehicle.objects.filter(site__in=sites, status__in=HERE)
        .order_by()
        .values("site_id", "segment")
        .annotate(
            **counts,
            age=Sum(age),
            capital=Sum("purchase_price"),
            unpriced=Count("pk", filter=Q(purchase_price=None)),
        )
    )
    return {(row["site_id"], row["segment"]): row for row in rows}


def _classes(today: date) -> list[Q]:
    ends = [today - timedelta(days=end) for end in CLASS_ENDS]
    first = Q(arrived_on__gte=ends[0])
    middle = [Q(arrived_on__lt=younger, arrived_on__gte=older) for younger, older in pairwise(ends)]
    return [first, *middle, Q(arrived_on__lt=ends[-1])]


def _costs(sites: Sequence[Site]) -> dict[tuple[int, str], int]:
    rows = (
        Cost.objects.filter(vehicle__site__in=sites, vehicle__status__in=HERE)
        .order_by()
        .values_list("vehicle__site_id", "vehicle__segment")
        .annotate(sum=Sum("cents"))
    )
    return {(site_id, segment): cents for site_id, segment, cents in rows}


def _bar(segment: str, row: Mapping[str, Any], costs: int | None) -> Bar:
    counts = [row[f"class_{number}"] for number in range(len(CLASS_ENDS) + 1)]
    bar = Bar(str(Segment(segment).label) if segment else _("Without segment"), counts)
    bar.days, bar.unpriced = max(0, row["age"].days), row["unpriced"]
    if costs is not None:
        bar.capital = (row["capital"] or 0) + costs
        bar.holding = bar.days * int(settings.STOCK_HOLDING_COST_PER_DAY_CENTS)
    return bar


def _sum_of(label: str, bars: Iterable[Bar], *, sees: bool) -> Bar:
    parts = list(bars)
    counts = [sum(bar.counts[number] for bar in parts) for number in range(len(CLASS_ENDS) + 1)]
    whole = Bar(label, counts, days=sum(bar.days for bar in parts))
    whole.unpriced = sum(bar.unpriced for bar in parts)
    if sees:
        whole.capital = sum(bar.capital or 0 for bar in parts)
        whole.holding = sum(bar.holding or 0 for bar in parts)
    return whole


def _draw(bars: Iterable[Bar], longest: int) -> None:
    for bar in bars:
        x = 0.0
        for number, (label, count) in enumerate(zip(class_labels(), bar.counts, strict=True)):
            width = round(1000 * count / longest, 1) if longest else 0.0
            bar.classes.append(Class(f"age-{number}", label, count, round(x, 1), width))
            x += width


def _old(vehicle: Vehicle, member: Member, today: date, *, can_go: bool) -> Old:
    days, site_id = vehicle.age_on(today), vehicle.site_id
    return Old(
        vehicle,
        days,
        level="late" if days > CLASS_ENDS[-1] else "warm" if days > CLASS_ENDS[1] else "fresh",
        can_price=member.can(PRICE, site_id),
        can_highlight=member.can(EDIT, site_id),
        can_transfer=can_go and member.can(TRANSFER, site_id),
    )
