"""What the demo's people did with their stock lately, through the product's own services, so that real alerts tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from dms.demo.acting import member_of, route_all
from sites.hours import hours_of, instant_of
from sites.models import Site, User
from stock import mornings, watching
from stock.models import Errand, Vehicle, VehicleStatus
from stock.services import reprice
from stock.transferring import ask_for_vehicle, start_transfer
from stock.wanting import want_car

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
# What is younger, nobody of the demo has looked at.
_LOOKED_AT = 7 * _HOUR


@dataclass(frozen=True)
class Search:
    """A customer's search, kept by a salesperson some time `ago`; amounts are whole euros or dollars."""

    by: str
    site: str
    customer: str
    ago: timedelta
    wish: Mapping[str, Any]


_SEARCHES = (
    Search("vendeur.lyon", "lyon", "Nathalie Faure", 9 * _DAY, {"make": "Peugeot", "model": "3008", "max_price": 32_000}),
    Search("vendeuse.lyon", "lyon", "Samir Bensalem", 6 * _DAY, {"make": "Renault", "model": "Clio", "max_price": 17_000, "max_distance": 500}),
    Search("vendeur.lyon", "lyon", "SARL Muller", 4 * _DAY, {"segment": "van", "note": "Deux pour le chantier"}),
    Search("vendeur.marseille", "marseille", "Léa Garcia", 5 * _DAY, {"make": "Fiat", "model": "500", "max_mileage": 60_000}),
    Search("vendeuse.marseille", "marseille", "Olivier Roux", 3 * _DAY, {"make": "Dacia", "model": "Duster", "max_price": 20_000}),
    Search("vendeur.paris", "paris", "Manon Chevalier", 2 * _DAY, {"segment": "city", "gearbox": "automatic", "max_price": 19_000}),
    Search("vendeur.quebec", "quebec", "Josée Fortin", 4 * _DAY, {"make": "Toyota", "model": "RAV4", "max_price": 42_000}),
)  # fmt: skip


def play_stock(*, sites: Mapping[str, Site], people: Mapping[str, User], at: datetime) -> None:
    """Searches, the last mornings, a lowered price, and two cars between sites. Runs in the group's scope."""
    for search in _SEARCHES:
        if search.by in people:
            _look_for(search, sites, people, at)
    watching.look(at=at - _DAY)
    for site in sites.values():
        _live_through_a_morning(site, at)
    if "stock.paris" in people:
        _lower(sites["lyon"], people, at - 20 * _HOUR)
        _send(sites["paris"], sites["lyon"], people, at - 19 * _HOUR)
        _ask(sites["marseille"], sites["lyon"], people, at - timedelta(minutes=35))
    watching.look(at=at)
    route_all(at)


def _look_for(search: Search, sites: Mapping[str, Site], people: Mapping[str, User], at: datetime) -> None:
    wish = {**search.wish, "customer_name": search.customer}
    if "max_price" in wish:
        wish["max_price"] *= 100
    want_car(site_id=sites[search.site].pk, values=wish, by=member_of(people[search.by]), at=at - search.ago)


def _live_through_a_morning(site: Site, at: datetime) -> None:
    """The latest one that is some hours past: what has aged is told, and what fits a search."""
    opening = _latest_opening(site, at - _LOOKED_AT)
    if opening is None:
        return
    ran_at = opening + timedelta(minutes=4)
    day = opening.astimezone(site.zone).date()
    for errand in Errand:
        mornings.run(mornings.Due(site.group_id, site.pk, day, errand), at=ran_at)
    route_all(ran_at)


def _latest_opening(site: Site, until: datetime) -> datetime | None:
    """The first opening of the last day that began before; None for a site that never opens."""
    hours, today = hours_of(site), until.astimezone(site.zone).date()
    for day in (today - timedelta(days=back) for back in range(8)):
        opening = hours.next_opening(instant_of(datetime.combine(day, time(), site.zone)))
        if opening is not None and opening <= until and opening.astimezone(site.zone).date() == day:
            return opening
    return None


def _lower(site: Site, people: Mapping[str, User], at: datetime) -> None:
    """The used-car manager gives way on a car that has stood for long, as far as he may."""
    car = next(
        (car for car in _for_sale(site) if car.price and car.min_price and car.price > car.min_price), None
    )
    if car is not None and car.price is not None and car.min_price is not None:
        cents = max(car.min_price, car.price - 500_00)
        reprice(vehicle_id=car.pk, cents=cents, by=member_of(people["vo.lyon"]), at=at)


def _send(from_site: Site, to_site: Site, people: Mapping[str, User], at: datetime) -> None:
    """A car that a customer of the other site wants is on the road."""
    for car in _for_sale(from_site)[4:5]:
        transfer = ask_for_vehicle(
            vehicle_id=car.pk, to_site_id=to_site.pk, by=member_of(people["vendeuse.lyon"]), at=at,
            reason="Essai demandé à Lyon", customer_name="Mme Aurélie Barbier",
        )  # fmt: skip
        route_all(at)
        sent_at = at + 2 * _HOUR
        start_transfer(
            transfer_id=transfer.pk, by=member_of(people["stock.paris"]), at=sent_at,
            expected_on=(sent_at + 2 * _DAY).date(),
        )  # fmt: skip
        route_all(sent_at)


def _ask(from_site: Site, to_site: Site, people: Mapping[str, User], at: datetime) -> None:
    """And one was asked for just now: its stock manager has it on his bell."""
    for car in _for_sale(from_site)[2:3]:
        ask_for_vehicle(
            vehicle_id=car.pk, to_site_id=to_site.pk, by=member_of(people["vendeur.lyon"]), at=at,
            reason="Client prêt à signer", customer_name="M. Guillaume Meunier",
        )  # fmt: skip
        route_all(at)


def _for_sale(site: Site) -> list[Vehicle]:
    """The oldest first."""
    rows = Vehicle.objects.filter(site=site, status=VehicleStatus.AVAILABLE, price__isnull=False)
    return list(rows.order_by("arrived_on", "stock_number")[:8])
