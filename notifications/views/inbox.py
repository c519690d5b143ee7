"""The inbox page and the list inside it, which the bell and the page fetch again when something changed."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core.clock import now
from notifications.selectors import Folder, categories_for, inbox_items
from notifications.services import mark_all_read
from notifications.views.filing import undo_in, words_after
from notifications.views.filters import PAGE_LENGTH, Filters
from sites.http import MemberRequest, member_required

PANEL_LENGTH = 12


@require_safe
@member_required()
def inbox(request: MemberRequest) -> HttpResponse:
    """Everything that the person was told, newest first."""
    context = _page(request, Filters.of(request.GET)) | _after_a_deed(request)
    return render(request, "notifications/inbox.html", context)


@require_safe
@member_required()
def items(request: MemberRequest) -> HttpResponse:
    """The list alone: what a page that is open already fetches again."""
    return render(request, "notifications/_items.html", _page(request, Filters.of(request.GET)))


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
    categories = categories_for(request.member)
    return {
        "items": shown,
        "filters": filters,
        "is_filing": True,
        "folders": [
            (folder, filters.query(folder="" if folder == Folder.ALL else folder.value, before=None))
            for folder in Folder
        ],
        "categories": [
            (category, filters.query(category=category.key, before=None)) for category in categories
        ]
        if len(categories) > 1
        else [],
        "any_category_query": filters.query(category="", before=None),
        "any_words_query": filters.query(q="", before=None),
        "live": f"{reverse('notifications:items')}?{filters.query()}",
        "older": filters.query(before=shown[-1].id) if len(found) > PAGE_LENGTH else "",
    }


def _after_a_deed(request: MemberRequest) -> dict[str, Any]:
    """What the page says of the deed that led here, without script; numbers only, so an address can say no more."""
    changed = request.GET.get("changed", "")
    if not (changed.isascii() and changed.isdecimal() and len(changed) < 7 and int(changed)):
        return {}
    try:
        return {"done": words_after(int(changed)), "taken_back": undo_in(request.GET)}
    except ValueError:
        return {"done": words_after(int(changed))}
