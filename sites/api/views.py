"""The base of REST views: who calls, in which group, with which right."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from sites.access import Member
from sites.api.callers import CHALLENGE, ApiKeyAuthentication, JsonOnly, StaffSession
from sites.api.problems import NOT_ALLOWED, NOT_AUTHENTICATED, Problem
from sites.keys import KeyHolder
from sites.models import User
from sites.scope import group_scope


class TenantAPIView(APIView):
    """A REST view inside the caller's group.

    `key_scopes` and `permissions` say per method what a key must hold one of and what a person must hold; a
    method that is not in `key_scopes` is closed to keys, one that is not in `permissions` open to every member.
    """

    authentication_classes: ClassVar[list[type[BaseAuthentication]]] = [ApiKeyAuthentication, StaffSession]  # type: ignore[misc]
    permission_classes: ClassVar[list[type[BasePermission]]] = [AllowAny]  # type: ignore[misc]  # see `initial`
    content_negotiation_class = JsonOnly
    key_scopes: ClassVar[dict[str, tuple[str, ...]]] = {}
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
        if not hasattr(self, (request.method or "").lower()):
            raise MethodNotAllowed(request.method or "")
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
        if not any(holder.may(scope) for scope in self.key_scopes.get(method, ())):
            raise Problem(NOT_ALLOWED)
        self._scopes.enter_context(group_scope(holder.group_id))
        self.caller = holder

    def _admit_member(self, request: Request, method: str) -> None:
        member: Member | None = getattr(request._request, "member", None)  # noqa: SLF001 - REST framework's name
        if not request.user.is_authenticated:
            raise Problem(NOT_AUTHENTICATED, headers=CHALLENGE)
        permission = self.permissions.get(method)
        if member is None or (permission is not None and not member.can(permission)):
            raise Problem(NOT_ALLOWED)
        self.caller = member
