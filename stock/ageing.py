"""Age limits: each vehicle is told of once for every limit that it passes, in one alert a site and morning.

A vehicle that passes the last limit of its segment is also put before the site's manager by itself: he changes its
price, puts it in front or sends it to another site, and whatever he does ends the alert.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.enums import TextChoices

from core.money import currency_of
from sites.access import Member
from sites.models import Site
from stock.models import GONE, HERE, AgeLimit, AgeMark, Segment, Vehicle
from stock.services.refusals import StockNotAllowed
from stock.signals import (
    AgedVehicleDealtWith,
    VehicleAged,
    VehiclesAged,
    aged_vehicle_dealt_with,
    vehicle_aged,
    vehicles_aged,
)
from stock.thresholds import SET_LIMITS

# Days in stock after which a group hears of a vehicle as long as it sets no limits of its own: the steps of the
# trade's own stock reviews (a month, six weeks, two months, three months); MISSION M21 names 60.
DEFAULT_LIMITS = (30, 45, 60, 90)
MOST_LIMITS = 6
MOST_DAYS = 1_000

# Lines of the morning's alert; beyond so many vehicles at once each one's own alert would only be noise.
LINES = 3
MOST_ALONE = 5


class Deed(TextChoices):
    """What was done with an aged vehicle. The words are those of the notice."""

    GONE = "gone"
    MOVED = "moved"
    REPRICED = "repriced"
    HIGHLIGHTED = "highlighted"


class LimitsNotRising(ValueError):
    """Limits are whole days from 1 on, each higher than the one before, and not too many."""


@dataclass(frozen=True)
class Passed:
    """A vehicle that has passed a limit since it was last told of."""

    vehicle: Vehicle
    days: int
    limit: int
    is_last: bool


def set_age_limits(*, site_id: int, segment: str, days: Sequence[int], by: Member) -> None:
    """What a site hears of a segment; `segment` empty is for all that have none of their own, no days is « as before ».

    Raises StockNotAllowed, LimitsNotRising.
    """
    segment = Segment(segment).value if segment else ""
    if not by.can(SET_LIMITS, site_id) or not Site.objects.filter(pk=site_id).exists():
        raise StockNotAllowed(site_id)
    if (
        sorted(set(days)) != list(days)
        or len(days) > MOST_LIMITS
        or not all(0 < one <= MOST_DAYS for one in days)
    ):
        raise LimitsNotRising(*days)
    rows = AgeLimit.objects.filter(site_id=site_id, segment=segment)
    if not days:
        rows.delete()
        return
    AgeLimit.objects.update_or_create(
        group_id=by.group_id, site_id=site_id, segment=segment, defaults={"days": list(days)}
    )


def limits_at(site_ids: Iterable[int]) -> dict[int, dict[str, tuple[int, ...]]]:
    """Limits by site and segment, rising; under "" those of every other segment. One query."""
    found: dict[int, dict[str, tuple[int, ...]]] = {site_id: {"": DEFAULT_LIMITS} for site_id in site_ids}
    rows = AgeLimit.objects.filter(site_id__in=list(found))
    for site_id, segment, days in rows.values_list("site_id", "segment", "days"):
        found[site_id][segment] = tuple(days)
    return found


def tell_aged(site: Site, *, day: date, at: datetime) -> int:
    """Tell what has passed a limit on the site by its local `day`; how many. In the caller's transaction.

    However long nobody looked: of several limits that a vehicle has passed only the highest is told.
    """
    passed = _passed(site, limits_at([site.pk])[site.pk], day)
    if not passed:
        return 0
    last = [one for one in passed if one.is_last]
    alone = {one.vehicle.pk for one in last} if len(last) <= MOST_ALONE else set()
    _mark(site, passed, alone, at)
    vehicles_aged.send(_morning_fact(site, passed, day, at))
    for one in passed:
        if one.vehicle.pk in alone:
            told = _vehicle_fact(one.vehicle, site)
            vehicle_aged.send(VehicleAged(**told, occurred_at=at, days=one.days, limit=one.limit))
    return len(passed)


def close_dealt_with(*, at: datetime) -> int:
    """End the alerts of vehicles that were sold, moved, repriced or put in front since. Whoever did it, and however."""
    ended = 0
    for mark in _dealt_with().select_related("vehicle", "site"):
        with transaction.atomic():
            if not AgeMark.objects.filter(pk=mark.pk, is_open=True).update(is_open=False):
                continue
            told = _vehicle_fact(mark.vehicle, mark.site)
            fact = AgedVehicleDealtWith(**told, occurred_at=at, limit=mark.days, deed=_deed(mark).value)
            aged_vehicle_dealt_with.send(fact)
            ended += 1
    return ended


def _passed(site: Site, limits: Mapping[str, tuple[int, ...]], day: date) -> list[Passed]:
    """Oldest first. One query."""
    rows = Vehicle.objects.filter(site=site, status__in=HERE).filter(_newly_past(limits, day))
    found = []
    for vehicle in rows.order_by("arrived_on", "pk"):
        days, age = limits.get(vehicle.segment, limits[""]), vehicle.age_on(day)
        limit = max(one for one in days if one <= age)
        found.append(Passed(vehicle, age, limit, is_last=limit == days[-1]))
    return found


def _newly_past(limits: Mapping[str, tuple[int, ...]], day: date) -> Q:
    past = Q(pk__in=[])
    own = [segment for segment in limits if segment]
    for segment, days in limits.items():
        of_segment = Q(segment=segment) if segment else ~Q(segment__in=own)
        for limit in days:
            told = Q(age_mark__arrived_on=F("arrived_on"), age_mark__days__gte=limit)
            past |= of_segment & Q(arrived_on__lte=day - timedelta(days=limit)) & ~told
    return past


def _mark(site: Site, passed: Iterable[Passed], alone: set[Any], at: datetime) -> None:
    AgeMark.objects.bulk_create(
        [
            AgeMark(
                group_id=site.group_id,
                vehicle=one.vehicle,
                site=site,
                days=one.limit,
                arrived_on=one.vehicle.arrived_on,
                price=one.vehicle.price,
                told_at=at,
                is_open=one.vehicle.pk in alone,
            )
            for one in passed
        ],
        update_conflicts=True,
        unique_fields=["vehicle"],
        update_fields=["site", "days", "arrived_on", "price", "told_at", "is_open"],
        batch_size=500,
    )


def _dealt_with() -> QuerySet[AgeMark]:
    acted = (
        Q(vehicle__status__in=GONE)
        | ~Q(vehicle__site=F("site"))
        | Q(vehicle__price__lt=F("price"))
        | Q(vehicle__price__gt=F("price"))
        | Q(vehicle__price__isnull=True, price__isnull=False)
        | Q(vehicle__price__isnull=False, price__isnull=True)
        | Q(vehicle__highlighted_at__gt=F("told_at"))
    )
    return AgeMark.objects.filter(acted, is_open=True)


def _deed(mark: AgeMark) -> Deed:
    vehicle = mark.vehicle
    if vehicle.is_gone:
        return Deed.GONE
    if vehicle.site_id != mark.site_id:
        return Deed.MOVED
    return Deed.REPRICED if vehicle.price != mark.price else Deed.HIGHLIGHTED


def _morning_fact(site: Site, passed: Sequence[Passed], day: date, at: datetime) -> VehiclesAged:
    return VehiclesAged(
        group_id=site.group_id,
        occurred_at=at,
        site_id=site.pk,
        day=day,
        site_name=site.name,
        site_slug=site.slug,
        count=len(passed),
        lines=tuple((one.vehicle.short_label, one.days) for one in passed[:LINES]),
    )


def _vehicle_fact(vehicle: Vehicle, site: Site) -> dict[str, Any]:
    return {
        "group_id": site.group_id,
        "site_id": site.pk,
        "vehicle_id": vehicle.pk,
        "vehicle": vehicle.short_label,
        "site_name": site.name,
        "price": vehicle.price,
        "currency": currency_of(site.country),
    }
