"""Photos of a vehicle: the page where they are arranged, each deed on them, and the pictures themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core.clock import now
from sites.http import MemberRequest, member_required
from stock.access import EDIT, VIEW
from stock.fetching import UNFINISHED
from stock.models import DiscardedPhoto, Photo, PhotoFetch, Vehicle
from stock.services.photos import (
    MOST_PHOTOS,
    PhotoNotFound,
    TooManyPhotos,
    discard_photo,
    move_photo,
    order_photos,
    restore_photo,
)
from stock.views.answers import answering, go_to, is_htmx, shown_vehicle
from stock.views.taking import take_photos, tell_taken

# A photo's file never changes under its address.
KEEP = "private, max-age=31536000, immutable"


@require_safe
@member_required(EDIT)
def photo_page(request: MemberRequest, vehicle_id: UUID) -> HttpResponse:
    """The photos to arrange."""
    return _page(request, _editable(request, vehicle_id))


@require_POST
@member_required(EDIT)
@answering
def add(request: MemberRequest, vehicle_id: UUID) -> HttpResponseBase:
    """Take in what was chosen; what is refused is named, the rest stays taken."""
    vehicle = _editable(request, vehicle_id)
    taken = take_photos(request, vehicle_id)
    if is_htmx(request):
        return _page(request, vehicle, refused=taken.refused)
    tell_taken(request, taken)
    return go_to(request, reverse("stock:photos", args=[vehicle_id]))


@require_POST
@member_required(EDIT)
@answering
def order(request: MemberRequest, vehicle_id: UUID) -> HttpResponseBase:
    """The whole order at once, as it was dragged."""
    vehicle = _editable(request, vehicle_id)
    try:
        wished = [UUID(text) for text in request.POST.getlist("photo")[: 2 * MOST_PHOTOS]]
    except ValueError:
        raise Http404 from None
    order_photos(vehicle_id=vehicle_id, order=wished, by=request.member, at=now())
    return _page(request, vehicle) if is_htmx(request) else _back(request, vehicle_id)


@require_POST
@member_required(EDIT)
@answering
def move(request: MemberRequest, photo_id: UUID) -> HttpResponseBase:
    """One photo to a place: what buttons and keys do."""
    place = request.POST.get("to", "")
    to = int(place) if place.isascii() and place.isdigit() and len(place) < 4 else 0
    return _deed(
        request,
        lambda: move_photo(photo_id=photo_id, to=to, by=request.member, at=now()),
        lambda _photo: {"moved": photo_id},
    )


@require_POST
@member_required(EDIT)
@answering
def discard(request: MemberRequest, photo_id: UUID) -> HttpResponseBase:
    """Take it away; the page offers to put it back."""
    return _deed(
        request,
        lambda: discard_photo(photo_id=photo_id, by=request.member, at=now()),
        lambda photo: {"discarded": photo},
    )


@require_POST
@member_required(EDIT)
@answering
def restore(request: MemberRequest, photo_id: UUID) -> HttpResponseBase:
    """Put it back where it was."""
    try:
        return _deed(
            request,
            lambda: restore_photo(photo_id=photo_id, by=request.member, at=now()),
            lambda _photo: {},
        )
    except TooManyPhotos:
        raise PermissionDenied from None


@require_safe
@member_required(VIEW)
def large(request: MemberRequest, photo_id: UUID) -> HttpResponseBase:
    """The picture for the gallery."""
    return _picture(request, photo_id, "file")


@require_safe
@member_required(VIEW)
def small(request: MemberRequest, photo_id: UUID) -> HttpResponseBase:
    """The picture for lists."""
    return _picture(request, photo_id, "thumbnail")


def _picture(request: MemberRequest, photo_id: UUID, size: str) -> HttpResponseBase:
    """What we encoded ourselves, as a picture and nothing else."""
    found = Photo.objects.filter(pk=photo_id).values_list(size, "digest").first()
    found = found or DiscardedPhoto.objects.filter(pk=photo_id).values_list(size, "digest").first()
    if found is None:
        raise Http404
    name, digest = found
    tag = f'"{digest[:32]}-{size}"'
    if request.headers.get("If-None-Match") == tag:
        unchanged = HttpResponseNotModified()
        unchanged["ETag"] = tag
        return unchanged
    try:
        response = FileResponse(default_storage.open(name), content_type="image/jpeg")
    except FileNotFoundError:
        raise Http404 from None
    response["ETag"], response["Cache-Control"] = tag, KEEP
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    return response


def _deed(
    request: MemberRequest, deed: Callable[[], Any], shown: Callable[[Any], dict[str, Any]]
) -> HttpResponseBase:
    try:
        photo = deed()
    except PhotoNotFound:
        raise Http404 from None
    if not is_htmx(request):
        more = shown(photo)
        tail = f"?gone={photo.pk}" if "discarded" in more else ""
        return go_to(request, reverse("stock:photos", args=[photo.vehicle_id]) + tail)
    return _page(request, _editable(request, photo.vehicle_id), **shown(photo))


def _editable(request: MemberRequest, vehicle_id: UUID) -> Vehicle:
    vehicle = shown_vehicle(request, vehicle_id)
    if not request.member.can(EDIT, vehicle.site_id):
        raise PermissionDenied
    return vehicle


def _page(request: MemberRequest, vehicle: Vehicle, **more: Any) -> HttpResponse:
    context = {
        "vehicle": vehicle,
        "photos": list(Photo.objects.filter(vehicle=vehicle)),
        "most": MOST_PHOTOS,
        "faults": PhotoFetch.objects.filter(vehicle=vehicle).exclude(fault__in=("", UNFINISHED)).count(),
        "discarded": _gone(request, vehicle),
        **more,
    }
    template = "stock/_photos.html" if is_htmx(request) else "stock/photos.html"
    return render(request, template, context)


def _gone(request: MemberRequest, vehicle: Vehicle) -> DiscardedPhoto | None:
    """The photo that was just taken away, where no script keeps it in mind."""
    try:
        photo_id = UUID(request.GET.get("gone", ""))
    except ValueError:
        return None
    return DiscardedPhoto.objects.filter(vehicle=vehicle, pk=photo_id).first()


def _back(request: MemberRequest, vehicle_id: UUID) -> HttpResponse:
    return go_to(request, reverse("stock:photos", args=[vehicle_id]))
