"""What a storm gathered under one alert, as a list."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notifications import registry, storms
from sites.http import MemberRequest, member_required


@require_safe
@member_required()
def gathered(request: MemberRequest, of: str, stamp: str) -> HttpResponse:
    """The person's own alerts of one type in one hour; nothing of his is as good as missing."""
    try:
        lines = storms.gathered_in(request.member.user, of, stamp)
        name = registry.get(of).name
    except (ValueError, registry.UnknownNotice):
        raise Http404 from None
    if not lines:
        raise Http404
    context = {"lines": lines, "name": name, "shown": storms.SHOWN}
    return render(request, "notifications/gathered.html", context)
