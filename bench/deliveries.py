"""Sending 10,000 due messages into the sandbox, against doing nothing with as many rows but claim and mark them.

Ours is the worker's own loop over emails and pushes of 200 alerts to 500 people of two sites, two languages and every
kind of hours, paces, addresses and devices, all of whom may be disturbed now: what it claims it checks again, holds
against the door, writes in the reader's language, keeps in the outbox, counts and records.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from itertools import cycle
from math import ceil

import msgspec
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench.figures import Report, alternating, median, milliseconds
from core.clock import now
from core.ids import new_id
from leads.signals import LeadReceived
from notifications import delivery
from notifications.choices import Cadence, Channel, Quiet, Reason
from notifications.models import (
    AddressBlock,
    Delivery,
    DutyShift,
    Event,
    Notification,
    OffReason,
    OutboxEntry,
    Pace,
    PushSubscription,
    QuietHours,
    Rhythm,
)
from sites.models import Group, Membership, OpeningHours, Site, User
from sites.roles import Role
from sites.scope import group_scope

PEOPLE, ALERTS = 500, 200
EACH = 50  # people of an alert: each person hears of 20, and may hear of 50 a day
BATCH = 100
ROUNDS = 5
AT = now()
PACE = 0.5
STATEMENTS = 4

CHANNELS = (Channel.EMAIL, Channel.PUSH)
TABLE = Delivery._meta.db_table
_CLAIM = f"""
    UPDATE {TABLE} SET state = 'sending', lease_until = now() + interval '40 seconds'
    WHERE id IN (
        SELECT id FROM {TABLE} WHERE channel = %(channel)s AND group_id = %(group)s AND due_at <= %(at)s
            AND state IN ('planned', 'failed_temporary')
        ORDER BY due_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED)
    RETURNING id
"""
_MARK = (
    f"UPDATE {TABLE} SET state = 'delivered', lease_until = NULL, finished_at = now() WHERE id = ANY(%(ids)s)"
)


def run() -> Report:
    """The table of this benchmark."""
    _empty_the_queue()
    ours, bare = ([_morning() for _ in range(ROUNDS)] for _ in range(2))
    waiting = list(ours)
    counted = _statements_of_a_batch(_morning())
    seconds, rival = alternating([lambda: _send(waiting.pop()), lambda: _mark(bare.pop())], ROUNDS)
    report = Report(f"Delivery: {ALERTS * EACH:,} due messages to {PEOPLE} people, into the sandbox")
    report.row("claimed, checked, written, kept, recorded", milliseconds(median(seconds)))
    report.row(f"bare claim and mark, batches of {BATCH}", milliseconds(median(rival)))
    report.row("statements of a batch, without BEGIN and COMMIT", f"{counted:g}")
    report.bound("pace / bare pace", median(rival) / median(seconds), PACE, at_least=True)
    report.bound("statements / 4", counted / STATEMENTS, 1.0)
    report.bound("messages that are not in the outbox", float(sum(map(_missing, ours))), 0)
    return report


def _empty_the_queue() -> None:
    """What an earlier benchmark left due would be waded through by both: claims look at what waits longest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET state = 'cancelled' WHERE state IN ('planned', 'failed_temporary')"
        )
        cursor.execute(f"VACUUM (ANALYZE) {TABLE}")


def _send(group: Group) -> None:
    """As the `send` task does, run after run."""
    with group_scope(group.pk):
        for channel in CHANNELS:
            while delivery.deliver_due(channel, at=now()):
                pass


def _mark(group: Group) -> None:
    for channel in CHANNELS:
        while ids := _claimed(group, channel):
            with connection.cursor() as cursor:
                cursor.execute(_MARK, {"ids": ids})


def _claimed(group: Group, channel: Channel) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"channel": channel.value, "group": group.pk, "at": AT})
        return [row[0] for row in cursor.fetchall()]


def _statements_of_a_batch(group: Group) -> float:
    """Those of a turn, shared among its batches; the last is not full, so that nothing is looked for behind it."""
    with group_scope(group.pk):
        due = Delivery.objects.filter(channel=Channel.EMAIL)
        due.filter(pk__in=due.values("pk")[:1]).delete()
        with CaptureQueriesContext(connection) as captured:
            sent = delivery.deliver_due(Channel.EMAIL, at=now())
    begun = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
    statements = sum(not query["sql"].startswith(begun) for query in captured.captured_queries)
    return statements / ceil(sent / delivery.BATCH_AT_ONCE)


def _missing(group: Group) -> int:
    """How many were not sent, or left no copy."""
    with group_scope(group.pk):
        kept = OutboxEntry.objects.filter(delivery__state="accepted").count()
        return Delivery.objects.count() - kept


