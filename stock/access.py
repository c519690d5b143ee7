"""Who may see and do what with a vehicle: the permissions by name, and the one look-up that asks for the first."""

from __future__ import annotations

from uuid import UUID

from sites.access import Member
from stock.models import Vehicle

VIEW = "stock.view_vehicle"
ASK = "stock.ask_for_vehicle"
EDIT = "stock.edit_vehicle"
TRANSFER = "stock.transfer_vehicle"
PRICE = "stock.price_vehicle"
SEE_LOWEST = "stock.see_lowest_price"
SEE_MARGIN = "stock.see_margin"

# What a field needs beside the right to edit; the others need nothing more.
FIELD_NEEDS: dict[str, tuple[str, ...]] = {
    "list_price": (PRICE,),
    "price": (PRICE,),
    "min_price": (PRICE, SEE_LOWEST),
    "purchase_price": (SEE_MARGIN,),
}

# Whose sight of a field is limited; costs and documents are lines of the history.
FIELD_SHOWN_TO: dict[str, str] = {
    "min_price": SEE_LOWEST,
    "purchase_price": SEE_MARGIN,
    "costs": SEE_MARGIN,
    "secret_documents": SEE_MARGIN,
}


def vehicle_for(member: Member, vehicle_id: UUID) -> Vehicle | None:
    """The vehicle with its site, or None when it is missing or not for this person: the stock is the group's."""
    if not member.can(VIEW):
        return None
    return Vehicle.objects.select_related("site").filter(pk=vehicle_id).first()


def may_edit_field(member: Member, field: str, site_id: int) -> bool:
    """Whether he may write this field of a vehicle that stands on the site."""
    return all(member.can(needed, site_id) for needed in (EDIT, *FIELD_NEEDS.get(field, ())))


def may_see_field(member: Member, field: str, site_id: int) -> bool:
    """Whether he may read it: purchase, costs and the lowest price are not for everybody."""
    needed = FIELD_SHOWN_TO.get(field)
    return needed is None or member.can(needed, site_id)
