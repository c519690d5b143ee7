"""Email over SMTP and over a provider's API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st
from requests import ConnectionError as NoConnection

from gateways import mail
from gateways.errors import DeliveryError
from gateways.mail import Mail
from tests.fakes.smtp import FakeSmtp

Settings = Any
POSTMARK = "https://api.postmarkapp.com/email"


@pytest.fixture
def smtp(settings: Settings) -> Iterator[FakeSmtp]:
    with FakeSmtp().running() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_TIMEOUT = 5
        settings.PUBLIC_URL = "https://dms.rhone.example"
        yield running


@pytest.fixture
def postmark(settings: Settings) -> Iterator[responses.RequestsMock]:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "REQUESTS_TIMEOUT": 5}
    with responses.RequestsMock() as api:
        yield api


def letter(**changes: Any) -> Mail:
    return Mail(
        **{
            "to": "camille@rhone.test",
            "to_name": "Camille Durand",
            "subject": "Nouveau lead : Hélène",
            "text": "Peugeot 208 – « disponible ? »",
            "html": "<p>Peugeot 208</p>",
            "key": "delivery 7",
            **changes,
        }
    )


def refused(**changes: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        mail.send(letter(**changes))
    return caught.value


def test_mail_arrives_in_two_parts_that_say_the_same(smtp: FakeSmtp):
    mail.send(letter())

    received = smtp.mails[0]
    plain, html = received.get_body(("plain",)), received.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "Peugeot 208 – « disponible ? »"
    assert html.get_content().strip() == "<p>Peugeot 208</p>"
    assert received["To"] == "Camille Durand <camille@rhone.test>"
    assert received["Auto-Submitted"] == "auto-generated"


def test_message_id_is_the_same_at_every_attempt_and_no_other_mail_has_it(smtp: FakeSmtp):
    mail.send(letter())
    mail.send(letter())
    mail.send(letter(key="delivery 8"))

    first, again, other = (received["Message-ID"] for received in smtp.mails)
    assert first == again != other
    assert first.endswith("@dms.rhone.example>")


@pytest.mark.parametrize("field", ["subject", "to_name"])
def test_no_line_break_reaches_a_header(field: str, smtp: FakeSmtp):
    mail.send(letter(**{field: "Lead\r\nBcc: everybody@rival.test\n\nbody\x00"}))

    received = smtp.mails[0]
    assert received["Bcc"] is None
    assert b"\nBcc:" not in smtp.raw[0]


@given(st.text(max_size=200))
def test_a_header_is_one_printable_line_whatever_it_was(text: str):
    line = mail.one_line(text)

    assert line.isprintable()
    assert line == " ".join(line.split())


@pytest.mark.parametrize(
    "address", ["", "nobody", "a b@rhone.test", "a@rhone.test\nBcc: b@rival.test", "a@b@c"]
)
def test_address_that_is_none_is_final(address: str, smtp: FakeSmtp):
    error = refused(to=address)

    assert (error.reason, error.permanent) == ("email_address_invalid", True)
    assert smtp.mails == []


@pytest.mark.parametrize(
    ("answers", "reason", "permanent"),
    [
        ({"RCPT": "550 No such user"}, "email_recipient_refused", True),
        ({"RCPT": "450 Greylisted, come back"}, "email_recipient_refused", False),
        ({"DATA": "554 Not wanted"}, "email_smtp_554", True),
        ({"DATA": "451 Later"}, "email_smtp_451", False),
        ({"MAIL": "452 Full"}, "email_smtp_452", False),
        ({"MAIL": "hang up"}, "email_interrupted", False),
    ],
)
def test_mail_server_says_never_or_later(
    answers: dict[str, str], reason: str, permanent: bool, smtp: FakeSmtp
):
    smtp.answers.update(answers)

    error = refused()

    assert (error.reason, error.permanent) == (reason, permanent)


def test_mail_server_that_is_away_is_tried_again(smtp: FakeSmtp, settings: Settings):
    settings.EMAIL_PORT = 1  # nobody listens there

    error = refused()

    assert (error.reason, error.permanent) == ("email_unreachable", False)


def test_provider_receives_our_message_id_and_names_the_mail(postmark: responses.RequestsMock):
    postmark.post(
        POSTMARK, json={"ErrorCode": 0, "Message": "OK", "MessageID": "pm-1", "To": "camille@rhone.test"}
    )

    provider_id = mail.send(letter())

    assert provider_id == "pm-1"
    assert mail.message_id("delivery 7")[1:-1] in str(postmark.calls[0].request.body)


@pytest.mark.parametrize(
    ("status", "reason", "permanent"),
    [(401, "email_credentials", False), (500, "email_status_500", False), (400, "email_status_400", True)],
)
def test_provider_refuses_for_good_or_for_now(
    status: int, reason: str, permanent: bool, postmark: responses.RequestsMock
):
    postmark.post(POSTMARK, status=status, json={"ErrorCode": 1, "Message": "no"})

    error = refused()

    assert (error.reason, error.permanent) == (reason, permanent)


def test_busy_provider_says_when_to_come_back(postmark: responses.RequestsMock):
    postmark.post(POSTMARK, status=429, headers={"Retry-After": "30"}, body="slow down")

    error = refused()

    assert (error.permanent, error.retry_after) == (False, 30)


def test_provider_that_is_away_is_tried_again(postmark: responses.RequestsMock):
    postmark.post(POSTMARK, body=NoConnection("no route"))

    error = refused()

    assert (error.reason, error.permanent) == ("email_unreachable", False)


def test_inactive_recipient_is_final(postmark: responses.RequestsMock):
    body = {
        "ErrorCode": 406,
        "Message": "You tried to send to a recipient that has been marked as inactive.\n"
        "Found inactive addresses: camille@rhone.test.\nInactive recipients have generated a hard bounce.",
    }
    postmark.post(POSTMARK, status=422, json=body)

    assert refused().permanent
