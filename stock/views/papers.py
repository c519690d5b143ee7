"""Costs and documents of a vehicle."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from core.clock import now
from sites.http import MemberRequest, member_required
from stock import services
from stock.access import EDIT, SEE_MARGIN, VIEW
from stock.forms.deeds import CostForm, DocumentForm
from stock.services import CostNotFound
from stock.services.papers import (
    MOST_BYTES,
    BadDocument,
    DocumentNotFound,
    add_document,
    document_for,
    remove_document,
)
from stock.views.answers import answering, go_to, shown_vehicle
from stock.views.vehicle import page_of

_REFUSED = {
    "too_heavy": gettext_lazy("This file is heavier than 20 MB."),
    "empty": gettext_lazy("This file is empty."),
    "unknown_kind": gettext_lazy("This is no PDF and no JPEG, PNG or WebP picture, whatever its name says."),
    "too_many": gettext_lazy("This vehicle has a hundred documents: remove some first."),
}


@require_POST
@member_required(SEE_MARGIN)
@answering
def add_cost(request: MemberRequest, vehicle_id: UUID) -> HttpResponseBase:
    """Note what was spent."""
    vehicle = shown_vehicle(request, vehicle_id)
    form = CostForm(request.POST)
    if not form.is_valid():
        return page_of(request, vehicle, cost_form=form)
    said = form.cleaned_data
    services.add_cost(
        vehicle_id=vehicle_id,
        label=said["label"],
        cents=said["amount"],
        incurred_on=said["incurred_on"],
        by=request.member,
        at=now(),
    )
    messages.success(request, _("The cost is noted."))
    return go_to(request, vehicle.get_absolute_url() + "#costs")


@require_POST
@member_required(SEE_MARGIN)
@answering
def remove_cost(request: MemberRequest, cost_id: int) -> HttpResponseBase:
    """Take it out again."""
    try:
        cost = services.remove_cost(cost_id=cost_id, by=request.member, at=now())
    except CostNotFound:
        raise Http404 from None
    messages.success(request, _("The cost is removed; the history keeps it."))
    return go_to(request, reverse("stock:detail", args=[cost.vehicle_id]) + "#costs")


@require_POST
@member_required(EDIT)
@answering
def add_paper(request: MemberRequest, vehicle_id: UUID) -> HttpResponseBase:
    """File a document."""
    vehicle = shown_vehicle(request, vehicle_id)
    sees_margin = request.member.can(SEE_MARGIN, vehicle.site_id)
    form = DocumentForm(request.POST, request.FILES, sees_margin=sees_margin)
    if not form.is_valid():
        return page_of(request, vehicle, document_form=form)
    file = form.cleaned_data["file"]
    try:
        add_document(
            vehicle_id=vehicle_id,
            data=file.read(MOST_BYTES + 1),
            file_name=file.name,
            name=form.cleaned_data["name"],
            by=request.member,
            at=now(),
            shows_margin=form.cleaned_data.get("shows_margin", False),
        )
    except BadDocument as refusal:
        form.add_error("file", str(_REFUSED[refusal.code]))
        return page_of(request, vehicle, document_form=form)
    messages.success(request, _("The document is filed."))
    return go_to(request, vehicle.get_absolute_url() + "#documents")


@require_POST
@member_required(EDIT)
@answering
def remove_paper(request: MemberRequest, document_id: UUID) -> HttpResponseBase:
    """Take it out, with its file."""
    try:
        document = remove_document(document_id=document_id, by=request.member, at=now())
    except DocumentNotFound:
        raise Http404 from None
    messages.success(request, _("%(name)s is removed.") % {"name": document.name})
    return go_to(request, reverse("stock:detail", args=[document.vehicle_id]) + "#documents")


@require_safe
@member_required(VIEW)
def paper(request: MemberRequest, document_id: UUID) -> HttpResponseBase:
    """The file itself: to be saved, never to be shown as a page of ours."""
    document = document_for(request.member, document_id)
    if document is None:
        raise Http404
    ending = document.file.rpartition(".")[2]
    name = document.name if document.name.lower().endswith(f".{ending}") else f"{document.name}.{ending}"
    try:
        file = default_storage.open(document.file)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, as_attachment=True, filename=name, content_type=document.media_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
