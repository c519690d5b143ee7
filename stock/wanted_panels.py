"""What wanted cars add to a vehicle's page: who looks for such a car."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from sites.access import Member
from stock.models import Vehicle
from stock.panels import panel
from stock.wanted_list import wishes_for_vehicle
from stock.wanting import WANT

SHOWN = 8


@panel("wanted", title=_("Who looks for it"), icon="search", template="stock/wanted/_panel.html", order=10)
def who_wants(vehicle: Vehicle, member: Member, at: datetime) -> dict[str, Any] | None:  # noqa: ARG001 - a panel's shape
    """Customers of the whole group whose search it fits; None when nobody's does. One query."""
    if not member.can(WANT):
        return None
    wishes = wishes_for_vehicle(vehicle, member)
    if not wishes:
        return None
    return {"wishes": wishes[:SHOWN], "others": max(0, len(wishes) - SHOWN)}
