"""« Boîte d'envoi »: administrators read what each channel sent or would have sent."""

from __future__ import annotations

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from notifications.choices import Channel
from notifications.outbox import Shown, UnknownEntry, outbox_entry, outbox_page
from sites.http import MemberRequest, member_required

# An email's own HTML, shown in a frame, holds customers' words: it gets an origin of its own (sandbox), no
# scripts and nothing from elsewhere. Inline styles are the price of being an email.
EMAIL_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)

_CHANNELS = (Channel.PUSH, Channel.EMAIL, Channel.SMS)


@require_safe
@member_required("notifications.view_outbox")
def outbox(request: MemberRequest) -> HttpResponse:
    """The list, newest first; `?channel=` narrows it, `?before=` continues it. Nonsense in either is ignored."""
    wanted = request.GET.get("channel", "")
    channel = Channel(wanted) if wanted in _CHANNELS else None
    before = request.GET.get("before", "")
    before_id = int(before) if before.isdecimal() and len(before) < 19 else None
    context = {
        "page": outbox_page(channel=channel, before_id=before_id),
        "channel": channel,
        "channels": _CHANNELS,
    }
    return render(request, "notifications/outbox.html", context)


@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its hints know no path parameters
@require_safe
@member_required("notifications.view_outbox")
def entry(request: MemberRequest, entry_id: int) -> HttpResponse:
    """One message, rendered as its channel shows it."""
    return render(request, "notifications/outbox_entry.html", {"shown": _found(entry_id)})


@require_safe
@member_required("notifications.view_outbox")
@xframe_options_sameorigin
def html_body(request: MemberRequest, entry_id: int) -> HttpResponse:  # noqa: ARG001 - the guard reads it
    """The HTML part of one email, as it was sent."""
    shown = _found(entry_id)
    if not shown.words.html:
        raise Http404
    return HttpResponse(shown.words.html, headers={"Content-Security-Policy": EMAIL_POLICY})


def _found(entry_id: int) -> Shown:
    try:
        return outbox_entry(entry_id)
    except UnknownEntry:
        raise Http404 from None
