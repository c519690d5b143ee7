"""« Non distribués »: what did not arrive and why, which addresses are off, and sending again."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core import clock
from notifications import causes, replaying
from notifications.choices import Channel
from notifications.outages import providers_out
from notifications.replaying import NothingToReplay
from notifications.undelivered import addresses_off, causes_found, undelivered_page
from sites.http import MemberRequest, member_required

_CHANNELS = (Channel.PUSH, Channel.EMAIL, Channel.SMS)


@require_safe
@member_required("notifications.view_outbox")
def undelivered(request: MemberRequest) -> HttpResponse:
    """The list, newest first; `?channel=` and `?cause=` narrow it, `?before=` continues it. Nonsense is ignored."""
    at, (channel, cause) = clock.now(), _filter_of(request.GET)
    before = request.GET.get("before", "")
    page = undelivered_page(
        at=at,
        language=request.member.user.language,
        channel=channel,
        cause=cause,
        before_id=int(before) if before.isdecimal() and len(before) < 19 else None,
    )
    context = {
        "page": page,
        "channel": channel,
        "cause": cause,
        "channels": _CHANNELS,
        "causes": causes_found(at=at, channel=channel),
        "addresses": addresses_off(),
        "outages": providers_out(),
        "query": _query(channel, cause),
    }
    return render(request, "notifications/undelivered.html", context)


@require_POST
@member_required("notifications.view_outbox")
def replay(request: MemberRequest, delivery_id: int) -> HttpResponse:
    """Send one message again."""
    try:
        replaying.replay_one(member=request.member, delivery_id=delivery_id, at=clock.now())
    except NothingToReplay:
        raise Http404 from None
    messages.success(request, _("The message is sent again."))
    return _back(request)


@require_POST
@member_required("notifications.view_outbox")
def replay_all(request: MemberRequest) -> HttpResponse:
    """Send again everything that the filter shows."""
    channel, cause = _filter_of(request.POST)
    count = replaying.replay_all(member=request.member, channel=channel, cause=cause, at=clock.now())
    messages.success(
        request,
        ngettext("%(count)d message is sent again.", "%(count)d messages are sent again.", count)
        % {"count": count},
    )
    return _back(request)


def _filter_of(told: QueryDict) -> tuple[Channel | None, str]:
    channel, cause = told.get("channel", ""), told.get("cause", "")
    return (
        Channel(channel) if channel in _CHANNELS else None,
        cause if len(cause) <= 60 and re.fullmatch(causes.CODE, cause) else "",
    )


def _back(request: MemberRequest) -> HttpResponse:
    query = _query(*_filter_of(request.POST))
    return redirect(reverse("notifications:undelivered") + (f"?{query}" if query else ""))


def _query(channel: Channel | None, cause: str) -> str:
    return urlencode({name: value for name, value in (("channel", channel), ("cause", cause)) if value})
