"""The OpenAPI description of the approval endpoints: arguments for `extend_schema`."""

from __future__ import annotations

from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter

from approvals.api.shapes import DecisionBody, DecisionOut, RequestDetailOut, RequestListOut
from approvals.models import Status
from sites.api import problems as p
from sites.api.schema import problems, ref

JSON = "application/json"
TAGS = ["approvals"]

ALREADY_DECIDED = p.Kind("already-decided", 409, _("Somebody has decided this."))
REQUEST_CHANGED = p.Kind(
    "request-changed",
    409,
    _("The request has changed."),
    _("The request has changed meanwhile. Read it again before you decide."),
)

LIST: dict[str, Any] = {
    "operation_id": "approvals_list",
    "tags": TAGS,
    "summary": _("List requests"),
    "description": _(
        "Newest first: what the caller asked for, what was passed on to them, and what stands on the sites where they "
        "may decide. Fifty a page."
    ),
    "auth": [{"session": []}],
    "parameters": [
        OpenApiParameter(
            name="status",
            description=cast("str", _("Only this status")),
            required=False,
            type={"type": "string", "enum": ["", *Status.values]},
        ),
        OpenApiParameter(
            name="before",
            description=cast("str", _("From `next` of the page before")),
            required=False,
            type={"type": "string", "format": "uuid"},
        ),
    ],
    "responses": {
        (200, JSON): ref(RequestListOut),
        **problems(p.INVALID_PARAMETERS, p.NOT_AUTHENTICATED, p.NOT_ALLOWED),
    },
}

DETAIL: dict[str, Any] = {
    "operation_id": "approvals_read",
    "tags": TAGS,
    "summary": _("Read a request"),
    "description": _("The request with its history."),
    "auth": [{"session": []}],
    "responses": {
        (200, JSON): ref(RequestDetailOut),
        **problems(p.NOT_AUTHENTICATED, p.NOT_ALLOWED, p.NOT_FOUND),
    },
}

_ANSWER: dict[str, Any] = {
    "tags": TAGS,
    "description": _(
        "For signed-in deciders. The first answer stands; whoever comes later gets 409 with `decided_by`, "
        "`decided_at` and `decision`. The same answer by the same person again changes nothing."
    ),
    "auth": [{"session": []}],
    "request": {JSON: ref(DecisionBody)},
    "responses": {
        (200, JSON): ref(DecisionOut),
        **problems(
            p.INVALID_JSON,
            p.INVALID_BODY,
            p.NOT_AUTHENTICATED,
            p.CSRF_FAILED,
            p.NOT_ALLOWED,
            p.NOT_FOUND,
            ALREADY_DECIDED,
            REQUEST_CHANGED,
            p.TOO_LARGE,
            p.UNSUPPORTED_MEDIA_TYPE,
        ),
    },
}
APPROVE: dict[str, Any] = {**_ANSWER, "operation_id": "approvals_approve", "summary": _("Approve a request")}
REFUSE: dict[str, Any] = {**_ANSWER, "operation_id": "approvals_refuse", "summary": _("Refuse a request")}
