"""Reads about wanted cars: whose they are, what was found for them, and who looks for a vehicle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.money import currency_of, spoken_cents
from sites.access import Member
from sites.distances import kilometres
from stock.matching import fitting
from stock.models import OPEN_TRANSFERS, Transfer, Vehicle, WantedCar, WantedMatch, WantedState
from stock.wanting import SEE_ALL, WANT, visible_wanted

SHOWN = 60
# Matches that a card of the list names.
ON_A_CARD = 3


@dataclass(frozen=True)
class Match:
    """A vehicle for a search. `is_elsewhere`: it stands on another site, where one asks for it; `km` away, if known."""

    match: WantedMatch
    is_elsewhere: bool
    transfer: Transfer | None
    km: int | None

    @property
    def vehicle(self) -> Vehicle:
        return self.match.vehicle

    @property
    def is_new(self) -> bool:
        """No morning has told of it yet."""
        return self.match.told_at is None


@dataclass
class Search:
    """A wanted car with what was found for it, the cheapest first."""

    wanted: WantedCar
    is_own: bool
    matches: list[Match] = field(default_factory=list)

    @property
    def title(self) -> str:
        """« Peugeot 208 », or the segment."""
        one = self.wanted
        named = f"{one.make} {one.model}".strip()
        segment = str(one.get_segment_display()) if one.segment else ""
        return " · ".join(part for part in (named, segment) if part)

    @property
    def limits(self) -> list[str]:
        """What else the customer minds, in words."""
        one = self.wanted
        money = None if one.max_price is None else spoken_cents(one.max_price, currency_of(one.site.country))
        said = (
            money and _("up to %(price)s") % {"price": money},
            one.max_mileage is not None and _("up to %(km)s km") % {"km": intcomma(one.max_mileage)},
            one.min_year and _("from %(year)d on") % {"year": one.min_year},
            one.fuel and str(one.get_fuel_display()),
            one.gearbox and str(one.get_gearbox_display()),
            not one.elsewhere and _("here only"),
            one.elsewhere and one.max_distance and _("within %(km)d km") % {"km": one.max_distance},
        )
        return [str(words) for words in said if words]

    @property
    def first_matches(self) -> list[Match]:
        return self.matches[:ON_A_CARD]

    @property
    def more(self) -> int:
        return max(0, len(self.matches) - ON_A_CARD)

    @property
    def is_open(self) -> bool:
        return self.wanted.state == WantedState.OPEN


@dataclass(frozen=True)
class Wish:
    """Somebody's customer who looks for a vehicle. Whose he is everybody may know; who he is, his own people."""

    wanted: WantedCar
    shows_customer: bool


def searches_of(member: Member, *, everybody: bool, state: str) -> list[Search]:
    """His own searches, or all that he may see, newest first. Three queries, whatever their number."""
    rows = visible_wanted(member).filter(state=state).select_related("site", "salesperson")
    if not everybody:
        rows = rows.filter(salesperson=member.user)
    return _with_matches(list(rows.order_by("-created_at", "-pk")[:SHOWN]), member)


def search_for(member: Member, wanted_id: UUID) -> Search | None:
    """One search with all its matches, or None when it is missing or not for this person."""
    rows = visible_wanted(member).select_related("site", "salesperson").filter(pk=wanted_id)
    found = _with_matches(list(rows), member)
    return found[0] if found else None


def sees_everybodys(member: Member) -> bool:
    """Whether there is more to see than one's own."""
    return member.can(WANT) and member.can(SEE_ALL)


def wishes_for_vehicle(vehicle: Vehicle, member: Member) -> list[Wish]:
    """Who looks for such a car, in the whole group; one query."""
    rows = fitting(WantedMatch.objects.filter(vehicle=vehicle))
    rows = rows.select_related("wanted__site", "wanted__salesperson").order_by("wanted__created_at", "pk")
    sites = member.site_ids(SEE_ALL)
    return [
        Wish(
            match.wanted,
            match.wanted.salesperson_id == member.user.pk or sites is None or match.wanted.site_id in sites,
        )
        for match in rows
    ]


def _with_matches(rows: Sequence[WantedCar], member: Member) -> list[Search]:
    searches = {row.pk: Search(row, row.salesperson_id == member.user.pk) for row in rows}
    matches = list(_fitting_for(searches))
    transfers = _open_transfers({match.vehicle_id for match in matches})
    for match in matches:
        search = searches[match.wanted_id]
        is_elsewhere = match.vehicle.site_id != search.wanted.site_id
        km = kilometres(match.vehicle.site, search.wanted.site) if is_elsewhere else None
        search.matches.append(Match(match, is_elsewhere, transfers.get(match.vehicle_id), km))
    return list(searches.values())


def _fitting_for(wanted_ids: Iterable[UUID]) -> QuerySet[WantedMatch]:
    rows = fitting(WantedMatch.objects.filter(wanted_id__in=list(wanted_ids)))
    return rows.select_related("vehicle__site", "wanted").order_by("vehicle__price", "pk")


def _open_transfers(vehicle_ids: Iterable[UUID]) -> dict[UUID, Transfer]:
    rows = Transfer.objects.filter(Q(vehicle_id__in=list(vehicle_ids)), state__in=OPEN_TRANSFERS)
    return {transfer.vehicle_id: transfer for transfer in rows.select_related("to_site", "asked_by")}
