"""The same `Idempotency-Key` gets the same answer: the key is a row under a unique constraint.

The row is written first. Another call with the key that arrives meanwhile waits for this transaction, then
finds the answer; if this transaction fails, the row goes with it and the other call does the work.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from leads.models import IdempotencyRecord, LeadSource
from leads.services.enquiry import LeadEnquiry

# Long enough for a website that retries over a weekend.
KEPT = timedelta(days=7)


class IdempotencyKeyReused(Exception):
    """The key came before with another body: the caller mixed two requests up."""


@dataclass(frozen=True)
class Reservation:
    """A key that is ours to answer, or else the answer that it was given before."""

    record: IdempotencyRecord
    is_ours: bool


def reserve(
    source: LeadSource, key: str, enquiry: LeadEnquiry, *, lead_id: UUID, at: datetime
) -> Reservation:
    """Claim the key within the current transaction. Raises `IdempotencyKeyReused`."""
    digest = hashlib.sha256(msgspec.json.encode(enquiry)).hexdigest()
    record, is_ours = IdempotencyRecord.objects.get_or_create(
        source=source,
        key=key,
        defaults={
            "group_id": source.group_id,
            "body_digest": digest,
            "lead_id": lead_id,
            "status": "",
            "created_at": at,
        },
    )
    if record.body_digest != digest:
        raise IdempotencyKeyReused(key)
    return Reservation(record, is_ours)


def keep_answer(reservation: Reservation, *, lead_id: UUID, status: str) -> None:
    """Note what the key was answered."""
    IdempotencyRecord.objects.filter(pk=reservation.record.pk).update(lead_id=lead_id, status=status)
