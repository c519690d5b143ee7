"""The base of REST views: who calls, in which group, with which right."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from sites.access import Member
from sites.api.problems import CSRF_FAILED, INVALID_KEY, NOT_ALLOWED, NOT_AUTHENTICATED, Problem
from sites.keys import KeyHolder, holder_of
from sites.models import User
from sites.scope import group_scope

_CHALLENGE = {"WWW-Authenticate": "Api-Key"}


def key_holder(request: HttpRequest, scope: str) -> KeyHolder:
    """The machine whose key the request shows. Raises `Problem`: no key, no valid key, no such scope."""
    key = shown_key(request)
    if key is None:
        raise Problem(NOT_AUTHENTICATED, headers=_CHALLENGE)
    holder = holder_of(key)
    if holder is None:
        raise Problem(INVALID_KEY, headers=_CHALLENGE)
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
            raise Problem(INVALID_KEY, headers=_CHALLENGE)
        return None, holder

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


class StaffSession(SessionAuthentication):
    """The browser session of a signed-in person, with the CSRF token for whatever changes something."""

    def enforce_csrf(self, request: Request) -> None:
        from rest_framework.exceptions import PermissionDenied

        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise Problem(CSRF_FAILED) from None


class JsonOnly(BaseContentNegotiation):
    """Answers JSON whatever the Accept header says: a caller of an API knows what he calls."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return next(iter(parsers), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return JSONRenderer(), "application/json"


class TenantAPIView(APIView):
    """A REST view inside the caller's group.

    `key_scopes` and `permissions` say per method what a key and what a person must hold; a method that is
    not in `key_scopes` is closed to keys, and one that is not in `permissions` is open to every member.
    """

    authentication_classes: ClassVar[list[type[BaseAuthentication]]] = [ApiKeyAuthentication, StaffSession]  # type: ignore[misc]
    permission_classes: ClassVar[list[type[BasePermission]]] = [AllowAny]  # type: ignore[misc]  # see `initial`
    content_negotiation_class = JsonOnly
    key_scopes: ClassVar[dict[str, str]] = {}
    permissions: ClassVar[dict[str, str]] = {}

    caller: Member | KeyHolder

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Run the view; whatever scope `initial` opened closes with it. No cache may keep the answer."""
        with ExitStack() as self._scopes:
            response = super().dispatch(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find out who calls and refuse who may not, before the handler runs."""
        super().initial(request, *args, **kwargs)
        method = "GET" if request.method == "HEAD" else request.method or ""
        if isinstance(request.auth, KeyHolder):
            self._admit_key(request.auth, method)
        else:
            self._admit_member(request, method)

    @property
    def member(self) -> Member:
        """The person who calls; keys do not come this far where a view asks for it."""
        assert isinstance(self.caller, Member)
        return self.caller

    @property
    def user(self) -> User:
        return self.member.user

    def _admit_key(self, holder: KeyHolder, method: str) -> None:
        scope = self.key_scopes.get(method)
        if scope is None or not holder.may(scope):
            raise Problem(NOT_ALLOWED)
        self._scopes.enter_context(group_scope(holder.group_id))
        self.caller = holder

    def _admit_member(self, request: Request, method: str) -> None:
        member: Member | None = getattr(request._request, "member", None)  # noqa: SLF001 - REST framework's name
        if not request.user.is_authenticated:
            raise Problem(NOT_AUTHENTICATED, headers=_CHALLENGE)
        permission = self.permissions.get(method)
        if member is None or (permission is not None and not member.can(permission)):
            raise Problem(NOT_ALLOWED)
        self.caller = member
