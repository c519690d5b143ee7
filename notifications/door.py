"""The door: the last look at a message before it leaves. May it disturb its person now, or does it wait?

Time is judged here and not when the event is routed: what a person, his hours or his absence have become meanwhile
counts, and a scheduler that slept for two days sends nothing into the night.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from notifications import registry
from notifications.choices import Cadence, Reason, Urgency
from notifications.models import Delivery
from notifications.timing import Calendar


@dataclass(frozen=True)
class Hold:
    """The message waits until `until`, then leaves alone or with what waits for the same moment; and why."""

    until: datetime
    cadence: Cadence
    reason: Reason


def hold_of(delivery: Delivery, calendar: Calendar, at: datetime) -> Hold | None:
    """What the message has to wait for; None when it may leave. The critical crosses every rule of time."""
    event = delivery.notification.event
    notice = registry.get(event.type_key)
    if notice.urgency == Urgency.CRITICAL:
        return None
    reachable = calendar.reachable_from(at, event.payload.get("site_id"))
    if reachable <= at:
        return None
    reason = Reason.AWAY if calendar.is_away(at) else Reason.QUIET_HOURS
    return Hold(reachable, Cadence.OPENING, reason)
