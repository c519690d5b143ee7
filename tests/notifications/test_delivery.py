"""Claim, send, record; and what a crash, a bad row or an unfriendly provider leaves behind."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection

from notifications import batch, claiming, delivery, letters, results
from notifications.channels.base import Receipt, Recipient
from notifications.choices import Channel
from notifications.claiming import Claim
from notifications.models import Delivery, Event, PushSubscription
from notifications.rendering import Message
from notifications.services import mark_all_read
from sites.models import Group, Membership, Site, User
from sites.scope import group_scope
from tests.cast import MONDAY
from tests.notifications.road import add_device, choose, received, tell_and_route
from tests.notifications.sending import Provider, refuse, send
from tests.together import in_parallel


def test_accepted_message_is_sent_once(text_message: Delivery, provider: Provider):
    sent, again = send(), send()

    text_message.refresh_from_db()
    assert (sent, again) == (1, 0)
    assert provider.sent == [("Camille Durand", "Nouveau lead : Paul Bernard")]
    assert (text_message.state, text_message.provider_id) == ("accepted", "SM1")


def test_nothing_leaves_before_its_time(text_message: Delivery, provider: Provider):
    Delivery.objects.filter(pk=text_message.pk).update(due_at=MONDAY + timedelta(hours=1))

    send(at=MONDAY)

    assert provider.sent == []


def test_sending_is_committed_before_the_provider_is_called(text_message: Delivery, provider: Provider):
    states: list[str] = []

    def look(_message: Message, _recipient: Recipient) -> Receipt:
        states.append(Delivery.objects.get(pk=text_message.pk).state)
        return Receipt()

    provider.answer = look
    send()

    assert states == ["sending"]


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_during_the_call(text_message: Delivery, provider: Provider):
    open_during_call: list[bool] = []

    def look(_message: Message, _recipient: Recipient) -> Receipt:
        open_during_call.append(connection.in_atomic_block)
        return Receipt()

    provider.answer = look
    send()

    assert open_during_call == [False]


@pytest.mark.django_db(transaction=True)
def test_provider_adapter_runs_in_a_thread_without_a_connection(text_message: Delivery, provider: Provider):
    connected: list[bool] = []

    def look(_message: Message, _recipient: Recipient) -> Receipt:
        connected.append(connection.connection is not None)
        return Receipt()

    provider.answer = look
    provider.uses_database = False
    send()

    assert connected == [False]


def test_temporary_failure_is_tried_again_later_and_later(text_message: Delivery, provider: Provider):
    provider.answer = refuse(permanent=False)
    pauses = []
    at = MONDAY

    for _ in range(3):
        send(at=at)
        text_message.refresh_from_db()
        pauses.append((text_message.due_at - at).total_seconds())
        at = text_message.due_at

    assert text_message.state == "failed_temporary"
    assert 3 < pauses[0] < 60 < pauses[2] < 3600


def test_provider_that_names_a_pause_is_obeyed(text_message: Delivery, provider: Provider):
    provider.answer = refuse(permanent=False, retry_after=600)

    send()

    text_message.refresh_from_db()
    assert text_message.due_at - MONDAY >= timedelta(seconds=600)


def test_failure_without_end_is_given_up(text_message: Delivery, provider: Provider):
    provider.answer = refuse(permanent=False)

    for day in range(results.MAX_ATTEMPTS + 2):
        send(at=MONDAY + timedelta(days=day))

    text_message.refresh_from_db()
    assert (text_message.state, len(provider.sent)) == ("dead", results.MAX_ATTEMPTS)


def test_permanent_failure_is_final(text_message: Delivery, provider: Provider):
    provider.answer = refuse(permanent=True)

    send()
    send(at=MONDAY + timedelta(days=1))

    text_message.refresh_from_db()
    assert (text_message.state, len(provider.sent)) == ("failed_permanent", 1)


def test_adapter_that_breaks_does_not_stop_the_batch(
    lyon: Site, text_message: Delivery, provider: Provider, camille: User
):
    tell_and_route(received(lyon, customer_name="Anne Roy"))

    def break_for_paul(message: Message, _recipient: Recipient) -> Receipt:
        if "Paul" in message.title:
            raise ValueError("surprise")
        return Receipt()

    provider.answer = break_for_paul
    send()

    # It may have broken after the provider took the message: an SMS is looked up before it is repeated.
    assert sorted(Delivery.objects.filter(channel="sms").values_list("state", flat=True)) == [
        "accepted",
        "unknown",
    ]


def test_adapter_that_breaks_is_called_again_where_a_repetition_does_no_harm(
    text_message: Delivery, provider: Provider
):
    def break_down(_message: Message, _recipient: Recipient) -> Receipt:
        raise ValueError("surprise")

    provider.answer, provider.repeat_is_safe = break_down, True
    send()

    text_message.refresh_from_db()
    assert text_message.state == "failed_temporary"


def test_nothing_leaves_late_in_its_lease(
    text_message: Delivery, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    late = MONDAY + batch.LAST_DEPARTURE + timedelta(seconds=1)
    monkeypatch.setattr(batch, "now", lambda: late)

    delivery.deliver_due(Channel.SMS, at=MONDAY)

    text_message.refresh_from_db()
    assert (provider.sent, text_message.state) == ([], "failed_temporary")
    assert batch.LAST_DEPARTURE + 3 * timedelta(seconds=settings.PROVIDER_TIMEOUT) < claiming.LEASE


def test_what_a_dead_worker_held_is_final_within_a_minute():
    """The lease ends, a sweep finds the message, the provider is asked, and a sweep has it sent if it had not left."""
    sweep = timedelta(seconds=settings.CELERY_BEAT_SCHEDULE["notifications.sweep"]["schedule"])

    assert claiming.LEASE + 3 * sweep <= timedelta(minutes=1)


def test_row_that_cannot_be_written_does_not_stop_the_batch(
    lyon: Site, text_message: Delivery, provider: Provider
):
    Event.objects.update(payload={"broken": True})
    tell_and_route(received(lyon, customer_name="Anne Roy"))

    send()

    text_message.refresh_from_db()
    assert text_message.state == "failed_temporary"
    assert provider.sent == [("Camille Durand", "Nouveau lead : Anne Roy")]


def test_notice_of_a_removed_app_does_not_stop_the_batch(
    lyon: Site, text_message: Delivery, provider: Provider
):
    Event.objects.update(type_key="gone.away")
    tell_and_route(received(lyon, customer_name="Anne Roy"))

    send()

    text_message.refresh_from_db()
    assert text_message.state == "failed_temporary"
    assert provider.sent == [("Camille Durand", "Nouveau lead : Anne Roy")]


def test_device_that_is_gone_is_forgotten(lyon: Site, camille: User, provider: Provider, in_rhone: None):
    add_device(camille)
    tell_and_route(received(lyon))
    provider.answer = refuse(permanent=True, gone=True)

    send(channel=Channel.PUSH)

    assert not PushSubscription.objects.exists()


def test_what_was_read_meanwhile_does_not_leave(text_message: Delivery, provider: Provider, camille: User):
    mark_all_read(user=camille, at=MONDAY)

    send()

    text_message.refresh_from_db()
    assert (text_message.state, text_message.reason, provider.sent) == ("cancelled", "read_elsewhere", [])


def test_colleague_who_left_is_not_reached_any_more(
    text_message: Delivery, provider: Provider, camille: User
):
    Membership.objects.filter(user=camille).delete()

    send()

    text_message.refresh_from_db()
    assert (text_message.state, text_message.reason, provider.sent) == ("cancelled", "left", [])


def test_colleague_who_lost_the_permission_is_not_told(
    text_message: Delivery, provider: Provider, camille: User
):
    Membership.objects.filter(user=camille).update(role="accountant")

    send()

    text_message.refresh_from_db()
    assert (text_message.state, text_message.reason, provider.sent) == ("cancelled", "not_allowed", [])


def test_colleague_who_moved_to_another_site_is_not_told(
    text_message: Delivery, provider: Provider, camille: User, marseille: Site
):
    Membership.objects.filter(user=camille).update(site=marseille)

    send()

    text_message.refresh_from_db()
    assert (text_message.state, text_message.reason) == ("cancelled", "not_allowed")


def test_owner_is_told_of_his_own_record_wherever_he_works_now(
    lyon: Site, camille: User, marseille: Site, provider: Provider, in_rhone: None
):
    User.objects.filter(pk=camille.pk).update(phone="+33612345678")
    choose(camille, Channel.SMS, enabled=True)
    tell_and_route(received(lyon, assignee_id=camille.pk))
    Membership.objects.filter(user=camille).update(site=marseille)

    send()

    assert len(provider.sent) == 1


def test_person_moved_to_another_group_is_not_told(
    text_message: Delivery, provider: Provider, camille: User, rival: Group
):
    User.objects.filter(pk=camille.pk).update(group=rival)

    send()

    text_message.refresh_from_db()
    assert (text_message.state, text_message.reason, provider.sent) == ("cancelled", "left", [])


def test_device_that_was_removed_meanwhile_cancels_its_message(
    lyon: Site, camille: User, provider: Provider, in_rhone: None
):
    device = add_device(camille)
    tell_and_route(received(lyon))
    device.delete()

    send(channel=Channel.PUSH)

    push = Delivery.objects.get(channel="push")
    assert (push.state, push.reason) == ("cancelled", "no_device")


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_message_once(lyon: Site, camille: User, provider: Provider):
    twenty_messages(lyon, camille)

    in_parallel(6, lambda: send_in_scope(lyon))

    assert len(provider.sent) == 20


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_workers_would_send_the_same_messages(
    lyon: Site, camille: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    """The control: workers that take what they read, as if nobody else did."""
    everybody_has_read = threading.Barrier(3)

    def take_what_is_read(channel: Channel, at: datetime, most: int) -> Claim:
        everybody_has_read.wait(10)
        read = list(Delivery.objects.filter(channel="sms").select_related(*letters.NEEDED_ROWS))
        return Claim(channel, at, most, deliveries=read)

    monkeypatch.setattr(delivery, "claim", take_what_is_read)
    monkeypatch.setattr(batch, "record_outcome", lambda *_, **__: None)
    twenty_messages(lyon, camille)

    in_parallel(3, lambda: send_in_scope(lyon, batches=1))

    assert len(provider.sent) > 20


def twenty_messages(site: Site, person: User) -> None:
    with group_scope(site.group_id):
        User.objects.filter(pk=person.pk).update(phone="+33612345678")
        choose(person, Channel.SMS, enabled=True)
        for _ in range(20):
            tell_and_route(received(site))


def send_in_scope(site: Site, batches: int = 30) -> None:
    with group_scope(site.group_id):
        for _ in range(batches):
            send()
