"""Errors as RFC 9457 problem details, in the caller's language.

Views raise `Problem`; whatever else goes wrong under /api/ is turned into one here. No sentence of a library
reaches a caller: those are English, and tell how the product is built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar, cast

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as drf

CONTENT_TYPE = "application/problem+json"

# `type` is a relative reference: the paragraph of the readable documentation that explains it.
TYPE_BASE = "/api/v1/docs/#"

Text: TypeAlias = "str | Promise"
P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


_kinds: list[Kind] = []


@dataclass(frozen=True)
class Kind:
    """One sort of problem: its name in the `type` URI, its status, and its title."""

    slug: str
    status: int
    title: Text
    detail: Text = ""

    def __post_init__(self) -> None:
        _kinds.append(self)


def all_kinds() -> list[Kind]:
    """Every kind that some app declares, by status: the documentation's list."""
    return sorted(_kinds, key=lambda kind: kind.status)


INVALID_JSON = Kind(
    "invalid-json", 400, _("This is not JSON."), _("The body could not be read as JSON in UTF-8.")
)
INVALID_BODY = Kind(
    "invalid-body",
    400,
    _("Some fields are not right."),
    _("Correct the fields named in errors and send again."),
)
INVALID_PARAMETERS = Kind(
    "invalid-parameters",
    400,
    _("Some parameters are not right."),
    _("Correct the parameters named in errors."),
)
BAD_REQUEST = Kind("bad-request", 400, _("The request is not right."))
NOT_AUTHENTICATED = Kind(
    "not-authenticated", 401, _("Sign in or show a key."), _("Send “Authorization: Api-Key …” or sign in.")
)
INVALID_KEY = Kind(
    "invalid-key", 401, _("This key is not valid."), _("The API key is unknown or was revoked.")
)
NOT_ALLOWED = Kind(
    "not-allowed", 403, _("You may not do this."), _("Your key or your role does not allow it.")
)
CSRF_FAILED = Kind(
    "csrf-failed",
    403,
    _("The page is too old."),
    _("Reload the page and try again: its security token is missing."),
)
ORIGIN_NOT_ALLOWED = Kind(
    "origin-not-allowed",
    403,
    _("This website may not post here."),
    _("Its address is not among the source's origins."),
)
NOT_FOUND = Kind(
    "not-found", 404, _("There is nothing here."), _("The address or the object does not exist.")
)
METHOD_NOT_ALLOWED = Kind(
    "method-not-allowed",
    405,
    _("This method does not exist here."),
    _("See the Allow header for those that do."),
)
ALREADY_CLAIMED = Kind("already-claimed", 409, _("Somebody else has this lead."))
IDEMPOTENCY_KEY_REUSED = Kind(
    "idempotency-key-reused", 409, _("This Idempotency-Key was used for another request."),
    _("Use a new key for a new request."),
)  # fmt: skip
TOO_LARGE = Kind("too-large", 413, _("This is too much."), _("The body is larger than the limit."))
UNSUPPORTED_MEDIA_TYPE = Kind(
    "unsupported-media-type", 415, _("Send JSON."), _("The Content-Type must be application/json.")
)
TOO_MANY_REQUESTS = Kind(
    "too-many-requests", 429, _("Too many requests."), _("Wait for as many seconds as Retry-After says.")
)
SERVER_ERROR = Kind(
    "server-error", 500, _("Something broke on our side."), _("The fault was noted. Try again in a moment.")
)


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field; `field` is a path like `vehicle.year`."""

    field: str
    message: Text


class Problem(Exception):
    """A refusal that the caller understands. `extra` adds members of its own to the answer."""

    def __init__(
        self,
        kind: Kind,
        *,
        detail: Text = "",
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.detail = detail or kind.detail or kind.title
        self.errors = errors
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})


def respond(problem: Problem) -> HttpResponse:
    """The answer, in the language of this request."""
    body: dict[str, Any] = {
        "type": TYPE_BASE + problem.kind.slug,
        "title": str(problem.kind.title),
        "status": problem.kind.status,
        "detail": str(problem.detail),
        **problem.extra,
    }
    if problem.errors:
        body["errors"] = [{"field": error.field, "message": str(error.message)} for error in problem.errors]
    response = HttpResponse(msgspec.json.encode(body), status=problem.kind.status, content_type=CONTENT_TYPE)
    response.headers["Content-Language"] = get_language() or "fr"
    response.headers["Cache-Control"] = "no-store"
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response


def problem_handler(error: Exception, _context: Any) -> HttpResponse | None:
    """REST framework's exception handler. None for the unexpected, which Django then reports and answers."""
    problem = as_problem(error)
    return None if problem is None else respond(problem)


def problems_answered(
    view: Callable[Concatenate[HttpRequest, P], R],
) -> Callable[Concatenate[HttpRequest, P], R | HttpResponse]:
    """The same for a view without REST framework."""

    @wraps(view)
    def answering(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> R | HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Problem as problem:
            return respond(problem)

    return cast("Callable[Concatenate[HttpRequest, P], R | HttpResponse]", answering)


_OF_FRAMEWORK: tuple[tuple[type[Exception], Kind], ...] = (
    (drf.NotAuthenticated, NOT_AUTHENTICATED),
    (drf.AuthenticationFailed, INVALID_KEY),
    (drf.PermissionDenied, NOT_ALLOWED),
    (PermissionDenied, NOT_ALLOWED),
    (drf.NotFound, NOT_FOUND),
    (Http404, NOT_FOUND),
    (drf.MethodNotAllowed, METHOD_NOT_ALLOWED),
    (drf.UnsupportedMediaType, UNSUPPORTED_MEDIA_TYPE),
    (drf.Throttled, TOO_MANY_REQUESTS),
    (drf.ParseError, INVALID_JSON),
    (drf.ValidationError, INVALID_BODY),
    (drf.APIException, BAD_REQUEST),
)


def as_problem(error: Exception) -> Problem | None:
    """The problem that an expected error stands for; None for an unexpected one."""
    if isinstance(error, Problem):
        return error
    kind = next((kind for expected, kind in _OF_FRAMEWORK if isinstance(error, expected)), None)
    if kind is None or (isinstance(error, drf.APIException) and error.status_code >= 500):
        return None
    return Problem(kind, headers=_headers_of(error), errors=_errors_of(error))


def _headers_of(error: Exception) -> dict[str, str]:
    headers = {}
    if isinstance(error, drf.NotAuthenticated | drf.AuthenticationFailed):
        headers["WWW-Authenticate"] = "Api-Key"
    if isinstance(error, drf.Throttled):
        headers["Retry-After"] = str(int(getattr(error, "wait", None) or 0) + 1)
    return headers


def _errors_of(error: Exception) -> list[FieldError]:
    if not isinstance(error, drf.ValidationError) or not isinstance(error.detail, dict):
        return []
    return [
        FieldError(str(field), " ".join(str(message) for message in messages))
        for field, messages in error.detail.items()
    ]
