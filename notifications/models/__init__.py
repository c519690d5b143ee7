"""The engine's tables: the road of a fact, what people wish to hear, and the ways that reach them."""

from notifications.models.addresses import AddressBlock, OffReason
from notifications.models.history import RoleDefaultChange
from notifications.models.ledger import LedgerDay
from notifications.models.measures import DayMeasure, DemotionAnswer
from notifications.models.receipts import Outcome, ProviderReceipt
from notifications.models.replays import Replay
from notifications.models.road import (
    SNOOZED,
    UNREAD,
    WAITING,
    WAITING_OR_UNKNOWN,
    Delivery,
    Digest,
    Escalation,
    Event,
    EventKind,
    Inbox,
    Notification,
)
from notifications.models.ways import OutboxEntry, OutboxWords, PushSubscription
from notifications.models.wishes import (
    Absence,
    Attention,
    DutyShift,
    Following,
    Pace,
    Preference,
    QuietHours,
    Rhythm,
    RoleDefault,
)

__all__ = [
    "SNOOZED",
    "UNREAD",
    "WAITING",
    "WAITING_OR_UNKNOWN",
    "Absence",
    "AddressBlock",
    "Attention",
    "DayMeasure",
    "Delivery",
    "DemotionAnswer",
    "Digest",
    "DutyShift",
    "Escalation",
    "Event",
    "EventKind",
    "Following",
    "Inbox",
    "LedgerDay",
    "Notification",
    "OffReason",
    "OutboxEntry",
    "OutboxWords",
    "Outcome",
    "Pace",
    "Preference",
    "ProviderReceipt",
    "PushSubscription",
    "QuietHours",
    "Replay",
    "Rhythm",
    "RoleDefault",
    "RoleDefaultChange",
]
