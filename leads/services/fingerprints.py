"""Who asks twice for the same car within a while has asked once: natural keys under a unique constraint.

A lead has a key by email and a key by phone, so that a customer who leaves out one of them the second time is
still recognised. Equal posts that arrive together meet on these rows, and the database lets one of them win.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection

from core.inserts import as_json, insert_row, mark_inserted
from leads.models import Lead, LeadFingerprint
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

# The same and the lead's own row in one round trip, where the database can do both in one statement.
_OPEN = """
    WITH keys AS ({upsert}),
    opened AS (
        INSERT INTO leads_lead SELECT lead.* FROM json_populate_record(NULL::leads_lead, %s) AS lead
        WHERE NOT EXISTS (SELECT 1 FROM keys WHERE lead_id <> %s)
    )
    SELECT lead_id FROM keys
"""
_OPENS = {count: _OPEN.format(upsert=upsert) for count, upsert in _UPSERTS.items()}


def open_lead(lead: Lead, enquiry: LeadEnquiry, *, at: datetime) -> UUID:
    """Insert `lead` unless an earlier one holds a key of the enquiry; the id of the lead that counts."""
    if connection.vendor == "postgresql":
        return _open_in_one(lead, enquiry, at)
    holder = lead_of(lead, enquiry, at=at)
    if holder == lead.pk:
        insert_row(lead)
    return holder


def lead_of(lead: Lead, enquiry: LeadEnquiry, *, at: datetime) -> UUID:
    """The id of the lead that the enquiry belongs to: the new `lead`, unless an earlier one holds a key of it."""
    digests = digests_of(enquiry)
    with connection.cursor() as cursor:
        cursor.execute(_UPSERTS[len(digests)], _upsert_values(lead, digests, at))
        holders = {_uuid(row[0]) for row in cursor.fetchall()}
    return _oldest(lead, digests, holders)


def _open_in_one(lead: Lead, enquiry: LeadEnquiry, at: datetime) -> UUID:
    digests = digests_of(enquiry)
    values = [*_upsert_values(lead, digests, at), as_json(lead), lead.pk]
    with connection.cursor() as cursor:
        cursor.execute(_OPENS[len(digests)], values)
        holders = {_uuid(row[0]) for row in cursor.fetchall()}
    if holders == {lead.pk}:
        mark_inserted(lead)
    return _oldest(lead, digests, holders)


def _upsert_values(lead: Lead, digests: list[str], at: datetime) -> list[Any]:
    row_end = (_id(lead.pk), _instant(at + WINDOW))
    rows = [(lead.group_id, lead.source_id, digest, *row_end) for digest in digests]
    return [*chain.from_iterable(rows), _instant(at)]


def _oldest(lead: Lead, digests: list[str], holders: set[UUID]) -> UUID:
    """Ids are ordered by time: the smallest is the lead that was there first."""
    earlier = holders - {lead.pk}
    return _settle(lead.source_id, digests, min(earlier)) if earlier else lead.pk


def point_at(lead: Lead, enquiry: LeadEnquiry) -> None:
    """Give the enquiry's keys to `lead`: the one that held them is gone."""
    _settle(lead.source_id, digests_of(enquiry), lead.pk)


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


def _settle(source_id: int, digests: list[str], lead_id: UUID) -> UUID:
    """Let every key of the enquiry name the same lead."""
    keys = LeadFingerprint.objects.filter(source=source_id, digest__in=digests)
    keys.exclude(lead_id=lead_id).update(lead_id=lead_id)
    return lead_id


def _instant(moment: datetime) -> str | None:
    """As this database keeps an instant."""
    return connection.ops.adapt_datetimefield_value(moment)


def _id(lead_id: UUID) -> UUID | str:
    """As this database keeps an id."""
    return lead_id if connection.features.has_native_uuid_field else lead_id.hex


def _uuid(stored: UUID | str) -> UUID:
    return stored if isinstance(stored, UUID) else UUID(stored)
