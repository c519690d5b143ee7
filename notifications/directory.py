"""Everything that routing must know about an event and its people, read in one statement whatever their number.

The bell's latency is made of round trips and of compiling queries: reading through the ORM costs more than the
routing itself. The statement of a notice is put together once; each part of it names the group, because no
manager does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from django.db import connection
from django_scopes import get_scope

from notifications import registry
from notifications.audiences import SITE, STANDS_IN
from notifications.choices import Width
from notifications.declarations import Notice
from notifications.models import EventKind
from notifications.policy import Followed
from notifications.standing_in import Cover, told_instead

_ONE_DAY = timedelta(days=1)

# Five kinds of rows under the same columns: the event if it waits; who is concerned, once for each role, choice
# and device of his; how much people of the group want to follow; what the group decided for its roles; and who
# stands in for whom around today.
_STATEMENT = """
    WITH e AS (
        SELECT id, group_id, payload, {fields} FROM notifications_event
        WHERE id = %(event)s AND group_id = %(group)s AND type_key = '{type_key}' AND kind = '{kind}'
          AND routed_at IS NULL
    )
    SELECT 'event' AS part, id, CAST(payload AS text) AS word, '' AS email, '' AS phone, '' AS branch,
        '' AS channel, '' AS topic, CAST(NULL AS boolean) AS enabled, CAST({told_lately} AS bigint) AS device
    FROM e
    UNION ALL
    SELECT 'person', m.user_id, m.role, u.email, u.phone, CASE {branches} END, p.channel, p.type_key, p.enabled,
        d.id
    FROM e JOIN sites_membership m ON m.group_id = e.group_id
    JOIN sites_user u ON u.id = m.user_id AND u.group_id = m.group_id
    LEFT JOIN notifications_preference p
        ON p.user_id = m.user_id AND p.group_id = m.group_id AND p.category = '{category}'
        AND p.type_key IN ('', '{type_key}')
    LEFT JOIN notifications_pushsubscription d ON d.user_id = m.user_id AND d.group_id = m.group_id
    WHERE u.is_active AND m.role IN ({holders}) AND ({anybody})
    UNION ALL
    SELECT 'following', f.user_id, f.width, CAST(f.site_ids AS text), '', '', '', f.topic, NULL, NULL
    FROM notifications_following f
    WHERE f.group_id = %(group)s AND f.topic IN ('', '{category}', '{type_key}')
    UNION ALL
    SELECT 'default', 0, r.role, '', '', '', r.channel, '', r.enabled, NULL
    FROM notifications_roledefault r
    WHERE r.group_id = %(group)s AND r.type_key = '{type_key}'
    UNION ALL
    SELECT 'cover', a.user_id, CAST(a.first_day AS text), CAST(a.last_day AS text), '', coalesce(
            nullif(r.time_zone, ''),
            (SELECT s.time_zone FROM sites_membership m JOIN sites_site s ON s.id = m.site_id
                WHERE m.user_id = a.user_id AND m.group_id = a.group_id ORDER BY s.id LIMIT 1),
            (SELECT s.time_zone FROM sites_site s WHERE s.group_id = a.group_id ORDER BY s.id LIMIT 1)),
        '', '', NULL, a.stand_in_id
    FROM notifications_absence a LEFT JOIN notifications_rhythm r ON r.user_id = a.user_id
    WHERE a.group_id = %(group)s AND a.stand_in_id IS NOT NULL
        AND a.first_day <= %(tomorrow)s AND a.last_day >= %(yesterday)s
