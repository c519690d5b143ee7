"""The inbox counter: every change of a person's inbox takes the next number from a locked row.

Because the counter row stays locked until the change commits, numbers become visible in order and a client
that asks « what changed after n? » can never miss a row that commits late, as it would with a serial id.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from django.db import connection, transaction

from notifications import live
from notifications.models import UNREAD, Inbox, Notification

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

_UNREAD = {
    "postgresql": """
        SELECT user_id, count(*) FROM notifications_notification
        WHERE user_id = ANY(%(people)s) AND in_inbox AND read_at IS NULL AND closed_at IS NULL GROUP BY user_id""",
    "sqlite": """
        SELECT user_id, count(*) FROM notifications_notification
        WHERE user_id IN (SELECT value FROM json_each(%(people)s))
          AND in_inbox AND read_at IS NULL AND closed_at IS NULL GROUP BY user_id""",
}


def advance(people: Collection[int], *, by: int = 1) -> dict[int, int]:
    """Raise the counters of `people` (user ids) and keep them locked; their new heads. One statement."""
    if not people:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_ADVANCE[connection.vendor], {"people": _array(people), "by": by})
        return dict(cursor.fetchall())


def unread_counts(people: Collection[int]) -> dict[int, int]:
    """Unread notifications of each person, counted over the partial index; people without any are left out."""
    if not people:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_UNREAD[connection.vendor], {"people": _array(people)})
        return dict(cursor.fetchall())


def announce_after_commit(heads: Mapping[int, int]) -> None:
    """Tell these people's open pages that something changed, once it has. Counted under the lock, sent after it."""
    if not heads:
        return
    unread = unread_counts(list(heads))
    states = {person: (head, unread.get(person, 0)) for person, head in heads.items()}
    transaction.on_commit(lambda: live.announce(states))


def state_of(user_id: int) -> tuple[int, int]:
    """(head, unread) of one person; (0, 0) before anything happened."""
    head = Inbox.objects.filter(pk=user_id).values_list("head", flat=True).first() or 0
    return head, Notification.objects.filter(UNREAD, user_id=user_id).count()


def _array(people: Collection[int]) -> list[int] | str:
    return list(people) if connection.vendor == "postgresql" else json.dumps(list(people))
