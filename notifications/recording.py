"""« Record » in docs/architecture.md: write the event in the fact's transaction, which also wakes the router.

The row is the outbox. The wake-up is only a hint: whatever it misses, the sweep finds.

A fact that one statement writes can have its events written by that very statement, which then is the whole
transaction: nothing to begin, nothing to commit (`carried`, docs/adr/0012-a-fact-and-its-event-in-one-statement.md).
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from django.db import connection, transaction

from core.clock import now
from core.signals import DomainSignal, F, Fact
from notifications import search, wire
from notifications.declarations import ENDED_BY, GONE
from notifications.models import EventKind

if TYPE_CHECKING:
    from notifications.declarations import Notice

# The ORM has no « insert unless it exists, and tell me the id ».
_COLUMNS = (
    "group_id", "type_key", "kind", "dedupe_key", "subject", "payload", "words", "occurred_at", "recorded_at",
)  # fmt: skip
_INSERT = f"INSERT INTO notifications_event ({', '.join(_COLUMNS)}, attempts, error)"
_ONCE = "ON CONFLICT (group_id, type_key, kind, dedupe_key) DO NOTHING RETURNING id"
_RECORD = f"{_INSERT} VALUES ({', '.join(f'%({name})s' for name in _COLUMNS)}, 0, '') {_ONCE}"
_RECORDS = {"postgresql": f"{_RECORD}, {wire.NOTIFY}", "sqlite": _RECORD}
_CARRIED = f"""
    {_INSERT}
    SELECT {", ".join(_COLUMNS)}, 0, '' FROM json_populate_recordset(NULL::notifications_event, %(events)s)
    WHERE EXISTS (SELECT 1 FROM {{fact}})
    {_ONCE}, {wire.NOTIFY}
"""  # noqa: S608 - our own words

# Beside the fact's own fields in the payload of what follows another event.
ORIGIN = "origin"

# What is recorded of a signal: for which declarations, and as which kind of event.
_recorded: dict[DomainSignal[Any], set[tuple[type[Notice[Any]], EventKind]]] = {}


def listen(notice: type[Notice[Any]]) -> None:
    """Record an event for each fact of the notice's signal, and a closing one for each fact that ends it.

    What follows another notice is recorded by `escalations` when its time has come, and ends with the other.
    """
    if notice.follows is not None:
        return
    _listen(notice, EventKind.NOTICE, notice.signal)
    for ending in notice.endings():
        _listen(notice, EventKind.CLOSING, ending.signal)


def _listen(notice: type[Notice[Any]], kind: EventKind, signal: DomainSignal[Any]) -> None:
    ended_by = signal.name if kind == EventKind.CLOSING else ""
    signal.connect(partial(record, notice, kind, ended_by=ended_by), uid=f"{notice.key}:{kind.value}")
    _recorded.setdefault(signal, set()).add((notice, kind))


def record(
    notice: type[Notice[Any]],
    kind: EventKind,
    fact: Fact,
    *,
    origin: int | None = None,
    ended_by: str = "",
) -> bool:
    """Write the event row, unless this very fact is recorded; whether it was new.

    An error fails the sender's transaction. `origin` is the id of the event that nobody has dealt with: what ended that
    one ends this one, too. A closing event keeps the name of the signal that it was `ended_by`.
    """
    row = _row(notice, kind, fact, ended_by)
    if origin is not None:
        row["payload"] = {**msgspec.to_builtins(fact), ORIGIN: origin}
    return _write(row)


def record_gone(notice: type[Notice[Any]], *, group_id: int, subject: str, at: datetime) -> None:
    """Write the closing event of a subject that was erased: beside one that told of its end before, if there is."""
    stamp = at.isoformat()
    _write(
        {
            "group_id": group_id,
            "type_key": notice.key,
            "kind": EventKind.CLOSING.value,
            "dedupe_key": f"{GONE}:{subject}:{stamp}",
            "subject": subject,
            "payload": {"group_id": group_id, "occurred_at": stamp, ENDED_BY: GONE},
            "words": "",
            "occurred_at": at,
            "recorded_at": now(),
        }
    )


def _write(row: dict[str, Any]) -> bool:
    row = {**row, "payload": _json(row["payload"])}
    row |= {name: _instant(row[name]) for name in ("occurred_at", "recorded_at")}
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS[connection.vendor], row)
        inserted = cursor.fetchone()
    if inserted is not None and connection.vendor != "postgresql":
        hint = wire.Hint(row["group_id"], inserted[0], row["kind"], row["type_key"])
        transaction.on_commit(partial(wire.in_process.put, hint))
    return inserted is not None


def carried(signal: DomainSignal[F], fact: F) -> str | None:
    """What `signal.send(fact)` would record, for a statement that ends in `carry`.

    None when the signal has to be sent within a transaction: another receiver listens, who may write or refuse;
    or the database (SQLite) knows no statement that writes to two tables.
    """
    recorded = _recorded.get(signal, set())
    if connection.vendor != "postgresql" or signal.receivers > len(recorded):
        return None
    ended_by = {EventKind.CLOSING: signal.name}
    return _json([_row(notice, kind, fact, ended_by.get(kind, "")) for notice, kind in recorded])


def carry(fact: str) -> str:
    """The part of a statement that records its events once the part named `fact` has given a row.

    It takes what `carried` gave as the parameter `events`, and wakes the router like `record`.
    """
    return _CARRIED.format(fact=fact)


def _row(notice: type[Notice[Any]], kind: EventKind, fact: Fact, ended_by: str) -> dict[str, Any]:
    return {
        "group_id": fact.group_id,
        "type_key": notice.key,
        "kind": kind.value,
        "dedupe_key": notice.dedupe_key_of(fact),
        "subject": notice.subject_of(fact),
        "payload": {**msgspec.to_builtins(fact), ENDED_BY: ended_by} if ended_by else fact,
        "words": search.words_of(notice, kind, fact),
        "occurred_at": fact.occurred_at,
        "recorded_at": now(),
    }


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _instant(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
