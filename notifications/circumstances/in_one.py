"""The circumstances of a batch, read by one statement of PostgreSQL.

Like the directory it says each thing once, with the ids of all of whom it is true; who is alike shares a calendar.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection
from django_scopes import get_scope

from core.arrays import array_of
from notifications.addresses import address_of, device_of
from notifications.alike import Alike
from notifications.attention import Counter
from notifications.calendars import MARGIN, calendar_from
from notifications.channels.base import PushEndpoint
from notifications.choices import Cadence, Channel
from notifications.circumstances.known import Circumstances
from notifications.sendable import Sendable
from notifications.timing import Away, Calendar, Duty, QuietStretch
from sites.hours import SiteHours, Stretch
from sites.roles import Role

# What concerns people is sought by their ids and compared with the scope's group; sites are those of their roles, and
# the group's first, which is home to whoever works for all of them. People come as a JSON list, and what is said of
# them as texts.
_PEOPLE = "CAST(json_agg(user_id) AS text)"
_STATEMENT = f"""
    WITH scope AS MATERIALIZED (
        SELECT CAST(%(group)s AS bigint) AS group_id
    ), person AS MATERIALIZED (
        SELECT unnest(%(people)s::bigint[]) AS user_id
    ), granted AS MATERIALIZED (
        SELECT m.user_id, m.role, m.site_id, m.group_id FROM person JOIN sites_membership m USING (user_id)
        JOIN sites_user u ON u.id = m.user_id AND u.group_id = m.group_id
        WHERE u.is_active AND m.group_id = (SELECT group_id FROM scope)
    ), site AS MATERIALIZED (
        SELECT id, time_zone, country, region FROM sites_site
        WHERE group_id = (SELECT group_id FROM scope) AND (id IN (SELECT site_id FROM granted)
            OR id = (SELECT min(id) FROM sites_site WHERE group_id = (SELECT group_id FROM scope)))
    )
    SELECT 'grant' AS part, {_PEOPLE} AS people, ARRAY[role, CAST(site_id AS text)] AS said
    FROM granted GROUP BY role, site_id
    UNION ALL
    SELECT 'rhythm', {_PEOPLE}, ARRAY[quiet, time_zone, CAST(recap_at AS text), CAST(recap_weekday AS text),
        CAST(daily_limit AS text)]
    FROM person JOIN notifications_rhythm USING (user_id) WHERE group_id = (SELECT group_id FROM scope)
    GROUP BY quiet, time_zone, recap_at, recap_weekday, daily_limit
    UNION ALL
    SELECT 'stretch', {_PEOPLE}, ARRAY[CAST(weekday AS text), CAST(starts AS text), CAST(ends AS text)]
    FROM person JOIN notifications_quiethours USING (user_id) WHERE group_id = (SELECT group_id FROM scope)
    GROUP BY weekday, starts, ends
    UNION ALL
    SELECT 'away', {_PEOPLE}, ARRAY[CAST(first_day AS text), CAST(last_day AS text)]
    FROM person JOIN notifications_absence USING (user_id)
    WHERE group_id = (SELECT group_id FROM scope) AND last_day >= %(away_until)s
    GROUP BY first_day, last_day
    UNION ALL
    SELECT 'duty', {_PEOPLE}, ARRAY[CAST(site_id AS text), CAST(starts_at AS text), CAST(ends_at AS text)]
    FROM person JOIN notifications_dutyshift USING (user_id)
    WHERE group_id = (SELECT group_id FROM scope) AND ends_at > %(at)s
    GROUP BY site_id, starts_at, ends_at
    UNION ALL
    SELECT 'pace', {_PEOPLE}, ARRAY[topic, channel, cadence]
    FROM person JOIN notifications_pace USING (user_id) WHERE group_id = (SELECT group_id FROM scope)
    GROUP BY topic, channel, cadence
    UNION ALL
    SELECT 'told', {_PEOPLE}, ARRAY[CAST(day AS text), CAST(told AS text)]
    FROM person JOIN notifications_attention USING (user_id) WHERE group_id = (SELECT group_id FROM scope)
    GROUP BY day, told
    UNION ALL
    SELECT 'site', '', ARRAY[CAST(id AS text), time_zone, country, region] FROM site
    UNION ALL
    SELECT 'open', '', ARRAY[CAST(site_id AS text), CAST(weekday AS text), CAST(opens AS text), CAST(closes AS text)]
    FROM sites_openinghours WHERE site_id IN (SELECT id FROM site)
    UNION ALL
    SELECT 'closed', '', ARRAY[CAST(site_id AS text), CAST(day AS text)]
    FROM sites_siteclosure WHERE site_id IN (SELECT id FROM site)
    UNION ALL
    SELECT 'off', '', ARRAY[address] FROM notifications_addressblock
    WHERE group_id = (SELECT group_id FROM scope) AND channel = %(channel)s AND lifted_at IS NULL
        AND address = ANY(%(addresses)s::text[])
    UNION ALL
    SELECT 'device', '', ARRAY[CAST(id AS text), endpoint, p256dh, auth, device_name]
    FROM notifications_pushsubscription
    WHERE id = ANY(%(devices)s::bigint[]) AND group_id = (SELECT group_id FROM scope)
