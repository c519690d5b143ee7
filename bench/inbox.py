"""The inbox of somebody with 10,000 alerts: the page, the delta and a search against the same rows by plain SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.figures import Report, alternating, median, milliseconds
from core.ids import new_id
from leads.notices import LeadReceivedNotice
from leads.signals import LeadReceived
from notifications.lines import changed_rows, inbox_rows
from notifications.models import Event, EventKind, Inbox, Notification
from notifications.search import words_of
from notifications.selectors import Wanted, changes_after, inbox_items, inbox_state
from sites.models import Group, Site, User
from sites.scope import group_scope

LINES = 10_000
FEW = 10
ROUNDS = 40
PAGE, DELTA = 30, 100
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LIMIT = 2.0
EVERYTHING, FOUND = Wanted(), Wanted(words="Durand")

# What somebody would write by hand for the same rows: every column that a line is made of.
_LINES = """
    SELECT n.id, n.seq, n.created_at, n.woken_at, n.read_at, n.acted_at, n.closed_at, n.archived_at,
        n.snoozed_until, n.reason, n.times, e.type_key, e.subject, e.payload, c.payload
    FROM notifications_notification n
    JOIN notifications_event e ON e.id = n.event_id
    LEFT JOIN notifications_event c ON c.id = n.closing_id
    WHERE n.user_id = %s AND n.in_inbox
"""
_PAGE_SQL = f"""{_LINES} AND n.archived_at IS NULL AND (n.snoozed_until IS NULL OR n.closed_at IS NOT NULL)
    ORDER BY coalesce(n.woken_at, n.created_at) DESC, n.id DESC LIMIT {PAGE}"""
_SEARCH_SQL = _PAGE_SQL.replace(
    "ORDER BY", "AND (e.words LIKE '%%durand%%' OR c.words LIKE '%%durand%%') ORDER BY"
)
_DELTA_SQL = f"{_LINES} AND n.seq > %s ORDER BY n.seq LIMIT {DELTA}"
_STATE_SQL = "SELECT head, unread FROM notifications_inbox WHERE user_id = %s"


def run() -> Report:
    """The table of this benchmark."""
    person, few = _person(LINES), _person(FEW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    report = Report(f"Inbox with {LINES:,} alerts: a page of {PAGE}, a delta of {DELTA}, a search")
    with group_scope(person.group_id or 0):
        page, search, delta = (partial(read, person) for read in (_page, _search, _delta))
        read_page, read_search = (
            partial(inbox_rows, person, wanted, limit=PAGE) for wanted in (EVERYTHING, FOUND)
        )
        _compare(report, "page", read_page, partial(_raw, _PAGE_SQL, person.pk), page)
        _compare(report, "search", read_search, partial(_raw, _SEARCH_SQL, person.pk), search)
        _compare(report, "delta", partial(_read_delta, person), partial(_raw_delta, person), delta)
    for name, read in (("page", _page), ("search", _search), ("delta", _delta)):
        report.bound(
            f"{name}: queries for {LINES:,} / for {FEW}", _queries(read, person) / _queries(read, few), 1.0
        )
    return report


def _compare(
    report: Report,
    name: str,
    ours: Callable[[], object],
    raw: Callable[[], None],
    shown: Callable[[], object],
) -> None:
    """The promise is about reading the rows; what it takes to put them into words stands beside it."""
    mine, theirs, ready = alternating([ours, raw, shown], ROUNDS)
    report.row(f"{name}, its rows", milliseconds(median(mine)))
    report.row(f"{name}, the same rows by raw SQL", milliseconds(median(theirs)))
    report.row(f"{name}, in words, ready to be shown", milliseconds(median(ready)))
    report.bound(f"{name} / raw SQL", median(mine) / median(theirs), LIMIT)


def _read_delta(person: User) -> None:
    inbox_state(person.pk)
    changed_rows(person, LINES - DELTA - 1, limit=DELTA)


def _page(person: User) -> None:
    inbox_items(person, limit=PAGE)


def _search(person: User) -> None:
    inbox_items(person, wanted=FOUND, limit=PAGE)


def _delta(person: User) -> None:
    changes_after(person, LINES - DELTA - 1, limit=DELTA)


def _raw(statement: str, *values: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        cursor.fetchall()


def _raw_delta(person: User) -> None:
    _raw(_STATE_SQL, person.pk)
    _raw(_DELTA_SQL, person.pk, LINES - DELTA - 1)


def _queries(read: Callable[[User], None], person: User) -> int:
    with group_scope(person.group_id or 0), CaptureQueriesContext(connection) as captured:
        read(person)
    return len(captured)


def _person(lines: int) -> User:
    """A person with so many alerts, every third of them read."""
    slug = f"inbox-{new_id()}"
    group = Group.objects.create(name="Inbox", slug=slug)
    person = User.objects.create_user(f"reader@{slug}.test", group=group, first_name="P", last_name="R")
    with group_scope(group.pk):
        site = Site.objects.create(group=group, name="Inbox", slug="inbox")
        events = Event.objects.bulk_create(
            [_event(site, number) for number in range(lines)], batch_size=1_000
        )
        rows = [_line(person, event, seq) for seq, event in enumerate(events, start=1)]
        Notification.objects.bulk_create(rows, batch_size=1_000)
    Inbox.objects.create(user=person, head=lines, unread=lines - lines // 3)
    return person


def _event(site: Site, number: int) -> Event:
    fact = LeadReceived(
        group_id=site.group_id,
        site_id=site.pk,
        occurred_at=AT,
        lead_id=new_id(),
        customer_name="Éloïse Durand" if number % 100 == 0 else "Paul Bernard",
        vehicle="Renault Clio",
        message="Est-elle toujours disponible ?",
        source_name="Website",
        site_name=site.name,
    )
    return Event(
        group_id=site.group_id,
        type_key=LeadReceivedNotice.key,
        kind=EventKind.NOTICE,
        dedupe_key=str(fact.lead_id),
        subject=f"lead:{fact.lead_id}",
        payload=msgspec.to_builtins(fact),
        words=words_of(LeadReceivedNotice, EventKind.NOTICE, fact),
        occurred_at=AT,
        recorded_at=AT,
        routed_at=AT,
    )


def _line(person: User, event: Event, seq: int) -> Notification:
    return Notification(
        group_id=event.group_id,
        event=event,
        user=person,
        seq=seq,
        reason="pool",
        created_at=AT + timedelta(seconds=seq),
        read_at=AT if seq % 3 == 0 else None,
    )
