"""What every write of a vehicle has in common: the row is locked, the history written, the words kept, others told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from sites.access import Member
from stock.access import VIEW, may_edit_field
from stock.models import Vehicle, VehicleChange
from stock.models.vehicles import SEARCHED, words_of
from stock.services.lapsing import lapse_by_changes
from stock.services.refusals import ChangedMeanwhile, StockNotAllowed, VehicleNotFound
from stock.signals import StockChanged, stock_changed

Changes = dict[str, list[Any]]


def locked(vehicle_id: UUID, by: Member, *needed: str) -> Vehicle:
    """The vehicle for this transaction alone. Raises VehicleNotFound, StockNotAllowed."""
    if not by.can(VIEW):
        raise VehicleNotFound(vehicle_id)
    # Without its site: PostgreSQL would lose a row out of a join whose site_id changed while we waited for the lock.
    vehicle = Vehicle.objects.select_for_update().filter(pk=vehicle_id).first()
    if vehicle is None:
        raise VehicleNotFound(vehicle_id)
    if not all(by.can(permission, vehicle.site_id) for permission in needed):
        raise StockNotAllowed(vehicle_id)
    return vehicle


def check_fields(names: Mapping[str, Any], by: Member, site_id: int) -> None:
    """Raises StockNotAllowed when one of the fields is not the person's to write."""
    refused = [name for name in names if not may_edit_field(by, name, site_id)]
    if refused:
        raise StockNotAllowed(*refused)


def check_seen(vehicle: Vehicle, values: Mapping[str, Any], seen: Mapping[str, Any] | None) -> None:
    """Raises ChangedMeanwhile where a field is neither as the person saw it nor as he wants it.

    `seen` holds values as `stored` writes them; a field that it does not name is not compared.
    """
    if seen is None:
        return
    now = {name: stored(getattr(vehicle, name)) for name in values if name in seen}
    moved = {
        name: value for name, value in now.items() if value != seen[name] and value != stored(values[name])
    }
    if moved:
        raise ChangedMeanwhile(vehicle, moved)


def write(
    vehicle: Vehicle,
    values: Mapping[str, Any],
    *,
    by: Member,
    at: datetime,
    keeps: bool = True,
    notes: Changes | None = None,
) -> Changes:
    """Set what differs, note it, and tell: the caller has locked the vehicle and opened a transaction.

    A price that somebody still asks for ends with another price, or when the vehicle is gone.

    A field that a person has written is `kept`: a feed that gives way to people leaves it alone. `notes` are lines of
    the history that no field stands for (a reason, photos). Returns what changed; nothing is written for nothing.
    """
    changes = {
        name: [stored(getattr(vehicle, name)), stored(value)]
        for name, value in values.items()
        if stored(getattr(vehicle, name)) != stored(value)
    }
    if not changes and not notes:
        return {}
    for name in changes:
        setattr(vehicle, name, values[name])
    if keeps:
        vehicle.kept = sorted({*vehicle.kept, *changes})
    vehicle.words = words_of(**{name: getattr(vehicle, name) for name in SEARCHED})
    vehicle.updated_at = at
    vehicle.save(update_fields=[*changes, "kept", "words", "updated_at"])
    note(vehicle, {**changes, **(notes or {})}, by=by, at=at)
    lapse_by_changes(vehicle, changes, by=by.user, at=at)
    return changes


def note(vehicle: Vehicle, changes: Changes, *, by: Member, at: datetime) -> None:
    """A line of the history, and the fact that the stock has changed."""
    VehicleChange.objects.create(group_id=vehicle.group_id, of=vehicle, at=at, by=by.user, changes=changes)
    tell(vehicle, by=by, at=at)


def tell(vehicle: Vehicle, *, by: Member, at: datetime) -> None:
    """The fact that the stock has changed, in this transaction."""
    stock_changed.send(
        StockChanged(
            group_id=vehicle.group_id,
            occurred_at=at,
            site_id=vehicle.site_id,
            actor_id=by.user.pk,
            vehicle_ids=(vehicle.pk,),
        )
    )


def stored(value: Any) -> Any:
    """The value as the history keeps it: what JSON can hold."""
    if isinstance(value, date):  # datetime is one too
        return value.isoformat()
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, str):
        return str(value)  # without its choice's class
    return value
