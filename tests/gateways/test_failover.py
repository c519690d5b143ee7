"""Two accounts for one channel: what surely was not taken goes to the second, what may have been taken goes nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import responses
import time_machine
from django.core.cache import cache

from core import clock
from gateways import breaker, mail, sms
from gateways.errors import DeliveryError
from gateways.mail import Mail
from tests.fakes.server import Reply
from tests.fakes.smtp import FakeSmtp
from tests.fakes.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio, refusal

CAMILLE = "+33611111111"
SECOND_SENDER = "+33700000002"
POSTMARK = "https://api.postmarkapp.com/email"
Settings = Any
Two = tuple[FakeTwilio, FakeTwilio]


@pytest.fixture
def two(settings: Settings) -> Iterator[Two]:
    """Two Twilio accounts, each with an address of its own."""
    with FakeTwilio().running() as first, FakeTwilio().running() as second:
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, TOKEN, SENDER
        settings.TWILIO_SECOND_ACCOUNT_SID, settings.TWILIO_SECOND_AUTH_TOKEN = ACCOUNT, TOKEN
        settings.TWILIO_SECOND_FROM = SECOND_SENDER
        settings.TWILIO_API_URL, settings.TWILIO_SECOND_API_URL = first.url, second.url
        yield first, second


@pytest.fixture
def two_mails(settings: Settings) -> Iterator[tuple[FakeSmtp, responses.RequestsMock]]:
    """A mail server of one's own, and Postmark behind it."""
    settings.EMAIL_PROVIDER, settings.EMAIL_SECOND_PROVIDER = "smtp", "postmark"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_SECOND_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "REQUESTS_TIMEOUT": 5}
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    with FakeSmtp().running() as smtp, responses.RequestsMock(assert_all_requests_are_fired=False) as api:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp.port
        api.post(POSTMARK, json={"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": "c@rhone.test"})
        yield smtp, api


def letter() -> Mail:
    return Mail(to="c@rhone.test", subject="Lead", text="Peugeot", html="<p>Peugeot</p>", key="delivery 7")


def refused() -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sms.send(CAMILLE, "Bonjour")
    return caught.value


@pytest.mark.parametrize(
    "reply",
    [
        refusal(429, 20429, "Too many requests"),
        refusal(401, 20003, "Authenticate"),
        refusal(400, 21606, "The 'From' phone number is not valid"),
    ],
    ids=["busy", "credentials", "sender"],
)
def test_what_the_first_has_surely_not_taken_leaves_by_the_second(reply: Reply, two: Two):
    first, second = two
    first.tell(reply)

    sid = sms.send(CAMILLE, "Bonjour")

    assert first.messages == []
    assert [one["sid"] for one in second.messages] == [sid]
    assert b"From=%2B33700000002" in second.received[0].body


def test_a_first_that_nobody_can_connect_to_costs_no_message(two: Two, settings: Settings):
    settings.TWILIO_API_URL = "http://127.0.0.1:1"  # nobody listens there

    sms.send(CAMILLE, "Bonjour")

    assert len(two[1].messages) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_answer_that_leaves_doubt_never_goes_to_the_second(status: int, two: Two):
    first, second = two
    first.tell(refusal(status, 20500, "Internal error"))

    error = refused()

    assert error.unknown
    assert second.received == []


def test_a_lost_answer_never_goes_to_the_second(two: Two):
    first, second = two
    first.loses_answers = True

    error = refused()

    assert (error.unknown, error.not_taken) == (True, False)
    assert len(first.messages) == 1
    assert second.received == []


def test_the_rule_can_be_broken(two: Two, monkeypatch: pytest.MonkeyPatch):
    """Were a lost answer taken for a no, the phone would ring twice: the tests above are able to fail."""
    first, second = two
    first.loses_answers = True
    monkeypatch.setattr(sms, "is_never_left", lambda _error: True)

    sms.send(CAMILLE, "Bonjour")

    assert len(first.messages) + len(second.messages) == 2


def test_a_message_that_is_itself_at_fault_is_refused_once(two: Two):
    first, second = two
    first.tell(refusal(400, 21211, "Invalid 'To'"))

    assert refused().permanent
    assert second.received == []


def test_what_was_sent_is_found_at_either_account(two: Two):
    began = clock.now()
    two[1].accept(CAMILLE, "Bonjour")

    assert [one.body for one in sms.find_sent(CAMILLE, began)] == ["Bonjour"]


def test_an_account_that_cannot_say_is_no_proof_that_nothing_left(two: Two):
    first, second = two
    second.accept(CAMILLE, "Something else")
    first.tell(refusal(500, 20500, "Internal error"))

    found = sms.find_sent(CAMILLE, clock.now())

    assert next(found).body == "Something else"
    with pytest.raises(DeliveryError):
        next(found)


