"""The leads app's facts, made from its rows. What travels in a pool lead's fact must not give its customer away."""

from __future__ import annotations

from datetime import datetime

from leads.masking import hide_contacts
from leads.models import Enquiry, Lead, LeadSource
from leads.signals import LeadClaimed, LeadEnquiredAgain, LeadQuarantined, LeadReceived, LeadReleased
from sites.access import Member

# Characters of the message that a notification may quote; the lead itself keeps all of it.
QUOTED = 500


def received(lead: Lead, source: LeadSource, *, at: datetime) -> LeadReceived:
    """Contact details only when the lead has an owner."""
    message = lead.message[:QUOTED]
    return LeadReceived(
        group_id=lead.group_id,
        site_id=lead.site_id,
        occurred_at=at,
        lead_id=lead.pk,
        customer_name=lead.customer_name,
        vehicle=lead.vehicle_label,
        message=message if lead.owner_id else hide_contacts(message),
        source_name=source.name,
        site_name=source.site.name,
        assignee_id=lead.owner_id,
        phone=lead.phone if lead.owner_id else "",
        email=lead.email if lead.owner_id else "",
    )


def quarantined(lead: Lead, source: LeadSource, *, at: datetime) -> LeadQuarantined:
    """A suspect request waits for a reviewer."""
    return LeadQuarantined(
        group_id=lead.group_id,
        site_id=lead.site_id,
        occurred_at=at,
        lead_id=lead.pk,
        customer_name=lead.customer_name,
        source_name=source.name,
        site_name=source.site.name,
        suspicion=lead.quarantine_reason,
    )


def enquired_again(lead: Lead, enquiry: Enquiry, owner_id: int) -> LeadEnquiredAgain:
    """The customer wrote again; his salesperson may read everything."""
    return LeadEnquiredAgain(
        group_id=lead.group_id,
        site_id=lead.site_id,
        occurred_at=enquiry.received_at,
        lead_id=lead.pk,
        enquiry_id=enquiry.pk,
        customer_name=lead.customer_name,
        vehicle=lead.vehicle_label,
        message=enquiry.message[:QUOTED],
        owner_id=owner_id,
    )


def claimed(lead: Lead, by: Member, *, at: datetime) -> LeadClaimed:
    """`by` took the lead."""
    return LeadClaimed(
        group_id=lead.group_id,
        site_id=lead.site_id,
        occurred_at=at,
        actor_id=by.user.pk,
        lead_id=lead.pk,
        customer_name=lead.customer_name,
        owner_id=by.user.pk,
        owner_name=by.user.full_name,
    )


def released(lead: Lead, by: Member, *, at: datetime) -> LeadReleased:
    """`by` judged a suspect request, either way."""
    return LeadReleased(
        group_id=lead.group_id,
        site_id=lead.site_id,
        occurred_at=at,
        actor_id=by.user.pk,
        lead_id=lead.pk,
    )
