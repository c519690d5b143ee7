"""The photos that came with a form: taken in one by one; what is refused is named, the rest stays taken."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.clock import now
from sites.http import MemberRequest
from stock.imaging import MOST_BYTES, BadPicture
from stock.services.photos import TooManyPhotos, take_photo

Words = str | Promise

REFUSED: dict[str, Words] = {
    "too_heavy": gettext_lazy("heavier than 20 MB"),
    "too_many_pixels": gettext_lazy("more pixels than any camera makes"),
    "too_large": gettext_lazy("could not be opened with what a photo may need"),
    "not_an_image": gettext_lazy("no JPEG, PNG or WebP picture"),
    "moves": gettext_lazy("an animation, not a photo"),
    "too_many": gettext_lazy("the vehicle has as many photos as it may"),
}


@dataclass
class Taken:
    """How many photos the vehicle has got, and each refused file's name with the reason."""

    count: int = 0
    refused: list[tuple[str, Words]] = field(default_factory=list)


def take_photos(request: MemberRequest, vehicle_id: UUID) -> Taken:
    """Take in every file of the field « photos ». Raises VehicleNotFound, StockNotAllowed."""
    taken = Taken()
    for file in request.FILES.getlist("photos"):
        try:
            take_photo(vehicle_id=vehicle_id, data=file.read(MOST_BYTES + 1), by=request.member, at=now())
            taken.count += 1
        except BadPicture as refusal:
            taken.refused.append((file.name or "", REFUSED[refusal.code]))
        except TooManyPhotos:
            taken.refused.append((file.name or "", REFUSED["too_many"]))
    return taken


def tell_taken(request: MemberRequest, taken: Taken) -> None:
    """Say on the next page what was taken and what was not."""
    if taken.count:
        words = ngettext("%(n)d photo taken in.", "%(n)d photos taken in.", taken.count)
        messages.success(request, words % {"n": taken.count})
    for name, why in taken.refused:
        messages.error(request, _("%(name)s is not taken: %(why)s.") % {"name": name, "why": why})
