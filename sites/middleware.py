"""Opens the tenant scope for the signed-in person and speaks his language."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from sites.access import Member, member_for
from sites.models import User
from sites.scope import group_scope

Handler = Callable[[HttpRequest], HttpResponse]


class MemberMiddleware:
    """Sets `request.member` (a `Member` or None) and runs the view inside the member's group.

    Without a member no scope is open, so a view that forgot to ask for sign-in raises instead of leaking.
    Pages of a signed-in person are never kept by a shared cache.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        member = self._member(request)
        request.member = member  # type: ignore[attr-defined]  # typed for views as MemberRequest
        if member is None:
            return self.get_response(request)
        translation.activate(member.user.language)
        request.LANGUAGE_CODE = member.user.language
        with group_scope(member.group_id):
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers["Content-Language"] = member.user.language
        return response

    @staticmethod
    def _member(request: HttpRequest) -> Member | None:
        user = request.user
        return member_for(user) if isinstance(user, User) else None
