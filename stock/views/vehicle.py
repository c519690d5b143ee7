"""One vehicle: its page, and what is done to it there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from approvals.services import AlreadyAsked, NobodyToAsk
from core.clock import now
from core.money import spoken_cents
from sites.http import MemberRequest, member_required
from stock import services
from stock.access import EDIT, PRICE, SEE_LOWEST, VIEW
from stock.forms.deeds import CostForm, DocumentForm, PriceForm, StatusForm
from stock.models import Vehicle, VehicleStatus
from stock.services import (
    ChangedMeanwhile,
    NoDayOfSale,
    ReasonMissing,
    StepNotAllowed,
    VehicleGone,
    VinInStock,
)
from stock.sheet import sheet_context
from stock.vehicle_page import page_context
from stock.views.answers import answering, go_to, is_htmx, shown_vehicle


@require_safe
@member_required(VIEW)
def vehicle_detail(request: MemberRequest, vehicle_id: UUID) -> HttpResponse:
    """One vehicle; for htmx its part alone, or nothing (204) when the page shows just that."""
    return page_of(request, shown_vehicle(request, vehicle_id))


@require_safe
@member_required(VIEW)
def vehicle_sheet(request: MemberRequest, vehicle_id: UUID) -> HttpResponse:
    """What hangs behind the windscreen: one printed page with a code that leads to the vehicle's page."""
    vehicle = shown_vehicle(request, vehicle_id)
    address = request.build_absolute_uri(vehicle.get_absolute_url())
    return render(request, "stock/vehicle_sheet.html", sheet_context(vehicle, address, now()))


@require_POST
@member_required(PRICE)
@answering
def price(request: MemberRequest, vehicle_id: UUID) -> HttpResponseBase:
    """Set the price, or ask for one under the lowest."""
    vehicle = shown_vehicle(request, vehicle_id)
    form = PriceForm(request.POST)
    if not form.is_valid():
        return page_of(request, vehicle, price_form=form)
    said = form.cleaned_data
    try:
        done = services.reprice(
            vehicle_id=vehicle_id,
            cents=said["price"],
            by=request.member,
            at=now(),
            reason=said["reason"],
            seen={"price": said["seen"]},
        )
    except (ChangedMeanwhile, ReasonMissing, VehicleGone, NobodyToAsk, AlreadyAsked) as refusal:
        return _price_refused(request, vehicle_id, form, refusal)
    messages.success(request, _price_set(done))
    return go_to(request, vehicle.get_absolute_url())


@require_POST
@member_required(EDIT)
@answering
def status(request: MemberRequest, vehicle_id: UUID) -> HttpResponseBase:
    """A step further, or back."""
    vehicle = shown_vehicle(request, vehicle_id)
    form = StatusForm(request.POST)
    if not form.is_valid():
        return page_of(request, vehicle, status_form=form)
    said = form.cleaned_data
    try:
        changed = services.change_status(
            vehicle_id=vehicle_id,
            status=VehicleStatus(said["status"]),
            by=request.member,
            at=now(),
            sold_on=said["sold_on"],
            reason=said["reason"],
            seen=VehicleStatus(said["seen"]) if said["seen"] else None,
        )
    except (ChangedMeanwhile, NoDayOfSale, ReasonMissing, StepNotAllowed, VinInStock) as refusal:
        form.add_error(*_status_refused(refusal))
        return page_of(request, shown_vehicle(request, vehicle_id), status_form=form)
    messages.success(request, _("Status: %(status)s.") % {"status": changed.get_status_display()})
    return go_to(request, vehicle.get_absolute_url())


@require_POST
@member_required(EDIT)
@answering
def highlight(request: MemberRequest, vehicle_id: UUID) -> HttpResponseBase:
    """Put it in front, or back among the others."""
    put_in_front = request.POST.get("in_front") == "1"
    deed = services.highlight if put_in_front else services.unhighlight
    try:
        vehicle = deed(vehicle_id=vehicle_id, by=request.member, at=now())
    except VehicleGone:
        messages.info(request, _("This vehicle is no longer in stock."))
        return go_to(request, reverse("stock:detail", args=[vehicle_id]))
    messages.success(
        request, _("It is highlighted now.") if put_in_front else _("It is no longer highlighted.")
    )
    return go_to(request, vehicle.get_absolute_url())


