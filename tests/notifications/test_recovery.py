"""What a crash in the middle of a send leaves behind, and how it is settled: by looking, not by guessing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from notifications import claiming, delivery, recovery, results, tasks
from notifications.channels.base import DeliveryError, Receipt, Recipient
from notifications.choices import Channel, DeliveryState
from notifications.models import Delivery
from notifications.rendering import Message
from tests.cast import MONDAY
from tests.notifications.sending import Provider, refuse, send


def crash(_message: Message, _recipient: Recipient) -> Receipt:
    raise KeyboardInterrupt  # what a killed worker looks like from inside: nothing after it runs


def interrupt_sending(text_message: Delivery, provider: Provider) -> None:
    provider.answer = crash
    with pytest.raises(KeyboardInterrupt):
        send()
    provider.answer = lambda _message, _recipient: Receipt(provider_id="SM2")


def test_worker_killed_while_sending_leaves_an_unknown_and_not_a_retry(
    text_message: Delivery, provider: Provider
):
    interrupt_sending(text_message, provider)
    later = MONDAY + claiming.LEASE + timedelta(seconds=1)

    during_lease = send(at=MONDAY + timedelta(seconds=5))
    recovery.expire_leases(at=later)
    after_lease = send(at=later)

    text_message.refresh_from_db()
    assert text_message.state == DeliveryState.UNKNOWN
    assert (during_lease, after_lease, len(provider.sent)) == (0, 0, 1)


def test_unknown_that_the_provider_has_is_not_sent_again(text_message: Delivery, provider: Provider):
    interrupt_sending(text_message, provider)
    later = MONDAY + claiming.LEASE + timedelta(seconds=1)
    provider.found = Receipt(provider_id="SM1")

    recovery.expire_leases(at=later)
    recovery.settle_unknown(Channel.SMS, at=later)
    send(at=later)

    text_message.refresh_from_db()
    assert (text_message.state, text_message.provider_id, len(provider.sent)) == ("accepted", "SM1", 1)


def test_unknown_that_the_provider_never_saw_is_sent_again(text_message: Delivery, provider: Provider):
    interrupt_sending(text_message, provider)
    later = MONDAY + claiming.LEASE + timedelta(seconds=1)

    recovery.expire_leases(at=later)
    recovery.settle_unknown(Channel.SMS, at=later)
    send(at=later)

    text_message.refresh_from_db()
    assert (text_message.state, text_message.provider_id, len(provider.sent)) == ("accepted", "SM2", 2)


def test_unknown_stays_unknown_while_the_provider_cannot_tell(
    text_message: Delivery, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    interrupt_sending(text_message, provider)
    later = MONDAY + claiming.LEASE + timedelta(seconds=1)

    def unreachable(*_: Any) -> None:
        raise DeliveryError("no answer", permanent=False)

    monkeypatch.setattr(provider, "find_earlier", unreachable)
    recovery.expire_leases(at=later)
    recovery.settle_unknown(Channel.SMS, at=later)

    text_message.refresh_from_db()
    assert text_message.state == DeliveryState.UNKNOWN


def test_fresh_unknown_waits_until_the_provider_lists_it(text_message: Delivery, provider: Provider):
    provider.answer = refuse(permanent=False, unknown=True)
    send()

    recovery.settle_unknown(Channel.SMS, at=MONDAY + timedelta(seconds=5))

    text_message.refresh_from_db()
    assert text_message.state == DeliveryState.UNKNOWN


def test_late_result_of_a_lost_lease_changes_nothing(text_message: Delivery, provider: Provider):
    send()

    results.record_outcome(text_message, uuid4(), DeliveryError("late", permanent=True), at=MONDAY)

    text_message.refresh_from_db()
    assert text_message.state == "accepted"


def test_sending_task_queues_up_again_behind_the_others(
    text_message: Delivery, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    again: list[Any] = []
    monkeypatch.setattr(tasks.send, "apply_async", lambda **options: again.append(options["queue"]))
    monkeypatch.setattr(delivery, "BATCH", 1)

    tasks.send(channel="sms", group_id=text_message.group_id)
    tasks.send(channel="sms", group_id=text_message.group_id)

    assert len(provider.sent) == 1
    assert again == ["sms"]


def test_a_run_that_was_full_is_followed_by_another(
    text_message: Delivery, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    """A database that dies interrupts hundreds: they must not wait for a sweep by the twenty."""
    monkeypatch.setattr(recovery, "PER_RUN", 1)
    interrupt_sending(text_message, provider)
    later = MONDAY + claiming.LEASE + timedelta(seconds=1)
    recovery.expire_leases(at=later)

    runs = [recovery.settle_unknown(Channel.SMS, at=later) for _ in range(2)]

    assert runs == [True, False]


@pytest.mark.parametrize(
    ("found", "outcome", "stays"),
    [
        ("delivered", Receipt(provider_id="SM1"), "delivered"),
        ("delivered", DeliveryError("429", permanent=False), "delivered"),
        ("failed_permanent", Receipt(provider_id="SM1"), "failed_permanent"),
        ("unknown", Receipt(provider_id="SM1"), "accepted"),
        ("failed_temporary", Receipt(provider_id="SM1"), "accepted"),
    ],
)
def test_a_worker_that_wakes_up_late_takes_no_final_state_back(
    text_message: Delivery, provider: Provider, found: str, outcome: Receipt | DeliveryError, stays: str
):
    interrupt_sending(text_message, provider)
    text_message.refresh_from_db()
    token = text_message.lease_token
    assert token is not None
    Delivery.objects.filter(pk=text_message.pk).update(state=found)

    results.record_outcome(text_message, token, outcome, at=MONDAY)

    text_message.refresh_from_db()
    assert text_message.state == stays
