"""The inbox counter: every change of a person's inbox takes the next number from a locked row.

Because the counter row stays locked until the change commits, numbers become visible in order and a client
that asks « what changed after n? » can never miss a row that commits late, as it would with a serial id.
"""

from __future__ import annotations

import json
from collections.abc import Collection

from django.db import connection, transaction

from notifications import live

States = dict[int, tuple[int, int]]
"""user id → (head, unread): where inboxes stand."""

# One upsert for any number of people, in the order of their ids, so that two routers cannot lock crosswise.
_ADVANCE = {
    "postgresql": """
        INSERT INTO notifications_inbox (user_id, head)
        SELECT person, %(by)s FROM unnest(%(people)s::bigint[]) AS person ORDER BY person
        ON CONFLICT (user_id) DO UPDATE SET head = notifications_inbox.head + EXCLUDED.head
        RETURNING user_id, head""",
    "sqlite": """
        INSERT INTO notifications_inbox (user_id, head)
        SELECT value, %(by)s FROM json_each(%(people)s) WHERE true ORDER BY value
        ON CONFLICT (user_id) DO UPDATE SET head = head + excluded.head
        RETURNING user_id, head""",
}

# Head and unread in one look, so that they belong together. The count walks the partial index of the badge.
_STATES = """
    SELECT i.user_id, i.head, (
        SELECT count(*) FROM notifications_notification n
        WHERE n.user_id = i.user_id AND n.in_inbox AND n.read_at IS NULL AND n.closed_at IS NULL)
    FROM notifications_inbox i WHERE i.user_id {among}
"""
_AMONG = {"postgresql": "= ANY(%s)", "sqlite": "IN (SELECT value FROM json_each(%s))"}


def advance(people: Collection[int], *, by: int = 1) -> dict[int, int]:
    """Raise the counters of `people` (user ids) and keep them locked; their new heads. One statement."""
    if not people:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE[connection.vendor], {"people": _array(people), "by": by})
        return dict(cursor.fetchall())


def states_of(people: Collection[int]) -> States:
    """Where the inboxes of `people` (user ids) stand; those to whom nothing ever happened are left out."""
    if not people:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_STATES.format(among=_AMONG[connection.vendor]), [_array(people)])
        return {user_id: (head, unread) for user_id, head, unread in cursor.fetchall()}


def announce_after_commit(states: States) -> None:
    """Tell these people's open pages that something changed, once it has."""
    if states:
        transaction.on_commit(lambda: live.announce(states))


def state_of(user_id: int) -> tuple[int, int]:
    """(head, unread) of one person; (0, 0) before anything happened."""
    return states_of([user_id]).get(user_id, (0, 0))


def _array(people: Collection[int]) -> list[int] | str:
    return list(people) if connection.vendor == "postgresql" else json.dumps(list(people))
