"""Vehicles and everything that hangs on them."""

from stock.models.limits import AgeLimit, Threshold
from stock.models.outlets import PUBLISHABLE, Outlet
from stock.models.papers import Cost, DiscardedPhoto, Document, Photo, PhotoFetch
from stock.models.pricing import AskedPrice
from stock.models.rounds import AgeMark, Errand, Morning, StockHint
from stock.models.transfers import OPEN_TRANSFERS, Transfer, TransferState
from stock.models.vehicles import Vehicle, VehicleChange
from stock.models.views import ChosenColumns, SavedView
from stock.models.wanted import WantedCar, WantedMatch, WantedState
from stock.models.words import (
    GONE,
    HERE,
    SELLABLE,
    Fuel,
    Gearbox,
    Kind,
    Segment,
    VatScheme,
    VehicleStatus,
)

__all__ = [
    "GONE",
    "HERE",
    "OPEN_TRANSFERS",
    "PUBLISHABLE",
    "SELLABLE",
    "AgeLimit",
    "AgeMark",
    "AskedPrice",
    "ChosenColumns",
    "Cost",
    "DiscardedPhoto",
    "Document",
    "Errand",
    "Fuel",
    "Gearbox",
    "Kind",
    "Morning",
    "Outlet",
    "Photo",
    "PhotoFetch",
    "SavedView",
    "Segment",
    "StockHint",
    "Threshold",
    "Transfer",
    "TransferState",
    "VatScheme",
    "Vehicle",
    "VehicleChange",
    "VehicleStatus",
    "WantedCar",
    "WantedMatch",
    "WantedState",
]
