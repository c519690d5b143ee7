"""Wanted cars: what a customer looks for, kept by his salesperson until it is found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from sites.access import Member
from sites.models import Site
from stock.matching import fitting, wish_of
from stock.models import WantedCar, WantedMatch, WantedState
from stock.services.refusals import StockNotAllowed
from stock.signals import MatchesFound, matches_found

WANT = "stock.want_vehicle"
# Whoever writes the stock of a site sees what its customers look for: the wanted list is what he buys by.
SEE_ALL = "stock.edit_vehicle"

FIELDS = (
    "customer_name", "customer_phone", "customer_email", "make", "model", "segment", "fuel", "gearbox", "min_year",
    "max_mileage", "max_price", "elsewhere", "max_distance", "note", "ends_on",
)  # fmt: skip

# Lines of the morning's alert.
LINES = 3


class WantedNotFound(Exception):
    """There is no such search, or the person may not know of it; the two must look alike."""


class SearchesForNothing(ValueError):
    """A search that names neither make nor model nor segment fits everything."""


def visible_wanted(member: Member) -> QuerySet[WantedCar]:
    """His own searches, and those of the sites whose stock he keeps."""
    if not member.can(WANT):
        return WantedCar.objects.none()
    return WantedCar.objects.filter(Q(salesperson=member.user) | _on_sites_of(member))


def want_car(*, site_id: int, values: Mapping[str, Any], by: Member, at: datetime) -> WantedCar:
    """Note what a customer looks for; the stock is searched at once, and then each morning and at each arrival.

    Raises StockNotAllowed, SearchesForNothing.
    """
    if not by.can(WANT, site_id) or not Site.objects.filter(pk=site_id).exists():
        raise StockNotAllowed(site_id)
    wanted = WantedCar(group_id=by.group_id, site_id=site_id, salesperson=by.user, created_at=at)
    _fill(wanted, values)
    wanted.save(force_insert=True)
    return wanted


def change_wanted(*, wanted_id: UUID, values: Mapping[str, Any], by: Member) -> WantedCar:
    """Change a search; it is held against the stock anew. What it names decides: a new name, new matches.

    Raises WantedNotFound, SearchesForNothing.
    """
    with transaction.atomic():
        wanted = _his(wanted_id, by)
        before = wanted.make_folded, wanted.model_folded
        _fill(wanted, values)
        wanted.matched_at = None
        wanted.save()
        if before != (wanted.make_folded, wanted.model_folded):
            wanted.matches.filter(dismissed_at__isnull=True).delete()
    return wanted


def end_wanted(*, wanted_id: UUID, found: bool, by: Member) -> WantedCar:
    """The customer has his car, or looks no further. Again changes nothing. Raises WantedNotFound."""
    state = WantedState.FOUND if found else WantedState.ENDED
    with transaction.atomic():
        wanted = _his(wanted_id, by)
        WantedCar.objects.filter(pk=wanted.pk, state=WantedState.OPEN).update(state=state)
        wanted.refresh_from_db(fields=["state"])
    return wanted


def dismiss_match(*, match_id: int, by: Member, at: datetime) -> WantedMatch:
    """This vehicle is not for him, whatever it looks like. Raises WantedNotFound."""
    match = WantedMatch.objects.filter(pk=match_id, wanted__in=visible_wanted(by)).first()
    if match is None:
        raise WantedNotFound(match_id)
    WantedMatch.objects.filter(pk=match.pk, dismissed_at__isnull=True).update(dismissed_at=at)
    return match


def end_overdue(site: Site, *, day: date) -> int:
    """End the site's searches whose last day has passed; how many."""
    overdue = WantedCar.objects.filter(site=site, state=WantedState.OPEN, ends_on__lt=day)
    return overdue.update(state=WantedState.ENDED)


def tell_matches(site: Site, *, day: date, since: datetime, at: datetime) -> int:
    """One alert to each salesperson with searches on the site: what fits and was not told yet. How many alerts.

    In the caller's transaction. `since` is when the site's local `day` began: who was told on it already, by another
    site where he works too, hears the rest tomorrow. A vehicle that is gone meanwhile is left out.
    """
    told_today = WantedMatch.objects.filter(told_at__gte=since).values("wanted__salesperson")
    people = WantedCar.objects.filter(site=site, state=WantedState.OPEN).exclude(salesperson__in=told_today)
    untold = fitting(WantedMatch.objects.filter(told_at__isnull=True))
    rows = list(
        untold.filter(wanted__salesperson__in=people.values("salesperson"))
        .select_related("wanted", "vehicle")
        .select_for_update(of=("self",))
        .order_by("wanted__salesperson_id", "vehicle__price", "pk")
    )
    alerts = 0
    for salesperson_id, of_him in groupby(rows, key=lambda match: match.wanted.salesperson_id):
        matches = list(of_him)
        _mark_told(matches, at)
        matches_found.send(_found(site, salesperson_id, matches, day, at))
        alerts += 1
    return alerts


def _mark_told(matches: list[WantedMatch], at: datetime) -> None:
    ids = [match.pk for match in matches]
    for start in range(0, len(ids), 500):
        WantedMatch.objects.filter(pk__in=ids[start : start + 500], told_at__isnull=True).update(told_at=at)


def _found(
    site: Site, salesperson_id: int, matches: list[WantedMatch], day: date, at: datetime
) -> MatchesFound:
    vehicles = {match.vehicle_id for match in matches}
    return MatchesFound(
        group_id=site.group_id,
        occurred_at=at,
        site_id=site.pk,
        day=day,
        salesperson_id=salesperson_id,
        count=len(vehicles),
        searches=len({match.wanted_id for match in matches}),
        lines=tuple((match.vehicle.short_label, match.wanted.customer_name) for match in matches[:LINES]),
        vehicle_id=matches[0].vehicle_id if len(vehicles) == 1 else None,
    )


def _fill(wanted: WantedCar, values: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            setattr(wanted, name, values[name])
    wanted.make_folded, wanted.model_folded = wish_of(wanted.make, wanted.model)
    if not (wanted.make_folded or wanted.model_folded or wanted.segment):
        raise SearchesForNothing


def _his(wanted_id: UUID, by: Member) -> WantedCar:
    wanted = visible_wanted(by).select_for_update(of=("self",)).filter(pk=wanted_id).first()
    if wanted is None:
        raise WantedNotFound(wanted_id)
    return wanted


def _on_sites_of(member: Member) -> Q:
    sites = member.site_ids(SEE_ALL)
    # « Or everything » needs words: an empty Q is dropped from an « or ».
    return Q(pk__isnull=False) if sites is None else Q(site_id__in=sites)
