"""The purchase list: what to buy, and the thresholds behind it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.clock import now
from sites.http import MemberRequest, member_required
from sites.models import Site
from stock.forms.limits import ThresholdForm
from stock.purchase_list import purchase_list
from stock.services.refusals import StockNotAllowed
from stock.thresholds import SET_LIMITS, ThresholdNotFound, remove_threshold, set_threshold
from stock.views.site_choice import SiteChoice, site_choice


@require_safe
@member_required(SET_LIMITS)
def purchases(request: MemberRequest) -> HttpResponse:
    """What to buy, segment by segment."""
    return _page(request, site_choice(request))


@require_POST
@member_required(SET_LIMITS)
def save(request: MemberRequest, site_id: int) -> HttpResponse:
    """One threshold of a site, new or changed."""
    site = Site.objects.filter(pk=site_id).first()
    if site is None:
        raise Http404
    form = ThresholdForm(request.POST)
    if not form.is_valid():
        return _page(request, SiteChoice([site], site.slug), form=form, status=422)
    said = form.cleaned_data
    try:
        set_threshold(site_id=site_id, **said, by=request.member, at=now())
    except StockNotAllowed:
        raise PermissionDenied from None
    messages.success(request, _("Saved. Whoever buys is told when it runs short."))
    return _back(site)


@require_POST
@member_required(SET_LIMITS)
def remove(request: MemberRequest, threshold_id: int) -> HttpResponse:
    """Nobody is told of this segment any more."""
    try:
        remove_threshold(threshold_id=threshold_id, by=request.member, at=now())
    except ThresholdNotFound:
        raise Http404 from None
    except StockNotAllowed:
        raise PermissionDenied from None
    messages.success(request, _("Removed. Nobody is told of this segment any more."))
    return HttpResponseRedirect(reverse("stock:thresholds"))


def _page(
    request: MemberRequest, choice: SiteChoice, *, form: ThresholdForm | None = None, status: int = 200
) -> HttpResponse:
    lists = purchase_list(choice.sites, request.member, now())
    short = [row for one in lists for row in one.rows if row.missing]
    context: dict[str, Any] = {
        "choice": choice,
        "lists": lists,
        "short": short,
        "missing": sum(row.missing for row in short),
        "has_thresholds": any(row.threshold for one in lists for row in one.rows),
        "form": form,
        "new_form": form or ThresholdForm(),
        "failed_key": f"{form.data.get('segment', '')}-{form.data.get('kind', '')}" if form else "",
    }
    return render(request, "stock/thresholds/list.html", context, status=status)


def _back(site: Site) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('stock:thresholds')}?site={site.slug}")
