"""Receiving a request: once, whatever the number of posts; handed out as the source says; never dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction

from core.ids import new_id
from core.inserts import insert_row
from core.signals import DomainSignal, Fact
from leads.models import Enquiry, IntakeMode, Lead, LeadSource, LeadStatus
from leads.services import facts, fingerprints, idempotency, rotation
from leads.services.enquiry import LeadEnquiry
from leads.signals import lead_enquired_again, lead_quarantined, lead_received
from notifications.recording import carried

# Who asks once more after this long has not double-clicked.
INSISTS_AFTER = timedelta(minutes=10)


@dataclass(frozen=True)
class Intake:
    """What became of a request: its lead, the lead's status, and whether it joined an earlier one."""

    lead_id: UUID
    status: str
    joined: bool


def receive_lead(
    *, source: LeadSource, enquiry: LeadEnquiry, at: datetime, idempotency_key: str = ""
) -> Intake:
    """Keep a customer's request. Returns after the commit, unless the caller holds a transaction himself.

    `source` comes with its site. The same key and enquiry get the same answer for a week; an enquiry of the
    same person for the same vehicle within a day joins his lead; a suspect one waits in quarantine.

    Raises:
        IdempotencyKeyReused: the key came before with another enquiry.
    """
    enquiry = enquiry.in_one_form(source.site.country)
    lead = _draft(source, enquiry, new_id(), at)
    if not idempotency_key:
        return _take_in(lead, source, enquiry, at)
    with transaction.atomic():
        slot = idempotency.reserve(source, idempotency_key, enquiry, lead_id=lead.pk, at=at)
        if not slot.is_ours:
            return Intake(slot.record.lead_id, slot.record.status, joined=True)
        intake = _take_in(lead, source, enquiry, at)
        idempotency.keep_answer(slot, lead_id=intake.lead_id, status=intake.status)
        return intake


def _take_in(lead: Lead, source: LeadSource, enquiry: LeadEnquiry, at: datetime) -> Intake:
    if _opens_at_once(lead, source, enquiry, at):
        return Intake(lead.pk, lead.status, joined=False)
    with transaction.atomic():
        holder = fingerprints.lead_of(lead, enquiry, at=at)
        if holder != lead.pk:
            # Locked: a claim at this moment sees the words or is seen here, so that somebody is told of them.
            earlier = Lead.objects.select_for_update(no_key=True).filter(pk=holder).first()
            if earlier is not None:
                _join(earlier, enquiry, at)
                return Intake(earlier.pk, earlier.status, joined=True)
            fingerprints.point_at(lead, enquiry)
        if not lead.is_suspect:
            hand_out(lead, source, at)
        insert_row(lead)
        signal, fact = _news(lead, source, at)
        signal.send(fact)
    return Intake(lead.pk, lead.status, joined=False)


def _opens_at_once(lead: Lead, source: LeadSource, enquiry: LeadEnquiry, at: datetime) -> bool:
    """Keep the lead and tell of it in one statement; False when that can't be, or an earlier lead is meant.

    A source that assigns takes the longer way: nobody may lose his turn to a request that repeats another.
    """
    if source.mode == IntakeMode.ASSIGNED and not lead.is_suspect:
        return False
    events = carried(*_news(lead, source, at))
    return events is not None and fingerprints.open_lead(lead, enquiry, events=events, at=at)


def _draft(source: LeadSource, enquiry: LeadEnquiry, lead_id: UUID, at: datetime) -> Lead:
    """The lead as it stands before anybody has it: in the pool, or in quarantine."""
    wish, suspicion = enquiry.vehicle, enquiry.suspicion
    return Lead(
        id=lead_id,
        group_id=source.group_id,
        site_id=source.site_id,
        source_id=source.pk,
        status=LeadStatus.NEW if suspicion is None else LeadStatus.QUARANTINED,
        quarantine_reason=suspicion or "",
        first_name=enquiry.first_name,
        last_name=enquiry.last_name,
        email=enquiry.email,
        phone=enquiry.phone,
        message=enquiry.message,
        make=wish.make,
        model=wish.model,
        year=wish.year,
        vin=wish.vin,
        stock_number=wish.stock_number,
        max_price=wish.max_price,
        consent_marketing=enquiry.consent_marketing,
        page_url=enquiry.page_url,
        campaign=enquiry.campaign,
        received_at=at,
    )


def _news(lead: Lead, source: LeadSource, at: datetime) -> tuple[DomainSignal[Any], Fact]:
    """What there is to tell of a new lead, and to whom it is told."""
    if lead.is_suspect:
        return lead_quarantined, facts.quarantined(lead, source, at=at)
    return lead_received, facts.received(lead, source, at=at)


def hand_out(lead: Lead, source: LeadSource, at: datetime) -> None:
    """Put the lead into the pool or give it to whoever's turn it is; does not save it."""
    owner_id = rotation.next_in_turn(source, at) if source.mode == IntakeMode.ASSIGNED else None
    lead.owner_id = owner_id
    lead.status = LeadStatus.NEW if owner_id is None else LeadStatus.ASSIGNED
    lead.assigned_at = None if owner_id is None else at


def _join(lead: Lead, enquiry: LeadEnquiry, at: datetime) -> None:
    """Keep the words of a customer who writes again, and tell his salesperson what is news."""
    is_news = _is_news(lead, enquiry, at)
    row = Enquiry.objects.create(
        group_id=lead.group_id,
        lead=lead,
        received_at=at,
        message=enquiry.message,
        payload=msgspec.to_builtins(enquiry),
    )
    _fill_gaps(lead, enquiry)
    if is_news and lead.owner_id is not None:
        lead_enquired_again.send(facts.enquired_again(lead, row, lead.owner_id))


def _is_news(lead: Lead, enquiry: LeadEnquiry, at: datetime) -> bool:
    """Words that he has not said yet, or none but after a while: he insists. A double click is neither."""
    earlier = [(lead.received_at, lead.message), *lead.enquiries.values_list("received_at", "message")]
    latest = max(received_at for received_at, _message in earlier)
    said = {message for _received_at, message in earlier}
    return at - latest >= INSISTS_AFTER or enquiry.message not in {"", *said}


def _fill_gaps(lead: Lead, enquiry: LeadEnquiry) -> None:
    """A number or an address that was missing the first time is what the salesperson needs most."""
    missing = {
        field: value
        for field in ("email", "phone", "first_name", "last_name")
        if (value := getattr(enquiry, field)) and not getattr(lead, field)
    }
    if missing:
        Lead.objects.filter(pk=lead.pk).update(**missing)
