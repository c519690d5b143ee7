"""Who asks twice for the same car within a while has asked once: natural keys under a unique constraint.

A lead has a key by email and a key by phone, so that a customer who leaves out one of them the second time is
still recognised. Equal posts that arrive together meet on these rows, and the database lets one of them win.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from leads.models import LeadFingerprint, LeadSource
from leads.services.enquiry import LeadEnquiry

# A customer who insists within a day joins his lead, and each time begins the day anew. After it he is a new
# lead again: by then somebody should have called him.
WINDOW = timedelta(hours=24)

# One statement on both databases. A live row keeps its lead and lives longer; an expired one changes hands.
_UPSERT = """
    INSERT INTO leads_leadfingerprint (group_id, source_id, digest, lead_id, expires_at)
    VALUES {rows}
    ON CONFLICT (source_id, digest) DO UPDATE SET
        lead_id = CASE WHEN leads_leadfingerprint.expires_at < %s
            THEN excluded.lead_id ELSE leads_leadfingerprint.lead_id END,
        expires_at = excluded.expires_at
    RETURNING lead_id
"""
_UPSERTS = {count: _UPSERT.format(rows=", ".join(["(%s, %s, %s, %s, %s)"] * count)) for count in (1, 2)}


def lead_of(source: LeadSource, enquiry: LeadEnquiry, *, lead_id: UUID, at: datetime) -> UUID:
    """The lead that the enquiry belongs to: `lead_id`, the new one, unless an earlier lead holds a key of it."""
    digests = digests_of(enquiry)
    row_end = (_id(lead_id), _instant(at + WINDOW))
    values = [value for digest in digests for value in (source.group_id, source.pk, digest, *row_end)]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERTS[len(digests)], [*values, _instant(at)])
        holders = {_uuid(row[0]) for row in cursor.fetchall()}
    holders.discard(lead_id)
    if not holders:
        return lead_id
    return _settle(source, digests, min(holders))  # ids are ordered by time: the oldest lead


def point_at(source: LeadSource, enquiry: LeadEnquiry, lead_id: UUID) -> None:
    """Give the enquiry's keys to another lead: the one that held them is gone."""
    _settle(source, digests_of(enquiry), lead_id)


def digests_of(enquiry: LeadEnquiry) -> list[str]:
    """The natural keys, sorted so that two transactions never lock them crosswise.

    A suspect request has keys of its own: a customer whom a trap caught by mistake must not have his second
    attempt join the one in quarantine.
    """
    wish = enquiry.vehicle
    car = (wish.make, wish.model, wish.year or "", wish.vin, wish.stock_number)
    rest = "\x1f".join(str(part).casefold() for part in (*car, enquiry.suspicion or ""))
    people = [("email", enquiry.email), ("phone", enquiry.phone)]
    keys = [f"{kind}\x1f{contact}\x1f{rest}" for kind, contact in people if contact]
    return sorted(hashlib.sha256(key.encode()).hexdigest() for key in keys)


def _settle(source: LeadSource, digests: list[str], lead_id: UUID) -> UUID:
    """Let every key of the enquiry name the same lead."""
    LeadFingerprint.objects.filter(source=source, digest__in=digests).exclude(lead_id=lead_id).update(
        lead_id=lead_id
    )
    return lead_id


def _instant(moment: datetime) -> str | None:
    """As this database keeps an instant."""
    return connection.ops.adapt_datetimefield_value(moment)


def _id(lead_id: UUID) -> UUID | str:
    """As this database keeps an id."""
    return lead_id if connection.features.has_native_uuid_field else lead_id.hex


def _uuid(stored: UUID | str) -> UUID:
    return stored if isinstance(stored, UUID) else UUID(stored)
