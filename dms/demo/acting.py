"""Letting the demo's people act: as members of their group, with the engine running beside them."""

from __future__ import annotations

from datetime import datetime

from notifications.models import Event
from notifications.routing import route
from sites.access import Member, member_for
from sites.models import User


def member_of(user: User) -> Member:
    """The person as services take him."""
    member = member_for(user)
    if member is None:
        raise ValueError(f"{user.email} belongs to no group")
    return member


def route_all(at: datetime) -> None:
    """Route what has just been recorded as if the router had run at `at`."""
    for event in list(Event.objects.filter(routed_at__isnull=True).order_by("pk")):
        route(event.hint, at=at)
