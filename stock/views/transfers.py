"""Pages of transfers: the boards, one transfer, asking for a vehicle, sending one off, and each step on the way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.clock import now
from notifications import told
from sites.chosen import chosen_site_id, sites_of
from sites.http import MemberRequest, member_required
from sites.models import Site
from stock import transferring as flow
from stock.access import ASK, TRANSFER, VIEW, vehicle_for
from stock.boards import boards_for, card_for, steps_of, to_decide
from stock.forms.transfers import AnswerForm, AskForm, ReceiveForm, SendForm, StartForm
from stock.models import Transfer, TransferState, Vehicle
from stock.selectors import sites_to_go_to
from stock.services.photos import MOST_PHOTOS
from stock.services.refusals import OtherCurrency, StockNotAllowed, VehicleGone, VehicleNotFound
from stock.transfer_words import stands
from stock.views.answers import answering
from stock.views.taking import take_photos, tell_taken

_MISSING = (flow.TransferNotFound, flow.SiteNotFound, VehicleNotFound)
_IMPOSSIBLE = {
    VehicleGone: gettext_lazy("This vehicle is sold or withdrawn: it no longer changes site."),
    flow.StandsThere: gettext_lazy("This vehicle stands there already."),
    OtherCurrency: gettext_lazy("That site sells in another currency: a vehicle does not change country."),
}


@require_safe
@member_required(VIEW)
def transfer_list(request: MemberRequest) -> HttpResponse:
    """What waits for an answer, what comes, what leaves, what is done."""
    boards = boards_for(request.member, _our_sites(request), at=now())
    context = {"boards": boards, "can_decide": request.member.can(TRANSFER)}
    return render(request, "stock/transfers/list.html", context)


@require_safe
@member_required(VIEW)
def waiting(request: MemberRequest) -> HttpResponse:
    """What waits for the reader's answer, alone: an open page fetches it again."""
    cards = to_decide(request.member, _our_sites(request), at=now())
    return render(request, "stock/transfers/_waiting.html", {"cards": cards})


@require_safe
@member_required(VIEW)
def transfer_detail(request: MemberRequest, transfer_id: UUID) -> HttpResponse:
    """One transfer, with what may be done about it now."""
    try:
        transfer = flow.found(transfer_id, request.member)
    except flow.TransferNotFound:
        raise Http404 from None
    return _page(request, transfer)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(ASK)
def ask(request: MemberRequest, vehicle_id: UUID) -> HttpResponse:
    """« Demander »: a vehicle of another site."""
    vehicle = _vehicle(request, vehicle_id)
    sites = [site for site in sites_to_go_to(vehicle) if request.member.can(ASK, site.pk)]
    begun = {"customer_name": request.GET.get("customer", "")[:120]}
    form = AskForm(request.POST or None, sites=sites, initial=begun)
    if form.is_valid():
        said = form.cleaned_data

        def deed() -> Transfer:
            return flow.ask_for_vehicle(
                vehicle_id=vehicle_id,
                to_site_id=said["to_site"],
                by=request.member,
                at=now(),
                reason=said["reason"],
                customer_name=said["customer_name"],
            )

        done = _("%(site)s is asked now. You hear the answer at once.") % {"site": vehicle.site.name}
        return _do(request, deed, done, back=vehicle.get_absolute_url())
    return _form_page(request, "stock/transfers/ask.html", vehicle, form, sites)


@require_http_methods(["GET", "HEAD", "POST"])
@member_required(TRANSFER)
def send(request: MemberRequest, vehicle_id: UUID) -> HttpResponse:
    """Send a vehicle off to another site, unasked."""
    vehicle = _vehicle(request, vehicle_id)
    if not request.member.can(TRANSFER, vehicle.site_id):
        raise PermissionDenied
    sites = sites_to_go_to(vehicle)
    form = SendForm(request.POST or None, sites=sites)
    if form.is_valid():
        said = form.cleaned_data

        def deed() -> Transfer:
            return flow.send_vehicle(
                vehicle_id=vehicle_id,
                to_site_id=said["to_site"],
                by=request.member,
                at=now(),
                expected_on=said["expected_on"],
                reason=said["reason"],
            )

        done = _("It is under way, and the other site knows.")
        return _do(request, deed, done, back=vehicle.get_absolute_url())
    return _form_page(request, "stock/transfers/send.html", vehicle, form, sites)


@require_POST
@member_required(VIEW)
def accept(request: MemberRequest, transfer_id: UUID) -> HttpResponse:
    """Yes."""

    def deed() -> Transfer:
        return flow.accept_transfer(transfer_id=transfer_id, by=request.member, at=now())

    return _do(request, deed, _("Accepted. Whoever asked is told now."))


