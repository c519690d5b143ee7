"""A person's inbox in two numbers: `head`, that of its latest change, and `unread`.

Every change of an inbox takes the next number from a row that stays locked until the change commits. So numbers
become visible in order, and a client that asks « what changed after n? » can never miss a row that commits late,
as it would with a serial id. The same lock keeps the count: whoever adds a line adds one, and whoever changes
lines counts them anew, however many wait unread.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction

from core.arrays import array_of
from notifications import live

States = dict[int, live.Standing]
"""user id → (head, unread): where inboxes stand, as their open pages are told."""

# One upsert for any number of people, in the order of their ids, so that two routers cannot lock crosswise.
_ADVANCE = """
    INSERT INTO notifications_inbox (user_id, head, unread)
    SELECT person, %(by)s, %(unread)s FROM ({people}) AS people WHERE true ORDER BY person
    ON CONFLICT (user_id) DO UPDATE
    SET head = notifications_inbox.head + excluded.head, unread = notifications_inbox.unread + excluded.unread
    RETURNING user_id, head, unread
"""

# The partial index of the badge holds exactly the rows to count.
_RECOUNT = """
    UPDATE notifications_inbox SET unread = (
        SELECT count(*) FROM notifications_notification n
        WHERE n.user_id = notifications_inbox.user_id
          AND n.in_inbox AND n.read_at IS NULL AND n.closed_at IS NULL
          AND n.archived_at IS NULL AND n.snoozed_until IS NULL)
    WHERE user_id IN ({people})
    RETURNING user_id, head, unread
"""
# Each line its own number, so that a delta can be read in pages, and whatever else changes about it.
_REWRITE = """
    UPDATE notifications_notification SET seq = numbered.seq, {{changes}}
    FROM ({numbered}) AS numbered WHERE notifications_notification.id = numbered.id
"""
_REWRITES = {
    "postgresql": _REWRITE.format(
        numbered="SELECT unnest(%(ids)s::bigint[]) AS id, unnest(%(seqs)s::bigint[]) AS seq"
    ),
    "sqlite": _REWRITE.format(
        numbered="SELECT i.value AS id, s.value AS seq FROM json_each(%(ids)s) i JOIN json_each(%(seqs)s) s USING (key)"
    ),
}
_PEOPLE = {
    "postgresql": "SELECT unnest(%(people)s::bigint[]) AS person",
    "sqlite": "SELECT value AS person FROM json_each(%(people)s)",
}


def advance(people: Collection[int], *, by: int = 1, unread: int = 0) -> States:
    """Raise the numbers of `people` (user ids) and keep them locked; their new states. One statement.

    `unread` is how many unread lines the caller's transaction adds to each of them.
    """
    return _change(_ADVANCE, people, by=by, unread=unread)


def recount(people: Collection[int]) -> States:
    """Count the unread lines of `people` after a change of theirs; their states. They must be locked by `advance`."""
    return _change(_RECOUNT, people)


def rewrite(lines: Mapping[int, Sequence[int]], changes: str, **values: Any) -> States:
    """Change lines (user id → notification ids) and tell their open pages; the new states. In a transaction.

    `changes` is the SET part of our own making, `values` its parameters. Each person's lines take consecutive
    numbers in the order given; his last one is his head unless somebody else has more of them.
    """
    by = max(len(ids) for ids in lines.values())
    heads = advance(list(lines), by=by)
    numbered = {
        pk: heads[user_id][0] - by + turn
        for user_id, ids in lines.items()
        for turn, pk in enumerate(ids, start=1)
    }
    values |= {"ids": _listed(numbered.keys()), "seqs": _listed(numbered.values())}
    with connection.cursor() as cursor:
        cursor.execute(_REWRITES[connection.vendor].format(changes=changes), values)
    states = recount(list(lines))
    announce_after_commit(states)
    return states


def announce_after_commit(states: States) -> None:
    """Tell these people's open pages that something changed, once it has."""
    if states:
        transaction.on_commit(lambda: live.announce(states))


def state_of(user_id: int) -> tuple[int, int]:
    """(head, unread) of one person; (0, 0) before anything happened."""
    # By hand: every hint in every tab asks, and putting the statement together would take longer than running it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT head, unread FROM notifications_inbox WHERE user_id = %s", [user_id])
        found: tuple[int, int] | None = cursor.fetchone()
    return found or (0, 0)


def _change(statement: str, people: Collection[int], **values: Any) -> States:
    if not people:
        return {}
    values["people"] = _listed(people)
    with connection.cursor() as cursor:
        cursor.execute(statement.format(people=_PEOPLE[connection.vendor]), values)
        return {user_id: (head, unread) for user_id, head, unread in cursor.fetchall()}


def _listed(numbers: Iterable[int]) -> Any:
    """A list as the database takes one."""
    return array_of(numbers) if connection.vendor == "postgresql" else json.dumps(list(numbers))
