"""Who may take which lead. The one place that answers; the service decides by it, pages and home show by it.

The rule: whoever holds `leads.claim_lead` where the lead stands, a manager too, may take it from the pool or
acknowledge it when it was assigned to him, or to a colleague for whom he stands in. What is suspect is reviewed first.
"""

from __future__ import annotations

from django.db.models import Q

from leads.contact import is_looked_after_by, looked_after_by
from leads.models import Lead, LeadStatus
from leads.selectors import at_sites_of
from sites.access import Member

CLAIM = "leads.claim_lead"


def may_claim(lead: Lead, member: Member) -> bool:
    """The rule, for one lead; one query a request."""
    is_his_to_acknowledge = lead.status == LeadStatus.ASSIGNED and is_looked_after_by(lead, member)
    return (lead.is_in_pool or is_his_to_acknowledge) and member.can(CLAIM, lead.site_id)


def claimable_by(member: Member) -> Q:
    """The rule, as a filter over `Lead`: what the conditional UPDATE of a claim asks."""
    is_free = Q(status=LeadStatus.NEW) | (Q(status=LeadStatus.ASSIGNED) & looked_after_by(member))
    return at_sites_of(member, CLAIM) & is_free
