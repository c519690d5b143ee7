"""Exceptional discounts: the owner of a lead asks, a manager grants, the lead keeps what was granted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from approvals.models import ApprovalRequest
from approvals.services import ask_for_approval
from leads.models import Discount, Lead
from leads.selectors import lead_for
from leads.services.claiming import LeadNotFound
from sites.access import Member


class NotYourLead(Exception):
    """Only who has the lead asks for a discount on its vehicle."""


def subject_of(lead: Lead) -> str:
    """By which the approvals engine knows the lead."""
    return f"lead:{lead.pk}"


def ask_for_discount(*, lead_id: UUID, cents: int, reason: str, by: Member, at: datetime) -> ApprovalRequest:
    """Ask for a discount, in cents of the site's currency.

    Raises:
        LeadNotFound: no such lead for this person.
        NotYourLead: he may only look at it.
        approvals.services.NobodyToAsk, approvals.services.AlreadyAsked.
    """
    from leads.approvals import DiscountApproval  # which grants by this very module

    lead = lead_for(by, lead_id)
    if lead is None:
        raise LeadNotFound(lead_id)
    if not may_ask(lead, by):
        raise NotYourLead(lead_id)
    about = f"{lead.customer_name} · {lead.vehicle_label}" if lead.vehicle_label else lead.customer_name
    return ask_for_approval(
        kind=DiscountApproval,
        subject=subject_of(lead),
        about=about[:200],
        site=lead.site,
        cents=cents,
        reason=reason,
        by=by,
        at=at,
    )


def may_ask(lead: Lead, member: Member) -> bool:
    """The rule, for one lead; no query."""
    return lead.owner_id == member.user.pk and not lead.is_suspect


def grant_discount(*, lead_id: UUID, request: ApprovalRequest, by: Member, at: datetime) -> Discount:
    """Note what was approved, in the transaction of the decision."""
    lead = Lead.objects.get(pk=lead_id)
    return Discount.objects.create(
        group_id=lead.group_id,
        lead=lead,
        request=request,
        cents=request.amount or 0,
        currency=request.currency,
        granted_by=by.user,
        granted_at=at,
    )
