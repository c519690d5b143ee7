"""Mails that come in: posted by the mail provider in its own format, or by any mail server just as they are.

django-anymail reads each provider's format and checks its signature, or the name and password in the address that
the provider was given. A mail server posts the mail itself as `message/rfc822`, with the same name and password.
Without a secret nobody is believed.
"""

from __future__ import annotations

from base64 import b64decode
from dataclasses import dataclass
from email.encoders import encode_base64
from typing import Any

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.module_loading import import_string

from gateways.events import NotSigned, Unreadable
from gateways.forms import read_form
from gateways.http import Unreachable

# The class that reads what each provider posts. The others take no mail, or only by a door of their own.
READERS = {
    "brevo": "gateways.mail_readers.BrevoReader",
    "mailersend": "anymail.webhooks.mailersend.MailerSendInboundWebhookView",
    "mailgun": "anymail.webhooks.mailgun.MailgunInboundWebhookView",
    "mailjet": "anymail.webhooks.mailjet.MailjetInboundWebhookView",
    "postmark": "anymail.webhooks.postmark.PostmarkInboundWebhookView",
    "sendgrid": "anymail.webhooks.sendgrid.SendGridInboundWebhookView",
    "sparkpost": "gateways.mail_readers.SparkPostReader",
}
# A mail as mail servers hand it on.
RAW = "message/rfc822"
# Bytes of a whole call: the largest mail that a provider takes is 25 to 35 MB, the base64 of its files included.
MAX_BODY = 40 * 1024 * 1024
# The field of a provider's form that holds a whole mail: taken as it is, because not every mail is UTF-8.
_WHOLE = {"mailgun": "body-mime", "sendgrid": "email"}


class TooLarge(Exception):
    """The call is larger than a mail is."""


@dataclass(frozen=True, kw_only=True)
class InboundMail:
    """One mail. `recipients` are those of its envelope, as far as they were told: headers may name anybody."""

    raw: bytes
    recipients: tuple[str, ...] = ()


class _Posted(HttpRequest):
    """A request whose body is in memory, whatever its size: Django's own reading would refuse it."""

    def __init__(self, request: HttpRequest, body: bytes) -> None:
        super().__init__()
        self.method, self.META = request.method, request.META
        self.content_type, self.content_params = request.content_type, request.content_params
        self._body = body
        form = read_form(self.content_type or "", self.content_params or {}, body)
        self.POST, self.FILES = form.post, form.files  # type: ignore[assignment]  # as Django's own
        self.fields = form.fields


def read(request: HttpRequest, *, provider: str, secret: str) -> list[InboundMail]:
    """The mails of one call. `secret` is the name:password that a mail server shows.

    Who does not prove himself is refused before his body is read; only what Mailgun and MailerSend sign is read first.

    Raises:
        NotSigned, Unreadable: as `gateways.mail_events.read`.
        TooLarge: nothing of it was understood.
        Unreachable: a part of the mail is still at the provider, and cannot be had now.
    """
    if request.content_type == RAW:
        if not _knows(request, secret):
            raise NotSigned
        return [InboundMail(raw=_body_of(request))]
    return _from_provider(request, provider)


def _from_provider(request: HttpRequest, provider: str) -> list[InboundMail]:
    reader = _reader_for(provider)
    signs_the_body = not reader.warn_if_no_basic_auth
    if not signs_the_body:
        _prove(reader, request)
    body = _body_of(request)
    try:
        posted = _Posted(request, body)
    except ValueError as error:
        raise Unreadable from error
    if signs_the_body:
        _prove(reader, posted)
    try:
        whole = posted.fields.get(_WHOLE.get(provider, ""))
        return [_mail_of(event.message, whole) for event in reader.parse_events(posted)]
    except Unreachable:
        raise
    except Exception as error:  # anymail takes the provider's word for its own format
        raise Unreadable from error


def _reader_for(provider: str) -> Any:
    """A fresh reader of what this provider posts. Raises `NotSigned` where there is none, or no secret for it."""
    path = READERS.get(provider)
    try:
        reader = import_string(path)() if path else None
    except ImproperlyConfigured as error:  # its secret is not set at all
        raise NotSigned from error
    keys = ("basic_auth", "webhook_signing_key", "signing_secret")
    if reader is None or not any(getattr(reader, key, None) for key in keys):
        raise NotSigned  # without a secret anymail would only warn, and believe
    return reader


def _prove(reader: Any, request: HttpRequest) -> None:
    try:
        reader.run_validators(request)
    except AnymailWebhookValidationFailure:
        raise NotSigned from None
    except Exception as error:  # a body in which no signature can be looked for
        raise NotSigned from error


def _knows(request: HttpRequest, secret: str) -> bool:
    """Whether the call shows this name and password (RFC 7617). A secret without either is none."""
    name, _colon, password = secret.partition(":")
    if not (name and password):
        return False
    scheme, _blank, shown = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        return scheme.lower() == "basic" and constant_time_compare(b64decode(shown), secret.encode())
    except ValueError:
        return False


def _body_of(request: HttpRequest) -> bytes:
    told = request.META.get("CONTENT_LENGTH") or ""
    if told.isdecimal() and int(told) > MAX_BODY:
        raise TooLarge
    try:
        body: bytes = request.read(MAX_BODY + 1)
    except OSError as error:  # the caller hung up
        raise Unreadable from error
    if len(body) > MAX_BODY:
        raise TooLarge
    if not body:  # sent in pieces of untold length, it would look like this as well: it must come again
        raise Unreadable
    return body


def _mail_of(message: AnymailInboundMessage, whole: bytes | None) -> InboundMail:
    recipient = message.envelope_recipient
    return InboundMail(raw=whole or _bytes_of(message), recipients=(str(recipient),) if recipient else ())


def _bytes_of(message: AnymailInboundMessage) -> bytes:
    """The mail as a mail server would have sent it, the same bytes each time.

    Files go into base64, because a mail's line ends may change on the way and theirs must not.
    """
    for number, part in enumerate(message.walk()):
        if part.get_content_maintype() == "multipart":
            if part.get_boundary() is None:
                part.set_boundary(f"==part-{number}==")  # no line of base64 begins with a dash
        elif not part.is_multipart() and "Content-Transfer-Encoding" not in part:
            encode_base64(part)
    raw: bytes = message.as_bytes(policy=message.policy.clone(refold_source="none", utf8=True))
    return raw
