"""What stands around the people of a batch when it is sent.

May they know, when do they want to be disturbed, how much rang for them today, is what reaches them still in use?

PostgreSQL tells it in one statement, whatever their number (`in_one`); elsewhere the parts are asked for in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from notifications import addresses, attention, letters
from notifications.calendars import calendars_of, paces_of
from notifications.circumstances import in_one
from notifications.circumstances.known import Circumstances
from notifications.sendable import Sendable

__all__ = ["Circumstances", "circumstances_of"]


def circumstances_of(
    claimed: Sequence[Sendable], at: datetime, known: Circumstances | None = None
) -> Circumstances:
    """Those of the people of these deliveries, which are of one channel and of the scope's group.

    With those `known` from earlier in the same turn, which are not asked for again.
    """
    unknown = [one for one in claimed if not known.know(one)] if known else claimed
    if known and not unknown:
        return known
    read = in_one.read(unknown, at) if connection.vendor == "postgresql" else part_by_part(unknown, at)
    return known.with_those_of(read) if known else read


def part_by_part(claimed: Sequence[Sendable], at: datetime) -> Circumstances:
    """Part by part, in some twelve queries for one as for a hundred."""
    people = {delivery.notification.user_id for delivery in claimed}
    calendars = calendars_of(people, at)
    return Circumstances(
        allowed=letters.still_allowed(claimed),
        calendars=calendars,
        paces=paces_of(people),
        told=attention.counter_for(calendars, at),
        off=addresses.off_among(claimed),
        devices=letters.devices_of(claimed),
    )
