"""A quiet night: 100,000 messages that were held for 2,000 people are told when the site opens.

The worker's own loop, run after run: what one run costs must not depend on how much still waits.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import msgspec
from django.db import connection

from bench.figures import Report, median, milliseconds
from core.clock import now
from core.ids import new_id
from leads.signals import LeadReceived
from notifications import delivery, digests
from notifications.choices import Cadence, Channel, Reason
from notifications.models import WAITING, Delivery, Digest, Event, Notification
from sites.models import Group, Membership, Site, User
from sites.roles import Role
from sites.scope import group_scope

PEOPLE, ALERTS = 2_000, 50
MORNING = now()
NIGHT = MORNING - timedelta(hours=11)
FLAT = 1.5
MEGABYTE = 1024 * 1024


def run() -> Report:
    """The table of this benchmark."""
    site = _night()
    with group_scope(site.group_id):
        seconds, memory = _release()
        left = Delivery.objects.filter(state__in=WAITING).count()
        report = Report(f"Opening: {PEOPLE * ALERTS:,} held messages for {PEOPLE:,} people, told as digests")
        first, last = _quarters(seconds)
        report.row("one run, first quarter / last quarter", f"{milliseconds(first)} / {milliseconds(last)}")
        report.row("all runs", f"{sum(seconds):.1f} s in {len(seconds)} runs")
        report.row("memory above the start, first / last quarter", _megabytes(memory))
        report.row("digests told, messages left", f"{Digest.objects.count():,}, {left:,}")
        report.bound("run of the last quarter / of the first", last / first, FLAT)
        report.bound("memory of the last quarter / of the first", _peak_ratio(memory), FLAT)
        report.bound("digests / people", Digest.objects.count() / PEOPLE, 1.0, at_least=True)
        report.bound("messages left behind", float(left), 0)
    return report


def _release() -> tuple[list[float], list[int]]:
    """Seconds and resident bytes of each run, as the `send` task works, until nothing is due."""
    seconds: list[float] = []
    memory: list[int] = []
    while True:
        started = perf_counter()
        gathered = digests.tell_due(Channel.EMAIL, at=now())
        sent = delivery.deliver_due(Channel.EMAIL, at=now())
        if not gathered and not sent:
            return seconds, memory
        if gathered:
            seconds.append(perf_counter() - started)
            memory.append(_resident())


def _night() -> Site:
    group = Group.objects.create(name="Night", slug=f"night-{new_id()}")
    with group_scope(group.pk):
        site = Site.objects.create(group=group, name="Night", slug="night")
        people = User.objects.bulk_create(
            User(email=f"{n}@{group.slug}.test", group=group, first_name="P", last_name=str(n))
            for n in range(PEOPLE)
        )
        Membership.objects.bulk_create(
            Membership(group=group, user=one, role=Role.SALESPERSON, site=site) for one in people
        )
        for number in range(ALERTS):
            _hold(_told(site, number), people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return site


def _told(site: Site, number: int) -> Event:
    lead_id = new_id()
    fact = LeadReceived(
        group_id=site.group_id,
        site_id=site.pk,
        occurred_at=NIGHT,
        lead_id=lead_id,
        customer_name=f"Client {number}",
        vehicle="Renault Clio",
        message="",
        source_name="Website",
        site_name="Night",
    )
    return Event.objects.create(
        group_id=site.group_id,
        type_key="leads.received",
        dedupe_key=f"lead:{lead_id}",
        subject=f"lead:{lead_id}",
        payload=msgspec.to_builtins(fact),
        occurred_at=NIGHT,
        recorded_at=NIGHT,
        routed_at=NIGHT,
    )


def _hold(event: Event, people: list[User]) -> None:
    lines = Notification.objects.bulk_create(
        Notification(group_id=event.group_id, event=event, user=one, reason="pool", created_at=NIGHT)
        for one in people
    )
    Delivery.objects.bulk_create(
        Delivery(
            group_id=event.group_id,
            notification=line,
            channel=Channel.EMAIL,
            endpoint="email",
            reason=Reason.QUIET_HOURS,
            due_at=MORNING,
            cadence=Cadence.OPENING,
        )
        for line in lines
    )


def _resident() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _quarters(figures: list[float]) -> tuple[float, float]:
    quarter = max(1, len(figures) // 4)
    return median(figures[:quarter]), median(figures[-quarter:])


def _megabytes(memory: list[int]) -> str:
    first, last = _quarters([float(one - memory[0]) for one in memory])
    return f"{first / MEGABYTE:.1f} MB / {last / MEGABYTE:.1f} MB"


def _peak_ratio(memory: list[int]) -> float:
    first, last = _quarters([float(one) for one in memory])
    return last / first