@require_POST
@member_required(VIEW)
def refuse(request: MemberRequest, transfer_id: UUID) -> HttpResponse:
    """No, and why."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _again(request, transfer_id, answer=form)

    def deed() -> Transfer:
        answer = form.cleaned_data["answer"]
        return flow.refuse_transfer(transfer_id=transfer_id, by=request.member, at=now(), answer=answer)

    return _do(request, deed, _("Refused. Whoever asked is told now."))


@require_POST
@member_required(VIEW)
def start(request: MemberRequest, transfer_id: UUID) -> HttpResponse:
    """It leaves."""
    form = StartForm(request.POST)
    if not form.is_valid():
        return _again(request, transfer_id, start=form)

    def deed() -> Transfer:
        day = form.cleaned_data["expected_on"]
        return flow.start_transfer(transfer_id=transfer_id, by=request.member, at=now(), expected_on=day)

    return _do(request, deed, _("It is under way, and the other site knows."))


@require_POST
@member_required(VIEW)
@answering
def receive(request: MemberRequest, transfer_id: UUID) -> HttpResponse:
    """It is here, with its mileage and photos; it has arrived even where a photo is refused."""
    form = ReceiveForm(request.POST)
    if not form.is_valid():
        return _not_received(request, transfer_id, form)
    deed = partial(
        flow.receive_transfer, transfer_id=transfer_id, by=request.member, at=now(), **form.cleaned_data
    )
    try:
        return _do(request, deed, _("It stands here now. Both sites know."), then=_take_photos)
    except flow.MileageTooLow as low:
        form.add_error(
            "mileage", _("It had %(known)s km already: read the dashboard again.") % {"known": low.known}
        )
        return _not_received(request, transfer_id, form)


def _take_photos(request: MemberRequest, transfer: Transfer) -> None:
    """Its condition on arrival; also where a colleague was faster to say that it is here."""
    if transfer.state == TransferState.RECEIVED:
        tell_taken(request, take_photos(request, transfer.vehicle_id))


def _not_received(request: MemberRequest, transfer_id: UUID, form: ReceiveForm) -> HttpResponse:
    if request.FILES:  # which no page may put back into its field
        form.add_error(None, _("Choose the photos again as well: the browser has let go of them."))
    return _again(request, transfer_id, receive=form)


@require_POST
@member_required(VIEW)
def cancel(request: MemberRequest, transfer_id: UUID) -> HttpResponse:
    """It comes to nothing."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _again(request, transfer_id, cancel=form)

    def deed() -> Transfer:
        answer = form.cleaned_data["answer"]
        return flow.cancel_transfer(transfer_id=transfer_id, by=request.member, at=now(), answer=answer)

    return _do(request, deed, _("Called off. The others are told now."))


def _do(
    request: MemberRequest,
    deed: Callable[[], Transfer],
    done: str,
    *,
    back: str = "",
    then: Callable[[MemberRequest, Transfer], None] | None = None,
) -> HttpResponse:
    """Do it and say so; who came too late reads what stands instead. `then` is told what stands in both cases."""
    try:
        transfer = deed()
    except _MISSING:
        raise Http404 from None
    except StockNotAllowed:
        raise PermissionDenied from None
    except flow.Standing as standing:
        transfer = standing.transfer
        messages.info(request, stands(transfer))
    except tuple(_IMPOSSIBLE) as refusal:
        messages.warning(request, str(_IMPOSSIBLE[type(refusal)]))
        return HttpResponseRedirect(back or reverse("stock:transfers"))
    else:
        messages.success(request, done)
    if then is not None:
        then(request, transfer)
    return HttpResponseRedirect(reverse("stock:transfer", args=[transfer.pk]))


def _again(request: MemberRequest, transfer_id: UUID, **forms_shown: forms.Form) -> HttpResponse:
    """The page with the form that is not right yet."""
    try:
        transfer = flow.found(transfer_id, request.member)
    except flow.TransferNotFound:
        raise Http404 from None
    return _page(request, transfer, status=422, **forms_shown)


def _page(
    request: MemberRequest, transfer: Transfer, *, status: int = 200, **forms_shown: forms.Form
) -> HttpResponse:
    context: dict[str, Any] = {
        "card": card_for(transfer, request.member, at=now()),
        "transfer": transfer,
        "steps": steps_of(transfer),
        "refuse_form": forms_shown.get("answer") or AnswerForm(),
        "cancel_form": forms_shown.get("cancel") or AnswerForm(prefix="", auto_id="cancel_%s"),
        "start_form": forms_shown.get("start") or StartForm(),
        "receive_form": forms_shown.get("receive") or ReceiveForm(known=transfer.vehicle.mileage),
        "most_photos": MOST_PHOTOS,
        "told_subject": f"transfer:{transfer.pk}" if request.member.can(told.VIEW) else "",
    }
    is_part = _is_htmx(request)
    if is_part and request.GET.get("shown") == context["card"].version:
        return HttpResponse(status=204)
    template = "stock/transfers/_transfer.html" if is_part else "stock/transfers/detail.html"
    return render(request, template, context, status=status)


def _form_page(
    request: MemberRequest, template: str, vehicle: Vehicle, form: forms.Form, sites: list[Site]
) -> HttpResponse:
    context = {
        "vehicle": vehicle,
        "form": form,
        "sites": sites,
        "standing": flow.open_transfer_of(vehicle.pk),
        "can_go": bool(sites) and not vehicle.is_gone,
    }
    return render(request, template, context, status=422 if form.errors else 200)


def _vehicle(request: MemberRequest, vehicle_id: UUID) -> Vehicle:
    vehicle = vehicle_for(request.member, vehicle_id)
    if vehicle is None:
        raise Http404
    return vehicle


def _is_htmx(request: MemberRequest) -> bool:
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and not htmx.history_restore_request


def _our_sites(request: MemberRequest) -> set[int]:
    """The chosen site, or all where the person works."""
    chosen = chosen_site_id(request, request.member)
    return {chosen} if chosen else {site.pk for site in sites_of(request.member)}
