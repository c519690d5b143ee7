"""The list of requests and the page of one, for people who have signed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from approvals import selectors
from approvals.ages import waiting_lines
from approvals.forms import DecisionForm, DelegationForm
from approvals.kinds import DECIDE
from approvals.models import ApprovalRequest, Status
from approvals.sentences import settled, stands
from approvals.services import (
    AlreadyDecided,
    DecisionNotAllowed,
    NotAColleague,
    RequestChanged,
    RequestNotFound,
    decide_request,
    delegate_request,
    withdraw_request,
)
from core.clock import now
from notifications import told
from sites.http import MemberRequest, member_required


@require_safe
@member_required(selectors.VIEW)
def request_list(request: MemberRequest) -> HttpResponse:
    """What waits for the reader's answer, what he waits for himself, and what is settled."""
    lists = {name: read(request) for name, read in _LISTS.items()}
    return render(request, "approvals/list.html", {"can_decide": request.member.can(DECIDE), **lists})


@require_safe
@member_required(selectors.VIEW)
def part(request: MemberRequest, name: str) -> HttpResponse:
    """One list of that page, alone: an open page fetches it again."""
    return render(request, f"approvals/_{name}.html", {name: _LISTS[name](request)})


@require_safe
@member_required(selectors.VIEW)
def count(request: MemberRequest) -> JsonResponse:
    """How many requests wait for the reader: the navigation of an open page reads it when one of them moved."""
    return JsonResponse({"waiting": len(selectors.waiting_for(request.member, now()))})


@require_safe
@member_required(selectors.VIEW)
def request_detail(request: MemberRequest, request_id: UUID) -> HttpResponse:
    """One request with its history; for htmx its part alone, or nothing (204) when the page shows just that."""
    found = selectors.request_for(request.member, request_id)
    if found is None:
        raise Http404
    return _page(request, found)


@require_POST
@member_required(selectors.VIEW)
def decide(request: MemberRequest, request_id: UUID) -> HttpResponse:
    """Approve or refuse; the loser of a race reads who was first."""
    form = DecisionForm(request.POST)
    if not form.is_valid():
        found = selectors.request_for(request.member, request_id)
        if found is None:
            raise Http404
        return _page(request, found, decision=form, status=422)
    answer = form.cleaned_data
    try:
        decided = decide_request(
            request_id=request_id,
            verdict=Status(answer["verdict"]),
            by=request.member,
            at=now(),
            comment=answer["comment"],
            version=answer["version"],
        )
    except RequestNotFound:
        raise Http404 from None
    except DecisionNotAllowed:
        raise PermissionDenied from None
    except (AlreadyDecided, RequestChanged) as lost:
        messages.info(request, _why_not(lost))
    else:
        messages.success(request, _done(decided))
    return _go_to(request, reverse("approvals:detail", args=[request_id]))


@require_POST
@member_required(selectors.VIEW)
def delegate(request: MemberRequest, request_id: UUID) -> HttpResponse:
    """Pass the request on to a colleague."""
    found = selectors.request_for(request.member, request_id)
    if found is None:
        raise Http404
    colleagues = selectors.colleagues_to_ask(found, request.member)
    form = DelegationForm(request.POST, colleagues=colleagues)
    if not form.is_valid():
        return _page(request, found, delegation=form, status=422)
    to_id, comment = form.cleaned_data["to"], form.cleaned_data["comment"]
    try:
        delegate_request(request_id=request_id, to_id=to_id, by=request.member, at=now(), comment=comment)
    except (DecisionNotAllowed, NotAColleague):
        raise PermissionDenied from None
    except (AlreadyDecided, RequestChanged) as lost:
        messages.info(request, _why_not(lost))
    else:
        name = next(user.full_name for user in colleagues if user.pk == to_id)
        messages.success(request, _("Passed on to %(name)s, who is told now.") % {"name": name})
    return _go_to(request, found.get_absolute_url())


@require_POST
@member_required(selectors.VIEW)
def withdraw(request: MemberRequest, request_id: UUID) -> HttpResponse:
    """The asker takes his question back."""
    try:
        withdraw_request(request_id=request_id, by=request.member, at=now())
    except RequestNotFound:
        raise Http404 from None
    except DecisionNotAllowed:
        raise PermissionDenied from None
    except AlreadyDecided as lost:
        messages.info(request, stands(lost))
    else:
        messages.success(request, _("Your request is withdrawn."))
    return _go_to(request, reverse("approvals:detail", args=[request_id]))


def _waiting(request: MemberRequest) -> list[Any]:
    at = now()
    return waiting_lines(selectors.waiting_for(request.member, at), at, can_decide=True)


def _mine(request: MemberRequest) -> list[Any]:
    at = now()
    return waiting_lines(selectors.asked_by(request.member, at), at, can_decide=False)


def _settled(request: MemberRequest) -> list[ApprovalRequest]:
    return selectors.settled_for(request.member)


_LISTS: dict[str, Callable[[MemberRequest], list[Any]]] = {
    "waiting": _waiting,
    "mine": _mine,
    "settled": _settled,
}


def _page(
    request: MemberRequest,
    found: ApprovalRequest,
    *,
    decision: DecisionForm | None = None,
    delegation: DelegationForm | None = None,
    status: int = 200,
) -> HttpResponse:
    at, member = now(), request.member
    steps = list(selectors.history_of(found))
    version = f"{found.status}-{found.version}-{len(steps)}"
    if _is_htmx(request) and request.GET.get("shown") == version:
        return HttpResponse(status=204)
    is_open = found.is_open(at)
    may_pass_on = is_open and selectors.stands_on_ladder(found, member)
    colleagues = selectors.colleagues_to_ask(found, member) if may_pass_on else []
    context = {
        "asked": found,
        "steps": steps,
        "version": version,
        "is_open": is_open,
        "deciders": selectors.deciders_of(found) if is_open else [],
        "line": waiting_lines([found], at, can_decide=False)[0] if is_open else None,
        "settled": settled(found.status, found.decided_by.full_name if found.decided_by else "")
        if not found.is_pending
        else "",
        "can_decide": is_open and selectors.may_decide(found, member),
        "told_subject": f"approval:{found.pk}" if member.can(told.VIEW, found.site_id) else "",
        "can_withdraw": is_open and found.asked_by_id == member.user.pk,
        "decision": decision or DecisionForm(initial={"version": found.version}),
        "delegation": delegation or (DelegationForm(colleagues=colleagues) if colleagues else None),
    }
    template = "approvals/_request.html" if _is_htmx(request) else "approvals/detail.html"
    return render(request, template, context, status=status)


def _why_not(lost: AlreadyDecided | RequestChanged) -> str:
    if isinstance(lost, AlreadyDecided):
        return stands(lost)
    return _("The request has changed meanwhile. Read it again before you decide.")


def _done(decided: ApprovalRequest) -> str:
    words = (
        _("Approved. %(name)s is told now.") if decided.is_approved else _("Refused. %(name)s is told now.")
    )
    return words % {"name": decided.asked_by.full_name}


def _go_to(request: MemberRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if _is_htmx(request) else HttpResponseRedirect(url)


def _is_htmx(request: MemberRequest) -> bool:
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request
