"""Who may see how to reach a customer. The one place that answers; pages, API and search all ask here.

The rule: the owner of the lead sees its contact details, and so does who stands in for him while he is away, and
whoever holds `leads.view_all_leads` where the lead stands, because he answers for the team. Everybody else sees them
after he has taken the lead: details shown before it invite people to pick the easy customers.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from leads.masking import HIDDEN, hide_contacts, hide_in_vin
from leads.models import Lead
from notifications.standing_in import stood_in_for
from sites.access import Member

VIEW_ALL = "leads.view_all_leads"


@dataclass(frozen=True)
class Contact:
    """How to reach the customer, and everything that he wrote. `is_shown` lets a template ask."""

    email: str
    phone: str
    message: str
    page_url: str
    vin: str = ""
    stock_number: str = ""
    is_shown: bool = True


@dataclass(frozen=True)
class Masked:
    """The same fields with nothing in them that would reach the customer."""

    email: str
    phone: str
    message: str
    page_url: str = ""
    vin: str = ""
    stock_number: str = ""
    is_shown: bool = False


def contact_for(lead: Lead, member: Member) -> Contact | Masked:
    """The lead's contact details as far as the member may see them; one query a request."""
    if may_see_contact(lead, member):
        return full_contact(lead)
    return Masked(
        email=HIDDEN if lead.email else "",
        phone=HIDDEN if lead.phone else "",
        message=hide_contacts(lead.message),
        vin=hide_in_vin(lead.vin),
        stock_number=hide_contacts(lead.stock_number),
    )


def full_contact(lead: Lead) -> Contact:
    """Everything: for a machine whose key may read leads, which takes them to another CRM."""
    return Contact(
        email=lead.email,
        phone=lead.phone,
        message=lead.message,
        page_url=lead.page_url,
        vin=lead.vin,
        stock_number=lead.stock_number,
    )


def may_see_contact(lead: Lead, member: Member) -> bool:
    """The rule, for one lead."""
    return is_looked_after_by(lead, member) or member.can(VIEW_ALL, lead.site_id)


def contact_shown_to(member: Member) -> Q:
    """The rule, as a filter over `Lead`: a search by number must not tell what the page hides."""
    sites = member.site_ids(VIEW_ALL)
    everywhere = Q() if sites is None else Q(site_id__in=sites)
    return everywhere if sites is None else everywhere | looked_after_by(member)


def is_looked_after_by(lead: Lead, member: Member) -> bool:
    """Whether it is his, or that of a colleague for whom he stands in."""
    if lead.owner_id is None or lead.owner_id == member.user.pk:
        return lead.owner_id is not None
    return lead.owner_id in stood_in_for(member)


def looked_after_by(member: Member) -> Q:
    """His own leads, and those of the colleagues he stands in for."""
    return Q(owner__in={member.user.pk, *stood_in_for(member)})
