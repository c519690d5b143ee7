"""The files of vehicles: where they lie, and that they go when their rows do."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.files.storage import default_storage
from django.db import transaction

from stock.models import DiscardedPhoto, Document, Photo, Vehicle


def names_of(vehicle: Vehicle) -> list[str]:
    """The storage names of all that lies in files of this vehicle."""
    photos = [
        pair
        for model in (Photo, DiscardedPhoto)
        for pair in model.objects.filter(vehicle=vehicle).values_list("file", "thumbnail")
    ]
    papers = Document.objects.filter(vehicle=vehicle).values_list("file", flat=True)
    return [*(name for pair in photos for name in pair), *papers]


def erase_on_commit(names: Iterable[str]) -> None:
    """Erase these files once their rows are surely gone."""
    doomed = tuple(name for name in names if name)

    def erase() -> None:
        for name in doomed:
            default_storage.delete(name)

    transaction.on_commit(erase)
