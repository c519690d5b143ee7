"""Facts that the stock app states."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.signals import DomainSignal, Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class VehicleFact(Fact):
    """What is told of one vehicle. `price` is cents of `currency`, None without one."""

    vehicle_id: UUID
    vehicle: str
    site_name: str
    price: int | None = None
    currency: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StockChanged(Fact):
    """Vehicles came, left or changed: by a person, or thousands at once by an import. Says only where to look.

    `vehicle_ids` names them when they are few; empty means « whatever was updated since you looked ».
    """

    vehicle_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class VehicleErased(VehicleFact):
    """The row is gone for good (a run was undone, a slip removed): nothing that was told of it leads anywhere."""


stock_changed = DomainSignal("stock_changed", StockChanged)
vehicle_erased = DomainSignal("vehicle_erased", VehicleErased)
