"""The OpenAPI description of the lead endpoints: arguments for `extend_schema`."""

from __future__ import annotations

from typing import Any, cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter

from leads.api.bodies import LeadBody
from leads.api.shapes import ClaimOut, IntakeOut, LeadDetailOut, LeadListOut
from leads.models import LeadStatus
from leads.selectors import MAX_PAGE_SIZE, PAGE_SIZE
from sites.api import problems as p
from sites.api.schema import problems, ref

JSON = "application/json"
TAGS = ["leads"]


def _query(name: str, description: str | Promise, schema: dict[str, Any] | None = None) -> OpenApiParameter:
    return OpenApiParameter(
        name=name, description=cast("str", description), required=False, type=schema or str
    )


LIST: dict[str, Any] = {
    "operation_id": "leads_list",
    "tags": TAGS,
    "summary": _("List leads"),
    "description": _(
        "A page of leads: the pool oldest first, everything else newest first. A key of scope `leads:read` reads "
        "the leads of its own source, and nothing when it has none; one of scope `leads:read_all` reads the whole "
        "group's."
    ),
    "parameters": [
        _query("status", _("Only this status"), {"type": "string", "enum": ["", *LeadStatus.values]}),
        _query("site", _("The site's short name, e.g. `lyon`")),
        _query("source", _("The source's number"), {"type": "integer"}),
        _query("owner", _("`me`: the caller's own leads"), {"type": "string", "enum": ["", "me"]}),
        _query("q", _("Words of the name or vehicle; an address or number where the caller may see it")),
        _query("since", _("First day of arrival, in UTC"), {"type": "string", "format": "date"}),
        _query("until", _("Last day of arrival, in UTC"), {"type": "string", "format": "date"}),
        _query("cursor", _("From `next` of the page before")),
        _query(
            "limit",
            _("Leads a page"),
            {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE},
        ),
    ],
    "responses": {
        (200, JSON): ref(LeadListOut),
        **problems(p.INVALID_PARAMETERS, p.NOT_AUTHENTICATED, p.INVALID_KEY, p.NOT_ALLOWED),
    },
}

RECEIVE: dict[str, Any] = {
    "operation_id": "leads_receive",
    "tags": TAGS,
    "summary": _("Send a lead"),
    "description": _(
        "For websites and portals, with a key of scope `leads:write` that belongs to a lead source. 201 means "
        "that the lead is kept for good. The same request again joins its lead and gets the same answer; an "
        "`Idempotency-Key` makes that certain for seven days. A suspect request (the honeypot `website` is "
        "filled, or `form_seconds` is below 2) is kept in quarantine: 201 with status `quarantined`. A browser "
        "may post from the origins of the source, 20 times a minute and visitor. A source takes some thousand posts "
        "in ten minutes; then 429 with `Retry-After`."
    ),
    "auth": [{"apiKey": []}],
    "parameters": [
        OpenApiParameter(
            name="Idempotency-Key",
            location=OpenApiParameter.HEADER,
            required=False,
            type={"type": "string", "minLength": 1, "maxLength": 200, "pattern": r"^[\x21-\x7e]+$"},
        )
    ],
    "request": {JSON: ref(LeadBody)},
    "responses": {
        (201, JSON): ref(IntakeOut),
        **problems(
            p.INVALID_JSON,
            p.INVALID_BODY,
            p.BAD_REQUEST,
            p.NOT_AUTHENTICATED,
            p.INVALID_KEY,
            p.NOT_ALLOWED,
            p.ORIGIN_NOT_ALLOWED,
            p.IDEMPOTENCY_KEY_REUSED,
            p.TOO_LARGE,
            p.UNSUPPORTED_MEDIA_TYPE,
            p.TOO_MANY_REQUESTS,
        ),
    },
}

DETAIL: dict[str, Any] = {
    "operation_id": "leads_read",
    "tags": TAGS,
    "summary": _("Read a lead"),
    "description": _("The lead with whatever its customer sent later. Keys need a scope as for the list."),
    "responses": {
        (200, JSON): ref(LeadDetailOut),
        **problems(p.NOT_AUTHENTICATED, p.INVALID_KEY, p.NOT_ALLOWED, p.NOT_FOUND),
    },
}

CLAIM: dict[str, Any] = {
    "operation_id": "leads_claim",
    "tags": TAGS,
    "summary": _("Take a lead"),
    "description": _(
        "For signed-in salespeople. The first to answer takes it; the others get 409 with `winner` and "
        "`claimed_at`. Taking one's own lead again changes nothing."
    ),
    "auth": [{"session": []}],
    "request": None,
    "responses": {
        (200, JSON): ref(ClaimOut),
        **problems(p.NOT_AUTHENTICATED, p.CSRF_FAILED, p.NOT_ALLOWED, p.NOT_FOUND, p.ALREADY_CLAIMED),
    },
}

ALREADY_REVIEWED = p.Kind("already-reviewed", 409, _("Somebody has already decided."))
_JUDGE: dict[str, Any] = {
    "tags": TAGS,
    "auth": [{"session": []}],
    "request": None,
    "responses": {
        (200, JSON): ref(IntakeOut),
        **problems(p.NOT_AUTHENTICATED, p.CSRF_FAILED, p.NOT_ALLOWED, p.NOT_FOUND, ALREADY_REVIEWED),
    },
}
RELEASE: dict[str, Any] = {
    **_JUDGE,
    "operation_id": "leads_release",
    "summary": _("Make a request in quarantine a lead"),
    "description": _("For those who review the quarantine. It is handed out as if it arrived now."),
}
SPAM: dict[str, Any] = {
    **_JUDGE,
    "operation_id": "leads_spam",
    "summary": _("Keep a request in quarantine as spam"),
    "description": _(
        "For those who review the quarantine. Nobody else sees it; it can still be made a lead."
    ),
}
