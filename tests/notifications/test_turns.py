"""A sandbox's turn: several batches, each claimed while the one before is put into words. Nothing twice, none lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import batch, circumstances, claiming, delivery, letters, recovery
from notifications.attention import Counter
from notifications.channels import outbox
from notifications.choices import Channel
from notifications.models import Attention, Delivery, OutboxEntry, Rhythm
from sites.models import Site, User
from sites.scope import group_scope
from tests.cast import MONDAY
from tests.notifications.road import choose, received, tell_and_route
from tests.together import in_parallel

ALERTS = 3
EMAILS = 2 * ALERTS

pytestmark = pytest.mark.postgres


@pytest.fixture
def emails(
    lyon: Site, camille: User, karim: User, in_rhone: None, monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """Three alerts by email to two people, in batches of two; their ids."""
    monkeypatch.setattr(batch, "now", lambda: MONDAY)
    monkeypatch.setattr(delivery, "BATCH_AT_ONCE", 2)
    for person in (camille, karim):
        choose(person, Channel.EMAIL, enabled=True)
    for number in range(ALERTS):
        tell_and_route(received(lyon, customer_name=f"Client {number}"))
    return list(Delivery.objects.filter(channel="email").order_by("pk").values_list("pk", flat=True))


def send() -> int:
    return delivery.deliver_due(Channel.EMAIL, at=MONDAY)


def states(emails: list[int]) -> list[tuple[str, int]]:
    rows = Delivery.objects.filter(pk__in=emails).order_by("pk")
    return list(rows.values_list("state", "attempts"))


def test_one_turn_sends_them_all(emails: list[int]):
    assert send() == EMAILS

    assert states(emails) == [("accepted", 1)] * EMAILS
    assert OutboxEntry.objects.filter(delivery__in=emails).count() == EMAILS
    assert list(Attention.objects.values_list("told", flat=True)) == [ALERTS, ALERTS]


@pytest.mark.django_db(transaction=True)
def test_one_batch_leaves_and_one_is_claimed_while_one_is_written_and_people_are_asked_about_once(
    emails: list[int],
):
    with CaptureQueriesContext(connection) as captured:
        send()

    steps = {"WITH due": "claim", "WITH scope": "people", "WITH said": "keep", "WITH rang": "record"}
    statements = [" ".join(one["sql"].split()) for one in captured.captured_queries]
    taken = [step for sql in statements for begins, step in steps.items() if sql.startswith(begins)]
    leaves = ["keep", "record"]
    assert taken == ["claim", "people", "claim", *leaves, "claim", *leaves, "claim", *leaves]
    assert len(taken) == len([sql for sql in statements if sql not in {"BEGIN", "COMMIT"}])


def test_a_turn_ends_so_that_others_have_theirs(emails: list[int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(delivery, "TURN", 0)

    assert send() == 2

    assert states(emails) == [("accepted", 1)] * 2 + [("planned", 0)] * 4


def test_what_asks_rows_is_written_with_the_database_at_rest(
    emails: list[int], monkeypatch: pytest.MonkeyPatch
):
    write = batch.Batch.write

    def write_at_rest(self: batch.Batch) -> None:
        assert connection.connection.info.pipeline_status.name == "OFF"
        write(self)

    monkeypatch.setattr(batch.Batch, "write", write_at_rest)
    monkeypatch.setattr(letters, "asks_rows", lambda _type_key: True)

    assert send() == EMAILS

    assert states(emails) == [("accepted", 1)] * EMAILS


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_cannot_be_kept_leaves_letter_by_letter(
    emails: list[int], monkeypatch: pytest.MonkeyPatch
):
    """PostgreSQL refuses it when the next one is written already."""
    monkeypatch.setattr(outbox, "_KEEP_MANY", "SELECT 1 / 0")

    while send():
        pass

    assert states(emails) == [("accepted", 1)] * EMAILS
    assert OutboxEntry.objects.filter(delivery__in=emails).count() == EMAILS
    assert set(Attention.objects.values_list("told", flat=True)) == {ALERTS}


def test_a_person_s_day_is_counted_through_the_turn(emails: list[int], lyon: Site, camille: User):
    """Her third message is beyond the limit, although nobody asks again how many rang."""
    Rhythm.objects.create(group_id=lyon.group_id, user=camille, daily_limit=2)

    send()

    hers = Delivery.objects.filter(pk__in=emails, notification__user=camille).order_by("pk")
    assert list(hers.values_list("state", "reason")) == [
        ("accepted", "own_choice"),
        ("accepted", "own_choice"),
        ("planned", "over_budget"),
    ]


def test_a_turn_that_forgot_what_it_told_would_go_beyond(
    emails: list[int], lyon: Site, camille: User, monkeypatch: pytest.MonkeyPatch
):
    """The control."""
    Rhythm.objects.create(group_id=lyon.group_id, user=camille, daily_limit=2)
    monkeypatch.setattr(Counter, "today", lambda self, user_id: self.before.get(user_id, 0))

    send()

    assert states(emails) == [("accepted", 1)] * EMAILS


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_send_each_once(emails: list[int], lyon: Site):
    def work() -> int:
        with group_scope(lyon.group_id):
            return sum(send() for _ in range(EMAILS))

    assert sum(in_parallel(3, work)) == EMAILS

    assert states(emails) == [("accepted", 1)] * EMAILS
    assert OutboxEntry.objects.filter(delivery__in=emails).count() == EMAILS


@pytest.mark.django_db(transaction=True)
def test_what_was_claimed_ahead_outlives_its_worker(emails: list[int], monkeypatch: pytest.MonkeyPatch):
    write = batch.Batch.write

    def die(_self: batch.Batch) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(batch.Batch, "write", die)
    with pytest.raises(KeyboardInterrupt):
        send()
    assert states(emails) == [("sending", 1)] * 4 + [("planned", 0)] * 2

    monkeypatch.setattr(batch.Batch, "write", write)
    later = MONDAY + claiming.LEASE + timedelta(seconds=1)
    monkeypatch.setattr(batch, "now", lambda: later)
    recovery.expire_leases(at=later)
    recovery.settle_unknown(Channel.EMAIL, at=later)
    delivery.deliver_due(Channel.EMAIL, at=later)

    assert states(emails) == [("accepted", 2)] * 4 + [("accepted", 1)] * 2


@pytest.mark.django_db(transaction=True)
def test_a_batch_that_fails_beside_one_to_other_people_loses_no_count(
    emails: list[int], karim: User, monkeypatch: pytest.MonkeyPatch
):
    """The second batch, written meanwhile, counts for somebody of whom the first knew nothing."""
    monkeypatch.setattr(
        outbox, "_KEEP_MANY", "SELECT 1 / (0 * count(*)) FROM (SELECT pg_sleep(0.3)) AS slept"
    )
    first = Delivery.objects.filter(pk__in=emails).exclude(notification__user=karim)
    first.update(due_at=MONDAY - timedelta(minutes=1))
    monkeypatch.setattr(delivery, "BATCH_AT_ONCE", ALERTS)

    while send():
        pass

    assert states(emails) == [("accepted", 1)] * EMAILS
    assert list(Attention.objects.values_list("told", flat=True)) == [ALERTS, ALERTS]


def test_only_strangers_are_asked_about(emails: list[int]):
    claimed = claiming.claim(Channel.EMAIL, MONDAY, EMAILS).deliveries
    known = circumstances.circumstances_of(claimed[:1], MONDAY)

    with CaptureQueriesContext(connection) as captured:
        both = circumstances.circumstances_of(claimed, MONDAY, known)
        again = circumstances.circumstances_of(claimed, MONDAY, both)

    assert (len(captured), again is both) == (1, True)
    assert set(both.calendars) == {one.notification.user_id for one in claimed}
    assert set(both.allowed) == set(both.calendars)
