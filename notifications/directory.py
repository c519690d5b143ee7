"""Everything that routing must know about an event and its people, read in one statement whatever their number.

The bell's latency is made of round trips and of compiling queries: reading through the ORM costs more than the
routing itself. The statement of a notice is put together once; each part of it names the group, because no
manager does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

from django.db import connection
from django_scopes import get_scope

from notifications import registry
from notifications.declarations import Notice
from notifications.models import EventKind

# Five kinds of rows under the same six columns: the event if it waits, who is concerned, what they chose, their
# devices, and what the group decided for its roles.
_STATEMENT = """
    WITH e AS (
        SELECT id, group_id, payload, {fields} FROM notifications_event
        WHERE id = %(event)s AND group_id = %(group)s AND type_key = '{type_key}' AND kind = '{kind}'
          AND routed_at IS NULL
    ), concerned AS (
        SELECT m.user_id, m.role, u.email, u.phone, CASE {branches} END AS branch
        FROM e JOIN sites_membership m ON m.group_id = e.group_id
        JOIN sites_user u ON u.id = m.user_id AND u.group_id = m.group_id
        WHERE u.is_active AND m.role IN ({holders}) AND ({anybody})
    )
    SELECT 'event' AS part, id, CAST(payload AS text) AS word, '' AS email, '' AS phone, '' AS branch FROM e
    UNION ALL
    SELECT 'person', user_id, role, email, phone, branch FROM concerned
    UNION ALL
    SELECT 'choice', p.user_id, p.channel, CASE WHEN p.enabled THEN 'on' ELSE '' END, '', ''
    FROM notifications_preference p
    WHERE p.group_id = %(group)s AND p.category = '{category}' AND p.user_id IN (SELECT user_id FROM concerned)
    UNION ALL
    SELECT 'device', d.user_id, CAST(d.id AS varchar(20)), '', '', ''
    FROM notifications_pushsubscription d
    WHERE d.group_id = %(group)s AND d.user_id IN (SELECT user_id FROM concerned)
    UNION ALL
    SELECT 'default', 0, r.role, r.channel, CASE WHEN r.enabled THEN 'on' ELSE '' END, ''
    FROM notifications_roledefault r
    WHERE r.group_id = %(group)s AND r.type_key = '{type_key}'
"""
_FIELD = {
    "postgresql": "CAST(payload ->> '{name}' AS bigint) AS {name}",
    "sqlite": "json_extract(payload, '$.{name}') AS {name}",
}


Row = tuple[str, int, str, str, str, str]


_NO_CHOICES: Mapping[str, bool] = MappingProxyType({})


@dataclass(slots=True)
class Person:
    """Somebody in the audience: the branch that named him, his roles there, his choices and his devices.

    Most people have chosen nothing and have no device: they share the empty ones.
    """

    user_id: int
    reason: str
    email: str
    phone: str
    roles: set[str] = field(default_factory=set)
    own: Mapping[str, bool] = field(default_factory=lambda: _NO_CHOICES)
    devices: tuple[str, ...] = ()


@dataclass
class Directory:
    """The event's fact as JSON, the people concerned by it, and the group's defaults, (role, channel) → on or off."""

    payload: str = ""
    people: dict[int, Person] = field(default_factory=dict)
    defaults: dict[tuple[str, str], bool] = field(default_factory=dict)

    def read(self, rows: Iterable[Row]) -> None:
        """Take in the statement's rows, people before what is known of them."""
        for part, number, word, first, second, branch in rows:
            if part == "person":
                known = self.people.get(number)
                if known is None:
                    known = self.people[number] = Person(number, branch, email=first, phone=second)
                known.roles.add(word)
            elif part == "choice":
                self.people[number].own = {**self.people[number].own, word: bool(first)}
            elif part == "device":
                self.people[number].devices += (word,)
            elif part == "default":
                self.defaults[word, first] = bool(second)
            else:
                self.payload = word


def read_directory(notice: type[Notice[Any]], event_id: int) -> Directory | None:
    """The waiting event, and those whom the declaration names within the permission and the group.

    None when the event does not wait. The group is the open scope's: a foreign event is as good as missing.
    """
    directory = Directory()
    statement = _statement(notice.key, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"event": event_id, "group": get_scope()["group"]})
        # UNION ALL keeps no promise about order: people first.
        directory.read(sorted(cursor.fetchall(), key=lambda row: row[0] != "person"))
    return directory if directory.payload else None


@cache
def _statement(key: str, vendor: str) -> str:
    notice = registry.get(key)
    branches = notice.audience.branches
    fields = sorted({name for branch in branches for name in branch.fields})
    return _STATEMENT.format(
        fields=", ".join(_FIELD[vendor].format(name=name) for name in fields),
        type_key=notice.key,
        kind=EventKind.NOTICE.value,
        category=notice.category.key,
        branches=" ".join(f"WHEN {branch.condition()} THEN '{branch.name}'" for branch in branches),
        anybody=" OR ".join(branch.condition() for branch in branches),
        holders=", ".join(f"'{role.value}'" for role in notice.roles_concerned()),
    )
