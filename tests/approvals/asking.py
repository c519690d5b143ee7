"""Short words for the tests of approvals: Camille owns a lead and asks for a discount on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from approvals.models import ApprovalRequest
from approvals.selectors import with_people
from leads.models import Lead, LeadSource, LeadStatus
from leads.services import ask_for_discount
from notifications import routing
from notifications.models import Event
from sites.models import OpeningHours, Site, User
from sites.scope import group_scope
from tests.cast import MONDAY, make_lead, member_of


def owned_lead(website: LeadSource, owner: User, **fields: Any) -> Lead:
    """A lead that the person has taken."""
    return make_lead(
        website, **{"owner": owner, "status": LeadStatus.CLAIMED, "claimed_at": MONDAY, **fields}
    )


def ask(
    website: LeadSource, asker: User, euros: int = 300, at: datetime = MONDAY, **fields: Any
) -> ApprovalRequest:
    """The person asks for a discount on a lead of his own."""
    lead = owned_lead(website, asker, **fields)
    with group_scope(website.group_id):
        return ask_for_discount(
            lead_id=lead.pk, cents=euros * 100, reason="Il signe aujourd'hui.", by=member_of(asker), at=at
        )


def now_is(request: ApprovalRequest) -> ApprovalRequest:
    """The request as it stands."""
    with group_scope(request.group_id):
        return with_people(ApprovalRequest.objects.filter(pk=request.pk)).get()


def route_all(request: ApprovalRequest, at: datetime = MONDAY) -> None:
    """Let the router run."""
    with group_scope(request.group_id):
        for event in Event.objects.filter(routed_at__isnull=True).order_by("pk"):
            routing.route(event.hint, at=at)


def open_all_week(site: Site) -> None:
    """The site opens from 9 to 18 on every day."""
    with group_scope(site.group_id):
        for weekday in range(7):
            OpeningHours.objects.create(
                group_id=site.group_id, site=site, weekday=weekday, opens="09:00", closes="18:00"
            )
