"""POST /api/v1/leads/: the product's busiest door. A plain view, because REST framework's machinery costs half."""

from __future__ import annotations

import re

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from core.clock import now
from leads.api import limits, sources
from leads.api.bodies import read_enquiry
from leads.models import LeadSource
from leads.services import IdempotencyKeyReused, receive_lead
from sites.api.callers import key_holder
from sites.api.problems import (
    BAD_REQUEST,
    IDEMPOTENCY_KEY_REUSED,
    FieldError,
    Problem,
    problems_answered,
    respond,
)
from sites.scope import group_scope

WRITE = "leads:write"

_KEY = re.compile(r"[\x21-\x7e]{1,200}")


@problems_answered
def receive(request: HttpRequest) -> HttpResponse:
    """Receive a lead for the source of the caller's key; 201 once it is committed."""
    holder = key_holder(request, WRITE)
    with group_scope(holder.group_id):
        source = sources.source_of(holder)
        origin = sources.admitted_origin(request, source)
        try:
            response = _receive(request, source, from_browser=bool(origin))
        except Problem as problem:
            response = respond(problem)
    for name, value in sources.answer_headers(origin).items():
        response.headers[name] = value
    response.headers["Vary"] = "Origin, Accept-Language"
    return response


@problems_answered
def preflight(request: HttpRequest) -> HttpResponse:
    """OPTIONS: tell a browser whether the website that it shows may post."""
    response = HttpResponse(status=204, headers={"Allow": "GET, HEAD, OPTIONS, POST", "Vary": "Origin"})
    if "HTTP_ORIGIN" in request.META:
        for name, value in sources.preflight_headers(request).items():
            response.headers[name] = value
    return response


def _receive(request: HttpRequest, source: LeadSource, *, from_browser: bool) -> HttpResponse:
    at = now()
    limits.count_for_source(source, at=at)
    if from_browser:
        limits.count_for_visitor(request, source)
    enquiry = read_enquiry(request, at=at)
    try:
        intake = receive_lead(source=source, enquiry=enquiry, at=at, idempotency_key=_key_of(request))
    except IdempotencyKeyReused:
        raise Problem(IDEMPOTENCY_KEY_REUSED) from None
    body = msgspec.json.encode({"id": intake.lead_id, "status": intake.status})
    headers = {"Location": f"/api/v1/leads/{intake.lead_id}/", "Cache-Control": "no-store"}
    return HttpResponse(body, status=201, content_type="application/json", headers=headers)


def _key_of(request: HttpRequest) -> str:
    key: str | None = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return ""
    if not _KEY.fullmatch(key):
        sentence = _("1 to 200 visible ASCII characters.")
        raise Problem(BAD_REQUEST, errors=[FieldError("Idempotency-Key", sentence)])
    return key
