"""Which rooms of the stock a person may enter."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from imports.declarations import RUN_IMPORT
from sites.access import Member
from stock.access import VIEW
from stock.thresholds import SET_LIMITS
from stock.wanting import WANT

register = template.Library()


@dataclass(frozen=True)
class Room:
    """A page of the stock that stands beside its list; what the rail leads to as well is for the phone alone."""

    label: str | Promise
    icon: str
    page: str
    needs: str
    is_in_rail: bool = False


ROOMS = (
    Room(_("Vehicles"), "car-front", "stock:list", VIEW),
    Room(_("Transfers"), "truck", "stock:transfers", VIEW),
    Room(_("Wanted cars"), "search", "stock:wanted", WANT),
    Room(_("Ageing"), "hourglass-split", "stock:ageing", VIEW),
    Room(_("To buy"), "cart", "stock:thresholds", SET_LIMITS),
    Room(_("Imports"), "file-earmark-arrow-up", "imports:list", RUN_IMPORT, is_in_rail=True),
)


@register.filter
def rooms(member: Member) -> list[Room]:
    """Those that this person may enter, in their order."""
    return [room for room in ROOMS if member.can(room.needs)]
