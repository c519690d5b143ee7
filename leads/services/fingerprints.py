"""Who asks twice for the same car within a while has asked once: natural keys under a unique constraint.

A lead has a key by email and a key by phone, so that a customer who leaves out one of them the second time is
still recognised. Equal posts that arrive together meet on these rows, and the database lets one of them win.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from core.inserts import as_json, mark_inserted
from leads.models import Lead, LeadFingerprint
from leads.services.enquiry import LeadEnquiry
from notifications.recording import carry

# A customer who insists within a day joins his lead, and each time begins the day anew. After it he is a new
# lead again: by then somebody should have called him.
WINDOW = timedelta(hours=24)

# One statement on both databases. A live row keeps its lead and lives longer; an expired one changes hands.
_UPSERT = """
    INSERT INTO leads_leadfingerprint (group_id, source_id, digest, lead_id, expires_at)
    VALUES {rows}
    ON CONFLICT (source_id, digest) DO UPDATE SET
        lead_id = CASE WHEN leads_leadfingerprint.expires_at < %(at)s
            THEN excluded.lead_id ELSE leads_leadfingerprint.lead_id END,
        expires_at = excluded.expires_at
    RETURNING lead_id
"""
_ROWS = [f"(%(group)s, %(source)s, %(digest{number})s, %(lead)s, %(until)s)" for number in (0, 1)]
_UPSERTS = {count: _UPSERT.format(rows=", ".join(_ROWS[:count])) for count in (1, 2)}

# The same with the lead's own row and its event, for the database that writes three tables in one statement.
_OPEN = """
    WITH keys AS ({upsert}),
    opened AS (
        INSERT INTO leads_lead SELECT lead.* FROM json_populate_record(NULL::leads_lead, %(row)s) AS lead
        WHERE NOT EXISTS (SELECT 1 FROM keys WHERE lead_id <> %(lead)s)
        RETURNING id
    ),
    event AS ({event})
    SELECT lead_id FROM keys
"""
_OPENS = {count: _OPEN.format(upsert=upsert, event=carry("opened")) for count, upsert in _UPSERTS.items()}


def lead_of(lead: Lead, enquiry: LeadEnquiry, *, at: datetime) -> UUID:
    """The id of the lead that the enquiry belongs to: the new `lead`, unless an earlier one holds a key of it.

    Within a transaction, whose end lets the keys go.
    """
    digests = digests_of(enquiry)
    return _oldest(lead, digests, _holders(_UPSERTS[len(digests)], _values(lead, digests, at)))


def open_lead(lead: Lead, enquiry: LeadEnquiry, *, events: str, at: datetime) -> bool:
    """Take the keys, and write the lead with its events (`recording.carried`), all in one statement (PostgreSQL).

    False when an earlier lead holds a key: neither the lead nor an event is written, and `lead_of` says which.
    """
    digests = digests_of(enquiry)
    values = {**_values(lead, digests, at), "row": as_json(lead), "events": events}
    is_open = _holders(_OPENS[len(digests)], values) == {lead.pk}
    if is_open:
        mark_inserted(lead)
    return is_open


def _values(lead: Lead, digests: list[str], at: datetime) -> dict[str, Any]:
    return {
        "group": lead.group_id,
        "source": lead.source_id,
        "lead": _id(lead.pk),
        "at": _instant(at),
        "until": _instant(at + WINDOW),
        **{f"digest{number}": digest for number, digest in enumerate(digests)},
    }


def _holders(statement: str, values: dict[str, Any]) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return {_uuid(row[0]) for row in cursor.fetchall()}


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
