"""The answers to « less noise? » on the settings page: accept, keep, and take either back. One POST each."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from core import clock
from notifications import demotions
from notifications.choices import Channel
from notifications.demotions import NotAnswered, NotProposed
from sites.http import MemberRequest, member_required


@require_POST
@member_required()
def answer(request: MemberRequest, type_key: str, channel: str, verdict: str) -> HttpResponse:
    """`verdict` is accept, keep or undo. What is not proposed, or not any more, changes nothing."""
    if channel not in Channel.values or verdict not in ("accept", "keep", "undo"):
        raise Http404
    member, wanted = request.member, Channel(channel)
    try:
        if verdict == "undo":
            demotions.take_back(member=member, type_key=type_key, channel=wanted)
        else:
            accepted = verdict == "accept"
            demotions.answer(
                member=member, type_key=type_key, channel=wanted, accepted=accepted, at=clock.now()
            )
    except (NotProposed, NotAnswered):
        raise Http404 from None
    return redirect(reverse("notifications:preferences") + "#quieter")
