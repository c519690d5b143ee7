"""What the API tells of a lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from leads.contact import Contact, Masked, contact_for, full_contact
from leads.masking import hide_contacts
from leads.models import Lead
from sites.access import Member
from sites.keys import KeyHolder


class ContactOut(msgspec.Struct, kw_only=True):
    """How to reach the customer. `is_shown` is false, and dots stand for what there is, before the claim."""

    email: str
    phone: str
    message: str
    page_url: str
    is_shown: bool


class VehicleOut(msgspec.Struct, kw_only=True):
    """The vehicle that the customer asks about; `max_price` is in the site's currency."""

    make: str
    model: str
    year: int | None
    vin: str
    stock_number: str
    max_price: Decimal | None


class LeadOut(msgspec.Struct, kw_only=True):
    """One lead. Times are UTC. `owner` is a name."""

    id: UUID
    status: str
    site: str
    source: str
    customer_name: str
    contact: ContactOut
    vehicle: VehicleOut
    consent_marketing: bool
    campaign: dict[str, str]
    owner: str | None
    received_at: datetime
    assigned_at: datetime | None
    claimed_at: datetime | None
    quarantine_reason: str
    url: str


class EnquiryOut(msgspec.Struct, kw_only=True):
    """What the customer sent again."""

    received_at: datetime
    message: str


class LeadDetailOut(LeadOut, kw_only=True):
    """One lead with everything that the customer sent later."""

    enquiries: list[EnquiryOut]


class LeadListOut(msgspec.Struct, kw_only=True):
    """A page of leads. `next` is the address of the following page, null on the last."""

    results: list[LeadOut]
    next: str | None


class IntakeOut(msgspec.Struct, kw_only=True):
    """What became of a request: the lead that it is or joined."""

    id: UUID
    status: str


class ClaimOut(msgspec.Struct, kw_only=True):
    """The lead is yours."""

    id: UUID
    owner: str
    claimed_at: datetime


def lead_out(lead: Lead, caller: Member | KeyHolder) -> LeadOut:
    """The lead as far as the caller may see it; no query when site, source and owner are loaded."""
    return LeadOut(**_parts(lead, caller))


def lead_detail_out(lead: Lead, caller: Member | KeyHolder) -> LeadDetailOut:
    """The same with later enquiries; one query."""
    shown = _contact(lead, caller).is_shown
    enquiries = [
        EnquiryOut(
            received_at=enquiry.received_at,
            message=enquiry.message if shown else hide_contacts(enquiry.message),
        )
        for enquiry in lead.enquiries.all()
    ]
    return LeadDetailOut(**_parts(lead, caller), enquiries=enquiries)


def leads_out(leads: Sequence[Lead], caller: Member | KeyHolder, next_url: str | None) -> LeadListOut:
    """A page."""
    return LeadListOut(results=[lead_out(lead, caller) for lead in leads], next=next_url)


def _contact(lead: Lead, caller: Member | KeyHolder) -> Contact | Masked:
    return full_contact(lead) if isinstance(caller, KeyHolder) else contact_for(lead, caller)


def _parts(lead: Lead, caller: Member | KeyHolder) -> dict[str, Any]:
    contact = _contact(lead, caller)
    shown = str if contact.is_shown else hide_contacts
    return {
        "id": lead.pk,
        "status": lead.status,
        "site": lead.site.slug,
        "source": lead.source.name,
        "customer_name": lead.customer_name,
        "contact": ContactOut(
            email=contact.email,
            phone=contact.phone,
            message=contact.message,
            page_url=contact.page_url,
            is_shown=contact.is_shown,
        ),
        "vehicle": VehicleOut(
            make=shown(lead.make),
            model=shown(lead.model),
            year=lead.year,
            vin=contact.vin,
            stock_number=contact.stock_number,
            max_price=lead.max_price,
        ),
        "consent_marketing": lead.consent_marketing,
        "campaign": {name: shown(text) for name, text in lead.campaign.items()},
        "owner": lead.owner.full_name if lead.owner else None,
        "received_at": lead.received_at,
        "assigned_at": lead.assigned_at,
        "claimed_at": lead.claimed_at,
        "quarantine_reason": lead.quarantine_reason,
        "url": lead.get_absolute_url(),
    }
