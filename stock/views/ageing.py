"""The ageing board, and its limits."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.clock import now
from sites.chosen import clock_of
from sites.http import MemberRequest, member_required
from sites.models import Site
from stock.access import SEE_MARGIN, VIEW
from stock.ageing import limits_at, set_age_limits
from stock.ageing_board import ages_of, class_labels, oldest_of
from stock.forms.limits import AgeLimitsForm
from stock.services.refusals import StockNotAllowed
from stock.thresholds import SET_LIMITS
from stock.views.site_choice import SiteChoice, site_choice


@require_safe
@member_required(VIEW)
def board(request: MemberRequest) -> HttpResponse:
    """How old the stock is, and what to do about the oldest."""
    return _page(request, site_choice(request))


@require_POST
@member_required(SET_LIMITS)
def set_limits(request: MemberRequest, site_id: int) -> HttpResponse:
    """The limits of one site."""
    site = Site.objects.filter(pk=site_id).first()
    if site is None:
        raise Http404
    if not request.member.can(SET_LIMITS, site_id):
        raise PermissionDenied
    form = AgeLimitsForm(request.POST, limits=limits_at([site_id])[site_id])
    if not form.is_valid():
        return _page(request, SiteChoice([site], site.slug), form=form, status=422)
    try:
        with transaction.atomic():
            for segment, days in form.wanted().items():
                set_age_limits(site_id=site_id, segment=segment, days=days, by=request.member)
    except StockNotAllowed:
        raise PermissionDenied from None
    messages.success(request, _("Saved. The next morning counts by these limits."))
    return HttpResponseRedirect(f"{reverse('stock:ageing')}?site={site.slug}")


def _page(
    request: MemberRequest, choice: SiteChoice, *, form: AgeLimitsForm | None = None, status: int = 200
) -> HttpResponse:
    today = now().astimezone(clock_of(choice.sites, None)).date()
    ages = ages_of(choice.sites, request.member, today)
    context: dict[str, Any] = {
        "choice": choice,
        "ages": [
            {"of": one, "form": form or AgeLimitsForm(limits=one.limits) if one.can_set else None}
            for one in ages
        ],
        "labels": class_labels(),
        "oldest": oldest_of(choice.sites, request.member, today),
        "is_empty": not any(one.whole.total for one in ages),
        "sees_margin": request.member.can(SEE_MARGIN),
        "form_open": form is not None,
    }
    return render(request, "stock/ageing/board.html", context, status=status)
