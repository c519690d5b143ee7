"""The scheduler stops on a Friday evening and comes back on Sunday night: caught up once, and nobody is woken."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from django.db import connection
from django.db.models import Count

from notifications import delivery, digests, sweep
from notifications.choices import FINAL, Channel
from notifications.models import Delivery, Event, Notification, OutboxEntry
from sites.models import Group, OpeningHours, Site
from sites.roles import Role
from sites.scope import group_scope
from tests.cast import make_group, make_person, make_site
from tests.chaos.table import Finding
from tests.notifications.road import choose, received, tell

PARIS = ZoneInfo("Europe/Paris")
FRIDAY_EVENING = datetime(2026, 3, 6, 20, 0, tzinfo=PARIS)
BACK = FRIDAY_EVENING + timedelta(hours=48)
MONDAY_NOON = datetime(2026, 3, 9, 12, 0, tzinfo=PARIS)
OPENS, CLOSES = 9, 19
PEOPLE = 10
EXTERNAL = (Channel.EMAIL, Channel.SMS)


def two_days(count: int, *, every: timedelta = timedelta(minutes=5)) -> Finding:
    """`count` leads come in while nothing is swept, routed or sent; then two sweepers at once catch up."""
    finding = Finding(
        "48 h asleep", f"{count} leads from Friday evening to Sunday night, two sweepers after it"
    )
    group, site = _dealer()
    with time_machine.travel(FRIDAY_EVENING, tick=False) as clock, group_scope(group.pk):
        for number in range(count):
            moment = FRIDAY_EVENING + timedelta(hours=48) * number / count
            clock.move_to(moment)
            tell(received(site, customer_name=f"Paul {number}", occurred_at=moment))
        _wake_up(group, clock, every)
        _judge(finding, count, site)
    return finding


def _wake_up(group: Group, clock: Any, every: timedelta) -> None:
    """Sweep from Sunday night to Monday noon, twice at once each time."""
    at = BACK
    while at <= MONDAY_NOON:
        clock.move_to(at)
        sweepers = [threading.Thread(target=_sweep_and_send, args=(group.pk, at)) for _ in range(2)]
        for sweeper in sweepers:
            sweeper.start()
        for sweeper in sweepers:
            sweeper.join()
        at += every


def _sweep_and_send(group_id: int, at: datetime) -> None:
    moment = at.astimezone(UTC)
    sweep.run(at=moment)
    with group_scope(group_id):
        for channel in EXTERNAL:
            digests.tell_due(channel, at=moment)
            while delivery.deliver_due(channel, at=moment):
                pass
    connection.close()


def _judge(finding: Finding, count: int, site: Site) -> None:
    leads = Event.objects.filter(type_key="leads.received", kind="notice")
    finding.accepted = leads.count()
    finding.lost = leads.filter(routed_at=None).count() + _untold()
    sent = list(OutboxEntry.objects.values_list("sent_at", "delivery_id"))
    at_night = [delivery_id for moment, delivery_id in sent if not _is_open(moment)]
    waiting = list(Delivery.objects.exclude(state__in=FINAL).values_list("pk", "state", "due_at")[:5])
    again = list(Delivery.objects.filter(attempts__gt=1).values_list("pk", flat=True)[:5])
    ladder = Event.objects.filter(type_key="leads.unanswered").values("subject").annotate(told=Count("pk"))
    finding.twice = len(again) + ladder.filter(told__gt=1).count()
    finding.must(f"{finding.accepted} of {count} recorded", hold=finding.accepted == count)
    finding.must(f"{finding.lost} told nobody", hold=not finding.lost)
    finding.must(f"left while {site.name} was closed: {at_night[:5]}", hold=not at_night)
    finding.must(f"still waiting on Monday noon: {waiting}", hold=not waiting)
    finding.must(f"sent twice: {again}", hold=not finding.twice)
    finding.must("nothing left at all", hold=bool(sent))
    finding.remarks.append(
        f"{len(sent)} messages, the first {_local(min(moment for moment, _ in sent))}, none while closed; "
        f"{ladder.count()} leads went up the ladder once"
        if sent
        else "no message"
    )


def _untold() -> int:
    """Leads that are in nobody's inbox."""
    told = Notification.objects.filter(in_inbox=True).values("event")
    return Event.objects.filter(type_key="leads.received", kind="notice").exclude(pk__in=told).count()


def _is_open(moment: datetime) -> bool:
    local = moment.astimezone(PARIS)
    return local.weekday() < 5 and OPENS <= local.hour < CLOSES


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%A %H:%M}"


def _dealer() -> tuple[Group, Site]:
    group = make_group("Sleepers", "sleepers")
    site = make_site(group, "Lyon")
    with group_scope(group.pk):
        OpeningHours.objects.bulk_create(_week(group, site))
        for number in range(PEOPLE):
            phone, email = f"+336{30_000_000 + number}", f"seller{number}@sleepers.test"
            role = Role.SALESPERSON if number else Role.SALES_MANAGER
            person = make_person(group, f"Seller {number}", role, site, phone=phone, email=email)
            choose(person, Channel.EMAIL, enabled=True)
            choose(person, Channel.SMS, enabled=True)
    return group, site


def _week(group: Group, site: Site) -> Iterable[OpeningHours]:
    opens, closes = f"{OPENS:02d}:00", f"{CLOSES:02d}:00"
    for weekday in range(5):
        yield OpeningHours(group=group, site=site, weekday=weekday, opens=opens, closes=closes)
