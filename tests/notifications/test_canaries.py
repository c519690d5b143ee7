"""Canaries: a message on each channel takes the whole road, costs nothing, and disturbs nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from notifications import canaries, delivery, measuring, sweep
from notifications.canaries import CANARY_GROUP, CanaryAddressTaken
from notifications.choices import Channel
from notifications.ledger import keeping
from notifications.models import DayMeasure, Delivery, Event, LedgerDay, Notification, OutboxEntry
from sites.models import Group, Site, User
from sites.roles import PERMISSIONS, Role
from sites.scope import every_group, group_scope
from tests.cast import MONDAY, member_of, signed_in
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import FakeTwilio
from tests.notifications.channels.conftest import twilio
from tests.notifications.road import received, tell_and_route

pytestmark = pytest.mark.django_db
Settings = Any
__all__ = ["twilio"]


@pytest.fixture(autouse=True)
def _every_ten_minutes(settings: Settings, time_machine) -> None:
    settings.CANARY_MINUTES, settings.CANARY_EMAIL, settings.CANARY_PHONE = 10, "", ""
    time_machine.move_to(MONDAY, tick=False)


def fly_home(at=MONDAY) -> None:
    """Let them fly, and do what the router and the four queues would do."""
    canaries.fly(at=at)
    later = at + sweep.MIN_AGE
    sweep.run(at=later)
    with group_scope(Group.objects.get(slug=CANARY_GROUP).pk):
        for channel in Channel:
            delivery.deliver_due(channel, at=later)


def flown() -> list[str]:
    with every_group():
        return sorted(Event.objects.values_list("type_key", flat=True))


def test_one_comes_home_on_each_channel():
    fly_home()

    flights = canaries.flights(at=MONDAY + timedelta(minutes=1))
    assert [flight.channel for flight in flights] == list(Channel)
    assert not any(flight.is_late for flight in flights)
    assert all(flight.seconds is not None for flight in flights)


def test_two_schedulers_let_one_fly():
    canaries.fly(at=MONDAY)
    canaries.fly(at=MONDAY + timedelta(seconds=30))

    assert flown() == sorted(canaries.key_of(channel) for channel in Channel)


def test_the_next_flies_after_the_interval():
    canaries.fly(at=MONDAY)
    canaries.fly(at=MONDAY + timedelta(minutes=10))

    assert len(flown()) == 2 * len(Channel)


def test_one_that_is_not_home_in_time_is_late(time_machine):
    fly_home()
    canaries.fly(at=MONDAY + timedelta(minutes=10))
    with every_group():
        Event.objects.filter(routed_at=None).update(recorded_at=MONDAY + timedelta(minutes=10))

    soon = canaries.flights(at=MONDAY + timedelta(minutes=10, seconds=30))
    late = canaries.flights(at=MONDAY + timedelta(minutes=12))

    assert {flight.is_late for flight in soon} == {False}
    assert {flight.is_late for flight in late} == {True}


def test_a_channel_whose_queue_nobody_reads_is_the_one_that_is_late():
    canaries.fly(at=MONDAY)
    sweep.run(at=MONDAY + sweep.MIN_AGE)
    with group_scope(Group.objects.get(slug=CANARY_GROUP).pk):
        for channel in (Channel.PUSH, Channel.EMAIL):
            delivery.deliver_due(channel, at=MONDAY + sweep.MIN_AGE)

    late = [flight.channel for flight in canaries.flights(at=MONDAY + timedelta(minutes=5)) if flight.is_late]

    assert late == [Channel.SMS]


def test_none_that_flies_any_more_is_late():
    fly_home()

    assert {flight.is_late for flight in canaries.flights(at=MONDAY + timedelta(hours=1))} == {True}


def test_switched_off_they_neither_fly_nor_warn(settings: Settings):
    settings.CANARY_MINUTES = 0

    canaries.fly(at=MONDAY)

    assert (flown(), canaries.flights(at=MONDAY)) == ([], [])


def test_without_an_address_nothing_reaches_the_provider(twilio: FakeTwilio):
    fly_home()

    with every_group():
        assert set(OutboxEntry.objects.values_list("channel", flat=True)) == {"push", "email", "sms"}
        assert set(Delivery.objects.exclude(channel="in_app").values_list("provider_id", flat=True)) == {""}
    assert twilio.received == []


def test_with_a_phone_of_its_own_it_goes_through_the_provider(twilio: FakeTwilio, settings: Settings):
    settings.CANARY_PHONE = "+33612345678"

    fly_home()

    assert [message["to"] for message in twilio.messages] == ["+33612345678"]


def test_with_a_mailbox_of_its_own_it_goes_through_the_provider(settings: Settings):
    with FakeSmtp().running() as smtp:
        settings.EMAIL_PROVIDER, settings.CANARY_EMAIL = "smtp", "canary@dealer.example"
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", smtp.port, False

        fly_home()

    assert [mail["To"] for mail in smtp.mails] == ["Canary DMS <canary@dealer.example>"]


def test_a_text_that_costs_money_flies_twelve_times_as_seldom(settings: Settings):
    settings.CANARY_PHONE = "+33612345678"

    for number in range(12):
        canaries.fly(at=MONDAY + timedelta(minutes=10 * number))

    texts = flown().count(canaries.key_of(Channel.SMS))
    assert (texts <= 2, flown().count(canaries.key_of(Channel.EMAIL))) == (True, 12)


def test_a_persons_own_address_is_refused(settings: Settings, camille: User):
    settings.CANARY_EMAIL = camille.email

    with pytest.raises(CanaryAddressTaken):
        canaries.fly(at=MONDAY)


def test_the_caps_of_texts_let_them_fly_all_day(settings: Settings):
    settings.SMS_CAP_NUMBER = settings.SMS_CAP_GROUP = 1

    for number in range(4):
        fly_home(MONDAY + timedelta(minutes=10 * number))

    with every_group():
        assert set(Delivery.objects.filter(channel="sms").values_list("state", flat=True)) == {"accepted"}


def test_a_persons_message_beside_them_is_not_sandboxed(lyon: Site, camille: User, in_rhone: None):
    event = tell_and_route(received(lyon))

    claimed = list(Delivery.objects.filter(notification__event=event))

    assert canaries.sandbox_of(claimed) is None


def test_nobody_sees_them_and_nothing_counts_them(lyon: Site, agnes: User):
    fly_home()
    browser = signed_in(agnes)

    measuring.measure_all(at=MONDAY + timedelta(hours=1))
    keeping.count_all(at=MONDAY + timedelta(days=2))

    with every_group():
        assert not DayMeasure.objects.exists()
        assert not LedgerDay.objects.exists()
        assert set(Notification.objects.values_list("user__group__slug", flat=True)) == {CANARY_GROUP}
    assert "canary" not in browser.get("/outbox/").content.decode().lower()


def test_the_one_they_fly_to_may_do_nothing_and_cannot_sign_in():
    fly_home()

    person = User.objects.get(group__slug=CANARY_GROUP)

    assert not person.has_usable_password()
    assert member_of(person).roles == {Role.SERVICE_ADVISOR}
    assert len(PERMISSIONS[Role.SERVICE_ADVISOR]) == 1


def test_old_ones_are_forgotten():
    fly_home()

    canaries.fly(at=MONDAY + canaries.KEPT + timedelta(minutes=1))

    with every_group():
        assert Event.objects.filter(recorded_at__lte=MONDAY + timedelta(minutes=1)).count() <= len(Channel)
        assert Delivery.objects.count() == 0
