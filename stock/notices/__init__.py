"""Who hears of what happens in the stock, and what he can do at once."""

from stock.notices.category import STOCK
from stock.notices.transfers import (
    TransferAnsweredNotice,
    TransferAskedNotice,
    TransferEndedNotice,
    TransferLeftAloneNotice,
    TransferStartedNotice,
)

__all__ = [
    "STOCK",
    "TransferAnsweredNotice",
    "TransferAskedNotice",
    "TransferEndedNotice",
    "TransferLeftAloneNotice",
    "TransferStartedNotice",
]