def _morning() -> Group:
    """A group of two sites in which everything has just become due."""
    group = Group.objects.create(name="Morning", slug=f"morning-{new_id()}")
    with group_scope(group.pk):
        sites = [Site.objects.create(group=group, name=name, slug=name) for name in ("north", "south")]
        people = _people(group, sites)
        _let_them_differ(group, sites, people)
        turn = cycle(people)
        for number in range(ALERTS):
            _plan(_told(sites[number % 2], number), [next(turn) for _ in range(EACH)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return group


def _people(group: Group, sites: list[Site]) -> list[User]:
    """On both sites alike, so that everybody may know of everything."""
    people = User.objects.bulk_create(
        User(
            email=f"{n}@{group.slug}.test",
            group=group,
            first_name="P",
            last_name=str(n),
            language=("fr", "fr", "en")[n % 3],
            phone=f"+336{n:08}" if n % 2 else "",
        )
        for n in range(PEOPLE)
    )
    Membership.objects.bulk_create(
        Membership(group=group, user=one, role=Role.SALESPERSON, site=site)
        for one in people
        for site in sites
    )
    return people


def _let_them_differ(group: Group, sites: list[Site], people: list[User]) -> None:
    """Opening hours all day and all week, nights of one's own, shifts, paces that are none now, addresses, devices."""
    whole_day = {"group": group, "opens": time(0), "closes": time(23, 59, 59)}
    OpeningHours.objects.bulk_create(
        OpeningHours(**whole_day, site=site, weekday=weekday) for site in sites for weekday in range(7)
    )
    kinds = (Quiet.OWN, Quiet.NEVER, Quiet.SITE)
    Rhythm.objects.bulk_create(
        Rhythm(group=group, user=one, quiet=kinds[turn % 3], time_zone="Europe/Paris" if turn % 2 else "")
        for turn, one in enumerate(people[::2])
    )
    _nights_and_shifts(group, sites, people)
    at_once = {"topic": "leads", "channel": Channel.EMAIL, "cadence": Cadence.AT_ONCE}
    Pace.objects.bulk_create(Pace(group=group, user=one, **at_once) for one in people[::5])
    AddressBlock.objects.create(
        group=group, channel=Channel.EMAIL, address="gone@bench.test", reason=OffReason.BOUNCED, since=AT
    )
    PushSubscription.objects.bulk_create(
        PushSubscription(
            group=group,
            user=one,
            endpoint=f"https://push.test/{one.pk}",
            p256dh="k",
            auth="a",
            device_name="Pixel",
            created_at=AT,
        )
        for one in people
    )


def _nights_and_shifts(group: Group, sites: list[Site], people: list[User]) -> None:
    """Quiet on another day than today, and on duty today."""
    other_day = (AT + timedelta(days=3)).weekday()
    QuietHours.objects.bulk_create(
        QuietHours(group=group, user=one, weekday=other_day, starts=time(20), ends=time(7))
        for one in people[::6]
    )
    DutyShift.objects.bulk_create(
        DutyShift(
            group=group,
            user=one,
            site=sites[0],
            starts_at=AT - timedelta(days=1),
            ends_at=AT + timedelta(days=1),
        )
        for one in people[::10]
    )


def _told(site: Site, number: int) -> Event:
    lead_id = new_id()
    fact = LeadReceived(
        group_id=site.group_id,
        site_id=site.pk,
        occurred_at=AT,
        lead_id=lead_id,
        customer_name=f"Client {number}",
        vehicle="Renault Clio V 1.0 TCe 90",
        message="Est-elle encore disponible ? Je peux passer samedi matin.",
        source_name="Website",
        site_name=site.name,
    )
    return Event.objects.create(
        group_id=site.group_id,
        type_key="leads.received",
        dedupe_key=f"lead:{lead_id}",
        subject=f"lead:{lead_id}",
        payload=msgspec.to_builtins(fact),
        occurred_at=AT,
        recorded_at=AT,
        routed_at=AT,
    )


def _plan(event: Event, people: list[User]) -> None:
    lines = Notification.objects.bulk_create(
        Notification(group_id=event.group_id, event=event, user=one, reason="pool", created_at=AT)
        for one in people
    )
    Delivery.objects.bulk_create(_messages(event, lines))


def _messages(event: Event, lines: list[Notification]) -> Iterator[Delivery]:
    """One each: four emails to a push."""
    devices = dict(PushSubscription.objects.values_list("user_id", "pk"))
    for turn, line in enumerate(lines):
        to_push = turn % 5 == 0
        yield Delivery(
            group_id=event.group_id,
            notification=line,
            channel=Channel.PUSH if to_push else Channel.EMAIL,
            endpoint=str(devices[line.user_id]) if to_push else "email",
            reason=Reason.ROLE_DEFAULT,
            due_at=AT,
        )