def test_an_account_that_fails_again_and_again_is_left_alone_and_tried_later(two: Two):
    first, second = two
    first.tell(*[refusal(429, 20429, "Too many requests")] * breaker.FAILURES)
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as at:
        for _ in range(breaker.FAILURES + 3):
            sms.send(CAMILLE, "Bonjour")
        asked_while_out = len(first.received)
        named = [one.name for one in breaker.outages(["twilio", "twilio-second"])]

        at.shift(breaker.PAUSE + timedelta(seconds=1))
        sms.send(CAMILLE, "It is back")
        sms.send(CAMILLE, "And stays")

    assert asked_while_out == breaker.FAILURES
    assert named == ["twilio"]
    assert [one["body"] for one in first.messages] == ["And stays", "It is back"]
    assert breaker.outages(["twilio"]) == []
    assert len(second.messages) == breaker.FAILURES + 3


def test_one_call_finds_out_whether_the_account_is_back_and_the_others_wait():
    with time_machine.travel("2026-03-02T09:00:00Z", tick=False) as at:
        for _ in range(breaker.FAILURES):
            breaker.failed("twilio")
        at.shift(breaker.PAUSE + timedelta(seconds=1))

        asked = [breaker.may_call("twilio") for _ in range(3)]
        breaker.failed("twilio")
        again = breaker.may_call("twilio")

    assert asked == [True, False, False]
    assert again is False


def test_failures_with_a_success_between_them_are_no_outage():
    for _ in range(breaker.FAILURES - 1):
        breaker.failed("twilio")
    breaker.succeeded("twilio")
    breaker.failed("twilio")

    assert breaker.outages(["twilio"]) == []


def test_a_lost_cache_forgets_the_outage_and_no_more():
    for _ in range(breaker.FAILURES):
        breaker.failed("twilio")
    cache.clear()

    assert breaker.may_call("twilio")


def test_the_only_account_is_always_asked(two: Two, settings: Settings):
    settings.TWILIO_SECOND_ACCOUNT_SID = ""
    for _ in range(breaker.FAILURES):
        breaker.failed("twilio")

    sms.send(CAMILLE, "Bonjour")

    assert len(two[0].messages) == 1


def test_when_both_are_out_the_message_waits(two: Two):
    for name in ("twilio", "twilio-second"):
        for _ in range(breaker.FAILURES):
            breaker.failed(name)

    error = refused()

    assert (error.reason, error.permanent, error.unknown) == ("sms_unreachable", False, False)
    assert error.retry_after == breaker.PAUSE.total_seconds()
    assert two[0].received == two[1].received == []


Mails = tuple[FakeSmtp, responses.RequestsMock]


@pytest.mark.parametrize("answers", [{"MAIL": "452 Full"}, {"DATA": "451 Later"}, {"RCPT": "450 Greylisted"}])
def test_a_mail_that_the_server_put_off_leaves_by_the_second(answers: dict[str, str], two_mails: Mails):
    smtp, api = two_mails
    smtp.answers.update(answers)

    assert mail.send(letter()) == "pm-1"
    assert mail.message_id("delivery 7")[1:-1] in str(api.calls[0].request.body)


def test_a_mail_server_that_is_away_costs_no_mail(two_mails: Mails, settings: Settings):
    settings.EMAIL_PORT = 1  # nobody listens there

    assert mail.send(letter()) == "pm-1"


def test_a_provider_of_mails_that_nobody_can_connect_to_costs_no_mail(two_mails: Mails, settings: Settings):
    """The other way round: the provider first, and nobody listens at its address."""
    settings.EMAIL_PROVIDER, settings.EMAIL_SECOND_PROVIDER = "postmark", "smtp"
    settings.EMAIL_BACKEND, settings.EMAIL_SECOND_BACKEND = (
        settings.EMAIL_SECOND_BACKEND,
        settings.EMAIL_BACKEND,
    )
    smtp, api = two_mails
    api.reset()
    api.add_passthru("http://127.0.0.1:1")
    settings.ANYMAIL = {**settings.ANYMAIL, "POSTMARK_API_URL": "http://127.0.0.1:1/"}

    mail.send(letter())

    assert len(smtp.mails) == 1


def test_a_mail_whose_answer_was_lost_is_not_sent_by_the_second(two_mails: Mails):
    smtp, api = two_mails
    smtp.answers["MAIL"] = "hang up"

    with pytest.raises(DeliveryError, match="email_interrupted"):
        mail.send(letter())

    assert len(api.calls) == 0


def test_a_mailbox_that_does_not_exist_is_not_asked_for_twice(two_mails: Mails):
    smtp, api = two_mails
    smtp.answers["RCPT"] = "550 No such user"

    with pytest.raises(DeliveryError, match="email_recipient_refused"):
        mail.send(letter())

    assert len(api.calls) == 0
