"""A price that is asked for has no purpose any more once another is set, or the vehicle is gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from approvals.services import lapse_requests
from sites.models import User
from stock.models import Vehicle

# The kind of request that asks for a price below the lowest one.
REPRICE = "stock.reprice"


def subject_of(vehicle: Vehicle) -> str:
    """By which the engines of approvals and alerts know the vehicle."""
    return f"vehicle:{vehicle.pk}"


def lapse_by_changes(vehicle: Vehicle, changes: Mapping[str, Any], *, by: User, at: datetime) -> None:
    """End the price request that these changes overtake; the caller has locked the vehicle."""
    if "price" in changes:
        name = by.full_name
        _lapse(vehicle, lambda: _("Price changed meanwhile by %(name)s.") % {"name": name}, by, at)
    elif "status" in changes and vehicle.is_gone:
        _lapse(vehicle, lambda: _gone(vehicle), by, at)


def lapse_by_import(vehicle: Vehicle, source: Callable[[], str] | None, *, at: datetime) -> int:
    """End the price request that an import has overtaken, by another price or because the vehicle is gone.

    `source` says in the asker's language whose price it is, None where there is none. How many ended: one or none. The
    caller has locked the vehicle.
    """
    if vehicle.is_gone or source is None:
        return _lapse(vehicle, lambda: _gone(vehicle), None, at)
    return _lapse(vehicle, lambda: _("Price changed meanwhile by %(name)s.") % {"name": source()}, None, at)


def lapse_with_vehicle(vehicle: Vehicle, *, by: User | None, at: datetime) -> None:
    """End the price request of a vehicle that is about to be erased; the caller has locked it."""
    _lapse(vehicle, lambda: _("The vehicle was erased."), by, at)


def _gone(vehicle: Vehicle) -> str:
    return _("The vehicle has left the stock: %(status)s.") % {"status": vehicle.get_status_display()}


def _lapse(vehicle: Vehicle, why: Callable[[], str], by: User | None, at: datetime) -> int:
    return len(lapse_requests(kind=REPRICE, subject=subject_of(vehicle), why=why, by=by, at=at))
