"""Step 1 of the road: write the event in the transaction of the fact, which also wakes the router once it holds.

The row is the outbox. The wake-up is only a hint: whatever it misses, the sweep finds.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from django.db import connection, transaction

from core.clock import now
from core.signals import Fact
from notifications import wire
from notifications.models import EventKind

if TYPE_CHECKING:
    from notifications.declarations import Notice

# The ORM has no « insert unless it exists, and tell me the id ».
_INSERT = """
    INSERT INTO notifications_event
        (group_id, type_key, kind, dedupe_key, subject, payload, occurred_at, recorded_at, attempts, error)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, '')
    ON CONFLICT (group_id, type_key, kind, dedupe_key) DO NOTHING
    RETURNING id, group_id, kind, type_key
"""
_RECORD = {
    "postgresql": f"WITH event AS ({_INSERT}) SELECT id, {wire.NOTIFY} FROM event",  # noqa: S608 - our own words
    "sqlite": _INSERT,
}


def listen(notice: type[Notice[Any]]) -> None:
    """Record an event for each fact of the notice's signal, and a closing one for each fact that ends it."""
    notice.signal.connect(partial(_receive, notice, EventKind.NOTICE), uid=f"{notice.key}:notice")
    if notice.closes_on is not None:
        notice.closes_on.connect(partial(_receive, notice, EventKind.CLOSING), uid=f"{notice.key}:closing")


def record(notice: type[Notice[Any]], kind: EventKind, fact: Fact) -> int | None:
    """Write the event row; None when this very fact is already recorded. An error fails the sender's transaction."""
    row = [
        fact.group_id,
        notice.key,
        kind.value,
        notice.dedupe_key_of(fact),
        notice.subject_of(fact),
        msgspec.json.encode(fact).decode(),
        _instant(fact.occurred_at),
        _instant(now()),
    ]
    with connection.cursor() as cursor:
        cursor.execute(_RECORD[connection.vendor], row)
        inserted = cursor.fetchone()
    if inserted is None:
        return None
    event_id: int = inserted[0]
    if connection.vendor != "postgresql":
        hint = wire.Hint(fact.group_id, event_id, kind.value, notice.key)
        transaction.on_commit(partial(wire.in_process.put, hint))
    return event_id


def _receive(notice: type[Notice[Any]], kind: EventKind, fact: Fact) -> None:
    record(notice, kind, fact)


def _instant(moment: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
