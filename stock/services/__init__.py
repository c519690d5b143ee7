"""What can be done to a vehicle: take it in, edit, price, sell, move it; and what is kept with it."""

from stock.services.costs import add_cost, remove_cost
from stock.services.creating import add_vehicle, erase_vehicle
from stock.services.editing import edit_vehicle
from stock.services.lapsing import subject_of
from stock.services.moving import highlight, move_vehicle, unhighlight
from stock.services.pricing import Repriced, reprice
from stock.services.refusals import (
    BelowLowestPrice,
    ChangedMeanwhile,
    CostNotFound,
    HasHistory,
    NoDayOfSale,
    OtherCurrency,
    ReasonMissing,
    StepNotAllowed,
    StockNotAllowed,
    UnknownField,
    VehicleGone,
    VehicleNotFound,
    VinInStock,
)
from stock.services.states import change_status, needs_reason, steps_from, withdraw_vehicle
from stock.services.writing import stored

__all__ = [
    "BelowLowestPrice",
    "ChangedMeanwhile",
    "CostNotFound",
    "HasHistory",
    "NoDayOfSale",
    "OtherCurrency",
    "ReasonMissing",
    "Repriced",
    "StepNotAllowed",
    "StockNotAllowed",
    "UnknownField",
    "VehicleGone",
    "VehicleNotFound",
    "VinInStock",
    "add_cost",
    "add_vehicle",
    "change_status",
    "edit_vehicle",
    "erase_vehicle",
    "highlight",
    "move_vehicle",
    "needs_reason",
    "remove_cost",
    "reprice",
    "steps_from",
    "stored",
    "subject_of",
    "unhighlight",
    "withdraw_vehicle",
]
