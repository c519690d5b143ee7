"""What is left of a price: the margin before tax, and what the days in the yard have taken from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from stock.models import Cost, Vehicle

_WHOLE = 100_00  # hundredths of a percent


@dataclass(frozen=True)
class Margin:
    """Cents. `tax` is the VAT in the difference, which is the same amount under both schemes; costs are without tax.

    A margin car owes it on the margin itself; for the others it is what remains of the VAT of sale and purchase.
    """

    difference: int
    tax: int
    costs: int
    holding: int
    days: int

    @property
    def gross(self) -> int:
        """Before what the days cost."""
        return self.difference - self.tax - self.costs

    @property
    def net(self) -> int:
        return self.gross - self.holding

    @property
    def is_loss(self) -> bool:
        return self.net < 0


def holding_of(vehicle: Vehicle, today: date) -> int:
    """What its days in stock have cost so far, in cents without tax."""
    return vehicle.age_on(today) * int(settings.STOCK_HOLDING_COST_PER_DAY_CENTS)


def margin_of(vehicle: Vehicle, costs: Iterable[Cost], today: date) -> Margin | None:
    """The margin at the present price; None while price or purchase price is unknown."""
    if vehicle.price is None or vehicle.purchase_price is None:
        return None
    difference = vehicle.price - vehicle.purchase_price
    return Margin(
        difference=difference,
        tax=tax_in(difference, vehicle.site.country),
        costs=sum(cost.cents for cost in costs),
        holding=holding_of(vehicle, today),
        days=vehicle.age_on(today),
    )


def tax_in(cents: int, country: str) -> int:
    """The VAT inside an amount with tax, rounded to the cent; a loss owes none."""
    rate = int(settings.STOCK_VAT.get(country, 0))
    return max(0, (cents * rate * 2 + _WHOLE + rate) // (2 * (_WHOLE + rate)))
