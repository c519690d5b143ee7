"""What every page's shell needs to know."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest

from core.clock import now
from dms import navigation
from dms.navigation import Link
from notifications.selectors import InboxState, inbox_state
from sites.access import Member
from sites.chosen import chosen_site_id, clock_of, sites_of
from sites.http import MemberRequest
from sites.models import Site

THEME_COOKIE = "theme"
THEMES = ("auto", "light", "dark")


class Shell:
    """Answers the questions of the frame around a page. Nothing is read before a template asks."""

    def __init__(self, request: HttpRequest, member: Member) -> None:
        self._request = request
        self._member = member
        self.opened_at = now()

    @cached_property
    def modules(self) -> list[Link]:
        return navigation.links(navigation.MODULES, self._member, self._request.path)

    @cached_property
    def settings(self) -> list[Link]:
        return navigation.links(navigation.SETTINGS, self._member, self._request.path)

    @property
    def tabs(self) -> list[Link]:
        return [link for link in self.modules if link.module.on_phone]

    @cached_property
    def sites(self) -> list[Site]:
        return sites_of(self._member)

    @cached_property
    def site(self) -> Site | None:
        """The chosen site; the only one when there is no choice; None for « all my sites »."""
        if len(self.sites) == 1:
            return self.sites[0]
        chosen = chosen_site_id(self._request, self._member)
        return next((site for site in self.sites if site.pk == chosen), None)

    @property
    def has_choice_of_sites(self) -> bool:
        return len(self.sites) > 1

    @property
    def chosen_site_id(self) -> int | None:
        """What lists are narrowed to; None for « all my sites »."""
        return self.site.pk if self.site and self.has_choice_of_sites else None

    @property
    def shown_sites(self) -> list[Site]:
        return [self.site] if self.site else self.sites

    @property
    def can_search(self) -> bool:
        return self._member.can("leads.view_lead")

    @property
    def zone(self) -> ZoneInfo:
        """The clock that the reader lives by."""
        return clock_of(self.sites, self.site.pk if self.site else None)

    @cached_property
    def inbox(self) -> InboxState:
        return inbox_state(self._member.user.pk)


def shell_of(request: MemberRequest) -> Shell:
    """The shell of this request: made once, so that a view and the frame around its page share what they read."""
    held: Shell | None = getattr(request, "_shell", None)
    if held is None:
        held = Shell(request, request.member)
        request._shell = held  # type: ignore[attr-defined]  # kept where the request ends  # noqa: SLF001
    return held


def theme_of(request: HttpRequest) -> str:
    """Light, dark, or auto: as the device."""
    wanted = request.COOKIES.get(THEME_COOKIE, "auto")
    return wanted if wanted in THEMES else "auto"


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of the application shell: who is here, how he likes it, and whether this is the demo."""
    member: Member | None = getattr(request, "member", None)
    return {
        "member": member,
        "shell": shell_of(cast("MemberRequest", request)) if member else None,
        "theme": theme_of(request),
        "is_demo": settings.DEMO,
    }
