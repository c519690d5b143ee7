"""Which leads a person sees, filtered and a page at a time. Every read here is a constant number of queries."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat

from leads.contact import VIEW_ALL, contact_shown_to, looked_after_by
from leads.masking import MAY_HIDE, VIN_LETTER
from leads.models import SUSPECT, Lead, LeadSource, LeadStatus
from sites.access import Member
from sites.models import Site

VIEW = "leads.view_lead"
REVIEW = "leads.review_quarantine"

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200

# A number may begin in the first name and end in the last, so they are read as one, as on the page.
_WHOLE_NAME = Concat("first_name", Value(" "), "last_name")
_SEARCHED = ("whole_name", "make", "model", "vin", "stock_number")
_DIGITS_OF_A_NUMBER = 4  # fewer would find half of all numbers


class BadCursor(ValueError):
    """The cursor is none that a page of this list gave out."""


@dataclass(frozen=True, kw_only=True)
class LeadFilter:
    """What to list. `since` is inclusive and `until` exclusive, both by time of arrival."""

    status: str = ""
    site_id: int | None = None
    source_id: int | None = None
    mine: bool = False
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_pool(self) -> bool:
        return self.status == LeadStatus.NEW


@dataclass(frozen=True)
class LeadPage:
    """Some leads and the cursor of the next page; an empty cursor means that these are the last."""

    leads: Sequence[Lead]
    next_cursor: str


def at_sites_of(member: Member, permission: str) -> Q:
    """The leads that stand where the member holds `permission`."""
    sites = member.site_ids(permission)
    return Q() if sites is None else Q(site_id__in=sites)


def visible_leads(member: Member) -> QuerySet[Lead]:
    """His own leads, those he stands in for, the pool of his sites; a manager's team; suspect ones for reviewers."""
    if not member.can(VIEW):
        return Lead.objects.none()
    suspect = Q(status__in=SUSPECT)
    own = looked_after_by(member)
    pool = Q(status=LeadStatus.NEW) & at_sites_of(member, VIEW)
    of_team = at_sites_of(member, VIEW_ALL) & ~suspect
    in_review = at_sites_of(member, REVIEW) & suspect
    return Lead.objects.filter(own | pool | of_team | in_review)


def matching(leads: QuerySet[Lead], wanted: LeadFilter, member: Member | None) -> QuerySet[Lead]:
    """The leads that fit every filled field. Without asking for them, nobody sees suspect leads in a list."""
    leads = leads.filter(status=wanted.status) if wanted.status else leads.exclude(status__in=SUSPECT)
    if wanted.site_id is not None:
        leads = leads.filter(site_id=wanted.site_id)
    if wanted.source_id is not None:
        leads = leads.filter(source_id=wanted.source_id)
    if wanted.mine and member is not None:
        leads = leads.filter(owner=member.user)
    if wanted.since is not None:
        leads = leads.filter(received_at__gte=wanted.since)
    if wanted.until is not None:
        leads = leads.filter(received_at__lt=wanted.until)
    text = wanted.text.strip()
    return leads.alias(whole_name=_WHOLE_NAME).filter(_mentions(text, member)) if text else leads


def page_of(
    leads: QuerySet[Lead], *, oldest_first: bool, cursor: str = "", limit: int = PAGE_SIZE
) -> LeadPage:
    """One page by keyset, in one query: the pool oldest first, everything else newest first.

    Raises `BadCursor`.
    """
    if cursor:
        leads = leads.filter(_after(*_read_cursor(cursor), oldest_first=oldest_first))
    order = ("received_at", "pk") if oldest_first else ("-received_at", "-pk")
    size = max(1, min(limit, MAX_PAGE_SIZE))
    rows = list(leads.select_related("site", "source", "owner").order_by(*order)[: size + 1])
    shown = rows[:size]
    return LeadPage(shown, _cursor(shown[-1]) if len(rows) > size else "")


