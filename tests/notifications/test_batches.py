"""A batch: read in one statement, taken by a sandbox in one go, and nothing of it lost when that fails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from notifications import batch, circumstances, claiming, delivery, letters, results
from notifications.channels import outbox
from notifications.channels.base import HandOver, Letter, Receipt
from notifications.choices import Cadence, Channel, Quiet
from notifications.models import (
    Absence,
    AddressBlock,
    Attention,
    Delivery,
    DutyShift,
    OffReason,
    OutboxEntry,
    OutboxWords,
    Pace,
    PushSubscription,
    QuietHours,
    Rhythm,
)
from notifications.sendable import Sendable
from notifications.tasks import forget_words
from sites.models import Group, Membership, Site, SiteClosure, User
from sites.roles import Role
from tests.cast import MONDAY
from tests.notifications.road import add_device, choose, received, tell_and_route


@pytest.fixture
def emails(
    lyon: Site, camille: User, karim: User, in_rhone: None, monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """Two alerts by email to two readers of different languages, into the sandbox; their ids."""
    monkeypatch.setattr(batch, "now", lambda: MONDAY)
    User.objects.filter(pk=karim.pk).update(language="en")
    for person in (camille, karim):
        choose(person, Channel.EMAIL, enabled=True)
    for name in ("Anne Roy", "Paul Bernard"):
        tell_and_route(received(lyon, customer_name=name))
    return list(Delivery.objects.filter(channel="email").order_by("pk").values_list("pk", flat=True))


def states() -> set[str]:
    return set(Delivery.objects.filter(channel="email").values_list("state", flat=True))


def test_everybody_reads_his_own_language(emails: list[int]):
    delivery.deliver_due(Channel.EMAIL, at=MONDAY)

    kept = OutboxEntry.objects.filter(delivery__in=emails)
    assert sorted(kept.values_list("words__subject", "recipient")) == [
        (f"{words} : {name}" if words == "Nouveau lead" else f"{words}: {name}", reader)
        for words, reader in (
            ("New lead", "Karim Benali <karim@rhone.test>"),
            ("Nouveau lead", "Camille Durand <camille@rhone.test>"),
        )
        for name in ("Anne Roy", "Paul Bernard")
    ]
    assert states() == {"accepted"}


def test_each_message_counts_for_its_person(emails: list[int], camille: User, karim: User):
    delivery.deliver_due(Channel.EMAIL, at=MONDAY)

    assert dict(Attention.objects.values_list("user_id", "told")) == {camille.pk: 2, karim.pk: 2}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_batch_of_a_sandbox_takes_four_statements(emails: list[int]):
    with CaptureQueriesContext(connection) as captured:
        assert delivery.deliver_due(Channel.EMAIL, at=MONDAY) == len(emails)

    assert len([one for one in captured.captured_queries if one["sql"] not in {"BEGIN", "COMMIT"}]) == 4


def test_when_a_batch_is_refused_its_letters_go_one_by_one(
    emails: list[int], monkeypatch: pytest.MonkeyPatch
):
    """One that cannot be kept must not hold up the others."""

    def refuse(_self: object, _letters: Sequence[Letter]) -> HandOver:
        raise ValueError("one of them cannot be kept")

    alone = outbox.Sandbox.deliver

    def refuse_one(self: outbox.Sandbox, *told: Any) -> Receipt:
        if told[2] == emails[0]:
            raise ValueError("this one")
        return alone(self, *told)

    monkeypatch.setattr(outbox.Sandbox, "packed", refuse)
    monkeypatch.setattr(outbox.Sandbox, "deliver", refuse_one)

    delivery.deliver_due(Channel.EMAIL, at=MONDAY)

    assert Delivery.objects.get(pk=emails[0]).state == "failed_temporary"
    assert set(Delivery.objects.filter(pk__in=emails[1:]).values_list("state", flat=True)) == {"accepted"}
    assert OutboxEntry.objects.filter(delivery__in=emails).count() == len(emails) - 1


def test_what_cannot_be_recorded_of_one_keeps_the_others_from_nothing(
    emails: list[int], monkeypatch: pytest.MonkeyPatch
):
    record = results.record_outcome

    def fail_once(one: Sendable, *told: Any, **at: Any) -> None:
        if one.pk == emails[0]:
            raise ValueError("the database takes this one ill")
        record(one, *told, **at)

    monkeypatch.setattr(batch, "record_outcome", fail_once)
    monkeypatch.setattr(batch.Batch, "leaves_at_once", False)

    delivery.deliver_due(Channel.EMAIL, at=MONDAY)

    assert Delivery.objects.get(pk=emails[0]).state == "sending"
    assert set(Delivery.objects.filter(pk__in=emails[1:]).values_list("state", flat=True)) == {"accepted"}


@pytest.mark.parametrize("endpoint", ["", "x", "²", "9" * 40])
def test_a_push_to_what_is_no_device_is_cancelled_alone(
    lyon: Site, camille: User, in_rhone: None, monkeypatch: Any, endpoint: str
):
    monkeypatch.setattr(batch, "now", lambda: MONDAY)
    add_device(camille)
    for _ in range(2):
        tell_and_route(received(lyon))
    odd, other = Delivery.objects.filter(channel="push").order_by("pk")
    Delivery.objects.filter(pk=odd.pk).update(endpoint=endpoint)

    delivery.deliver_due(Channel.PUSH, at=MONDAY)

    odd.refresh_from_db()
    other.refresh_from_db()
    assert (odd.state, odd.reason, other.state) == ("cancelled", "no_device", "accepted")


def test_a_role_that_the_product_no_longer_has_grants_nothing(emails: list[int], camille: User):
    Membership.objects.filter(user=camille).update(role="head_of_fax")

    delivery.deliver_due(Channel.EMAIL, at=MONDAY)

    rows = Delivery.objects.filter(pk__in=emails).values_list("notification__user_id", "state", "reason")
    assert {row for row in rows if row[0] == camille.pk} == {(camille.pk, "cancelled", "left")}
    assert {state for who, state, _reason in rows if who != camille.pk} == {"accepted"}


def test_a_second_attempt_rewrites_its_copy(emails: list[int]):
    delivery.deliver_due(Channel.EMAIL, at=MONDAY)
    OutboxWords.objects.update(subject="an earlier attempt")
    Delivery.objects.filter(pk__in=emails).update(state="failed_temporary")

    delivery.deliver_due(Channel.EMAIL, at=MONDAY)

    assert OutboxEntry.objects.filter(delivery__in=emails).count() == len(emails)
    assert not OutboxEntry.objects.filter(words__subject="an earlier attempt").exists()


def test_what_several_are_told_is_kept_once(emails: list[int], karim: User):
    User.objects.filter(pk=karim.pk).update(language="fr")

    delivery.deliver_due(Channel.EMAIL, at=MONDAY)

    said = OutboxEntry.objects.filter(delivery__in=emails).values_list("words__subject", "words_id")
    assert (len(said), {subject for subject, _ in said}) == (
        4,
        {"Nouveau lead : Anne Roy", "Nouveau lead : Paul Bernard"},
    )
    if connection.vendor == "postgresql":
        assert len(set(said)) == 2


def test_words_that_a_later_attempt_replaced_are_forgotten(emails: list[int]):
    delivery.deliver_due(Channel.EMAIL, at=MONDAY)
    first = set(OutboxWords.objects.values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=emails[:1]).update(state="failed_temporary")
    delivery.deliver_due(Channel.EMAIL, at=MONDAY)

    forget_words()

    assert set(OutboxWords.objects.values_list("pk", flat=True)) == set(
        OutboxEntry.objects.values_list("words_id", flat=True)
    )
    assert OutboxWords.objects.filter(pk__in=first).exists()


def test_a_late_receipt_of_a_lost_lease_changes_nothing(emails: list[int]):
    claimed = claiming.claim(Channel.EMAIL, MONDAY, 10).deliveries

    results.record_accepted(claimed, uuid4(), Receipt(), [], at=MONDAY)

    assert states() == {"sending"}


def test_nothing_leaves_at_once_late_in_its_lease(emails: list[int], monkeypatch: pytest.MonkeyPatch):
    late = MONDAY + batch.LAST_DEPARTURE + timedelta(seconds=1)
    monkeypatch.setattr(batch, "now", lambda: late)

    delivery.deliver_due(Channel.EMAIL, at=MONDAY)

    assert (states(), OutboxEntry.objects.count()) == ({"failed_temporary"}, 0)


def test_a_device_that_took_a_push_is_noted(lyon: Site, camille: User, in_rhone: None, monkeypatch: Any):
    monkeypatch.setattr(batch, "now", lambda: MONDAY)
    device = add_device(camille)
    tell_and_route(received(lyon))

    delivery.deliver_due(Channel.PUSH, at=MONDAY)

    device.refresh_from_db()
    assert device.last_used_at == MONDAY


@pytest.mark.postgres
def test_what_is_claimed_says_the_same_as_its_rows(emails: list[int]):
    claimed = claiming.claim(Channel.EMAIL, MONDAY, 10).deliveries

    rows = Delivery.objects.select_related(*letters.NEEDED_ROWS).in_bulk(emails)
    assert [one.pk for one in claimed] == emails
    for one in claimed:
        row = rows[one.pk]
        for name in (
            "group_id",
            "notification_id",
            "channel",
            "endpoint",
            "step",
            "reason",
            "attempts",
            "lease_token",
        ):
            assert getattr(one, name) == getattr(row, name), name
        for name in ("pk", "user_id", "group_id", "reason", "created_at", "seen_at", "read_at", "acted_at"):
            assert getattr(one.notification, name) == getattr(row.notification, name), name
        for name in ("closed_at", "archived_at", "snoozed_until"):
            assert getattr(one.notification, name) == getattr(row.notification, name), name
        for name in ("pk", "email", "phone", "language", "full_name"):
            assert getattr(one.notification.user, name) == getattr(row.notification.user, name), name
        assert one.notification.event.payload == row.notification.event.payload
        assert one.notification.group.name == row.notification.group.name


@pytest.mark.postgres
def test_both_ways_to_read_the_circumstances_agree(
    rhone: Group, lyon: Site, marseille: Site, camille: User, karim: User, emails: list[int]
):
    owned: dict[str, Any] = {"group": rhone, "user": camille}
    Rhythm.objects.create(
        **owned, quiet=Quiet.OWN, time_zone="Asia/Tokyo", recap_at=time(7, 30), daily_limit=12
    )
    QuietHours.objects.create(**owned, weekday=4, starts=time(22), ends=time(6))
    Absence.objects.create(**owned, first_day=date(2026, 3, 1), last_day=date(2026, 3, 9))
    DutyShift.objects.create(
        group=rhone, user=karim, site=marseille, starts_at=MONDAY, ends_at=MONDAY + timedelta(hours=9)
    )
    Pace.objects.create(**owned, topic="leads", channel=Channel.EMAIL, cadence=Cadence.WEEKLY)
    Attention.objects.create(**owned, day=MONDAY.date(), told=7)
    AddressBlock.objects.create(
        group=rhone, channel="email", address=karim.email, reason=OffReason.BOUNCED, since=MONDAY
    )
    SiteClosure.objects.create(group=rhone, site=lyon, day=date(2026, 3, 5))
    Membership.objects.create(group=rhone, user=karim, role=Role.SALES_MANAGER, site=None)
    claimed = claiming.claim(Channel.EMAIL, MONDAY, 10).deliveries

    one, other = circumstances.circumstances_of(claimed, MONDAY), circumstances.part_by_part(claimed, MONDAY)

    assert {who: set(held) for who, held in one.allowed.items()} == {
        who: set(held) for who, held in other.allowed.items()
    }
    assert {who: _plain(kept) for who, kept in one.calendars.items()} == {
        who: _plain(kept) for who, kept in other.calendars.items()
    }
    assert {who: kept for who, kept in one.paces.items() if kept} == dict(other.paces)
    assert [one.told.today(who) for who in (camille.pk, karim.pk)] == [7, 0]
    assert [other.told.today(who) for who in (camille.pk, karim.pk)] == [7, 0]
    assert one.off == other.off == {("email", karim.email)}


@pytest.mark.postgres
def test_both_ways_to_read_devices_agree(lyon: Site, camille: User, in_rhone: None):
    add_device(camille)
    PushSubscription.objects.update(device_name="Pixel")
    tell_and_route(received(lyon))
    claimed = claiming.claim(Channel.PUSH, MONDAY, 10).deliveries

    one, other = circumstances.circumstances_of(claimed, MONDAY), circumstances.part_by_part(claimed, MONDAY)

    assert one.devices == other.devices
    assert len(one.devices) == 1


def _plain(calendar: Any) -> dict[str, Any]:
    """Without the difference between a list and a tuple."""
    return {
        name: list(kept) if isinstance(kept, list | tuple) else kept
        for name in calendar.__dataclass_fields__
        for kept in [getattr(calendar, name)]
    }
