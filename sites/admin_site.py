"""The admin site: the platform's staff across all groups, a group's administrator within his own.

Its pages query lazily while they render, so the scope is opened here, around every page, once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sites.access import Member
from sites.scope import every_group, group_scope

MANAGE = "sites.manage_group"

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


def is_platform_staff(request: HttpRequest) -> bool:
    """A superuser: looks after every group."""
    return bool(request.user.is_active and request.user.is_superuser)


def member_of(request: HttpRequest) -> Member | None:
    """The signed-in person's access, as the middleware found it."""
    return cast("Member | None", getattr(request, "member", None))


def may_manage(request: HttpRequest, permission: str = MANAGE) -> bool:
    """Platform staff always; others when a role of theirs holds `permission`. Django's own tables do not count."""
    member = member_of(request)
    return is_platform_staff(request) or (member is not None and member.can(permission))


class GroupAdminSite(AdminSite):
    """Django's admin site within the tenant scope, signed in to like every other page, second factor included."""

    site_title = _("DMS administration")
    site_header = _("DMS administration")
    index_title = _("What would you like to set up?")

    def has_permission(self, request: HttpRequest) -> bool:
        return may_manage(request)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Leave out the pages of other people's apps: they know neither tenants nor roles."""
        if hasattr(admin_class, "needs"):
            super().register(model_or_iterable, admin_class, **options)

    def admin_view(self, view: V, cacheable: bool = False) -> V:
        """Run and render each page inside the scope of who asks."""
        guarded = super().admin_view(view, cacheable)

        def scoped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            if not request.user.is_authenticated:
                return guarded(request, *args, **kwargs)  # answers with the way to sign-in
            with _scope_of(request):
                return _rendered(guarded(request, *args, **kwargs))

        return cast("V", scoped)

    def get_urls(self) -> list[Any]:
        """Without the jump to any object by its number: it looks for it in every group."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one sign-in page, with its lock and its second factors; signed-in strangers are refused."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index", current_app=self.name))

    def logout(  # type: ignore[override]  # a redirect is an answer, too
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("account_logout"))

    def password_change(  # type: ignore[override]  # a redirect is an answer, too
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")


def _scope_of(request: HttpRequest) -> AbstractContextManager[None]:
    member = member_of(request)
    if is_platform_staff(request) or member is None:
        return every_group()
    return group_scope(member.group_id)


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """A template response renders after the view; by then the scope would be closed."""
    render = getattr(response, "render", None)
    if callable(render):
        render()
    return response
