"""Photos of a vehicle: taken in, put in order, taken away and put back. What lies in files goes a day later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.forms.models import model_to_dict

from sites.access import Member
from stock.access import EDIT
from stock.imaging import Developed, develop
from stock.models import DiscardedPhoto, Photo, Vehicle, VehicleChange
from stock.services.files import erase_on_commit
from stock.services.writing import locked, note, tell

# What portals take at most, and what nobody looks through.
MOST_PHOTOS = 80
# How long a photo that was taken away can be put back.
KEPT_FOR = timedelta(days=1)
# Photos added within this time are one line of the history.
ONE_SITTING = timedelta(minutes=15)

_COPIED = ("position", "file", "thumbnail", "width", "height", "digest", "source_url", "added_at")


class TooManyPhotos(Exception):
    """The vehicle has as many photos as it may."""


class PhotoNotFound(Exception):
    """There is no such photo, or not for this person; the two must look alike."""


def take_photo(
    *, vehicle_id: UUID, data: bytes, by: Member | None, at: datetime, source_url: str = ""
) -> Photo:
    """Take a picture in, behind the others; one that it has already is given back as it is.

    `by` is None for what a feed brings. The picture is decoded before any row is locked.

    Raises:
        VehicleNotFound, StockNotAllowed.
        BadPicture: it is none that we take.
        TooManyPhotos.
    """
    if by is not None:
        locked_for_look(vehicle_id, by)
    developed = develop(data)
    with transaction.atomic():
        vehicle = (
            locked(vehicle_id, by, EDIT) if by else Vehicle.objects.select_for_update().get(pk=vehicle_id)
        )
        photos = list(Photo.objects.filter(vehicle=vehicle))
        same = next((photo for photo in photos if photo.digest == developed.digest), None)
        if same is not None:
            return same
        if len(photos) >= MOST_PHOTOS:
            raise TooManyPhotos(vehicle_id)
        photo = Photo(
            group_id=vehicle.group_id,
            vehicle=vehicle,
            position=len(photos),
            width=developed.width,
            height=developed.height,
            digest=developed.digest,
            source_url=source_url,
            added_at=at,
            added_by=by.user if by else None,
        )
        _keep(photo, developed)
        if by is not None:
            _note(vehicle, len(photos), len(photos) + 1, by=by, at=at)
    return photo


def order_photos(*, vehicle_id: UUID, order: Sequence[UUID], by: Member, at: datetime) -> None:
    """Put the photos in this order; those that it does not name follow as they stand.

    Raises VehicleNotFound, StockNotAllowed.
    """
    with transaction.atomic():
        vehicle = locked(vehicle_id, by, EDIT)
        photos = list(Photo.objects.filter(vehicle=vehicle))
        wished = {photo_id: place for place, photo_id in enumerate(order)}
        placed = sorted(photos, key=lambda photo: (wished.get(photo.pk, len(wished)), photo.position))
        if placed == photos:
            return
        _number(placed)
        _note(vehicle, len(photos), len(photos), by=by, at=at)


def move_photo(*, photo_id: UUID, to: int, by: Member, at: datetime) -> Photo:
    """Put one photo at a place, counted from 0. Raises PhotoNotFound, VehicleNotFound, StockNotAllowed."""
    photo = _photo(photo_id)
    others = Photo.objects.filter(vehicle_id=photo.vehicle_id).exclude(pk=photo.pk)
    order = list(others.values_list("pk", flat=True))
    order.insert(max(0, to), photo.pk)
    order_photos(vehicle_id=photo.vehicle_id, order=order, by=by, at=at)
    return photo


def discard_photo(*, photo_id: UUID, by: Member, at: datetime) -> DiscardedPhoto:
    """Take a photo away; for a day it can be put back. Raises PhotoNotFound, VehicleNotFound, StockNotAllowed."""
    photo = _photo(photo_id)
    with transaction.atomic():
        vehicle = locked(photo.vehicle_id, by, EDIT)
        photo = _photo(photo_id)  # as it is now that nobody else changes it
        gone = DiscardedPhoto.objects.create(
            pk=photo.pk,
            group_id=photo.group_id,
            vehicle=vehicle,
            added_by_id=photo.added_by_id,
            discarded_at=at,
            **model_to_dict(photo, fields=_COPIED),
        )
        photo.delete()
        left = list(Photo.objects.filter(vehicle=vehicle))
        _number(left)
        _note(vehicle, len(left) + 1, len(left), by=by, at=at)
    return gone


def restore_photo(*, photo_id: UUID, by: Member, at: datetime) -> Photo:
    """Put a photo back where it was.

    Raises PhotoNotFound (its day is over, or it was given in again), VehicleNotFound, StockNotAllowed, TooManyPhotos.
    """
    gone = DiscardedPhoto.objects.filter(pk=photo_id).first()
    if gone is None:
        raise PhotoNotFound(photo_id)
    with transaction.atomic():
        vehicle = locked(gone.vehicle_id, by, EDIT)
        photos = list(Photo.objects.filter(vehicle=vehicle))
        if len(photos) >= MOST_PHOTOS:
            raise TooManyPhotos(vehicle.pk)
        fields = model_to_dict(gone, fields=_COPIED)
        if any(photo.digest == gone.digest for photo in photos) or not _taken_out(gone):
            raise PhotoNotFound(photo_id)
        back = Photo(
            pk=gone.pk, group_id=gone.group_id, vehicle=vehicle, added_by_id=gone.added_by_id, **fields
        )
        back.save(force_insert=True)
        photos.insert(min(gone.position, len(photos)), back)
        _number(photos)
        _note(vehicle, len(photos) - 1, len(photos), by=by, at=at)
    return back


def erase_discarded(*, at: datetime) -> int:
    """Erase for good what was taken away more than a day ago, in the open group(s); returns how many photos."""
    doomed = list(DiscardedPhoto.objects.filter(discarded_at__lte=at - KEPT_FOR)[:1000])
    with transaction.atomic():
        for photo in doomed:
            erase_on_commit((photo.file, photo.thumbnail))
        DiscardedPhoto.objects.filter(pk__in=[photo.pk for photo in doomed]).delete()
    return len(doomed)


def locked_for_look(vehicle_id: UUID, by: Member) -> None:
    """Refuse before work is done for nothing. Raises VehicleNotFound, StockNotAllowed."""
    with transaction.atomic():
        locked(vehicle_id, by, EDIT)


def _photo(photo_id: UUID) -> Photo:
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None:
        raise PhotoNotFound(photo_id)
    return photo


def _taken_out(gone: DiscardedPhoto) -> bool:
    """Whether this very hand took it out of the discarded ones: of two who put it back, one does."""
    return DiscardedPhoto.objects.filter(pk=gone.pk).delete()[0] == 1


def _keep(photo: Photo, developed: Developed) -> None:
    """Files first, then the row: a row without a file would be a hole in a page."""
    folder = f"stock/{photo.group_id}/{photo.vehicle_id}/{photo.pk}"
    photo.file = default_storage.save(f"{folder}.jpg", ContentFile(developed.large))
    photo.thumbnail = default_storage.save(f"{folder}-small.jpg", ContentFile(developed.small))
    try:
        photo.save(force_insert=True)
    except BaseException:
        default_storage.delete(photo.file)
        default_storage.delete(photo.thumbnail)
        raise


def _number(photos: Sequence[Photo]) -> None:
    for place, photo in enumerate(photos):
        photo.position = place
    Photo.objects.bulk_update(photos, ["position"])


def _note(vehicle: Vehicle, before: int, after: int, *, by: Member, at: datetime) -> None:
    """A line of the history; the photos of one sitting share it."""
    Vehicle.objects.filter(pk=vehicle.pk).update(updated_at=at)
    last: Any = VehicleChange.objects.filter(of=vehicle).order_by("-at", "-pk").first()
    is_same_sitting = (
        last is not None
        and list(last.changes) == ["photos"]
        and last.by_id == by.user.pk
        and last.changes["photos"][1] == before
        and at - last.at < ONE_SITTING
    )
    if is_same_sitting:
        last.changes = {"photos": [last.changes["photos"][0], after]}
        last.save(update_fields=["changes"])
        tell(vehicle, by=by, at=at)
    else:
        note(vehicle, {"photos": [before, after]}, by=by, at=at)
