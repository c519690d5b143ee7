"""Who hears of what happens in the stock, and what he can do at once."""

from stock.notices.category import STOCK
from stock.notices.limits import SegmentFellShortNotice, VehicleAgedNotice, VehiclesAgedNotice
from stock.notices.transfers import (
    TransferAnsweredNotice,
    TransferAskedNotice,
    TransferEndedNotice,
    TransferLeftAloneNotice,
    TransferStartedNotice,
)
from stock.notices.wanted import MatchesFoundNotice

__all__ = [
    "STOCK",
    "MatchesFoundNotice",
    "SegmentFellShortNotice",
    "TransferAnsweredNotice",
    "TransferAskedNotice",
    "TransferEndedNotice",
    "TransferLeftAloneNotice",
    "TransferStartedNotice",
    "VehicleAgedNotice",
    "VehiclesAgedNotice",
]
