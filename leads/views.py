"""Pages of leads: the list, one lead, taking it, asking for a discount on it, judging a suspect one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from approvals.selectors import requests_about
from approvals.services import AlreadyAsked, NobodyToAsk
from core.clock import now
from leads import selectors
from leads.claimable import may_claim
from leads.contact import Contact, Masked, contact_for
from leads.forms import DiscountForm, LeadFilterForm
from leads.models import Lead, LeadStatus
from leads.selectors import BadCursor, LeadFilter, LeadPage
from leads.sentences import judged_already, taken_by
from leads.services import (
    AlreadyClaimed,
    AlreadyReviewed,
    ClaimNotAllowed,
    Judge,
    LeadNotFound,
    NotYourLead,
    ask_for_discount,
    claim_lead,
    confirm_spam,
    release_from_quarantine,
)
from leads.services.discounts import may_ask, subject_of
from leads.timeline import timeline_of
from notifications import told
from sites.access import Member
from sites.chosen import chosen_site_id, clock_of, sites_of
from sites.http import MemberRequest, member_required


@dataclass(frozen=True)
class LeadView:
    """A lead as one person sees it: with its contact details or without, to take or only to look at."""

    lead: Lead
    contact: Contact | Masked
    can_claim: bool
    can_ask: bool
    can_review: bool
    sees_told: bool


@require_safe
@member_required(selectors.VIEW)
def lead_list(request: MemberRequest) -> HttpResponse:
    """The leads that fit the filter; for htmx the table alone."""
    form = LeadFilterForm(request.GET, member=request.member)
    wanted = form.wanted(zone=_clock(request, form)) if form.is_valid() else None
    page = LeadPage([], "") if wanted is None else _page(request, wanted)
    context = {
        "form": form,
        "rows": [_seen_by(request.member, lead) for lead in page.leads],
        "next_query": _query(request, cursor=page.next_cursor) if page.next_cursor else "",
        "is_first_page": "cursor" not in request.GET,
        "is_pool": wanted is not None and wanted.is_pool,
        "quarantine_size": selectors.quarantine_size(request.member),
        "quarantine_query": f"status={LeadStatus.QUARANTINED}",
    }
    return render(request, "leads/_table.html" if _is_htmx(request) else "leads/list.html", context)


@require_safe
@member_required(selectors.VIEW)
def lead_detail(request: MemberRequest, lead_id: UUID) -> HttpResponse:
    """One lead; for htmx its part alone, or nothing (204) when the page shows just that.

    Who may not see it any more because a colleague took it hears who and when, and nothing else.
    """
    lead = selectors.lead_for(request.member, lead_id)
    if lead is None:
        return _taken(request, lead_id)
    return _page_of(request, lead)


@require_POST
@member_required(selectors.VIEW)
def claim(request: MemberRequest, lead_id: UUID) -> HttpResponse:
    """Take the lead; the loser sees who won and when (409)."""
    try:
        lead = claim_lead(lead_id=lead_id, by=request.member, at=now())
    except LeadNotFound:
        raise Http404 from None
    except ClaimNotAllowed:
        raise PermissionDenied from None
    except AlreadyClaimed as lost:
        return _lost(request, lost, status=409)
    messages.success(request, _("The lead is yours. Call now: the first minutes count."))
    return _go_to(request, lead.get_absolute_url())


@require_POST
@member_required(selectors.VIEW)
def discount(request: MemberRequest, lead_id: UUID) -> HttpResponse:
    """Ask a manager for an exceptional discount; the page then waits for the answer."""
    lead = selectors.lead_for(request.member, lead_id)
    if lead is None:
        raise Http404
    form = DiscountForm(request.POST)
    if form.is_valid():
        cents, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
        try:
            ask_for_discount(lead_id=lead_id, cents=cents, reason=reason, by=request.member, at=now())
        except NotYourLead:
            raise PermissionDenied from None
        except NobodyToAsk:
            form.add_error("amount", _("Nobody on this site may grant so much. Ask for less."))
        except AlreadyAsked:
            form.add_error(None, _("You have asked already: the answer is on its way."))
    if form.errors:
        return _page_of(request, lead, form=form, status=422)
    return _page_of(request, lead) if _is_htmx(request) else _go_to(request, lead.get_absolute_url())


@require_POST
@member_required(selectors.REVIEW)
def release(request: MemberRequest, lead_id: UUID) -> HttpResponse:
    """A customer after all."""
    return _judge(request, lead_id, release_from_quarantine, _("It is a lead now, and its people are told."))


@require_POST
@member_required(selectors.REVIEW)
def spam(request: MemberRequest, lead_id: UUID) -> HttpResponse:
    """A robot."""
    return _judge(request, lead_id, confirm_spam, _("Kept as spam."))


def _judge(request: MemberRequest, lead_id: UUID, judge: Judge, done: str) -> HttpResponse:
    try:
        judge(lead_id=lead_id, by=request.member, at=now())
    except LeadNotFound:
        raise Http404 from None
    except AlreadyReviewed as decided:
        messages.info(request, judged_already(decided))
    else:
        messages.success(request, done)
    return _go_to(request, reverse("leads:detail", args=[lead_id]))


def _page_of(
    request: MemberRequest, lead: Lead, *, form: DiscountForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of one lead; for htmx its part alone, or nothing when the page shows just that."""
    seen = _seen_by(request.member, lead)
    asked = list(requests_about(subject_of(lead)))
    steps = timeline_of(lead, lead.enquiries.all(), asked, shows_contact=seen.contact.is_shown)
    version = f"{lead.status}-{lead.owner_id or ''}-{len(steps)}"
    if _shows_already(request, version):
        return HttpResponse(status=204)
    context = {
        "seen": seen,
        "lead": lead,
        "subject": subject_of(lead),
        "contact": seen.contact,
        "steps": steps,
        "version": version,
        "granted": lead.discounts.select_related("granted_by").last() if asked else None,
        "asked": next((one for one in asked if one.is_pending), None),
        "form": form or DiscountForm(),
    }
    template = "leads/_lead.html" if _is_htmx(request) else "leads/detail.html"
    return render(request, template, context, status=status)


