"""The first to answer takes the lead: one conditional UPDATE decides, and the loser learns who won."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from leads.claimable import CLAIM, claimable_by
from leads.models import SUSPECT, Lead, LeadStatus
from leads.selectors import at_sites_of, visible_leads
from leads.services import facts
from leads.signals import lead_claimed
from sites.access import Member


class LeadNotFound(Exception):
    """There is no such lead, or the person may not know of it; the two must look alike."""


class ClaimNotAllowed(Exception):
    """The person may see the lead but does not sell where it stands."""


class AlreadyClaimed(Exception):
    """Somebody else has the lead: `winner_name` since `at`; `zone` is the site's."""

    def __init__(self, winner_name: str, at: datetime, zone: ZoneInfo) -> None:
        super().__init__(winner_name, at)
        self.winner_name = winner_name
        self.at = at
        self.zone = zone


def claim_lead(*, lead_id: UUID, by: Member, at: datetime) -> Lead:
    """Take a pool lead, or acknowledge one's own assigned lead; taking one's own again changes nothing.

    Raises:
        LeadNotFound: no such lead for this person.
        ClaimNotAllowed: he may look at it only.
        AlreadyClaimed: a colleague has it.
    """
    claimable = Lead.objects.filter(claimable_by(by), pk=lead_id)
    of_his_sites = Lead.objects.filter(at_sites_of(by, CLAIM), pk=lead_id).exclude(status__in=SUSPECT)
    with transaction.atomic():
        won = claimable.update(owner=by.user, status=LeadStatus.CLAIMED, claimed_at=at)
        lead = of_his_sites.select_related("site", "source", "owner").first()
        if lead is None:
            raise _refusal(lead_id, by)
        if won:
            lead_claimed.send(facts.claimed(lead, by, at=at))
    if lead.owner is not None and lead.owner != by.user:
        raise AlreadyClaimed(lead.owner.full_name, lead.handed_over_at or at, lead.site.zone)
    return lead


def _refusal(lead_id: UUID, by: Member) -> Exception:
    can_look = visible_leads(by).filter(pk=lead_id).exists()
    return ClaimNotAllowed(lead_id) if can_look else LeadNotFound(lead_id)
