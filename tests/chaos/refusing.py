"""Providers on a bad day: three in ten calls fail, one in ten hangs, one in ten is told to come back later.

They speak their real formats over the loopback. Time is moved by hand to when the next attempt is due, so that half
an hour of retries takes a minute.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q
from django.test import override_settings

from gateways import vapid
from notifications import delivery, recovery, sweep
from notifications.choices import FINAL, Channel
from notifications.models import Delivery, Event, Notification
from notifications.push_devices import subscribe_push
from sites.models import Group, Site, User
from sites.roles import Role
from sites.scope import group_scope
from tests.cast import make_group, make_person, make_site, member_of
from tests.chaos.table import Finding
from tests.fakes import postmark, twilio
from tests.fakes.postmark import FakePostmark
from tests.fakes.push_service import FakePushService
from tests.fakes.server import FakeServer, Received, Reply
from tests.fakes.twilio import ACCOUNT, SENDER, FakeTwilio
from tests.notifications.road import choose, received, tell

NOON = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
PEOPLE = 100
EXTERNAL = (Channel.PUSH, Channel.EMAIL, Channel.SMS)
PROMISED = 0.999  # of the people reached, on some channel other than the app

FAILS, HANGS, BUSY = 0.3, 0.1, 0.1
# On the clock; the retries of a message end after some 35 minutes.
LONGEST = timedelta(hours=12)
TIMEOUT = 0.3  # seconds, in place of the ten of production
# Every second failure, and every second hanging call, comes after the provider took the message: its word is lost.
TAKES_IT_ALL_THE_SAME = 0.5


class Moody(FakeServer):
    """A provider that has its moods before it answers."""

    dice = random.Random(16)
    calls = 0

    def _answer(self, request: Received) -> Reply:
        roll = self.dice.random()
        self.calls += 1
        if request.method == "GET" or roll >= FAILS + HANGS + BUSY:
            return super()._answer(request)
        if roll >= FAILS + HANGS:
            return Reply(429, b"{}", {"Retry-After": "2", "Content-Type": "application/json"})
        if self.dice.random() < TAKES_IT_ALL_THE_SAME:
            super()._answer(request)
        if roll >= FAILS:
            return Reply(hang_up=True, delay=2 * TIMEOUT)
        status = self.dice.choice((500, 502, 503))
        return Reply(status, b'{"code": 20500, "message": "Internal"}', {"Content-Type": "application/json"})


class MoodyTwilio(Moody, FakeTwilio):
    """Text messages."""


class MoodyPostmark(Moody, FakePostmark):
    """Emails."""


class MoodyPushService(Moody, FakePushService):
    """Pushes."""


def providers(count: int, *, salespeople: int = PEOPLE) -> Finding:
    """`count` alerts, each by push, email and text."""
    finding = Finding("provider chaos", f"{count} alerts: {FAILS:.0%} 5xx, {HANGS:.0%} hang, {BUSY:.0%} 429")
    with time_machine.travel(NOON, tick=False) as clock, _providers() as (texts, mails, pushes):
        group, people = _people(pushes, salespeople)
        with group_scope(group.pk):
            _tell_each(people, count)
            minutes = _live_through(clock)
            _judge(finding, count, texts)
    finding.must("something is never final", hold=minutes < LONGEST / timedelta(minutes=1))
    finding.remarks.append(
        f"{minutes:.0f} minutes of retries; {texts.calls} + {mails.calls} + "
        f"{pushes.calls} calls for {count} texts, emails and pushes"
    )
    return finding


def _tell_each(people: list[tuple[User, Site]], count: int) -> None:
    for number in range(count):
        person, site = people[number % len(people)]
        tell(received(site, assignee_id=person.pk, customer_name=f"Paul {number}", occurred_at=NOON))


def _live_through(clock: Any) -> float:
    """Sweep, send and settle until nothing is due any more; how many minutes that took on the clock."""
    at = NOON
    group_id = Event.objects.values_list("group_id", flat=True)[0]
    while at < NOON + LONGEST:
        at += timedelta(seconds=6)
        due = Delivery.objects.exclude(state__in=FINAL).aggregate(due=Min("due_at"))["due"]
        if due is None and not Event.objects.filter(routed_at=None).exists():
            return (at - NOON).total_seconds() / 60
        clock.move_to(at := max(at, due or at))
        sweep.run(at=at)
        senders = [threading.Thread(target=_send, args=(group_id, channel, at)) for channel in EXTERNAL]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    return LONGEST / timedelta(minutes=1)


def _send(group_id: int, channel: Channel, at: datetime) -> None:
    with group_scope(group_id):
        recovery.settle_unknown(channel, at=at)
        while delivery.deliver_due(channel, at=at):
            pass
    connection.close()


def _judge(finding: Finding, count: int, texts: FakeTwilio) -> None:
    arrived = Q(deliveries__state__in=("accepted", "delivered"), deliveries__channel__in=EXTERNAL)
    told = Notification.objects.filter(in_inbox=True)
    finding.accepted = told.count()
    finding.lost = told.annotate(ways=Count("pk", filter=arrived)).filter(ways=0).count()
    reached = 1 - finding.lost / count
    open_rows = list(Delivery.objects.exclude(state__in=FINAL).values_list("pk", "state")[:5])
    bodies = [message["body"] for message in texts.messages]
    finding.twice = len(bodies) - len(set(bodies))
    finding.must(f"{finding.accepted} of {count} told", hold=finding.accepted == count)
    finding.must(f"not final: {open_rows}", hold=not open_rows)
    finding.must(f"{reached:.2%} reached", hold=reached >= PROMISED)
    finding.must(f"{finding.twice} texts came twice", hold=not finding.twice)
    given_up = Delivery.objects.filter(state="dead").values_list("channel").annotate(Count("pk"))
    finding.remarks.append(f"{reached:.2%} reached beyond the app; given up on a channel: {dict(given_up)}")


@contextmanager
def _providers() -> Iterator[tuple[MoodyTwilio, MoodyPostmark, MoodyPushService]]:
    with ExitStack() as stack:
        texts = stack.enter_context(MoodyTwilio().running())
        mails = stack.enter_context(MoodyPostmark().running())
        pushes = stack.enter_context(MoodyPushService().running())
        stack.enter_context(override_settings(**_settings(texts, mails)))
        vapid.make_keys(Path(settings.VAPID_PRIVATE_KEY_FILE))
        yield texts, mails, pushes


def _settings(texts: FakeTwilio, mails: FakePostmark) -> dict[str, Any]:
    plenty = 1_000_000
    return {
        "PROVIDER_TIMEOUT": TIMEOUT,
        "SAFE_HTTP_ALLOWS_LOOPBACK": True,
        "PUSH_SERVICES": ["127.0.0.1"],
        "TWILIO_API_URL": texts.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": twilio.TOKEN,
        "TWILIO_FROM": SENDER,
        "SMS_CAP_NUMBER": plenty,
        "SMS_CAP_SITE": plenty,
        "SMS_CAP_GROUP": plenty,
        "EMAIL_PROVIDER": "postmark",
        "EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend",
        "ANYMAIL": {
            "POSTMARK_API_URL": f"{mails.url}/",
            "POSTMARK_SERVER_TOKEN": postmark.TOKEN,
            "REQUESTS_TIMEOUT": TIMEOUT,
        },
    }


def _people(pushes: FakePushService, count: int) -> tuple[Group, list[tuple[User, Site]]]:
    """Salespeople with a phone in the hand, of one site each."""
    group = make_group("Moods", "moods")
    keys = vapid.current_keys()
    assert keys is not None
    people = []
    for number in range(count):
        site = make_site(group, f"Site {number}", slug=f"site-{number}")
        phone, email = f"+336{20_000_000 + number}", f"seller{number}@moods.test"
        person = make_person(group, f"Seller {number}", Role.SALESPERSON, site, phone=phone, email=email)
        browser = pushes.open_browser(keys.public_key)
        with group_scope(group.pk):
            choose(person, Channel.EMAIL, enabled=True)
            choose(person, Channel.SMS, enabled=True)
            subscribe_push(
                member=member_of(person),
                endpoint=browser.endpoint,
                p256dh=browser.p256dh,
                auth=browser.auth,
                device_name="Phone",
                at=NOON,
            )
        people.append((person, site))
    return group, people
