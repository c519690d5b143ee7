"""The inbox page and the list inside it, which the bell and the page fetch again when something changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core.clock import now
from notifications import registry
from notifications.selectors import InboxItem, inbox_items
from notifications.services import mark_all_read
from sites.http import MemberRequest, member_required
from sites.models import User

PAGE_LENGTH = 30
PANEL_LENGTH = 12


@dataclass(frozen=True)
class Filters:
    """What the reader wants to see; unknown values in the address count as none."""

    unread_only: bool
    category: str
    before_id: int | None

    @classmethod
    def of(cls, request: HttpRequest) -> Filters:
        before = request.GET.get("before", "")
        category = request.GET.get("category", "")
        return cls(
            unread_only=request.GET.get("unread") == "1",
            category=category if category in {one.key for one in registry.categories()} else "",
            before_id=int(before) if before.isdecimal() and len(before) < 19 else None,
        )

    def items(self, user: User) -> list[InboxItem]:
        """One page of the inbox and one item more, which tells whether there are older ones."""
        return inbox_items(
            user,
            before_id=self.before_id,
            unread_only=self.unread_only,
            category=self.category or None,
            limit=PAGE_LENGTH + 1,
        )

    def query(self, **changes: Any) -> str:
        """The address parameters of this view, with changes; falsy ones are left out."""
        values = {
            "unread": "1" if self.unread_only else "",
            "category": self.category,
            "before": self.before_id,
            **changes,
        }
        return urlencode({name: value for name, value in values.items() if value})


@require_safe
@member_required()
def inbox(request: MemberRequest) -> HttpResponse:
    """Everything that the person was told, newest first."""
    return render(request, "notifications/inbox.html", _page(request, Filters.of(request)))


@require_safe
@member_required()
def items(request: MemberRequest) -> HttpResponse:
    """The list alone: what a page that is open already fetches again."""
    return render(request, "notifications/_items.html", _page(request, Filters.of(request)))


@require_safe
@member_required()
def latest(request: MemberRequest) -> HttpResponse:
    """The bell's panel."""
    found = inbox_items(request.member.user, limit=PANEL_LENGTH)
    return render(
        request, "notifications/_items.html", {"items": found, "live": reverse("notifications:latest")}
    )


@require_POST
@member_required()
def read_all(request: MemberRequest) -> HttpResponse:
    """The button that works without script too."""
    mark_all_read(user=request.member.user, at=now())
    return HttpResponseRedirect(reverse("notifications:inbox"))


def _page(request: MemberRequest, filters: Filters) -> dict[str, Any]:
    found = filters.items(request.member.user)
    shown = found[:PAGE_LENGTH]
    return {
        "items": shown,
        "filters": filters,
        "categories": [
            (category, filters.query(category=category.key, before=None))
            for category in registry.categories()
        ],
        "all_query": filters.query(category="", unread="", before=None),
        "unread_query": filters.query(unread="1", category="", before=None),
        "live": f"{reverse('notifications:items')}?{filters.query()}",
        "older": filters.query(before=shown[-1].id) if len(found) > PAGE_LENGTH else "",
    }
