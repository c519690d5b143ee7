"""Types and guards for views of signed-in staff."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from sites.access import Member


class MemberRequest(HttpRequest):
    """A request whose person belongs to a group; views behind `member_required` receive it."""

    member: Member


P = ParamSpec("P")
View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def member_required(
    permission: str | None = None,
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """Send strangers to the sign-in page and refuse (403) a member without `permission`."""

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            member: Member | None = getattr(request, "member", None)
            if member is None:
                return _refuse_stranger(request)
            if permission is not None and not member.can(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)  # type: ignore[arg-type]  # the guard has just proved it

        guarded.required_permission = permission  # type: ignore[attr-defined]  # read by the architecture test
        return cast("Callable[Concatenate[HttpRequest, P], HttpResponseBase]", guarded)

    return decorate


def _refuse_stranger(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.get_full_path())
