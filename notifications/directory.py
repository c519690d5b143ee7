"""Everything that routing must know about people, read in one statement whatever their number.

The bell's latency is made of round trips and of compiling queries: five reads through the ORM cost more than
the routing itself. The statement is portable; every part of it names the group, because no manager does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.db import connection

from core.signals import Fact
from notifications.audiences import Condition
from notifications.declarations import Notice

# Four kinds of rows under the same six columns: who is concerned, what they chose, their devices, and what
# the group decided for its roles.
_STATEMENT = """
    WITH concerned AS (
        SELECT m.user_id, m.role, u.email, u.phone, CASE {branches} END AS branch
        FROM sites_membership m JOIN sites_user u ON u.id = m.user_id AND u.group_id = m.group_id
        WHERE m.group_id = %(group)s AND u.is_active AND m.role IN ({holders}) AND ({anybody})
    )
    SELECT 'person' AS kind, user_id, role AS word, email, phone, branch FROM concerned
    UNION ALL
    SELECT 'choice', p.user_id, p.channel, CASE WHEN p.enabled THEN 'on' ELSE '' END, '', ''
    FROM notifications_preference p
    WHERE p.group_id = %(group)s AND p.category = %(category)s AND p.user_id IN (SELECT user_id FROM concerned)
    UNION ALL
    SELECT 'device', d.user_id, CAST(d.id AS varchar(20)), '', '', ''
    FROM notifications_pushsubscription d
    WHERE d.group_id = %(group)s AND d.user_id IN (SELECT user_id FROM concerned)
    UNION ALL
    SELECT 'default', 0, r.role, r.channel, CASE WHEN r.enabled THEN 'on' ELSE '' END, ''
    FROM notifications_roledefault r
    WHERE r.group_id = %(group)s AND r.type_key = %(type_key)s
"""


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
    """The people concerned by one fact, and the group's defaults, (role, channel) → on or off, for its notice."""

    people: dict[int, Person] = field(default_factory=dict)
    defaults: dict[tuple[str, str], bool] = field(default_factory=dict)

    def read(self, rows: Iterable[Row], *, without: int | None) -> None:
        """Take in the statement's rows, people before what is known of them; not the person `without`."""
        for kind, user_id, word, first, second, branch in rows:
            if kind == "default":
                self.defaults[word, first] = bool(second)
            elif kind == "person" and user_id != without:
                known = self.people.get(user_id)
                if known is None:
                    known = self.people[user_id] = Person(user_id, branch, email=first, phone=second)
                known.roles.add(word)
            elif kind == "choice" and user_id in self.people:
                self.people[user_id].own = {**self.people[user_id].own, word: bool(first)}
            elif kind == "device" and user_id in self.people:
                self.people[user_id].devices += (word,)


def people_concerned(notice: type[Notice[Any]], fact: Fact) -> Directory:
    """Those the declaration names, within the permission and the group, without the one who did it."""
    directory = Directory()
    conditions = notice.audience.conditions(fact)
    if not conditions:
        return directory
    statement, parameters = _statement(notice, conditions)
    with connection.cursor() as cursor:
        cursor.execute(statement, {**parameters, "group": fact.group_id})
        # UNION ALL keeps no promise about order: people first.
        rows = sorted(cursor.fetchall(), key=lambda row: row[0] != "person")
    directory.read(rows, without=fact.actor_id)
    return directory


def _statement(notice: type[Notice[Any]], conditions: Sequence[Condition]) -> tuple[str, dict[str, Any]]:
    holders = {f"holder{number}": role.value for number, role in enumerate(notice.roles_concerned())}
    statement = _STATEMENT.format(
        branches=" ".join(f"WHEN {one.sql} THEN '{one.name}'" for one in conditions),
        anybody=" OR ".join(one.sql for one in conditions),
        holders=", ".join(f"%({name})s" for name in holders),
    )
    parameters: dict[str, Any] = {"category": notice.category.key, "type_key": notice.key, **holders}
    for condition in conditions:
        parameters.update(condition.parameters)
    return statement, parameters
