"""Reading leads, and taking one."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from core.clock import now
from leads import selectors
from leads.api import documentation as doc
from leads.api import intake
from leads.api.shapes import ClaimOut, IntakeOut, lead_detail_out, leads_out
from leads.api.sources import source_of
from leads.forms import LeadFilterForm
from leads.models import Lead
from leads.selectors import BadCursor, LeadPage
from leads.sentences import judged_already, taken_by
from leads.services import (
    AlreadyClaimed,
    AlreadyReviewed,
    ClaimNotAllowed,
    Judge,
    LeadNotFound,
    claim_lead,
    confirm_spam,
    release_from_quarantine,
)
from sites.access import Member
from sites.api.problems import (
    ALREADY_CLAIMED,
    INVALID_PARAMETERS,
    NOT_ALLOWED,
    NOT_FOUND,
    FieldError,
    Problem,
)
from sites.api.views import TenantAPIView

READ = "leads:read"
READ_ALL = "leads:read_all"


class LeadReader(TenantAPIView):
    """What the two reading views share: which leads the caller sees."""

    key_scopes: ClassVar[dict[str, tuple[str, ...]]] = {"GET": (READ, READ_ALL)}
    permissions: ClassVar[dict[str, str]] = {"GET": selectors.VIEW}

    def leads(self) -> QuerySet[Lead]:
        """A key reads its own source's leads; the group's only where its scopes say so, never for want of a source."""
        if isinstance(self.caller, Member):
            return selectors.visible_leads(self.caller)
        if self.caller.may(READ_ALL):
            return Lead.objects.all()
        return Lead.objects.filter(source=source_of(self.caller))


class LeadCollection(LeadReader):
    """All leads, and the door for new ones."""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:  # type: ignore[override]
        """POST and OPTIONS go past REST framework to `intake`; everything else is an ordinary API view."""
        view = super().as_view(**initkwargs)
        doors = {"POST": intake.receive, "OPTIONS": intake.preflight}

        @wraps(view)
        def choose(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            door = doors.get(request.method or "")
            return view(request, *args, **kwargs) if door is None else door(request)

        return choose

    @extend_schema(**doc.LIST)
    def get(self, request: Request) -> HttpResponse:
        """A page of leads: the pool oldest first, everything else newest first."""
        member = self.caller if isinstance(self.caller, Member) else None
        form = LeadFilterForm(request.query_params, member=member)
        if not form.is_valid():
            raise _parameters(*[(name, " ".join(map(str, texts))) for name, texts in form.errors.items()])
        wanted = form.wanted()
        page = self._page(selectors.matching(self.leads(), wanted, member), request, is_pool=wanted.is_pool)
        next_url = _address_of_next(request, page.next_cursor) if page.next_cursor else None
        return _json(leads_out(page.leads, self.caller, next_url))

    @extend_schema(**doc.RECEIVE)
    def post(self, request: Request) -> HttpResponse:
        """Receive a lead from a website. Documented here, done by `leads.api.intake.receive`."""
        return intake.receive(request._request)  # noqa: SLF001 - REST framework's name for Django's request

    def _page(self, leads: QuerySet[Lead], request: Request, *, is_pool: bool) -> LeadPage:
        cursor = request.query_params.get("cursor", "")
        try:
            return selectors.page_of(leads, oldest_first=is_pool, cursor=cursor, limit=_limit(request))
        except BadCursor:
            raise _parameters(("cursor", _("Take the cursor from “next” as it is."))) from None


class LeadDetail(LeadReader):
    """One lead."""

    @extend_schema(**doc.DETAIL)
    def get(self, _request: Request, lead_id: UUID) -> HttpResponse:
        """The lead with whatever its customer sent later."""
        lead = self.leads().select_related("site", "source", "owner").filter(pk=lead_id).first()
        if lead is None:
            raise Problem(NOT_FOUND)
        return _json(lead_detail_out(lead, self.caller))


class LeadClaim(TenantAPIView):
    """The button « Take the lead »."""

    permissions: ClassVar[dict[str, str]] = {"POST": selectors.VIEW}

    @extend_schema(**doc.CLAIM)
    def post(self, _request: Request, lead_id: UUID) -> HttpResponse:
        """Take the lead; 409 with the winner's name and time when a colleague was faster."""
        try:
            lead = claim_lead(lead_id=lead_id, by=self.member, at=now())
        except LeadNotFound:
            raise Problem(NOT_FOUND) from None
        except ClaimNotAllowed:
            raise Problem(NOT_ALLOWED) from None
        except AlreadyClaimed as lost:
            extra = {"winner": lost.winner_name, "claimed_at": lost.at}
            raise Problem(ALREADY_CLAIMED, detail=taken_by(lost), extra=extra) from None
        return _json(
            ClaimOut(id=lead.pk, owner=self.user.full_name, claimed_at=lead.claimed_at or lead.received_at)
        )


class LeadJudgement(TenantAPIView):
    """What the two buttons under a request in quarantine share."""

    permissions: ClassVar[dict[str, str]] = {"POST": selectors.REVIEW}

    def judged(self, judge: Judge, lead_id: UUID) -> HttpResponse:
        """Decide; 409 with what it has become when somebody was faster."""
        try:
            lead = judge(lead_id=lead_id, by=self.member, at=now())
        except LeadNotFound:
            raise Problem(NOT_FOUND) from None
        except AlreadyReviewed as decided:
            raise Problem(doc.ALREADY_REVIEWED, detail=judged_already(decided)) from None
        return _json(IntakeOut(id=lead.pk, status=lead.status))


class LeadRelease(LeadJudgement):
    """The button « A customer »."""

    @extend_schema(**doc.RELEASE)
    def post(self, _request: Request, lead_id: UUID) -> HttpResponse:
        """It is a lead like any other, and its people are told."""
        return self.judged(release_from_quarantine, lead_id)


class LeadSpam(LeadJudgement):
    """The button « Spam »."""

    @extend_schema(**doc.SPAM)
    def post(self, _request: Request, lead_id: UUID) -> HttpResponse:
        """It is kept as spam, where a reviewer still finds it."""
        return self.judged(confirm_spam, lead_id)


def _parameters(*faults: tuple[str, Any]) -> Problem:
    return Problem(INVALID_PARAMETERS, errors=[FieldError(name, text) for name, text in faults])


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(selectors.PAGE_SIZE))
    if not (
        text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= selectors.MAX_PAGE_SIZE
    ):
        raise _parameters(("limit", _("From 1 to %(most)d.") % {"most": selectors.MAX_PAGE_SIZE}))
    return int(text)


def _address_of_next(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return f"{request.path}?{query.urlencode()}"


def _json(answer: msgspec.Struct) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json")
