"""The page that a decision link in an email opens: two buttons, no sign-in.

Mail scanners follow links, send HEAD and run scripts: GET and HEAD change nothing, and only a button's own permit
makes a POST decide. Whatever is wrong with a link answers like a link that never was.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from approvals import links, selectors
from approvals.forms import DecisionForm
from approvals.links import BadLink, Permit
from approvals.models import ApprovalRequest, Status
from approvals.sentences import stands
from approvals.services import (
    AlreadyDecided,
    DecisionNotAllowed,
    RequestChanged,
    RequestNotFound,
    decide_request,
)
from core.clock import now
from sites.access import Member, member_for
from sites.models import User
from sites.scope import group_scope

# No referrer, so that the address, which is the key, stays in this window. The browser then tells no origin either,
# and Django's CSRF check needs one: the signed permit of each button stands in its place.
_HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """GET and HEAD show the question, POST answers it. 404 for whatever is not a link of this very reader."""
    try:
        permit = links.opened(token)
    except BadLink:
        raise Http404 from None
    member = _reader(request, permit)
    with group_scope(permit.group_id), translation.override(member.user.language):
        response = (
            _answer(request, permit, member) if request.method == "POST" else _show(request, permit, member)
        )
        response.headers["Content-Language"] = member.user.language
    for name, value in _HEADERS.items():
        response.headers[name] = value
    return response


def _reader(request: HttpRequest, permit: Permit) -> Member:
    """The person whom the link is for, as he stands now. In a colleague's browser it is nobody's."""
    user = User.objects.filter(pk=permit.user_id, group_id=permit.group_id).first()
    member = member_for(user) if user else None
    signed_in: Member | None = getattr(request, "member", None)
    if member is None or (signed_in is not None and signed_in.user != member.user):
        raise Http404
    return member


def _show(
    request: HttpRequest, permit: Permit, member: Member, *, form: DecisionForm | None = None
) -> HttpResponse:
    asked = selectors.request_for(member, permit.request_id)
    if asked is None or not selectors.may_decide(asked, member):
        raise Http404
    if not asked.is_open(now()):
        return _stands(request, AlreadyDecided(asked))
    if asked.version != permit.version or now() >= permit.expires_at:
        return _changed(request, asked)
    context: dict[str, Any] = {
        "asked": asked,
        "form": form or DecisionForm(),
        "approve": permit.sealed(Status.APPROVED),
        "refuse": permit.sealed(Status.REFUSED),
    }
    return render(request, "approvals/link.html", context, status=422 if form else 200)


def _answer(request: HttpRequest, permit: Permit, member: Member) -> HttpResponse:
    try:
        verdict, pressed = links.answer_in(request.POST.get("permit", ""))
    except BadLink:
        raise Http404 from None
    if pressed != permit:
        raise Http404
    form = DecisionForm({"verdict": verdict.value, "comment": request.POST.get("comment", "")})
    if not form.is_valid():
        return _show(request, permit, member, form=form)
    try:
        decided = decide_request(
            request_id=permit.request_id,
            verdict=verdict,
            by=member,
            at=now(),
            comment=form.cleaned_data["comment"],
            version=permit.version,
        )
    except (RequestNotFound, DecisionNotAllowed):
        raise Http404 from None
    except RequestChanged:
        return _show(request, permit, member)
    except AlreadyDecided as lost:
        return _stands(request, lost)
    return _stands(request, AlreadyDecided(decided))


def _stands(request: HttpRequest, decision: AlreadyDecided) -> HttpResponse:
    return render(request, "approvals/link_closed.html", {"sentence": stands(decision), "decision": decision})


def _changed(request: HttpRequest, asked: ApprovalRequest) -> HttpResponse:
    return render(request, "approvals/link_closed.html", {"asked": asked})
