"""One event to 10,000 people: the router against PostgreSQL COPY of the very rows that it writes."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bench.figures import Report, alternating, median, milliseconds
from core.ids import new_id
from leads.signals import LeadReceived, lead_received
from notifications import routing
from notifications.models import Delivery, Event, Notification
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from sites.scope import group_scope

PEOPLE = 10_000
ROUNDS = 7
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LIMIT = 2.0

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
    report.bound("router / COPY", median(route) / median(copy), LIMIT)
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
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return site


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
