"""What happened to a lead, in order: the story on its page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.utils.translation import gettext as _

from approvals.models import ApprovalRequest
from approvals.sentences import settled
from leads.masking import hide_contacts
from leads.models import Enquiry, Lead
from leads.services import LeadEnquiry
from sites.phones import as_dialled


@dataclass(frozen=True)
class Step:
    """One moment of the story. `minutes` is how long the customer had waited then, where that matters."""

    at: datetime
    icon: str
    title: str
    text: str = ""
    minutes: float | None = None


def timeline_of(
    lead: Lead,
    enquiries: Iterable[Enquiry],
    requests: Iterable[ApprovalRequest] = (),
    *,
    shows_contact: bool = True,
) -> list[Step]:
    """The steps of a lead, oldest first. Reads its owner, source and reviewer, which the caller has selected.

    Without `shows_contact` nothing in them would reach the customer.
    """
    repeats = (_repeat(enquiry, lead, shows_contact=shows_contact) for enquiry in enquiries)
    steps = [*_own_steps(lead), *repeats, *_questions(requests)]
    return sorted(steps, key=lambda step: step.at)


def _own_steps(lead: Lead) -> Iterator[Step]:
    yield Step(lead.received_at, "envelope", _("Request received"), lead.source.name)
    if lead.reviewed_at is not None:
        yield Step(lead.reviewed_at, "shield-check", _("Looked at by a person"), str(lead.reviewed_by or ""))
    owner = str(lead.owner or "")
    if lead.assigned_at is not None:
        yield Step(lead.assigned_at, "person-check", _("Assigned"), owner)
    if lead.claimed_at is not None:
        yield Step(lead.claimed_at, "hand-index-thumb", _("Taken"), owner, lead.minutes_until_taken)


def _repeat(enquiry: Enquiry, lead: Lead, *, shows_contact: bool) -> Step:
    """His words, and whatever he gives otherwise than the lead has it: a second number is worth a call."""
    given = _given(enquiry)
    name, known = (f"{one.first_name} {one.last_name}".strip() for one in (given, lead))
    lines = [enquiry.message]
    if name.casefold() not in known.casefold():
        lines.append(_("Under the name %(name)s") % {"name": name})
    if not shows_contact:
        return _wrote_again(enquiry, map(hide_contacts, lines))
    if given.phone and given.phone != lead.phone:
        lines.append(_("Other number: %(phone)s") % {"phone": as_dialled(given.phone, lead.site.country)})
    if given.email and given.email != lead.email:
        lines.append(_("Other address: %(email)s") % {"email": given.email})
    return _wrote_again(enquiry, lines)


def _given(enquiry: Enquiry) -> LeadEnquiry:
    """What was kept with it; nothing where that is of another time."""
    try:
        return msgspec.convert(enquiry.payload, LeadEnquiry)
    except msgspec.ValidationError:
        return LeadEnquiry()


def _wrote_again(enquiry: Enquiry, lines: Iterable[str]) -> Step:
    text = "\n".join(line for line in lines if line)
    return Step(enquiry.received_at, "chat-left-text", _("The customer wrote again"), text)


def _questions(requests: Iterable[ApprovalRequest]) -> Iterator[Step]:
    """What was asked for on this lead, and how it ended."""
    for request in requests:
        asked = _("Asked for: %(matter)s, %(money)s") % {"matter": request.kind_name, "money": request.money}
        yield Step(request.asked_at, "question-circle", asked, f"{request.asked_by} : {request.reason}")
        if request.decided_at is not None:
            icon = "check2-circle" if request.is_approved else "dash-circle"
            ending = settled(request.status, request.decided_by.full_name if request.decided_by else "")
            yield Step(request.decided_at, icon, f"{ending} · {request.money}", request.comment)