"""  # noqa: S608 - our own words

_IDS = msgspec.json.Decoder(list[int])


class Grant(NamedTuple):
    role: Role
    site_id: int | None


class Rhythm(NamedTuple):
    quiet: str
    time_zone: str
    recap_at: time
    recap_weekday: int
    daily_limit: int


class Paced(NamedTuple):
    topic: str
    channel: str
    cadence: Cadence


class ToldToday(NamedTuple):
    day: date
    told: int


Trait = Grant | Rhythm | Paced | ToldToday | QuietStretch | Away | Duty
Kind = TypeVar("Kind", bound=Trait)
Row = tuple[str, str, list[str]]


@dataclass
class _Read:
    """The statement's rows, sorted."""

    alike: Alike[Trait | None] = field(default_factory=Alike)
    sites: dict[int, list[str]] = field(default_factory=dict)
    weeks: defaultdict[int, list[tuple[int, Stretch]]] = field(default_factory=lambda: defaultdict(list))
    closures: defaultdict[int, set[date]] = field(default_factory=lambda: defaultdict(set))
    off: set[str] = field(default_factory=set)
    devices: dict[int, PushEndpoint] = field(default_factory=dict)

    def take(self, row: Row) -> None:
        part, people, said = row
        match part, said:
            case "site", [pk, *where]:
                self.sites[int(pk)] = where
            case "open", [pk, weekday, opens, closes]:
                stretch = time.fromisoformat(opens), time.fromisoformat(closes)
                self.weeks[int(pk)].append((int(weekday), stretch))
            case "closed", [pk, day]:
                self.closures[int(pk)].add(date.fromisoformat(day))
            case "off", [address]:
                self.off.add(address)
            case "device", [pk, endpoint, p256dh, auth, name]:
                device = PushEndpoint(
                    subscription_id=int(pk), endpoint=endpoint, p256dh=p256dh, auth=auth, device_name=name
                )
                self.devices[device.subscription_id] = device
            case "grant", [role, _site_id] if role not in Role.values:
                pass  # one that the product no longer has grants nothing
            case _:
                self.alike.add(_TRAITS[part](*said), _IDS.decode(people))


_TRAITS: Mapping[str, Callable[..., Trait]] = {
    "grant": lambda role, site_id: Grant(Role(role), int(site_id) if site_id else None),
    "rhythm": lambda quiet, zone, at, weekday, limit: Rhythm(
        quiet, zone, time.fromisoformat(at), int(weekday), int(limit)
    ),
    "stretch": lambda weekday, starts, ends: QuietStretch(
        int(weekday), time.fromisoformat(starts), time.fromisoformat(ends)
    ),
    "away": lambda first, last: Away(date.fromisoformat(first), date.fromisoformat(last)),
    "duty": lambda site_id, starts, ends: Duty(
        int(site_id), datetime.fromisoformat(starts), datetime.fromisoformat(ends)
    ),
    "pace": lambda topic, channel, cadence: Paced(topic, channel, Cadence(cadence)),
    "told": lambda day, told: ToldToday(date.fromisoformat(day), int(told)),
}


def read(claimed: Sequence[Sendable], at: datetime) -> Circumstances:
    """Those of the people of these deliveries."""
    people = sorted({delivery.notification.user_id for delivery in claimed})
    known = _Read()
    known.alike.add(None, people)  # somebody of whom nothing is kept has a calendar too
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, _values(claimed, people, at))
        for row in cursor.fetchall():
            known.take(row)
    return _circumstances(known, Channel(claimed[0].channel), at)


def _values(claimed: Sequence[Sendable], people: list[int], at: datetime) -> dict[str, Any]:
    channel = claimed[0].channel
    one_each = {delivery.notification.user_id: delivery for delivery in claimed}
    reached = {found[1] for one in one_each.values() if (found := address_of(one)) is not None}
    pushed = [device for one in claimed if (device := device_of(one)) is not None]
    return {
        "group": get_scope()["group"],
        "channel": channel,
        "people": array_of(people),
        "at": at,
        "away_until": (at - MARGIN).date(),
        "addresses": array_of(sorted(reached)),
        "devices": array_of(pushed),
    }


def _circumstances(known: _Read, channel: Channel, at: datetime) -> Circumstances:
    hours = {site_id: _hours(known, site_id) for site_id in sorted(known.sites)}
    first = min(hours, default=0)
    allowed: dict[int, list[tuple[Role, int | None]]] = {}
    calendars: dict[int, Calendar] = {}
    paces: dict[int, dict[tuple[str, str], Cadence]] = {}
    days: dict[int, date] = {}
    rang: dict[int, int] = {}
    for traits, people in known.alike.groups():
        grants = _of(Grant, traits)
        home = min((one.site_id for one in grants if one.site_id is not None), default=first)
        calendar = calendar_from(
            next(iter(_of(Rhythm, traits)), None),
            hours.get(home),
            stretches=_of(QuietStretch, traits),
            away=_of(Away, traits),
            duty=_of(Duty, traits),
        )
        day = calendar.day_of(at)
        calendars |= dict.fromkeys(people, calendar)
        days |= dict.fromkeys(people, day)
        rang |= dict.fromkeys(people, sum(one.told for one in _of(ToldToday, traits) if one.day == day))
        if grants:
            held = [(one.role, one.site_id) for one in grants]
            allowed |= dict.fromkeys(people, held)
        own = {(one.topic, one.channel): one.cadence for one in _of(Paced, traits)}
        paces |= dict.fromkeys(people, own)
    off = frozenset((channel.value, address) for address in known.off)
    return Circumstances(allowed, calendars, paces, Counter(days, rang), off, known.devices)


def _of(kind: type[Kind], traits: Iterable[Trait | None]) -> list[Kind]:
    return [one for one in traits if isinstance(one, kind)]


def _hours(known: _Read, site_id: int) -> SiteHours:
    time_zone, country, region = known.sites[site_id]
    week: dict[int, tuple[Stretch, ...]] = {}
    for weekday, stretch in sorted(known.weeks[site_id]):
        week[weekday] = (*week.get(weekday, ()), stretch)
    return SiteHours(ZoneInfo(time_zone), week, frozenset(known.closures[site_id]), country, region)
