"""One event to 10,000 people: the router against PostgreSQL COPY of the very rows that it writes.

Beside it what the common Django notification packages do: one `create()` a person, in a transaction.
"""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench.figures import Report, alternating, median, milliseconds
from core.ids import new_id
from leads.signals import LeadReceived, lead_received
from notifications import routing
from notifications.choices import Cadence, Channel, Quiet, Width
from notifications.models import (
    Delivery,
    Event,
    Following,
    Notification,
    Pace,
    Preference,
    PushSubscription,
    Rhythm,
)
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from sites.scope import group_scope

PEOPLE = 10_000
ROUNDS = 7
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LIMIT = 1.5
FASTER_THAN_CREATE = 12.0

NOTIFICATIONS = Notification._meta.db_table
DELIVERIES = Delivery._meta.db_table


def run() -> Report:
    """The table of this benchmark."""
    site = _crowd(PEOPLE)
    with group_scope(site.group_id):
        return _measure(site)


def _measure(site: Site) -> Report:
    model_event = _routed_event(site)
    copies = [_prepared_copy(model_event, _event(site), shift) for shift in range(1, ROUNDS + 1)]
    route, copy = alternating([lambda: _route(site), lambda: _copy(copies.pop())], ROUNDS)
    queries = {people: _queries(people) for people in (10, PEOPLE)}
    report = Report(f"Fan-out: one event to {PEOPLE:,} people, rows of notifications and deliveries")
    report.row("router, whole journey", milliseconds(median(route)))
    report.row("COPY of the same rows", milliseconds(median(copy)))
    report.row("queries for 10 / 10,000 people", " / ".join(str(count) for count in queries.values()))
    created = _create_one_by_one(model_event, _event(site))
    report.row("one create() a person, in a transaction", milliseconds(created))
    report.bound("router / COPY", median(route) / median(copy), LIMIT)
    report.bound("one create() a person / router", created / median(route), FASTER_THAN_CREATE, at_least=True)
    report.bound("queries for 10,000 people / for 10", queries[PEOPLE] / queries[10], 1.0)
    return report


def _crowd(size: int) -> Site:
    group = Group.objects.create(name="Crowd", slug=f"crowd-{new_id()}")
    with group_scope(group.pk):
        site = Site.objects.create(group=group, name="Crowd", slug="crowd")
        people = User.objects.bulk_create(
            [User(email=f"{number}@{group.slug}.test", group=group, first_name="P") for number in range(size)]
        )
        roles = [Membership(group=group, user=one, role=Role.SALESPERSON, site=site) for one in people]
        Membership.objects.bulk_create(roles)
        _let_them_differ(site, people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return site


def _let_them_differ(site: Site, people: list[User]) -> None:
    """Choices for a category and a type, devices, how much to follow, hours and paces: every person his own mixture."""
    owned = {"group": site.group}
    of_leads = {"category": "leads", "channel": Channel.EMAIL, "enabled": True}
    Preference.objects.bulk_create(Preference(**owned, **of_leads, user=one) for one in people[::3])
    of_type = {**of_leads, "type_key": "leads.received", "channel": Channel.PUSH, "enabled": False}
    Preference.objects.bulk_create(Preference(**owned, **of_type, user=one) for one in people[::7])
    PushSubscription.objects.bulk_create(
        PushSubscription(
            **owned, user=one, endpoint=f"https://push.test/{one.pk}", p256dh="k", auth="a", created_at=AT
        )
        for one in people[::4]
    )
    widths = [Width.GROUP, Width.SITES, Width.MAJOR, Width.OWN]
    Following.objects.bulk_create(
        Following(**owned, user=one, topic="", width=widths[turn % 4], site_ids=[site.pk])
        for turn, one in enumerate(people[::5])
    )
    Rhythm.objects.bulk_create(Rhythm(**owned, user=one, quiet=Quiet.OWN) for one in people[::6])
    daily = {"topic": "leads", "channel": Channel.EMAIL, "cadence": Cadence.DAILY}
    Pace.objects.bulk_create(Pace(**owned, user=one, **daily) for one in people[::9])


def _event(site: Site) -> Event:
    lead_received.send(
        LeadReceived(
            group_id=site.group_id,
            site_id=site.pk,
            occurred_at=AT,
            lead_id=new_id(),
            customer_name="Paul Bernard",
            vehicle="Renault Clio",
            message="",
            source_name="Website",
            site_name="Crowd",
        )
    )
    return Event.objects.latest("pk")


def _routed_event(site: Site) -> Event:
    event = _event(site)
    routing.route(event.hint, at=AT)
    return event


def _route(site: Site) -> None:
    _routed_event(site)


def _queries(people: int) -> int:
    site = _crowd(people)
    with group_scope(site.group_id):
        event = _event(site)
        with CaptureQueriesContext(connection) as captured:
            routing.route(event.hint, at=AT)
    return len(captured)


def _prepared_copy(source: Event, target: Event, shift: int) -> list[tuple[str, bytes]]:
    """The rows of a routed event in COPY's own format under fresh ids: the rival pays for nothing but COPY."""
    offset = shift * 100_000_000
    mine = f"SELECT id FROM {NOTIFICATIONS} WHERE event_id = {source.pk}"
    return [
        _copied(
            NOTIFICATIONS, {"id": f"id + {offset}", "event_id": str(target.pk)}, f"event_id = {source.pk}"
        ),
        _copied(
            DELIVERIES,
            {"id": f"id + {offset}", "notification_id": f"notification_id + {offset}"},
            f"notification_id IN ({mine})",
        ),
    ]


def _copied(table: str, replaced: dict[str, str], where: str) -> tuple[str, bytes]:
    with connection.cursor() as cursor:
        columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
        chosen = ", ".join(replaced.get(column, column) for column in columns)
        with cursor.cursor.copy(f"COPY (SELECT {chosen} FROM {table} WHERE {where}) TO STDOUT") as stream:
            return f"COPY {table} ({', '.join(columns)}) FROM STDIN", b"".join(map(bytes, stream))


def _copy(prepared: list[tuple[str, bytes]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, rows in prepared:
            with cursor.cursor.copy(statement) as stream:
                stream.write(rows)


def _create_one_by_one(source: Event, target: Event) -> float:
    """Seconds that the same rows take once more, each by a `create()` of its own."""
    deliveries: dict[int, list[Delivery]] = {}
    for delivery in Delivery.objects.filter(notification__event=source):
        deliveries.setdefault(delivery.notification_id, []).append(delivery)
    rows = list(Notification.objects.filter(event=source))
    started = perf_counter()
    with transaction.atomic():
        for row in rows:
            mine = deliveries.get(row.pk, [])
            row.pk, row.event = None, target
            row.save(force_insert=True)
            for delivery in mine:
                delivery.pk, delivery.notification = None, row
                delivery.save(force_insert=True)
    return perf_counter() - started
