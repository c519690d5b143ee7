"""« Aperçu des alertes »: every type on every channel in every language, and a trial of it to oneself."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from notifications import causes, previews, reasons, registry, trials
from notifications.canaries import key_of
from notifications.channels.base import DeliveryError
from notifications.choices import Channel
from notifications.declarations import Notice
from notifications.push_devices import recipient_of
from notifications.trials import NoAddress, TooManyTrials
from notifications.views.outbox import EMAIL_POLICY
from sites.http import MemberRequest, member_required

_LANGUAGES = dict(settings.LANGUAGES)


@require_safe
@member_required("notifications.view_outbox")
def gallery(request: MemberRequest) -> HttpResponse:
    """Every type that somebody reads, each as its line in the bell, by category."""
    unread = {key_of(channel) for channel in Channel}
    read = (notice for notice in registry.every_notice() if notice.key not in unread)
    notices = sorted(read, key=lambda notice: notice.category.key)
    language = request.member.user.language
    categories = [
        (category, [(one, previews.sample_message(one, language)) for one in found])
        for category, found in groupby(notices, key=lambda notice: notice.category)
    ]
    return render(request, "notifications/gallery/index.html", {"categories": categories})


@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its hints know no path parameters
@require_safe
@member_required("notifications.view_outbox")
def one_type(request: MemberRequest, key: str) -> HttpResponse:
    """One type, the languages side by side."""
    notice, reader = _found(key), recipient_of(request.member.user)
    context = {
        "notice": notice,
        "previews": [(previews.preview(notice, reader, code), name) for code, name in _LANGUAGES.items()],
        "title_on_phone": previews.TITLE_ON_PHONE,
    }
    return render(request, "notifications/gallery/type.html", context)


@require_safe
@member_required("notifications.view_outbox")
@xframe_options_sameorigin
def html_body(request: MemberRequest, key: str, language: str) -> HttpResponse:
    """The HTML part of the type's email, for the frame."""
    if language not in _LANGUAGES:
        raise Http404
    shown = previews.preview(_found(key), recipient_of(request.member.user), language)
    return HttpResponse(shown.email.html, headers={"Content-Security-Policy": EMAIL_POLICY})


@require_POST
@member_required("notifications.view_outbox")
def trial(request: MemberRequest, key: str, language: str, channel: str) -> HttpResponse:
    """Send the type to the person himself, and say plainly what became of it."""
    notice = _found(key)
    if language not in _LANGUAGES or channel not in trials.CHANNELS:
        raise Http404
    try:
        left = trials.send_trial(
            member=request.member, notice=notice, channel=Channel(channel), language=language
        )
    except NoAddress as unreached:
        messages.error(request, str(reasons.RULES[unreached.reason]))
    except TooManyTrials:
        messages.error(request, _("That was your last trial for now. Try again in an hour."))
    except DeliveryError as error:
        messages.error(request, causes.said(error.reason, given_up=True))
    else:
        messages.success(request, _accepted() if left else _kept())
    return redirect("notifications:gallery-type", key)


def _accepted() -> str:
    return _("The provider has taken the trial: it is on its way to you.")


def _kept() -> str:
    words = _("No provider is set, so the trial stays here:")
    return format_html('{} <a href="{}">{}</a>', words, reverse("notifications:outbox"), _("Outbox"))


def _found(key: str) -> type[Notice[Any]]:
    try:
        return registry.get(key)
    except registry.UnknownNotice:
        raise Http404 from None
