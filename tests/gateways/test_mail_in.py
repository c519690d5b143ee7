"""Mails that come in: every provider's own format, the door for mail servers, and who is not believed."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.conf import settings as product
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils.module_loading import import_string

from gateways import mail_in
from gateways.events import NotSigned, Unreadable
from gateways.forms import read_form
from gateways.http import Unreachable
from gateways.mail_in import InboundMail
from tests.fakes import mail_in as posts
from tests.fakes.mail_events import SECRET, SIGNING_KEY, basic
from tests.fakes.server import FakeServer, Reply

TO = "feed-0123456789abcdef01234567@files.example.com"
# Bytes as a spreadsheet has them: every one of them, and every kind of line end.
SHEET = bytes(range(256)) + b"\r\n\n\r\r\n--\r\n" + bytes(range(255, -1, -1))
JSON = "application/json"
# What is set for providers that sign: no name and password.
KEYS = {"MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY, "MAILERSEND_INBOUND_SECRET": SIGNING_KEY}

pytestmark = pytest.mark.filterwarnings("ignore:django-anymail has dropped")


@pytest.fixture(autouse=True)
def _secrets(settings: Any) -> None:
    settings.ANYMAIL = {**KEYS, "WEBHOOK_SECRET": SECRET, "BREVO_API_KEY": "key"}


@pytest.fixture
def signatures(settings: Any) -> None:
    """The provider signs, and was given no password."""
    settings.ANYMAIL = KEYS


def posted(body: bytes, content_type: str = JSON, headers: dict[str, str] | None = None) -> HttpRequest:
    shown = basic() if headers is None else headers
    # Of an empty body the factory would tell no type.
    return RequestFactory().generic("POST", "/imports/mail/", body, CONTENT_TYPE=content_type, headers=shown)


def read(
    body: bytes,
    content_type: str = JSON,
    *,
    provider: str = "postmark",
    headers: dict[str, str] | None = None,
    secret: str = SECRET,
) -> list[InboundMail]:
    return mail_in.read(posted(body, content_type, headers), provider=provider, secret=secret)


def files_of(mail: InboundMail) -> list[tuple[str | None, Any]]:
    parsed = message_from_bytes(mail.raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return [
        (part.get_filename(), part.get_payload(decode=True)) for part in parsed.walk() if part.get_filename()
    ]


def untouched() -> HttpRequest:
    """A call of somebody else, whose body must stay where it is."""
    request = posted(
        posts.postmark(TO, ("a.xlsx", SHEET)), headers=basic("dms:another-password-of-that-length")
    )
    request.read = lambda *_: pytest.fail("read before it was proven")  # type: ignore[method-assign]
    return request


# --- each provider in its own words -----------------------------------------------------------------------------


def signed_by_mailersend(body: bytes) -> dict[str, str]:
    return {"Signature": hmac.new(SIGNING_KEY.encode(), body, hashlib.sha256).hexdigest()}


FILE = ("Véhicules d’occasion.xlsx", SHEET)
WHOLE = posts.mail(TO, FILE)


@pytest.mark.parametrize(
    ("provider", "body", "content_type"),
    [
        ("postmark", posts.postmark(TO, FILE), JSON),
        ("postmark", posts.postmark(TO, RawEmail=WHOLE.decode()), JSON),
        ("sendgrid", *posts.sendgrid(TO, FILE)),
        ("sendgrid", *posts.sendgrid(TO, whole=WHOLE)),
        ("sparkpost", posts.sparkpost((TO, WHOLE)), JSON),
        ("mailjet", posts.mailjet(TO, FILE), JSON),
        ("", WHOLE, mail_in.RAW),
    ],
)
def test_a_file_arrives_byte_for_byte_whoever_brings_it(provider: str, body: bytes, content_type: str):
    (mail,) = read(body, content_type, provider=provider)

    assert files_of(mail) == [FILE]
    assert mail.recipients == ((TO,) if provider else ())


@pytest.mark.parametrize(
    ("provider", "body", "content_type", "headers"),
    [
        ("mailgun", *posts.mailgun(TO, FILE), {}),
        ("mailgun", *posts.mailgun(TO, whole=WHOLE), {}),
        ("mailersend", posts.mailersend(TO, WHOLE), JSON, signed_by_mailersend(posts.mailersend(TO, WHOLE))),
    ],
)
def test_a_signed_file_arrives_byte_for_byte_without_a_password(
    provider: str, body: bytes, content_type: str, headers: dict[str, str], signatures: None
):
    (mail,) = read(body, content_type, provider=provider, headers=headers)

    assert (files_of(mail), mail.recipients) == ([FILE], (TO,))


def test_anymails_own_words_for_the_same_file_would_be_broken():
    """The control of the test above: a mail's line ends change when it is written, and a file's must not."""
    from anymail.inbound import AnymailInboundMessage

    part = AnymailInboundMessage.construct_attachment("application/octet-stream", SHEET, filename="a.xlsx")
    whole = AnymailInboundMessage.construct(attachments=[part], text="x").as_bytes()

    assert files_of(InboundMail(raw=whole)) != [("a.xlsx", SHEET)]


@pytest.mark.parametrize("provider", ["mailgun", "sendgrid"])
def test_a_whole_mail_in_another_encoding_than_utf_8_is_not_touched(provider: str):
    whole = b"To: x@y\r\nContent-Type: text/csv; charset=iso-8859-1; name=a.csv\r\n\r\nCitro\xebn;1\r\n"
    body, content_type = getattr(posts, provider)(TO, whole=whole)

    (mail,) = read(body, content_type, provider=provider)

    assert mail.raw == whole


def test_nor_is_one_that_sparkpost_packs_because_of_it():
    part = b"Content-Type: text/csv; charset=iso-8859-1; name=a.csv\r\n%s\r\nCitro\xebn;1\r\n"
    for told in (b"", b"Content-Transfer-Encoding: 8bit\r\n"):
        (mail,) = read(posts.sparkpost((TO, b"To: x@y\r\n" + part % told)), provider="sparkpost")

        assert [(name, data.split()) for name, data in files_of(mail)] == [("a.csv", [b"Citro\xebn;1"])]
        assert mail.recipients == (TO,)


def test_mailgun_posts_a_plain_form_when_no_file_is_attached():
    from urllib.parse import urlencode

    body, content_type = posts.mailgun(TO)
    form = read_form("multipart/form-data", {"boundary": content_type.partition("=")[2]}, body)

    (mail,) = read(urlencode(form.post).encode(), "application/x-www-form-urlencoded", provider="mailgun")

    assert (files_of(mail), mail.recipients) == ([], (TO,))


def test_sparkpost_brings_several_at_once():
    other = TO.replace("0123", "3210")

    mails = read(posts.sparkpost((TO, WHOLE), (other, WHOLE)), provider="sparkpost")

    assert [mail.recipients for mail in mails] == [(TO,), (other,)]


def test_the_same_call_twice_is_the_same_mail():
    """Or a mail that is put aside would lie there as often as the provider tries."""
    first, again = (read(posts.postmark(TO, FILE)) for _ in range(2))

    assert first == again


def test_files_at_brevo_are_fetched_with_its_key(settings: Any):
    settings.SAFE_HTTP_ALLOWS_LOOPBACK = True
    with FakeServer().running() as brevo:
        settings.ANYMAIL = {**settings.ANYMAIL, "BREVO_API_URL": f"{brevo.url}/v3"}
        brevo.tell(Reply(200, SHEET, headers={"Content-Type": "application/octet-stream"}))

        (mail,) = read(posts.brevo(TO, "stock.xlsx"), provider="brevo")

    assert (files_of(mail), mail.recipients) == ([("stock.xlsx", SHEET)], (TO,))
    assert brevo.received[0].path == "/v3/inbound/attachments/token%2Fstock.xlsx"
    assert brevo.received[0].headers["api-key"] == "key"


def test_a_file_that_brevo_does_not_give_now_lets_the_mail_come_again(settings: Any):
    settings.SAFE_HTTP_ALLOWS_LOOPBACK = True
    with FakeServer().running() as brevo:
        settings.ANYMAIL = {**settings.ANYMAIL, "BREVO_API_URL": f"{brevo.url}/v3"}
        brevo.tell(Reply(500))

        with pytest.raises(Unreachable):
            read(posts.brevo(TO, "stock.xlsx"), provider="brevo")


@pytest.mark.parametrize("provider", mail_in.READERS)
def test_every_reader_exists(provider: str):
    assert mail_in._reader_for(provider).esp_name.lower() == provider


# --- who is believed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {},
        basic("dms:another-password-of-that-length"),
        basic("dms:"),
        basic(SECRET + "x"),
        {"Authorization": "Basic é"},
        {"Authorization": f"Bearer {b64encode(SECRET.encode()).decode()}"},
        {"Authorization": SECRET},
    ],
)
@pytest.mark.parametrize(
    ("body", "content_type"), [(posts.postmark(TO, FILE), JSON), (WHOLE, mail_in.RAW)], ids=["json", "raw"]
)
def test_a_call_without_the_password_is_refused(body: bytes, content_type: str, headers: dict[str, str]):
    with pytest.raises(NotSigned):
        read(body, content_type, headers=headers)


def test_a_stranger_is_refused_before_his_mail_is_read():
    with pytest.raises(NotSigned):
        mail_in.read(untouched(), provider="postmark", secret=SECRET)


def test_a_stranger_is_refused_before_his_mail_is_measured(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(mail_in, "MAX_BODY", 10)

    with pytest.raises(NotSigned):
        read(WHOLE, mail_in.RAW, headers={})


@pytest.mark.parametrize("secret", ["", ":", "dms:", ":password", "password"])
def test_where_no_secret_is_set_no_mail_server_is_believed(secret: str):
    with pytest.raises(NotSigned):
        read(WHOLE, mail_in.RAW, headers=basic(secret), secret=secret)


@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailInsecureWebhookWarning")
@pytest.mark.parametrize("anymail", [{}, {"WEBHOOK_SECRET": ""}, {"WEBHOOK_SECRET": []}])
def test_where_no_secret_is_set_no_provider_is_believed(anymail: dict[str, Any], settings: Any):
    settings.ANYMAIL = anymail

    with pytest.raises(NotSigned):
        read(posts.postmark(TO, FILE), headers=basic(":"))


@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailInsecureWebhookWarning")
def test_anymail_alone_would_believe_it(settings: Any):
    """The control of the test above."""
    settings.ANYMAIL = {}
    reader = import_string(mail_in.READERS["postmark"])()

    assert reader.run_validators(posted(posts.postmark(TO, FILE), headers={})) is None


@pytest.mark.parametrize("key", ["", None])
def test_a_signature_with_an_empty_key_proves_nothing(key: str | None, settings: Any):
    settings.ANYMAIL = {} if key is None else {"MAILGUN_WEBHOOK_SIGNING_KEY": key}

    with pytest.raises(NotSigned):
        read(*posts.mailgun(TO, FILE, key=key or ""), provider="mailgun", headers={})


def test_a_forged_signature_is_refused(signatures: None):
    with pytest.raises(NotSigned):
        read(*posts.mailgun(TO, FILE, key="another"), provider="mailgun", headers={})


def test_a_signature_that_is_not_there_is_refused(signatures: None):
    body, content_type = posts.form({"recipient": TO, "body-mime": WHOLE})

    with pytest.raises(NotSigned):
        read(body, content_type, provider="mailgun", headers=basic())


def test_a_signature_over_another_body_is_refused(signatures: None):
    body = posts.mailersend(TO, WHOLE)

    with pytest.raises(NotSigned):
        read(body + b" ", provider="mailersend", headers=signed_by_mailersend(body))


@pytest.mark.parametrize("provider", ["", "smtp", "scaleway", "resend", "mandrill", "amazon_ses"])
def test_a_provider_that_brings_no_mail_is_not_spoken_for(provider: str):
    with pytest.raises(NotSigned):
        read(posts.postmark(TO, FILE), provider=provider)


@pytest.mark.parametrize("provider", ["", "smtp", "mailgun", "resend"])
def test_a_mail_server_is_believed_whoever_the_provider_is(provider: str):
    assert read(WHOLE, mail_in.RAW, provider=provider) == [InboundMail(raw=WHOLE)]


# --- what is no mail --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "body", "content_type"),
    [
        *(("postmark", body, JSON) for body in (b"", b"{", b"[]", b"null", b"7", b"[" * 50_000)),
        ("postmark", b'{"RecordType": "Delivery"}', JSON),
        ("mailjet", b'{"Parts": [{"ContentRef": "Attachment1"}]}', JSON),
        ("sendgrid", *posts.form({"subject": "neither headers nor mail"})),
        ("sendgrid", posts.sendgrid(TO, FILE)[0][:-10], posts.sendgrid(TO, FILE)[1]),
        ("sendgrid", posts.sendgrid(TO, FILE)[0], "multipart/form-data"),
        ("sendgrid", b"", "multipart/form-data; boundary=x"),
        ("sendgrid", b"--x\r\n\r\nnameless\r\n--x--", "multipart/form-data; boundary=x"),
        ("", b"", mail_in.RAW),
    ],
)
def test_nonsense_with_the_secret_is_unreadable(provider: str, body: bytes, content_type: str):
    with pytest.raises(Unreadable):
        read(body, content_type, provider=provider)


@pytest.mark.parametrize("content_type", [JSON, mail_in.RAW])
def test_a_mail_beyond_the_limit_is_too_large(content_type: str, monkeypatch: pytest.MonkeyPatch):
    body = posts.postmark(TO, FILE)
    monkeypatch.setattr(mail_in, "MAX_BODY", len(body) - 1)

    with pytest.raises(mail_in.TooLarge):
        read(body, content_type)


def test_of_a_mail_that_is_told_to_be_too_large_nothing_is_read(monkeypatch: pytest.MonkeyPatch):
    request = posted(WHOLE, mail_in.RAW)
    request.read = lambda *_: pytest.fail("read")  # type: ignore[method-assign]
    monkeypatch.setattr(mail_in, "MAX_BODY", len(WHOLE) - 1)

    with pytest.raises(mail_in.TooLarge):
        mail_in.read(request, provider="", secret=SECRET)


def test_a_mail_that_is_larger_than_told_is_noticed(monkeypatch: pytest.MonkeyPatch):
    request = posted(WHOLE, mail_in.RAW)
    request.META["CONTENT_LENGTH"] = ""
    monkeypatch.setattr(mail_in, "MAX_BODY", len(WHOLE) - 1)

    with pytest.raises(mail_in.TooLarge):
        mail_in.read(request, provider="", secret=SECRET)


@pytest.mark.parametrize(
    ("provider", "post"),
    [
        ("postmark", lambda whole: (posts.postmark(TO, RawEmail=whole.decode()), JSON)),
        ("sendgrid", lambda whole: posts.sendgrid(TO, whole=whole)),
        ("mailgun", lambda whole: posts.mailgun(TO, whole=whole)),
        ("", lambda whole: (whole, mail_in.RAW)),
    ],
)
def test_a_mail_larger_than_what_pages_take_is_read(provider: str, post: Any):
    whole = posts.mail(TO, ("stock.csv", b"x" * (product.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)))

    (mail,) = read(*post(whole), provider=provider)

    assert len(mail.raw) > product.DATA_UPLOAD_MAX_MEMORY_SIZE


@pytest.mark.parametrize("of", [lambda request: request.body, lambda request: request.POST])
def test_django_itself_would_refuse_it(of: Any):
    """The control of the test above, and what every other address still does."""
    assert product.DATA_UPLOAD_MAX_MEMORY_SIZE == 2_621_440
    body, content_type = posts.sendgrid(TO, whole=b"x" * (product.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))

    with pytest.raises(RequestDataTooBig):
        of(posted(body, content_type))
