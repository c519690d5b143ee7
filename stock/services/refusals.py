"""Why a write of a vehicle was not done. A view turns each into a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stock.models import Vehicle


class VehicleNotFound(Exception):
    """There is no such vehicle, or the person may not know of it; the two must look alike."""


class StockNotAllowed(Exception):
    """The person may look at the vehicle, but this is not his to do on its site."""


class UnknownField(ValueError):
    """No person writes this field by an edit: it has a service of its own, or none."""


class ChangedMeanwhile(Exception):
    """A colleague changed the same fields since the person looked: `now` is what they are, by name.

    Nothing was written. Asked again with what he has seen now, the edit goes through.
    """

    def __init__(self, vehicle: Vehicle, now: Mapping[str, Any]) -> None:
        super().__init__(vehicle.pk, sorted(now))
        self.vehicle = vehicle
        self.now = dict(now)


class VinInStock(Exception):
    """A vehicle that is not gone has this VIN: one car stands in the stock once."""

    def __init__(self, other: Vehicle) -> None:
        super().__init__(other.pk)
        self.other = other


class VehicleGone(Exception):
    """It is sold, handed over or withdrawn: what is asked for is for cars that are still there."""


class BelowLowestPrice(Exception):
    """The price lies `gap` cents under the lowest one: somebody must approve it."""

    def __init__(self, gap: int) -> None:
        super().__init__(gap)
        self.gap = gap


class ReasonMissing(Exception):
    """This step is out of the ordinary and needs a few words that say why."""


class StepNotAllowed(Exception):
    """A vehicle does not go from its status to that one."""


class NoDayOfSale(Exception):
    """A sold vehicle has a day of sale, and it does not lie in the future."""


class OtherCurrency(Exception):
    """The other site sells in another currency: its prices would mean something else there."""


class HasHistory(Exception):
    """It was sold or transferred once, or asked for: such a vehicle is withdrawn, not erased."""


class CostNotFound(Exception):
    """There is no such cost, or not for this person; the two must look alike."""
