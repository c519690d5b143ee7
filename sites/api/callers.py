"""Who calls: a machine by its key or a person by his session.

Apart from the views because REST framework imports what its settings name before it has views of its own.
"""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from sites.api.problems import CSRF_FAILED, INVALID_KEY, NOT_ALLOWED, NOT_AUTHENTICATED, Problem
from sites.keys import KeyHolder, holder_of

CHALLENGE = {"WWW-Authenticate": "Api-Key"}


def key_holder(request: HttpRequest, scope: str) -> KeyHolder:
    """The machine whose key the request shows. Raises `Problem`: no key, no valid key, no such scope."""
    key = shown_key(request)
    if key is None:
        raise Problem(NOT_AUTHENTICATED, headers=CHALLENGE)
    holder = holder_of(key)
    if holder is None:
        raise Problem(INVALID_KEY, headers=CHALLENGE)
    if not holder.may(scope):
        raise Problem(NOT_ALLOWED)
    return holder


def shown_key(request: HttpRequest) -> str | None:
    """What stands after « Api-Key » in the Authorization header; None without such a header."""
    scheme, _space, key = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    return key.strip() if scheme.lower() == "api-key" else None


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key <key>`; `request.auth` is then the `KeyHolder`."""

    def authenticate(self, request: Request) -> tuple[None, KeyHolder] | None:
        key = shown_key(request)
        if key is None:
            return None
        holder = holder_of(key)
        if holder is None:
            raise Problem(INVALID_KEY, headers=CHALLENGE)
        return None, holder

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


class StaffSession(SessionAuthentication):
    """The browser session of a signed-in person, with the CSRF token for whatever changes something."""

    def enforce_csrf(self, request: Request) -> None:
        """Ask for the token, by Django's own request: REST framework's would parse the body to look for it there."""
        try:
            super().enforce_csrf(cast("Request", request._request))  # noqa: SLF001 - REST framework's name for it
        except PermissionDenied:
            raise Problem(CSRF_FAILED) from None


class JsonOnly(BaseContentNegotiation):
    """Answers JSON whatever the Accept header says: a caller of an API knows what he calls."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return next(iter(parsers), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return JSONRenderer(), "application/json"