@require_POST
@member_required(EDIT)
@answering
def erase(request: MemberRequest, vehicle_id: UUID) -> HttpResponseBase:
    """A slip: as if it had never come."""
    vehicle = shown_vehicle(request, vehicle_id)
    try:
        services.erase_vehicle(vehicle_id=vehicle_id, by=request.member, at=now())
    except services.HasHistory:
        messages.error(
            request, _("It was sold or transferred once: withdraw it instead, so that its history stays.")
        )
        return go_to(request, vehicle.get_absolute_url())
    messages.success(request, _("%(vehicle)s is erased.") % {"vehicle": vehicle.label})
    return go_to(request, reverse("stock:list"))


def page_of(request: MemberRequest, vehicle: Vehicle, **forms: Any) -> HttpResponse:
    """The page of a vehicle, with the forms that somebody filled in wrongly; those make it a 422."""
    version = f"{vehicle.updated_at.isoformat()}"
    if is_htmx(request) and not forms and request.GET.get("shown") == version:
        return HttpResponse(status=204)
    context = page_context(vehicle, request.member, now())
    sees_margin = context["rights"].margin
    blank = {
        "price_form": PriceForm(initial={"price": vehicle.price, "seen": vehicle.price}),
        "status_form": StatusForm(initial={"seen": vehicle.status, "sold_on": context["today"]}),
        "cost_form": CostForm(initial={"incurred_on": context["today"]}),
        "document_form": DocumentForm(sees_margin=sees_margin),
    }
    context = {**context, **blank, **forms, "version": version}
    template = "stock/_vehicle.html" if is_htmx(request) else "stock/vehicle.html"
    return render(request, template, context, status=422 if forms else 200)


def _price_refused(
    request: MemberRequest, vehicle_id: UUID, form: PriceForm, refusal: Exception
) -> HttpResponse:
    vehicle = shown_vehicle(request, vehicle_id)
    again = form
    match refusal:
        case ReasonMissing():
            form.add_error("reason", _below_lowest(request, vehicle))
        case ChangedMeanwhile():
            again = PriceForm({**dict(form.data.items()), "seen": vehicle.price})
            again.is_valid()
            again.add_error(
                "price",
                _("A colleague has just set %(price)s. Save again if yours is to stand.")
                % {"price": vehicle.spoken_price},
            )
        case VehicleGone():
            form.add_error(None, _("This vehicle is no longer in stock."))
        case NobodyToAsk():
            form.add_error("price", _("Nobody else may approve so low a price here. Ask for a higher one."))
        case AlreadyAsked():
            form.add_error(None, _("A price is asked for already: the answer is on its way."))
    return page_of(request, vehicle, price_form=again)


def _below_lowest(request: MemberRequest, vehicle: Vehicle) -> str:
    """The lowest price itself is for those who may see it."""
    if vehicle.min_price is not None and request.member.can(SEE_LOWEST, vehicle.site_id):
        lowest = spoken_cents(vehicle.min_price, vehicle.currency)
        return _("Below the lowest price of %(price)s: say why, and a manager decides.") % {"price": lowest}
    return _("Below the lowest price: say why, and a manager decides.")


def _price_set(done: services.Repriced) -> str:
    if done.request is not None:
        return _("Asked for. The price changes as soon as somebody approves it.")
    return _("The price is %(price)s now.") % {"price": done.vehicle.spoken_price}


def _status_refused(refusal: Exception) -> tuple[str | None, str]:
    match refusal:
        case NoDayOfSale():
            return "sold_on", _("Say on which day it was sold; today at the latest.")
        case ReasonMissing():
            return "reason", _("Say why it comes back: the history keeps it.")
        case VinInStock():
            return None, _("This car stands in the stock already; the other one must be gone first.")
        case ChangedMeanwhile(now={"status": status}):
            label = VehicleStatus(status).label
            return None, _("A colleague has just changed the status: %(status)s.") % {"status": label}
        case _:
            return None, _("A vehicle does not go from this status to that one.")
