"""Short words for the tests of transfers: Lyon asks for what stands in Marseille."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from notifications import routing
from notifications.models import Event
from sites.models import Group, Site, User
from sites.scope import group_scope
from stock.models import Transfer, Vehicle
from stock.transferring import ask_for_vehicle, found
from tests.cast import MONDAY, member_of


def asked(vehicle: Vehicle, to_site: Site, by: User, at: datetime = MONDAY, **fields: Any) -> Transfer:
    """`by` asks for the vehicle."""
    with group_scope(vehicle.group_id):
        return ask_for_vehicle(
            vehicle_id=vehicle.pk, to_site_id=to_site.pk, by=member_of(by), at=at, **fields
        )


def now_is(transfer: Transfer, reader: User) -> Transfer:
    """The transfer as it stands."""
    with group_scope(transfer.group_id):
        return found(transfer.pk, member_of(reader))


def route_all(group: Group, at: datetime = MONDAY) -> None:
    """Let the router run."""
    with group_scope(group.pk):
        for event in Event.objects.filter(routed_at__isnull=True).order_by("pk"):
            routing.route(event.hint, at=at)
