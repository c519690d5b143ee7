"""Everything that routing must know about an event and its people, read in one statement whatever their number.

The bell's latency is made of round trips and of compiling queries: reading through the ORM costs more than the
routing itself. The statement of a notice is put together once; each part of it names the group, because no
manager does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from django.db import connection
from django_scopes import get_scope

from notifications import registry
from notifications.audiences import SITE, STANDS_IN
from notifications.choices import Width
from notifications.declarations import Notice
from notifications.models import EventKind
from notifications.profiles import Chose, Crowd, Follows, HasDevice, Named
from notifications.standing_in import Cover, told_instead

_ONE_DAY = timedelta(days=1)

# Seven kinds of rows under the same columns: the event if it waits; who is concerned, by role and branch; who of them
# chose what, wants to follow how much, and has devices; what the group decided for its roles; and who stands in for
# whom around today. People come as lists of ids, in one row all of whom the same is said. Whoever follows the event's
# own site hears of it like one who follows the whole group.
# What people have is sought by the event's group, not by the parameter: then no estimate depends on a parameter, and
# PostgreSQL plans once a connection. To plan takes five times as long as to run.
_STATEMENT = """
    WITH e AS (
        SELECT id, group_id, payload, {fields} FROM notifications_event
        WHERE id = %(event)s AND group_id = %(group)s AND type_key = '{type_key}' AND kind = '{kind}'
          AND routed_at IS NULL
    ), concerned AS MATERIALIZED (
        SELECT m.user_id, m.role, CASE {branches} END AS branch, u.email <> '' AS has_email, u.phone <> '' AS has_phone
        FROM e JOIN sites_membership m ON m.group_id = e.group_id
        JOIN sites_user u ON u.id = m.user_id AND u.group_id = m.group_id
        WHERE u.is_active AND m.role IN ({holders}) AND ({anybody})
    )
    SELECT 'event' AS part, '' AS people, CAST(payload AS text) AS one, '' AS two, '' AS three,
        CAST(NULL AS boolean) AS yes, CAST(NULL AS boolean) AS too, CAST({told_lately} AS bigint) AS number
    FROM e
    UNION ALL
    SELECT 'named', {user_ids}, role, branch, '', has_email, has_phone, NULL
    FROM concerned GROUP BY role, branch, has_email, has_phone
    UNION ALL
    SELECT 'chose', {user_ids}, type_key, channel, '', enabled, NULL, NULL
    FROM notifications_preference
    WHERE user_id IN (SELECT user_id FROM concerned) AND group_id = (SELECT group_id FROM e)
        AND category = '{category}' AND type_key IN ('', '{type_key}')
    GROUP BY type_key, channel, enabled
    UNION ALL
    SELECT 'follows', {user_ids}, topic, CASE WHEN width = '{sites}' AND {on_site} THEN '{group}' ELSE width END, '',
        NULL, NULL, NULL
    FROM notifications_following
    WHERE user_id IN (SELECT user_id FROM concerned) AND group_id = (SELECT group_id FROM e)
        AND topic IN ('', '{category}', '{type_key}')
    GROUP BY 3, 4
    UNION ALL
    SELECT 'devices', {user_ids}, {ids}, '', '', NULL, NULL, NULL
    FROM notifications_pushsubscription
    WHERE user_id IN (SELECT user_id FROM concerned) AND group_id = (SELECT group_id FROM e)
    GROUP BY group_id
    UNION ALL
    SELECT 'default', '', role, channel, '', enabled, NULL, NULL
    FROM notifications_roledefault
    WHERE group_id = %(group)s AND type_key = '{type_key}'
    UNION ALL
    SELECT 'cover', CAST(a.user_id AS text), CAST(a.first_day AS text), CAST(a.last_day AS text), coalesce(
            nullif(r.time_zone, ''),
            (SELECT s.time_zone FROM sites_membership m JOIN sites_site s ON s.id = m.site_id
                WHERE m.user_id = a.user_id AND m.group_id = a.group_id ORDER BY s.id LIMIT 1),
            (SELECT s.time_zone FROM sites_site s WHERE s.group_id = a.group_id ORDER BY s.id LIMIT 1)),
        NULL, NULL, a.stand_in_id
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
_WORDS = {
    "postgresql": {
        "user_ids": "CAST(json_agg(user_id) AS text)",
        "ids": "CAST(json_agg(id) AS text)",
        "on_site": f"site_ids @> to_jsonb((SELECT {SITE} FROM e))",  # noqa: S608 - our own words
    },
    "sqlite": {
        "user_ids": "json_group_array(user_id)",
        "ids": "json_group_array(id)",
        "on_site": f"(SELECT {SITE} FROM e) IN (SELECT value FROM json_each(site_ids))",  # noqa: S608
    },
}

Row = tuple[str, str, str, str, str, bool | None, bool | None, int | None]
_IDS = msgspec.json.Decoder(list[int])


@dataclass
class Directory:
    """The event's fact as JSON, the people concerned by it, and the group's defaults, (role, channel) → on or off.

    `devices` has, by user id, the ids of those that may be pushed to.
    """

    crowd: Crowd
    payload: str = ""
    devices: dict[int, list[int]] = field(default_factory=dict)
    defaults: dict[tuple[str, str], bool] = field(default_factory=dict)
    covers: list[Cover] = field(default_factory=list)
    told_lately: int = 0

    def read(self, rows: Iterable[Row]) -> None:
        """Take in the statement's rows, in any order."""
        for part, people, one, two, three, yes, too, number in rows:
            match part:
                case "event":
                    self.payload, self.told_lately = one, number or 0
                case "named":
                    self.crowd.add(Named(one, two, bool(yes), bool(too)), _IDS.decode(people))
                case "chose":
                    self.crowd.add(Chose(one, two, bool(yes)), _IDS.decode(people))
                case "follows":
                    self.crowd.add(Follows(one, Width(two)), _IDS.decode(people))
                case "devices":
                    self._read_devices(_IDS.decode(people), _IDS.decode(one))
                case "default":
                    self.defaults[one, two] = bool(yes)
                case _:
                    days = date.fromisoformat(one), date.fromisoformat(two)
                    self.covers.append(Cover(int(people), number or 0, *days, three))

    def _read_devices(self, people: list[int], ids: list[int]) -> None:
        self.crowd.add(HasDevice(), people)
        for user_id, device_id in zip(people, ids, strict=True):
            self.devices.setdefault(user_id, []).append(device_id)


def read_directory(notice: type[Notice[Any]], event_id: int, at: datetime) -> Directory | None:
    """The waiting event, and those whom the declaration names within the permission and the group.

    None when the event does not wait. The group is the open scope's: a foreign event is as good as missing. One
    statement; a second one when somebody concerned is away and a colleague hears in his place.
    """
    directory = Directory(Crowd([*(branch.name for branch in notice.audience.branches), STANDS_IN]))
    _read(directory, notice, _statement(notice.key, connection.vendor), event_id, at)
    if not directory.payload:
        return None
    instead = told_instead(directory.covers, directory.crowd.people(), at)
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
    return _STATEMENT.format(**_parts(registry.get(key), vendor))


def _parts(notice: type[Notice[Any]], vendor: str) -> dict[str, str]:
    return {
        **parts_for(notice, vendor),
        **_WORDS[vendor],
        "sites": Width.SITES.value,
        "group": Width.GROUP.value,
    }


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
    return _STATEMENT.format(**{**_parts(notice, vendor), **named})