"""
# How many of the type were told on the event's site in the stretch of time that makes a storm; no more than matter.
_TOLD_LATELY = """(SELECT count(*) FROM (
        SELECT 1 FROM notifications_event r
        WHERE r.group_id = e.group_id AND r.type_key = '{type_key}' AND r.kind = '{kind}' AND r.routed_at > %(lately)s
            AND coalesce({site}, 0) = coalesce(e.site_id, 0)
        LIMIT {limit}) told)"""
# Those who stand in, wherever their roles let them hear of it.
_STANDS_IN = f"m.user_id IN ({{people}}) AND (e.{SITE} IS NULL OR m.site_id IS NULL OR m.site_id = e.{SITE})"
_FIELD = {
    "postgresql": "CAST(payload ->> '{name}' AS bigint) AS {name}",
    "sqlite": "json_extract(payload, '$.{name}') AS {name}",
}


Row = tuple[str, int, str, str, str, str, str | None, str | None, bool | None, int | None]


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
    of_category: Mapping[str, bool] = field(default_factory=lambda: _NO_CHOICES)
    of_type: Mapping[str, bool] = field(default_factory=lambda: _NO_CHOICES)
    devices: tuple[str, ...] = ()

    @property
    def own(self) -> Mapping[str, bool]:
        """His choices, channel → on or off: one for the type counts before one for its category."""
        return {**self.of_category, **self.of_type} if self.of_type else self.of_category


@dataclass
class Directory:
    """The event's fact as JSON, the people concerned by it, and the group's defaults, (role, channel) → on or off.

    `followings` has, by user id, how much somebody wants to follow: topic (key of a type, of a category, or empty
    for everything) → how wide.
    """

    payload: str = ""
    people: dict[int, Person] = field(default_factory=dict)
    defaults: dict[tuple[str, str], bool] = field(default_factory=dict)
    followings: dict[int, dict[str, Followed]] = field(default_factory=dict)
    covers: list[Cover] = field(default_factory=list)
    told_lately: int = 0

    def read(self, rows: Iterable[Row]) -> None:
        """Take in the statement's rows, in any order."""
        for row in rows:
            if row[0] == "person":
                self._read_person(row)
            elif row[0] == "following":
                _part, user_id, width, site_ids, *_rest, topic, _enabled, _device = row
                followed = Followed(Width(width), frozenset(json.loads(site_ids)))
                self.followings.setdefault(user_id, {})[topic or ""] = followed
            elif row[0] == "default":
                _part, _none, role, *_rest, channel, _topic, enabled, _device = row
                self.defaults[role, channel or ""] = bool(enabled)
            elif row[0] == "cover":
                self._read_cover(row)
            else:
                self.payload, self.told_lately = row[2], row[9] or 0

    def _read_cover(self, row: Row) -> None:
        _part, absent_id, first_day, last_day, _phone, zone, _channel, _topic, _enabled, stand_in_id = row
        days = date.fromisoformat(first_day), date.fromisoformat(last_day)
        self.covers.append(Cover(absent_id, stand_in_id or 0, *days, zone))

    def _read_person(self, row: Row) -> None:
        _part, user_id, role, email, phone, branch, channel, topic, enabled, device = row
        known = self.people.get(user_id)
        if known is None:
            known = self.people[user_id] = Person(user_id, branch, email, phone)
        known.roles.add(role)
        if channel is not None and topic:
            known.of_type = {**known.of_type, channel: bool(enabled)}
        elif channel is not None:
            known.of_category = {**known.of_category, channel: bool(enabled)}
        if device is not None and str(device) not in known.devices:
            known.devices += (str(device),)


def read_directory(notice: type[Notice[Any]], event_id: int, at: datetime) -> Directory | None:
    """The waiting event, and those whom the declaration names within the permission and the group.

    None when the event does not wait. The group is the open scope's: a foreign event is as good as missing. One
    statement; a second one when somebody concerned is away and a colleague hears in his place.
    """
    directory = Directory()
    _read(directory, notice, _statement(notice.key, connection.vendor), event_id, at)
    if not directory.payload:
        return None
    instead = told_instead(directory.covers, directory.people, at)
    if instead:
        statement = _statement_of_stand_ins(notice, connection.vendor, instead)
        _read(directory, notice, statement, event_id, at)
    return directory


def _read(
    directory: Directory, notice: type[Notice[Any]], statement: str, event_id: int, at: datetime
) -> None:
    storm = notice.storm_limit()
    values = {
        "event": event_id,
        "lately": connection.ops.adapt_datetimefield_value(at - (storm.within if storm else _ONE_DAY)),
        "group": get_scope()["group"],
        "yesterday": (at - _ONE_DAY).date(),
        "tomorrow": (at + _ONE_DAY).date(),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        directory.read(cursor.fetchall())


@cache
def _statement(key: str, vendor: str) -> str:
    return _STATEMENT.format(**parts_for(registry.get(key), vendor))


def parts_for(notice: type[Notice[Any]], vendor: str) -> dict[str, str]:
    """What a statement says of the notice's events `e` and of whom they concern, memberships `m`.

    `fields` are read from the payload of `e`; `branches` are the WHENs that name the branch of a membership.
    """
    branches = notice.audience.branches
    fields = sorted({name for branch in branches for name in branch.fields})
    return {
        "fields": ", ".join(_FIELD[vendor].format(name=name) for name in fields),
        "type_key": notice.key,
        "kind": EventKind.NOTICE.value,
        "category": notice.category.key,
        "branches": " ".join(f"WHEN {branch.condition(vendor)} THEN '{branch.name}'" for branch in branches),
        "anybody": " OR ".join(branch.condition(vendor) for branch in branches),
        "holders": ", ".join(f"'{role.value}'" for role in notice.roles_concerned()),
        "told_lately": _told_lately(notice, vendor),
    }


def _told_lately(notice: type[Notice[Any]], vendor: str) -> str:
    """SQL; nothing is counted for a notice that knows no storm."""
    storm = notice.storm_limit()
    if storm is None:
        return "NULL"
    site = _FIELD[vendor].format(name=SITE).removesuffix(f" AS {SITE}").replace("payload", "r.payload")
    kind = EventKind.NOTICE.value
    return _TOLD_LATELY.format(type_key=notice.key, kind=kind, site=site, limit=storm.more_than)


def _statement_of_stand_ins(notice: type[Notice[Any]], vendor: str, people: Iterable[int]) -> str:
    listed = ", ".join(str(int(user_id)) for user_id in sorted(people))
    named = {
        "branches": f"WHEN m.user_id IS NOT NULL THEN '{STANDS_IN}'",
        "anybody": _STANDS_IN.format(people=listed),
    }
    return _STATEMENT.format(**{**parts_for(notice, vendor), **named})
