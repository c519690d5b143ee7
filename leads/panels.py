"""What the leads app adds to a vehicle's page: who has asked for this very car."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.models import SUSPECT
from leads.selectors import VIEW, visible_leads
from sites.access import Member
from stock.models import Vehicle
from stock.panels import panel

SHOWN = 6


@panel(
    "leads",
    title=_("Leads on this vehicle"),
    icon="person-raised-hand",
    template="leads/_vehicle_panel.html",
    order=20,
)
def leads_on(vehicle: Vehicle, member: Member, at: datetime) -> dict[str, Any] | None:  # noqa: ARG001 - a panel's shape
    """The newest leads that name its stock number or VIN, of those that the reader may see. One query."""
    names = Q()
    if vehicle.stock_number:
        names |= Q(stock_number__iexact=vehicle.stock_number)
    if vehicle.vin:
        names |= Q(vin__iexact=vehicle.vin)
    if not names or not member.can(VIEW):
        return None
    leads = visible_leads(member).filter(names).exclude(status__in=SUSPECT)
    found = list(leads.select_related("site", "source", "owner").order_by("-received_at", "-pk")[: SHOWN + 1])
    return {
        "leads": found[:SHOWN],
        "has_more": len(found) > SHOWN,
        "number": vehicle.stock_number or vehicle.vin,
    }
