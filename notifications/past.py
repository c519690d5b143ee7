"""What happened in the last days, for « what if »: whom each event concerned, and how these people are set up now.

Everybody whom an event concerned has a row (docs/adr/0004-everybody-considered-has-a-row.md). By which role, and
named by which branch of the audience, the memberships tell: asked by the same conditions as when it was routed. Who
has left or no longer holds such a role is not counted; a change of defaults will not reach him either.

One statement a notice and four for the people, whatever the number of events and people: the database counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncDate
from django_scopes import get_scope

from notifications import registry
from notifications.audiences import SITE, STANDS_IN
from notifications.choices import Width
from notifications.declarations import Notice
from notifications.directory import parts_for
from notifications.models import Event, EventKind, Following, Preference, PushSubscription
from notifications.policy import Followed
from notifications.roledefaults import kept_defaults
from notifications.whatif import Concern, Listener, Past
from sites.models import Membership
from sites.roles import Role

DAYS = 30
# As many events are replayed while somebody waits for the page (about two seconds); of a busier group fewer days.
MOST_EVENTS = 20_000

# Materialized: SQLite would read the payload and the day again for each person.
_STATEMENT = """
    WITH e AS MATERIALIZED (
        SELECT id, group_id, payload, {day} AS day, {fields} FROM notifications_event
        WHERE group_id = %(group)s AND type_key = '{type_key}' AND kind = '{kind}'
          AND occurred_at >= %(since)s AND occurred_at <= %(at)s
    ), concerned AS (
        SELECT e.day, e.site_id, m.user_id, {roles} AS roles, min(CASE {branches} ELSE {stands_in} END) AS branch
        FROM e JOIN notifications_notification n ON n.event_id = e.id
        JOIN sites_membership m ON m.user_id = n.user_id AND m.group_id = e.group_id
        JOIN sites_user u ON u.id = m.user_id AND u.group_id = m.group_id
        WHERE u.is_active AND m.role IN ({holders}) AND ({anybody} OR n.reason = {stands_in} AND {on_its_site})
        GROUP BY e.id, e.day, e.site_id, m.user_id
    )
    SELECT day, site_id, user_id, roles, branch, count(*) FROM concerned
    GROUP BY day, site_id, user_id, roles, branch
"""
_WORDS = {
    "postgresql": {
        "day": "CAST(occurred_at AT TIME ZONE %(zone)s AS date)",
        "roles": "string_agg(DISTINCT m.role, ' ')",
    },
    # What Django registers on each connection; DISTINCT leaves the separator to SQLite.
    "sqlite": {
        "day": "django_datetime_cast_date(occurred_at, 'UTC', %(zone)s)",
        "roles": "replace(group_concat(DISTINCT m.role), ',', ' ')",
    },
}

# No declaration names who stood in for an absent colleague: his row tells it, unless he heard nothing.
_STAND_IN = {
    "stands_in": f"'{STANDS_IN}'",
    "on_its_site": f"(e.{SITE} IS NULL OR m.site_id IS NULL OR m.site_id = e.{SITE})",
}


def recent_past(*, at: datetime, zone: ZoneInfo) -> Past:
    """The last days of the scope's group until `at`, counted by the calendar of `zone`."""
    by_day = _events_by_day(at, zone)
    today = at.astimezone(zone).date()
    first_day = _first_day(by_day, today)
    keys = {key for (day, key) in by_day if day >= first_day}
    since = datetime.combine(first_day, time.min, zone)
    return Past(
        days=(today - first_day).days + 1,
        events=sum(count for (day, _key), count in by_day.items() if day >= first_day),
        concerns=[
            concern
            for notice in registry.all_notices()
            if notice.key in keys
            for concern in _concerns(notice, since, at, zone)
        ],
        listeners=_listeners(),
        defaults=kept_defaults(),
    )


def _events_by_day(at: datetime, zone: ZoneInfo) -> dict[tuple[date, str], int]:
    """(day, type) → how many events that people were told of."""
    told = Event.objects.filter(
        kind=EventKind.NOTICE, occurred_at__gt=at - timedelta(days=DAYS + 1), occurred_at__lte=at
    )
    rows = told.annotate(day=TruncDate("occurred_at", tzinfo=zone)).values_list("day", "type_key")
    return {(day, key): count for day, key, count in rows.annotate(count=Count("pk"))}


def _first_day(by_day: dict[tuple[date, str], int], today: date) -> date:
    """The day on which the replay begins: not before the group's first event, and not more than can be replayed."""
    first, events = today, 0
    for back in range(DAYS):
        day = today - timedelta(days=back)
        of_day = sum(count for (one, _key), count in by_day.items() if one == day)
        events += of_day
        if events > MOST_EVENTS and back:
            break
        first = day if of_day else first
    return first


def _concerns(notice: type[Notice[Any]], since: datetime, at: datetime, zone: ZoneInfo) -> Iterator[Concern]:
    vendor = connection.vendor
    statement = _STATEMENT.format(**parts_for(notice, vendor), **_WORDS[vendor], **_STAND_IN)
    adapted = connection.ops.adapt_datetimefield_value
    values = {"group": get_scope()["group"], "since": adapted(since), "at": adapted(at), "zone": zone.key}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for day, site_id, user_id, roles, branch, count in cursor.fetchall():
            held = frozenset(roles.split())
            yield Concern(notice.key, date.fromisoformat(str(day)), site_id, user_id, held, branch, count)


def _listeners() -> dict[int, Listener]:
    """Everybody of the group, with what reaches him and what he wishes. Four queries."""
    listeners = _people()
    for user_id, category, type_key, channel, enabled in Preference.objects.values_list(
        "user_id", "category", "type_key", "channel", "enabled"
    ):
        if user_id in listeners:
            listeners[user_id].choices.setdefault(type_key or category, {})[channel] = enabled
    for user_id, topic, width, site_ids in Following.objects.values_list(
        "user_id", "topic", "width", "site_ids"
    ):
        if user_id in listeners:
            listeners[user_id].wishes[topic] = Followed(Width(width), frozenset(site_ids))
    for user_id, device_id in PushSubscription.objects.values_list("user_id", "pk"):
        if user_id in listeners:
            listeners[user_id].devices += (str(device_id),)
    return listeners


def _people() -> dict[int, Listener]:
    rows = Membership.objects.filter(user__is_active=True).values_list(
        "user_id", "role", "user__first_name", "user__last_name", "user__email", "user__phone"
    )
    order = list(Role)
    people: dict[int, Listener] = {}
    for user_id, role, first_name, last_name, email, phone in rows:
        name = f"{first_name} {last_name}".strip() or email
        listener = people.setdefault(user_id, Listener(user_id, name, (), email, phone))
        listener.roles = tuple(sorted({*listener.roles, Role(role)}, key=order.index))
    return people
