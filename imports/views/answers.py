"""Answers for a whole page and for htmx alike."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from imports.models import Feed
from imports.services import RunIsOpen
from sites.http import MemberRequest


def go_to(request: MemberRequest, url: str) -> HttpResponse:
    """Send the browser there."""
    return HttpResponseClientRedirect(url) if is_htmx(request) else HttpResponseRedirect(url)


def is_htmx(request: MemberRequest) -> bool:
    """Whether a part of a page is asked for."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request


def address_of(other: RunIsOpen, feed: Feed) -> str:
    """The page of the run that is in the way; of its feed if it has just ended."""
    return (
        reverse("imports:run", args=[other.run.pk]) if other.run else reverse("imports:feed", args=[feed.pk])
    )