def _page(request: MemberRequest, wanted: LeadFilter) -> LeadPage:
    leads = selectors.matching(selectors.visible_leads(request.member), wanted, request.member)
    if wanted.site_id is None and (chosen := chosen_site_id(request, request.member)):
        leads = leads.filter(site_id=chosen)
    try:
        return selectors.page_of(leads, oldest_first=wanted.is_pool, cursor=request.GET.get("cursor", ""))
    except BadCursor:
        return selectors.page_of(leads, oldest_first=wanted.is_pool)


def _clock(request: MemberRequest, form: LeadFilterForm) -> tzinfo:
    """Whose days a valid form means: the filtered site's, else those of the clock that its reader lives by."""
    chosen = form.cleaned_data
    if not (chosen["since"] or chosen["until"]):
        return UTC  # nothing to read by it
    if chosen["site"]:
        zone: tzinfo = chosen["site"].zone
        return zone
    return clock_of(sites_of(request.member), chosen_site_id(request, request.member))


def _seen_by(member: Member, lead: Lead) -> LeadView:
    return LeadView(
        lead=lead,
        contact=contact_for(lead, member),
        can_claim=may_claim(lead, member),
        can_ask=may_ask(lead, member),
        can_review=lead.is_suspect and member.can(selectors.REVIEW, lead.site_id),
        sees_told=member.can(told.VIEW, lead.site_id),
    )


def _taken(request: MemberRequest, lead_id: UUID) -> HttpResponse:
    lead = selectors.taken_lead(request.member, lead_id)
    if lead is None or lead.owner is None:
        raise Http404
    if _shows_already(request, "taken"):
        return HttpResponse(status=204)
    since = lead.handed_over_at or lead.received_at
    return _lost(request, AlreadyClaimed(lead.owner.full_name, since, lead.site.zone), status=200)


def _lost(request: MemberRequest, lost: AlreadyClaimed, *, status: int) -> HttpResponse:
    template = "leads/_taken.html" if _is_htmx(request) else "leads/taken.html"
    return render(request, template, {"lost": lost, "sentence": taken_by(lost)}, status=status)


def _go_to(request: MemberRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if _is_htmx(request) else HttpResponseRedirect(url)


def _is_htmx(request: MemberRequest) -> bool:
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request


def _shows_already(request: MemberRequest, version: str) -> bool:
    """Whether an open page that asks for its part again has this very version: then nothing under a thumb moves."""
    return _is_htmx(request) and request.GET.get("shown") == version


def _query(request: MemberRequest, **changes: str) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return query.urlencode()
