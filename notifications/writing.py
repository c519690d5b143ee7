"""Writing a plan: the claim of its event, the inbox counters, notifications and deliveries, all of it or nothing.

The plan travels as JSON and the database unfolds it, so that one statement serves one person and ten thousand.
PostgreSQL does everything in a single statement: each further one is a round trip that the bell waits for, and
INSERT … SELECT is about as quick as COPY. SQLite, which has no round trips and no statement that writes to two
tables, does the same parts one after the other in a transaction.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction
from django_scopes import get_scope

from notifications import inbox
from notifications.choices import DeliveryState
from notifications.planning import EACH_DEVICE, Plan
from notifications.recording import ORIGIN

# The conditional UPDATE that lets exactly one router have the event. It also brings the event that closed the
# subject before the router came: what is written then is written closed. What follows an event that nobody dealt
# with is closed by what closed that one.
_CLAIM = """
    UPDATE notifications_event SET routed_at = %(at)s, considered = %(considered)s, planned = %(planned)s
    WHERE id = %(event)s AND group_id = %(group)s AND routed_at IS NULL
    RETURNING id, group_id, subject, payload, (
        SELECT min(c.id) FROM notifications_event c
        WHERE c.group_id = notifications_event.group_id AND c.subject = notifications_event.subject
          AND c.type_key = %(closed_with)s AND c.kind = 'closing' AND c.subject <> ''
          AND c.id > coalesce({origin}, notifications_event.id)) AS closing_id"""
_CLAIMS = {
    "postgresql": _CLAIM.format(origin=f"CAST(notifications_event.payload ->> '{ORIGIN}' AS bigint)"),
    "sqlite": _CLAIM.format(origin=f"json_extract(notifications_event.payload, '$.{ORIGIN}')"),
}

# People are taken in the order of their ids, so that two routers cannot lock crosswise and index pages fill in order.
_ALL_IN_ONE = f"""
    WITH event AS ({_CLAIMS["postgresql"]}),
    person AS (
        SELECT nextval('notifications_notification_id_seq') AS id,
            event.id AS event_id, event.group_id, event.closing_id, user_id, decision, in_inbox, reason
        FROM event
        CROSS JOIN json_to_recordset(%(decisions)s)
            AS d(decision int, people bigint[], in_inbox boolean, reason text)
        CROSS JOIN unnest(d.people) AS user_id
        ORDER BY user_id
    ), advanced AS (
        INSERT INTO notifications_inbox (user_id, head, unread)
        SELECT user_id, 1, CASE WHEN closing_id IS NULL THEN 1 ELSE 0 END FROM person WHERE in_inbox ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE
        SET head = notifications_inbox.head + 1, unread = notifications_inbox.unread + excluded.unread
        RETURNING user_id, head, unread
    ), told AS (
        INSERT INTO notifications_notification
            (id, group_id, event_id, user_id, seq, in_inbox, reason, created_at, closed_at, closing_id)
        SELECT id, group_id, event_id, user_id, coalesce(head, 0), in_inbox, reason, %(at)s,
            CASE WHEN closing_id IS NOT NULL THEN %(at)s END, closing_id
        FROM person LEFT JOIN advanced USING (user_id)
    ), planned AS (
        INSERT INTO notifications_delivery
            (group_id, notification_id, channel, endpoint, step, state, reason, due_at, cadence, attempts,
             finished_at, provider_id, error)
        SELECT group_id, person.id, channel, coalesce(device.id, endpoint), step,
            CASE WHEN waits AND closing_id IS NOT NULL THEN 'cancelled' ELSE state END, d.reason, due_at, '', 0,
            CASE WHEN waits AND closing_id IS NULL THEN NULL ELSE %(at)s END, '', ''
        FROM person
        JOIN json_to_recordset(%(deliveries)s)
            AS d(decision int, channel text, endpoint text, step int, state text, waits boolean, reason text,
                due_at timestamptz) USING (decision)
        LEFT JOIN json_to_recordset(%(devices)s) AS device(user_id bigint, id text)
            ON device.user_id = person.user_id AND endpoint = '{EACH_DEVICE}'
    ), followed AS (
        INSERT INTO notifications_escalation (group_id, event_id, type_key, due_at)
        SELECT group_id, id, f.type_key, f.due_at
        FROM event CROSS JOIN json_to_recordset(%(follow_ups)s) AS f(type_key text, due_at timestamptz)
        WHERE closing_id IS NULL
    )
    SELECT user_id, head, unread FROM event LEFT JOIN advanced ON true
