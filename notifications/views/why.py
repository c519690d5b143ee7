"""« Why? »: the page that says which rule brought an alert, and what each channel did."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notifications.reasons import why as reasons_of
from notifications.views.preferences import ICONS
from sites.http import MemberRequest, member_required


@require_safe
@member_required()
def why(request: MemberRequest, notification_id: int) -> HttpResponse:
    """The answer for one of the person's own alerts; a foreign one is as good as missing."""
    answer = reasons_of(request.member, notification_id)
    if answer is None:
        raise Http404
    lines = [(ICONS[line.channel], line) for line in answer.lines]
    return render(request, "notifications/why.html", {"why": answer, "lines": lines})
