"""Who reads which outlet: by the key that he shows, or by the secret in the address; and which photos are public."""

from __future__ import annotations

import re
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from sites.api.problems import NOT_ALLOWED, NOT_FOUND, Problem
from sites.keys import KeyHolder
from sites.scope import every_group
from stock.models import PUBLISHABLE, Outlet, Photo, Vehicle

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")  # as `new_token` makes them


def outlet_of_key(holder: KeyHolder) -> Outlet:
    """The key's outlet, inside the holder's scope. Raises `Problem` when it has none that is on."""
    outlet = Outlet.objects.filter(api_key_id=holder.api_key_id, is_active=True).first()
    if outlet is None:
        raise Problem(NOT_ALLOWED, detail=_("This key belongs to no public feed."))
    return outlet


def outlet_of_token(token: str) -> Outlet:
    """The outlet of a secret address. Nobody knows its group before. Raises `Problem`: there is nothing here."""
    with every_group():
        rows = Outlet.objects.filter(token=token, by_address=True, is_active=True)
        outlet = rows.first() if _TOKEN.fullmatch(token) else None
    if outlet is None:
        raise Problem(NOT_FOUND)
    return outlet


def public_photo(photo_id: UUID) -> Photo:
    """A photo of a vehicle that some outlet shows. It is asked for by everybody, so no group is known before.

    Raises `Problem`: there is nothing here, whether the photo is nobody's or merely not public.
    """
    with every_group():
        rows = Photo.objects.select_related("vehicle").filter(pk=photo_id, vehicle__status__in=PUBLISHABLE)
        photo = rows.first()
        if photo is None or not _is_shown(photo.vehicle):
            raise Problem(NOT_FOUND)
    return photo


def _is_shown(vehicle: Vehicle) -> bool:
    outlets = Outlet.objects.filter(group_id=vehicle.group_id, sites=vehicle.site_id, is_active=True)
    return any(_shows(outlet, vehicle) for outlet in outlets)


def _shows(outlet: Outlet, vehicle: Vehicle) -> bool:
    has_price = outlet.with_priceless or vehicle.price is not None
    return has_price and vehicle.kind in outlet.kinds and vehicle.status in outlet.published_statuses
