"""All components on one page, and every notice as each channel shows it: what a new screen is built from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.clock import now
from notifications import registry, rendering
from notifications.declarations import Notice
from notifications.rendering import Message
from sites.http import MemberRequest, member_required
from sites.roles import Role

AGES = (timedelta(minutes=3), timedelta(minutes=24), timedelta(hours=2, minutes=5), timedelta(days=3))
COLOURS = (
    "paper", "surface", "surface-2", "line", "line-strong", "ink", "ink-2", "accent", "accent-soft", "signal",
    "signal-soft", "good-soft", "bad-soft", "rail",
)  # fmt: skip


@dataclass(frozen=True)
class Sample:
    """One notice type with its sample fact, in every language."""

    notice: type[Notice[Any]]
    messages: list[Message]


@require_safe
@member_required()
def gallery(request: MemberRequest) -> HttpResponse:
    """For those who build and those who set up the group; to others it does not exist."""
    if not (settings.DEMO or settings.DEBUG or Role.GROUP_ADMIN in request.member.roles):
        raise Http404
    at = now()
    context = {
        "ages": [at - age for age in AGES],
        "colours": COLOURS,
        "samples": [_sample(notice) for notice in registry.all_notices()],
    }
    return render(request, "gallery/gallery.html", context)


def _sample(notice: type[Notice[Any]]) -> Sample:
    languages = [code for code, _name in settings.LANGUAGES]
    return Sample(notice, [rendering.render(notice, notice.sample, code) for code in languages])