"""  # noqa: S608 - our own words

# SQLite's parts, after the claim and the counters.
_UNFOLDED = """
    WITH person AS (
        SELECT p.value AS user_id, json_extract(d.value, '$.decision') AS decision,
            json_extract(d.value, '$.in_inbox') AS in_inbox, json_extract(d.value, '$.reason') AS reason
        FROM json_each(%(decisions)s) d JOIN json_each(d.value, '$.people') p
    ), device AS (
        SELECT json_extract(value, '$.user_id') AS user_id, json_extract(value, '$.id') AS id
        FROM json_each(%(devices)s)
    ), delivery AS (
        SELECT json_extract(value, '$.decision') AS decision, json_extract(value, '$.channel') AS channel,
            json_extract(value, '$.endpoint') AS endpoint, json_extract(value, '$.state') AS state,
            json_extract(value, '$.waits') AS waits, json_extract(value, '$.reason') AS reason,
            json_extract(value, '$.step') AS step, json_extract(value, '$.due_at') AS due_at
        FROM json_each(%(deliveries)s)
    )"""
_TELL = f"""
    INSERT INTO notifications_notification
        (group_id, event_id, user_id, seq, in_inbox, reason, created_at, closed_at, closing_id)
    {_UNFOLDED}
    SELECT %(group)s, %(event)s, person.user_id, CASE WHEN in_inbox THEN inbox.head ELSE 0 END, in_inbox, reason,
        %(at)s, CASE WHEN %(closing)s IS NOT NULL THEN %(at)s END, %(closing)s
    FROM person LEFT JOIN notifications_inbox inbox USING (user_id)
"""  # noqa: S608
_PLAN = f"""
    INSERT INTO notifications_delivery
        (group_id, notification_id, channel, endpoint, step, state, reason, due_at, cadence, attempts,
         finished_at, provider_id, error)
    {_UNFOLDED}
    SELECT told.group_id, told.id, channel, coalesce(device.id, endpoint), step,
        CASE WHEN waits AND %(closing)s IS NOT NULL THEN 'cancelled' ELSE state END, delivery.reason, due_at, '', 0,
        CASE WHEN waits AND %(closing)s IS NULL THEN NULL ELSE %(at)s END, '', ''
    FROM person JOIN delivery USING (decision)
    LEFT JOIN device ON device.user_id = person.user_id AND endpoint = '{EACH_DEVICE}'
    JOIN notifications_notification told ON told.event_id = %(event)s AND told.user_id = person.user_id
"""  # noqa: S608
_FOLLOW = """
    INSERT INTO notifications_escalation (group_id, event_id, type_key, due_at)
    SELECT %(group)s, %(event)s, json_extract(value, '$.type_key'), json_extract(value, '$.due_at')
    FROM json_each(%(follow_ups)s) WHERE %(closing)s IS NULL
"""


def write_plan(plan: Plan) -> inbox.States | None:
    """Claim the plan's event and write its rows; the new states of the inboxes that changed.

    None, and nothing written, when the event is not this group's or another router was quicker.
    """
    values = _values(plan)
    return _in_one(values) if connection.vendor == "postgresql" else _one_after_the_other(plan, values)


def claim_closing(event_id: int, at: datetime) -> tuple[str, str] | None:
    """Claim an event that retracts what was told: (subject, payload), or None. Runs in the transaction that does so."""
    with connection.cursor() as cursor:
        values = {
            "event": event_id,
            "group": get_scope()["group"],
            "at": _instant(at),
            "closed_with": "",
            "considered": None,
            "planned": None,
        }
        cursor.execute(_CLAIMS[connection.vendor], values)
        row = cursor.fetchone()
    return None if row is None else (row[2], row[3])


def _in_one(values: dict[str, Any]) -> inbox.States | None:
    with connection.cursor() as cursor:
        cursor.execute(_ALL_IN_ONE, values)
        rows = cursor.fetchall()
    if not rows:
        return None
    # An event that reaches no inbox answers with one row that names nobody.
    return {user_id: (head, unread) for user_id, head, unread in rows if user_id is not None}


def _one_after_the_other(plan: Plan, values: dict[str, Any]) -> inbox.States | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIMS["sqlite"], values)
        claimed = cursor.fetchone()
        if claimed is None:
            return None
        values["closing"] = closing_id = claimed[-1]
        states = inbox.advance(plan.in_inbox, unread=0 if closing_id else 1)
        cursor.execute(_TELL, values)
        cursor.execute(_PLAN, values)
        cursor.execute(_FOLLOW, values)
        return states


def _values(plan: Plan) -> dict[str, Any]:
    """The plan as the statements' parameters."""
    decisions = [
        {"decision": number, "people": one.people, "in_inbox": one.in_inbox, "reason": one.reason}
        for number, one in enumerate(plan.decisions)
    ]
    devices = [
        {"user_id": user_id, "id": str(device_id)}
        for user_id, ids in plan.devices.items()
        for device_id in ids
    ]
    deliveries = [
        {
            "decision": number,
            "channel": delivery.channel,
            "endpoint": delivery.endpoint,
            "step": delivery.step,
            "state": delivery.state,
            "waits": delivery.state == DeliveryState.PLANNED,
            "reason": delivery.reason,
            "due_at": _instant(plan.at + delivery.after),
        }
        for number, decision in enumerate(plan.decisions)
        for delivery in decision.deliveries
    ]
    return {
        "event": plan.event_id,
        "group": get_scope()["group"],
        "at": _instant(plan.at),
        "closed_with": plan.notice.closed_with(),
        "considered": plan.considered,
        "planned": plan.messages,
        "decisions": _json(decisions),
        "devices": _json(devices),
        "deliveries": _json(deliveries),
        "follow_ups": _json(
            [{"type_key": key, "due_at": _instant(plan.at + after)} for key, after in plan.follow_ups]
        ),
    }


def _json(rows: list[dict[str, Any]]) -> str:
    return msgspec.json.encode(rows).decode()


def _instant(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)
