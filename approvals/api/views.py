"""Reading requests, and answering one."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import msgspec
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from approvals import selectors
from approvals.api import documentation as doc
from approvals.api.shapes import DecisionBody, DecisionOut, RequestListOut, request_detail_out, requests_out
from approvals.models import ApprovalRequest, Status
from approvals.sentences import settled, stands
from approvals.services import (
    AlreadyDecided,
    DecisionNotAllowed,
    RequestChanged,
    RequestNotFound,
    decide_request,
)
from core.clock import now
from sites.api.bodies import Body
from sites.api.problems import INVALID_PARAMETERS, NOT_ALLOWED, NOT_FOUND, FieldError, Problem
from sites.api.views import TenantAPIView


class RequestCollection(TenantAPIView):
    """All requests that concern the caller."""

    permissions: ClassVar[dict[str, str]] = {"GET": selectors.VIEW}

    @extend_schema(**doc.LIST)
    def get(self, request: Request) -> HttpResponse:
        """A page of requests, newest first."""
        found = selectors.with_people(selectors.visible_requests(self.member))
        if status := request.query_params.get("status", ""):
            if status not in Status.values:
                raise _parameter("status", _("This value is not accepted."))
            found = found.filter(status=status)
        if before := request.query_params.get("before", ""):
            found = found.filter(pk__lt=_uuid("before", before))
        rows = list(found.order_by("-pk")[: selectors.PAGE_SIZE + 1])
        shown = rows[: selectors.PAGE_SIZE]
        return _json(
            RequestListOut(
                results=requests_out(shown, self.member, now()),
                next=shown[-1].pk if len(rows) > len(shown) else None,
            )
        )


class RequestDetail(TenantAPIView):
    """One request."""

    permissions: ClassVar[dict[str, str]] = {"GET": selectors.VIEW}

    @extend_schema(**doc.DETAIL)
    def get(self, _request: Request, request_id: UUID) -> HttpResponse:
        """The request with its history."""
        found = selectors.request_for(self.member, request_id)
        if found is None:
            raise Problem(NOT_FOUND)
        return _json(request_detail_out(found, selectors.history_of(found), self.member, now()))


class Answer(TenantAPIView):
    """What the two buttons share."""

    permissions: ClassVar[dict[str, str]] = {"POST": selectors.VIEW}
    verdict: ClassVar[Status]
    body = Body(DecisionBody)

    def answer(self, request: Request, request_id: UUID) -> HttpResponse:
        """Decide; 409 with who and when when somebody was faster."""
        said = self.body.read(request._request)  # noqa: SLF001 - REST framework's name for Django's request
        try:
            decided = decide_request(
                request_id=request_id,
                verdict=self.verdict,
                by=self.member,
                at=now(),
                comment=said.comment,
                version=said.version,
            )
        except RequestNotFound:
            raise Problem(NOT_FOUND) from None
        except DecisionNotAllowed:
            raise Problem(NOT_ALLOWED) from None
        except RequestChanged:
            raise Problem(doc.REQUEST_CHANGED) from None
        except AlreadyDecided as lost:
            raise _lost(lost) from None
        return _json(_decision_out(decided))


class Approve(Answer):
    """The button « Approve »."""

    verdict = Status.APPROVED

    @extend_schema(**doc.APPROVE)
    def post(self, request: Request, request_id: UUID) -> HttpResponse:
        """Approve the request."""
        return self.answer(request, request_id)


class Refuse(Answer):
    """The button « Refuse »."""

    verdict = Status.REFUSED

    @extend_schema(**doc.REFUSE)
    def post(self, request: Request, request_id: UUID) -> HttpResponse:
        """Refuse the request."""
        return self.answer(request, request_id)


def _decision_out(decided: ApprovalRequest) -> DecisionOut:
    name = decided.decided_by.full_name if decided.decided_by else ""
    return DecisionOut(
        id=decided.pk,
        status=decided.status,
        decided_by=name,
        decided_at=decided.decided_at or decided.expires_at,
        detail=settled(decided.status, name),
    )


def _lost(lost: AlreadyDecided) -> Problem:
    extra = {"decision": lost.status.value, "decided_by": lost.name, "decided_at": lost.at}
    return Problem(doc.ALREADY_DECIDED, detail=stands(lost), extra=extra)


def _uuid(name: str, text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise _parameter(name, _("Take it from “next” as it is.")) from None


def _parameter(name: str, text: object) -> Problem:
    return Problem(INVALID_PARAMETERS, errors=[FieldError(name, str(text))])


def _json(answer: msgspec.Struct) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json")
