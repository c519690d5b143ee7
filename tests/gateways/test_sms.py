"""Twilio, by its own wire format."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from core import clock
from gateways import sms
from gateways.errors import DeliveryError
from tests.fakes.server import Reply
from tests.fakes.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio, as_json, refusal

CAMILLE = "+33611111111"
Settings = Any


@pytest.fixture
def twilio(settings: Settings) -> Iterator[FakeTwilio]:
    with FakeTwilio().running() as running:
        settings.TWILIO_API_URL = running.url
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, TOKEN, SENDER
        yield running


def refused(to: str = CAMILLE) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sms.send(to, "Bonjour")
    return caught.value


def test_message_arrives_as_it_was_written(twilio: FakeTwilio):
    sid = sms.send(CAMILLE, "Nouveau lead : Hélène & fils, 12 500 €")

    assert sid == twilio.messages[0]["sid"]
    assert twilio.messages[0]["body"] == "Nouveau lead : Hélène & fils, 12 500 €"
    assert twilio.messages[0]["to"] == CAMILLE
    assert b"From=%2B33700000000" in twilio.received[0].body


def test_messaging_service_stands_in_for_a_number(twilio: FakeTwilio, settings: Settings):
    settings.TWILIO_FROM = "MG" + "1" * 32

    sms.send(CAMILLE, "Bonjour")

    assert b"MessagingServiceSid=MG" in twilio.received[0].body


@pytest.mark.parametrize(
    ("status", "code", "reason", "permanent"),
    [
        (400, 21211, "sms_number_invalid", True),
        (400, 21610, "sms_stopped_by_recipient", True),
        (400, 21408, "sms_country_not_allowed", True),
        (400, 21614, "sms_not_a_mobile", True),
        (400, 21617, "sms_too_long", True),
        (400, 30000, "sms_status_400", True),
        (400, 21606, "sms_sender_invalid", False),
        (400, 21611, "sms_status_400", False),
        (401, 20003, "sms_credentials", False),
        (403, 20003, "sms_credentials", False),
        (500, 20500, "sms_status_500", False),
        (502, 20500, "sms_status_502", False),
    ],
)
def test_refusal_is_final_unless_time_or_we_can_mend_it(
    status: int, code: int, reason: str, permanent: bool, twilio: FakeTwilio
):
    twilio.tell(refusal(status, code, "Some words of Twilio's"))

    error = refused()

    assert (error.reason, error.permanent) == (reason, permanent)


@pytest.mark.parametrize("status", [429, 503])
def test_busy_twilio_says_when_to_come_back(status: int, twilio: FakeTwilio):
    twilio.tell(refusal(status, 20429, "Too many requests", {"Retry-After": "11"}))

    error = refused()

    assert (error.permanent, error.retry_after) == (False, 11)


def test_refusal_in_the_newer_format_is_understood(twilio: FakeTwilio):
    body = {"type": "about:blank", "title": "Invalid 'To'", "status": 400, "code": 21211}
    twilio.tell(as_json(400, body))

    error = refused()

    assert (error.reason, error.permanent) == ("sms_number_invalid", True)


def test_wrong_token_waits_for_us(twilio: FakeTwilio, settings: Settings):
    settings.TWILIO_AUTH_TOKEN = "old"

    error = refused()

    assert (error.reason, error.permanent) == ("sms_credentials", False)


def test_lost_answer_leaves_the_message_unknown_and_findable(twilio: FakeTwilio):
    began = clock.now()
    twilio.loses_answers = True

    error = refused()

    assert (error.permanent, error.unknown) == (False, True)
    assert [found.body for found in sms.find_sent(CAMILLE, began)] == ["Bonjour"]


def test_silent_twilio_leaves_the_message_unknown(twilio: FakeTwilio, settings: Settings):
    settings.PROVIDER_TIMEOUT = 0.2
    sms._client_of.cache_clear()
    twilio.tell(Reply(delay=3))

    error = refused()

    assert (error.reason, error.unknown) == ("sms_unreachable", True)


def test_nonsense_answer_leaves_the_message_unknown(twilio: FakeTwilio):
    twilio.tell(Reply(201, b"<html>It works!</html>"))

    error = refused()

    assert (error.reason, error.unknown) == ("sms_bad_answer", True)


def test_refused_message_is_not_unknown(twilio: FakeTwilio):
    twilio.tell(refusal(400, 21610, "Stopped"))

    assert not refused().unknown


def test_search_finds_what_went_to_that_number_since_then(twilio: FakeTwilio):
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as at:
        twilio.accept(CAMILLE, "hours ago")
        at.shift(timedelta(hours=3))
        began = clock.now()
        twilio.accept("+33622222222", "to Karim")
        twilio.accept(CAMILLE, "failed", status="failed")
        twilio.accept(CAMILLE, "wanted")

        found = list(sms.find_sent(CAMILLE, began))

    assert [one.body for one in found] == ["wanted"]


def test_search_that_fails_leaves_nothing_more_uncertain(twilio: FakeTwilio):
    twilio.tell(Reply(hang_up=True))

    with pytest.raises(DeliveryError) as caught:
        list(sms.find_sent(CAMILLE, clock.now()))

    assert (caught.value.permanent, caught.value.unknown) == (False, False)


@pytest.mark.parametrize("number", ["+33612345678", "+15145550123", "+32470123456"])
def test_number_of_an_allowed_country_is_texted(number: str, twilio: FakeTwilio):
    sms.send(number, "Bonjour")

    assert twilio.messages[0]["to"] == number


# Premium routes abroad are what SMS fraud lives on; +1 alone would not tell Canada from Jamaica.
@pytest.mark.parametrize(
    "number", ["+18095550123", "+18765550123", "+447911123456", "+21261234567", "112", "", "+"]
)
def test_number_elsewhere_is_refused_before_twilio_is_asked(number: str, twilio: FakeTwilio):
    error = refused(number)

    assert error.permanent
    assert twilio.received == []
