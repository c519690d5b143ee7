"""The whole road with two Twilio accounts: a text whose answer was lost is looked up at both before it is repeated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from notifications import delivery, recovery, results
from notifications.choices import Channel, DeliveryState
from notifications.models import Delivery
from sites.models import Site, User
from tests.cast import MONDAY
from tests.fakes.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio, refusal
from tests.notifications.road import choose, received, tell_and_route

Two = tuple[FakeTwilio, FakeTwilio]


@pytest.fixture
def two(settings: Any) -> Iterator[Two]:
    with FakeTwilio().running() as first, FakeTwilio().running() as second:
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, TOKEN, SENDER
        settings.TWILIO_SECOND_ACCOUNT_SID, settings.TWILIO_SECOND_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.TWILIO_SECOND_FROM = SENDER
        settings.TWILIO_API_URL, settings.TWILIO_SECOND_API_URL = first.url, second.url
        yield first, second


@pytest.fixture
def text(lyon: Site, camille: User, in_rhone: None) -> Delivery:
    """One text to Camille, due now."""
    choose(camille, Channel.SMS, enabled=True)
    event = tell_and_route(received(lyon), at=now())
    return Delivery.objects.get(notification__event=event, channel=Channel.SMS)


@pytest.fixture(autouse=True)
def _in_working_hours(time_machine: Any) -> None:
    time_machine.move_to(MONDAY)


def settle(row: Delivery) -> str:
    later = now() + results.SETTLE_AFTER + timedelta(seconds=1)
    recovery.settle_unknown(Channel.SMS, at=later)
    row.refresh_from_db()
    return row.state


def test_a_text_that_the_first_refuses_leaves_by_the_second(two: Two, text: Delivery):
    two[0].tell(refusal(429, 20429, "Too many requests"))

    delivery.deliver_due(Channel.SMS, at=now())

    text.refresh_from_db()
    assert (text.state, text.provider_id) == (DeliveryState.ACCEPTED, two[1].messages[0]["sid"])
    assert two[0].messages == []


def test_a_text_whose_answer_was_lost_is_found_and_not_repeated(two: Two, text: Delivery):
    two[0].loses_answers = True
    delivery.deliver_due(Channel.SMS, at=now())
    text.refresh_from_db()
    interrupted = text.state
    two[0].loses_answers = False

    settled = settle(text)

    assert (interrupted, settled) == (DeliveryState.UNKNOWN, DeliveryState.ACCEPTED)
    assert (len(two[0].messages), len(two[1].messages)) == (1, 0)


def test_while_an_account_cannot_say_nothing_is_repeated(two: Two, text: Delivery):
    two[0].loses_answers = True
    delivery.deliver_due(Channel.SMS, at=now())
    two[0].tell(refusal(500, 20500, "Internal error"))

    settled = settle(text)
    delivery.deliver_due(Channel.SMS, at=now())

    assert settled == DeliveryState.UNKNOWN
    assert (len(two[0].messages), len(two[1].messages)) == (1, 0)