def lead_for(member: Member, lead_id: UUID) -> Lead | None:
    """The lead with its site, source and owner, or None when it is missing or not for this person."""
    people_and_places = visible_leads(member).select_related("site", "source", "owner", "reviewed_by")
    return people_and_places.filter(pk=lead_id).first()


def taken_lead(member: Member, lead_id: UUID) -> Lead | None:
    """A lead of the member's sites that a colleague has: only to tell him who and since when, nothing else."""
    taken = Lead.objects.filter(at_sites_of(member, VIEW), owner__isnull=False).exclude(status__in=SUSPECT)
    return taken.select_related("owner", "site").filter(pk=lead_id).first()


def sites_to_filter_by(member: Member) -> QuerySet[Site]:
    """The sites where the person sees leads: what a filter may offer. His sites in general: `sites.chosen.sites_of`."""
    ids = member.site_ids(VIEW)
    return Site.objects.all() if ids is None else Site.objects.filter(pk__in=ids)


def sources_to_filter_by(member: Member) -> QuerySet[LeadSource]:
    """The sources that a filter may offer, each with its site."""
    return LeadSource.objects.filter(at_sites_of(member, VIEW)).select_related("site").order_by("name", "pk")


def quarantine_size(member: Member, *, capped_at: int = 100) -> int:
    """How many requests wait for this reviewer, counted no further than `capped_at`."""
    waiting = Lead.objects.filter(at_sites_of(member, REVIEW), status=LeadStatus.QUARANTINED)
    return waiting[:capped_at].count()


def _mentions(text: str, member: Member | None) -> Q:
    """Every word somewhere in the name or the vehicle, or the whole as a part of the address or number.

    Who may not see a lead's contact details yet finds it only by what he reads on its page. Otherwise somebody
    who knows a number, or guesses it digit by digit, would learn from the search that this customer is in the
    pool: people type numbers and addresses into any field. So a field that may hide one is not searched for
    him at all, not even in its harmless words: the database cannot mask, and half a match tells as much.
    """
    as_sent = _every_word(text, _has) | _in_contact(text)
    if member is None:
        return as_sent
    return (as_sent & contact_shown_to(member)) | _every_word(text, _shows)


def _every_word(text: str, holds: Callable[[str, str], Q]) -> Q:
    every = Q()
    for word in text.split():
        every &= Q(*[holds(field, word) for field in _SEARCHED], _connector=Q.OR)
    return every


def _has(field: str, word: str) -> Q:
    return Q((f"{field}__icontains", word))


def _shows(field: str, word: str) -> Q:
    """The field has the word, and hides nothing before the claim."""
    hides = Q((f"{field}__regex", MAY_HIDE))
    if field == "vin":
        hides &= ~Q(vin__regex=VIN_LETTER)
    return _has(field, word) & ~hides


def _in_contact(text: str) -> Q:
    found = Q(email__icontains=text)
    digits = re.sub(r"[\s.()/+-]", "", text).lstrip("0")  # « 06 12 » is kept as +33612
    if len(digits) >= _DIGITS_OF_A_NUMBER and digits.isdigit():
        found |= Q(phone__contains=digits)
    return found


def _after(received_at: datetime, pk: UUID, *, oldest_first: bool) -> Q:
    if oldest_first:
        return Q(received_at__gt=received_at) | Q(received_at=received_at, pk__gt=pk)
    return Q(received_at__lt=received_at) | Q(received_at=received_at, pk__lt=pk)


def _cursor(lead: Lead) -> str:
    return base64.urlsafe_b64encode(f"{lead.received_at.isoformat()}|{lead.pk}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        moment, _bar, pk = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        received_at = datetime.fromisoformat(moment)
        if received_at.tzinfo is None:
            raise BadCursor(cursor)
        return received_at.astimezone(UTC), UUID(pk)
    except (ValueError, OverflowError, binascii.Error, UnicodeError) as error:
        raise BadCursor(cursor) from error
