"""Taking a vehicle in and editing it: one form, whose reader loses nothing that he typed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.clock import now
from sites.access import Member
from sites.chosen import chosen_site_id
from sites.http import MemberRequest, member_required
from sites.models import Site
from stock import services
from stock.access import EDIT, may_see_field
from stock.doubts import Doubt, doubts_of
from stock.forms.vehicle import VehicleForm
from stock.history import author_of, changes_of, last_by_field, spoken_value
from stock.models import Vehicle
from stock.services import BelowLowestPrice, ChangedMeanwhile, VinInStock
from stock.services.checking import EDITABLE
from stock.views.answers import answering, shown_vehicle

# Names offered while somebody types.
MOST_NAMES = 300


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(EDIT)
@answering
def new(request: MemberRequest) -> HttpResponseBase:
    """Take a vehicle in."""
    sites = _own_sites(request.member)
    today = now().astimezone(sites[0].zone).date() if sites else None
    initial = {"site": chosen_site_id(request, request.member), "arrived_on": today}
    form = VehicleForm(request.POST or None, initial=initial, member=request.member, sites=sites)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form)
    site = next(site for site in sites if site.pk == form.cleaned_data["site"])
    doubts = _doubts(form, site.country, None)
    if not _has_heard(form, doubts):
        return _form_page(request, form, doubts)
    values = {name: form.cleaned_data[name] for name in EDITABLE if name in form.cleaned_data}
    if values["arrived_on"] is None:
        del values["arrived_on"]
    try:
        vehicle = services.add_vehicle(
            site=site,
            values={**values, "status": form.cleaned_data["status"]},
            by=request.member,
            at=now(),
        )
    except VinInStock as refusal:
        return _form_page(request, form, _vin_taken(form, refusal, doubts))
    messages.success(request, _("%(vehicle)s is in the stock. Add photos now?") % {"vehicle": vehicle.label})
    return HttpResponseRedirect(vehicle.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(EDIT)
@answering
def edit(request: MemberRequest, vehicle_id: UUID) -> HttpResponseBase:
    """Change what a vehicle's record holds."""
    vehicle = shown_vehicle(request, vehicle_id)
    if not request.member.can(EDIT, vehicle.site_id):
        raise PermissionDenied
    form = VehicleForm(request.POST or None, instance=vehicle, member=request.member)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form)
    changes = form.changes()
    named = changes.keys() & {"vin", "plate", "stock_number"}
    doubts = [doubt for doubt in _doubts(form, vehicle.site.country, vehicle.pk) if doubt.field in named]
    if not _has_heard(form, doubts):
        return _form_page(request, form, doubts)
    try:
        services.edit_vehicle(
            vehicle_id=vehicle_id, changes=changes, by=request.member, at=now(), seen=form.seen_values()
        )
    except ChangedMeanwhile as refusal:
        return _form_page(request, _told_of(form, refusal), doubts)
    except VinInStock as refusal:
        return _form_page(request, form, _vin_taken(form, refusal, doubts))
    except BelowLowestPrice:
        form.add_error(
            "price", _("Below the lowest price. Set it on the vehicle's page: a manager is asked there.")
        )
        return _form_page(request, form, doubts)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(vehicle.get_absolute_url())


@require_safe
@member_required(EDIT)
def check(request: MemberRequest) -> HttpResponse:
    """What is odd about the number that somebody has just typed: for the line below its field."""
    asked = {name: request.GET.get(name, "")[:40] for name in ("vin", "plate", "stock_number")}
    but = request.GET.get("but", "")
    try:
        own = UUID(but) if but else None
    except ValueError:
        own = None
    sites = _own_sites(request.member)
    country = next((site.country for site in sites if str(site.pk) == request.GET.get("site")), "")
    if own is not None:
        country = Vehicle.objects.filter(pk=own).values_list("site__country", flat=True).first() or ""
    doubts = doubts_of(**asked, country=country or (sites[0].country if sites else "FR"), but=own)
    return render(request, "stock/_doubts.html", {"doubts": doubts})


def _form_page(request: MemberRequest, form: VehicleForm, doubts: Sequence[Doubt] = ()) -> HttpResponse:
    """Errors stand beside their fields; a 422 says that nothing was saved."""
    by_field: dict[str, list[Doubt]] = {}
    for doubt in doubts:
        by_field.setdefault(doubt.field, []).append(doubt)
    if doubts:
        form.data = {**dict(form.data.items()), "heard": _heard(doubts)}
    context: dict[str, Any] = {
        "form": form,
        "sections": list(form.sections()),
        "vehicle": None if form.is_new else form.instance,
        "doubts": by_field,
        "has_doubts": bool(doubts) and not form.errors,
        "names": _names(),
    }
    return render(request, "stock/vehicle_form.html", context, status=422 if form.is_bound else 200)


def _names() -> dict[str, list[str]]:
    """Makes, models and colours of the group, the frequent first. Three queries."""

    def frequent(field: str) -> list[str]:
        rows = Vehicle.objects.exclude(**{field: ""}).values_list(field).annotate(n=Count("pk"))
        return [name for name, _n in rows.order_by("-n", field)[:MOST_NAMES]]

    return {"makes": frequent("make"), "models": frequent("model"), "colours": frequent("colour")}


def _own_sites(member: Member) -> list[Site]:
    ids = member.site_ids(EDIT)
    rows = Site.objects.all() if ids is None else Site.objects.filter(pk__in=ids)
    return list(rows.order_by("name"))


def _doubts(form: VehicleForm, country: str, but: UUID | None) -> list[Doubt]:
    said = {name: form.cleaned_data.get(name, "") for name in ("vin", "plate", "stock_number")}
    return doubts_of(**said, country=country, but=but)


def _heard(doubts: Sequence[Doubt]) -> str:
    return "|".join(sorted(doubt.text for doubt in doubts))[:4000]


def _has_heard(form: VehicleForm, doubts: Sequence[Doubt]) -> bool:
    """Whether the person has read just these, and saves all the same."""
    return not doubts or form.cleaned_data["heard"] == _heard(doubts)


def _vin_taken(form: VehicleForm, refusal: VinInStock, doubts: Sequence[Doubt]) -> list[Doubt]:
    form.add_error("vin", _("This car stands in the stock already; the other one must be gone first."))
    link = Doubt("vin", refusal.other.label, refusal.other)
    return [*(doubt for doubt in doubts if doubt.other != refusal.other), link]


def _told_of(form: VehicleForm, refusal: ChangedMeanwhile) -> VehicleForm:
    """What a colleague made of the field, beside what the person typed; saved again, his stands."""
    last = last_by_field(changes_of(refusal.vehicle))
    for name, value in refusal.now.items():
        if name in form.fields and may_see_field(form.member, name, refusal.vehicle.site_id):
            words = {"value": spoken_value(refusal.vehicle, name, value)}
            words["name"] = author_of(last[name]) if name in last else "–"
            form.add_error(
                name,
                _("%(name)s has just changed this to “%(value)s”. Save again if yours is to stand.") % words,
            )
    seen = json.dumps({**form.seen_values(), **refusal.now})
    form.data = {**dict(form.data.items()), "seen": seen}
    return form
