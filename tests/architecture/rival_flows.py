"""What the rival asks for, wants and watches in its stock; each text with the mark that must not leak."""

from __future__ import annotations

from dataclasses import dataclass

from sites.models import Site, User
from stock.models import SavedView, Threshold, Transfer, WantedCar, WantedMatch
from tests.cast import MONDAY, make_site, make_vehicle


@dataclass(frozen=True)
class Flows:
    """One of each."""

    transfer: Transfer
    threshold: Threshold
    wanted: WantedCar
    match: WantedMatch
    view: SavedView


def flows(site: Site, person: User, mark: str) -> Flows:
    """In the group's scope."""
    vehicle = make_vehicle(site, version=mark)
    owned = {"group_id": site.group_id}
    there = make_site(site.group, f"{mark} Sud", slug="zebra-sud")
    wanted = WantedCar.objects.create(
        **owned, site=site, salesperson=person, customer_name=mark, make=mark, note=mark, created_at=MONDAY
    )
    return Flows(
        transfer=Transfer.objects.create(
            **owned,
            vehicle=vehicle,
            from_site=site,
            to_site=there,
            reason=mark,
            customer_name=mark,
            asked_by=person,
            asked_at=MONDAY,
        ),
        threshold=Threshold.objects.create(**owned, site=site, segment="city", least=1, enough=2),
        wanted=wanted,
        match=WantedMatch.objects.create(**owned, wanted=wanted, vehicle=vehicle, found_at=MONDAY),
        view=SavedView.objects.create(**owned, user=person, name=mark, query="segment=suv", is_shared=True),
    )
