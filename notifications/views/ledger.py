"""The no-loss ledger: each night's equation, what is missing from it by name, and how the canaries do."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import clock
from notifications import canaries
from notifications.ledger import keeping
from notifications.ledger.reading import Night, night_of, nights
from sites.http import MemberRequest, member_required


@require_safe
@member_required("notifications.view_outbox")
def ledger(request: MemberRequest) -> HttpResponse:
    """The last month's nights, the latest first."""
    shown = nights()
    every = canaries.interval()
    context = {
        "nights": shown,
        "missing": sum(night.row.missing for night in shown),
        "flights": canaries.flights(at=clock.now()),
        "minutes": int(every.total_seconds() // 60) if every else 0,
    }
    return render(request, "notifications/ledger.html", context)


@require_safe
@member_required("notifications.view_outbox")
def ledger_day(request: MemberRequest, day: str) -> HttpResponse:
    """One night as sentences, with the names of what is missing."""
    return render(request, "notifications/ledger_day.html", {"night": _found(day)})


@require_POST
@member_required("notifications.view_outbox")
def recount(request: MemberRequest, day: str) -> HttpResponse:
    """Count a night again, after something was mended."""
    night = _found(day)
    counted = keeping.count_day(request.member.group_id, night.day, at=clock.now())
    if counted.missing:
        messages.warning(request, _("Counted again: something is still missing."))
    else:
        messages.success(request, _("Counted again: nothing is missing."))
    return redirect("notifications:ledger-day", day)


def _found(day: str) -> Night:
    try:
        night = night_of(date.fromisoformat(day))
    except ValueError:
        raise Http404 from None
    if night is None:
        raise Http404
    return night
