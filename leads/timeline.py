"""What happened to a lead, in order: the story on its page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from leads.models import Enquiry, Lead


@dataclass(frozen=True)
class Step:
    """One moment of the story. `minutes` is how long the customer had waited then, where that matters."""

    at: datetime
    icon: str
    title: str
    text: str = ""
    minutes: float | None = None


def timeline_of(lead: Lead, enquiries: Iterable[Enquiry]) -> list[Step]:
    """The steps of a lead, oldest first. Reads its owner, source and reviewer, which the caller has selected."""
    return sorted([*_own_steps(lead), *_repeats(enquiries)], key=lambda step: step.at)


def _own_steps(lead: Lead) -> Iterator[Step]:
    yield Step(lead.received_at, "envelope", _("Request received"), lead.source.name)
    if lead.reviewed_at is not None:
        yield Step(lead.reviewed_at, "shield-check", _("Looked at by a person"), str(lead.reviewed_by or ""))
    owner = str(lead.owner or "")
    if lead.assigned_at is not None:
        yield Step(lead.assigned_at, "person-check", _("Assigned"), owner)
    if lead.claimed_at is not None:
        yield Step(lead.claimed_at, "hand-index-thumb", _("Taken"), owner, lead.minutes_until_taken)


def _repeats(enquiries: Iterable[Enquiry]) -> Iterator[Step]:
    for enquiry in enquiries:
        yield Step(enquiry.received_at, "chat-left-text", _("The customer wrote again"), enquiry.message)
