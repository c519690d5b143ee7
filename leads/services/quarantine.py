"""A person judges what a trap caught: it becomes a lead like any other, or is kept as spam. Nothing is dropped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from leads.models import SUSPECT, Lead, LeadStatus
from leads.selectors import REVIEW, at_sites_of
from leads.services import facts
from leads.services.claiming import LeadNotFound
from leads.services.intake import hand_out
from leads.signals import lead_received, lead_released
from sites.access import Member

Judge = Callable[..., Lead]
"""`release_from_quarantine` or `confirm_spam`"""


class AlreadyReviewed(Exception):
    """The lead is no longer in quarantine: `status` says what it became."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


def release_from_quarantine(*, lead_id: UUID, by: Member, at: datetime) -> Lead:
    """It is a customer after all: hand the lead out as if it arrived now. Spam can be released, too.

    Raises:
        LeadNotFound: no such lead for this reviewer.
        AlreadyReviewed: it is a lead already.
    """
    with transaction.atomic():
        lead = _judge(lead_id, by, at, verdict=LeadStatus.NEW, judged=SUSPECT)
        hand_out(lead, lead.source, at)
        lead.save(update_fields=["status", "owner", "assigned_at"])
        lead_released.send(facts.released(lead, by, at=at))
        lead_received.send(facts.received(lead, lead.source, at=at))
    return lead


def confirm_spam(*, lead_id: UUID, by: Member, at: datetime) -> Lead:
    """It is a robot's: keep it out of the leads, where a reviewer still finds it.

    Raises:
        LeadNotFound: no such lead for this reviewer.
        AlreadyReviewed: somebody has decided.
    """
    with transaction.atomic():
        lead = _judge(lead_id, by, at, verdict=LeadStatus.SPAM, judged=(LeadStatus.QUARANTINED,))
        lead_released.send(facts.released(lead, by, at=at))
    return lead


def _judge(
    lead_id: UUID, by: Member, at: datetime, *, verdict: LeadStatus, judged: tuple[LeadStatus, ...]
) -> Lead:
    """Decide by one conditional UPDATE, so that two reviewers cannot both decide."""
    reviewable = Lead.objects.filter(at_sites_of(by, REVIEW), pk=lead_id)
    decided = reviewable.filter(status__in=judged).update(status=verdict, reviewed_at=at, reviewed_by=by.user)
    lead = reviewable.select_related("site", "source__site").first()
    if lead is None:
        raise LeadNotFound(lead_id)
    if not decided:
        raise AlreadyReviewed(lead.status)
    return lead
