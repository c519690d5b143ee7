"""The first page: what waits for this person now, what he has in hand, and how fast leads are taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.clock import now
from dms.context import Shell, shell_of
from leads.claimable import may_claim
from leads.contact import VIEW_ALL
from leads.models import Lead, LeadStatus
from leads.selectors import VIEW, LeadFilter, matching, page_of, visible_leads
from leads.speed import queue_of, speed_by_site, speed_of, waits_since
from notifications.selectors import inbox_items
from sites.access import Member
from sites.http import MemberRequest, member_required

TAKEN = LeadStatus.CLAIMED
WAITING_SHOWN = 6
LATEST_SHOWN = 8
NEWS_SHOWN = 5
WEEK = timedelta(days=7)
NOON, EVENING = 12, 18  # hours


@dataclass(frozen=True)
class Waiting:
    """A lead of the pool, and whether this person may take it."""

    lead: Lead
    can_claim: bool


@require_safe
@member_required()
def home(request: MemberRequest) -> HttpResponse:
    """One page for every kind of work: who sells sees the pool first, who manages sees the sites too."""
    shell, at = shell_of(request), now()
    context: dict[str, Any] = {
        "greeting": _greeting(at.astimezone(shell.zone).hour, request.member),
        "today": at,
    }
    if request.member.can(VIEW):
        context |= _selling(request.member, shell) | _speed(request.member, shell, at)
    else:
        context["news"] = inbox_items(request.member.user, limit=NEWS_SHOWN)
    return render(request, "home/home.html", context)


@require_safe
@member_required(VIEW)
def waiting(request: MemberRequest) -> HttpResponse:
    """The pool's part of the page alone: an open page fetches it again when something changed."""
    return render(request, "home/_waiting.html", _pool(request.member, shell_of(request)))


def _greeting(hour: int, member: Member) -> str:
    words = (
        _("Good morning, %(name)s")
        if hour < NOON
        else _("Good afternoon, %(name)s")
        if hour < EVENING
        else _("Good evening, %(name)s")
    )
    return words % {"name": member.user.get_short_name()}


def _selling(member: Member, shell: Shell) -> dict[str, Any]:
    """The pool, and below it one's own leads or, for who answers for a team, what the team took lately."""
    site_id = shell.chosen_site_id
    if member.can(VIEW_ALL):
        return _pool(member, shell) | {"taken": _latest(member, LeadFilter(status=TAKEN, site_id=site_id))}
    return _pool(member, shell) | {"mine": _latest(member, LeadFilter(mine=True, site_id=site_id))}


def _latest(member: Member, wanted: LeadFilter) -> Sequence[Lead]:
    leads = matching(visible_leads(member), wanted, member)
    return page_of(leads, oldest_first=False, limit=LATEST_SHOWN).leads


def _pool(member: Member, shell: Shell) -> dict[str, Any]:
    """The oldest leads of the pool; one more than is shown tells whether there are others."""
    pool = LeadFilter(status=LeadStatus.NEW, site_id=shell.chosen_site_id)
    page = page_of(matching(visible_leads(member), pool, member), oldest_first=True, limit=WAITING_SHOWN)
    rows = [Waiting(lead, can_claim=may_claim(lead, member)) for lead in page.leads]
    return {"pool": rows, "pool_goes_on": bool(page.next_cursor)}


def _speed(member: Member, shell: Shell, at: datetime) -> dict[str, Any]:
    """Today's and the week's figures, on the reader's own clock; by site for those who answer for several."""
    midnight = at.astimezone(shell.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    last_week = at - WEEK
    waits = waits_since(member, min(midnight, last_week), site_id=shell.chosen_site_id)
    manages = member.can(VIEW_ALL)
    mine = waits if manages else [wait for wait in waits if wait.owner_id == member.user.pk]
    return {
        "manages": manages,
        "queue": queue_of(waits),
        "today_speed": speed_of([wait for wait in mine if wait.received_at >= midnight], at),
        "week_speed": speed_of([wait for wait in mine if wait.received_at >= last_week], at),
        "site_speeds": speed_by_site(waits, shell.shown_sites, since=last_week, at=at) if manages else [],
    }
