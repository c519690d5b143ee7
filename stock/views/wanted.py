"""Wanted cars: the list, one search with what was found, noting, changing and ending it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import now
from sites.chosen import chosen_site_id, sites_of
from sites.distances import are_known
from sites.http import MemberRequest, member_required
from sites.models import Site
from stock.filter_form import StockFilterForm
from stock.forms.wanted import WantedForm, reach_of
from stock.matching import match_new_searches
from stock.models import WantedCar, WantedState
from stock.searching import said_of_the_car
from stock.services.refusals import StockNotAllowed
from stock.wanted_list import Search, search_for, searches_of, sees_everybodys
from stock.wanting import (
    FIELDS,
    WANT,
    WantedNotFound,
    change_wanted,
    dismiss_match,
    end_wanted,
    want_car,
)
from stock.wishes import wish_in


@require_safe
@member_required(WANT)
def wanted_list(request: MemberRequest) -> HttpResponse:
    """His searches, or those of his sites, with the vehicles that fit."""
    everybody = request.GET.get("of") == "all" and sees_everybodys(request.member)
    wanted_state = request.GET.get("state", "")
    state = wanted_state if wanted_state in WantedState.values else WantedState.OPEN.value
    context = {
        "searches": searches_of(request.member, everybody=everybody, state=state),
        "everybody": everybody,
        "sees_everybodys": sees_everybodys(request.member),
        "state": state,
        "is_open": state == WantedState.OPEN,
    }
    return render(request, "stock/wanted/list.html", context)


@require_safe
@member_required(WANT)
def wanted_detail(request: MemberRequest, wanted_id: UUID) -> HttpResponse:
    """One search with everything that fits it."""
    return render(request, "stock/wanted/detail.html", {"search": _search(request, wanted_id)})


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(WANT)
def new(request: MemberRequest) -> HttpResponse:
    """Note a search; `?like=` begins with what another one says, the address of a list with what it asks for."""
    sites = _sites(request)
    form = WantedForm(
        request.POST or None,
        sites=sites,
        knows_distances=are_known(),
        initial=_beginning(request, sites),
    )
    if form.is_valid():
        try:
            wanted = want_car(
                site_id=form.cleaned_data["site"], values=form.values(), by=request.member, at=now()
            )
        except StockNotAllowed:
            raise PermissionDenied from None
        return _looked(request, wanted)
    context = {"form": form, "is_new": True}
    return render(request, "stock/wanted/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(WANT)
def edit(request: MemberRequest, wanted_id: UUID) -> HttpResponse:
    """Change a search: the stock is searched anew."""
    search = _search(request, wanted_id)
    form = WantedForm(
        request.POST or None,
        sites=[search.wanted.site],
        knows_distances=are_known(),
        initial=_said(search.wanted),
    )
    if form.is_valid():
        wanted = change_wanted(wanted_id=wanted_id, values=form.values(), by=request.member)
        return _looked(request, wanted)
    context = {"form": form, "search": search, "is_new": False}
    return render(request, "stock/wanted/form.html", context, status=422 if form.errors else 200)


@require_POST
@member_required(WANT)
def end(request: MemberRequest, wanted_id: UUID) -> HttpResponse:
    """Found, or looked for no more."""
    found = request.POST.get("found") == "1"
    try:
        end_wanted(wanted_id=wanted_id, found=found, by=request.member)
    except WantedNotFound:
        raise Http404 from None
    messages.success(request, _("Found: well done.") if found else _("This search has ended."))
    return HttpResponseRedirect(reverse("stock:wanted"))


@require_POST
@member_required(WANT)
def dismiss(request: MemberRequest, match_id: int) -> HttpResponse:
    """Not this vehicle."""
    try:
        match = dismiss_match(match_id=match_id, by=request.member, at=now())
    except WantedNotFound:
        raise Http404 from None
    messages.success(request, _("This vehicle is left out of the search."))
    return HttpResponseRedirect(reverse("stock:wanted-detail", args=[match.wanted_id]))


def _looked(request: MemberRequest, wanted: WantedCar) -> HttpResponse:
    """Search the stock while the person waits: with his customer before him, he wants to know now."""
    at = now()
    match_new_searches(day=at.date(), at=at)
    search = search_for(request.member, wanted.pk)
    if search is not None and search.matches:
        messages.success(request, _("Saved. Something in the stock fits already."))
    else:
        messages.success(request, _("Saved. You hear in the morning when something fits."))
    return HttpResponseRedirect(reverse("stock:wanted-detail", args=[wanted.pk]))


def _search(request: MemberRequest, wanted_id: UUID) -> Search:
    search = search_for(request.member, wanted_id)
    if search is None:
        raise Http404
    return search


def _sites(request: MemberRequest) -> list[Site]:
    """Where the person may note a search; a director anywhere. The one that he looks at comes first."""
    chosen = chosen_site_id(request, request.member)
    mine = [site for site in sites_of(request.member) if request.member.can(WANT, site.pk)]
    return sorted(mine, key=lambda site: (site.pk != chosen, site.name))


def _beginning(request: MemberRequest, sites: list[Site]) -> dict[str, Any]:
    """What the form begins with: the search that it is to be like, without its customer; or what the list was asked."""
    try:
        like = search_for(request.member, UUID(request.GET.get("like", "")))
    except ValueError:
        like = None
    begun: dict[str, Any] = {"site": sites[0].pk if sites else None}
    asked = StockFilterForm(request.GET, sites=sites).wanted()
    begun |= wish_in(asked, said_of_the_car(asked.text, group_id=request.member.group_id))
    if like is not None:
        said = _said(like.wanted)
        begun |= {name: value for name, value in said.items() if not name.startswith("customer_")}
    return begun


def _said(wanted: WantedCar) -> dict[str, Any]:
    said = {name: getattr(wanted, name) for name in FIELDS}
    return said | {"site": wanted.site_id, "reach": reach_of(wanted)}
