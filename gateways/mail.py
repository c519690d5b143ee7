"""Email through whichever provider the environment names: Django's SMTP backend or one of django-anymail's.

One call sends one message to one person and answers the provider's name for it. The Message-ID is ours and
the same at every attempt and by whichever provider, so that a repeated message is the same message to a mailbox.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from functools import partial
from hashlib import sha256
from socket import gaierror
from urllib.parse import urlsplit

from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailRecipientsRefused,
)
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from requests import RequestException

from core import clock
from gateways.errors import DeliveryError, is_never_left, seconds_to_wait
from gateways.failover import first_that_takes

_MAX_SUBJECT = 200  # characters


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One email to one person. `text` and `html` say the same; `key` names it among all that we send."""

    to: str
    to_name: str = ""
    subject: str
    text: str
    html: str
    key: str
    headers: Mapping[str, str] = field(default_factory=dict)


def is_configured() -> bool:
    """Whether the environment names a provider."""
    return bool(settings.EMAIL_PROVIDER)


def providers() -> dict[str, str]:
    """Name → Django's backend, of those that are configured, in the order in which they are asked."""
    both = {
        settings.EMAIL_PROVIDER: settings.EMAIL_BACKEND,
        settings.EMAIL_SECOND_PROVIDER: settings.EMAIL_SECOND_BACKEND,
    }
    return {name: backend for name, backend in both.items() if name}


def send(mail: Mail) -> str:
    """Hand the mail to the provider; answer its name for it. Raises `DeliveryError`."""
    backends = providers() or {"email": settings.EMAIL_BACKEND}
    ways = [(name, partial(_send_by, backend, mail)) for name, backend in backends.items()]
    return first_that_takes(ways, channel="email")


def _send_by(backend: str, mail: Mail) -> str:
    message = _message(mail)
    message.connection = get_connection(backend)
    try:
        message.send()
    except smtplib.SMTPException as error:
        raise _from_smtp(error) from error
    except AnymailError as error:
        raise _from_api(error) from error
    except OSError as error:
        refused = isinstance(error, ConnectionRefusedError | gaierror)
        raise DeliveryError("email_unreachable", permanent=False, not_taken=refused) from error
    status = getattr(message, "anymail_status", None)
    return str(getattr(status, "message_id", None) or message.extra_headers["Message-ID"])[:120]


def message_id(key: str) -> str:
    """The Message-ID for the mail of this key: stable, unique to this installation, telling nothing."""
    domain = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    digest = sha256(f"{settings.PUBLIC_URL}\n{key}".encode()).hexdigest()[:32]
    return f"<{digest}@{domain}>"


def one_line(text: str) -> str:
    """`text` fit for a header: line breaks and other control characters become blanks, blanks fold."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _message(mail: Mail) -> EmailMultiAlternatives:
    try:
        validate_email(mail.to)
    except ValidationError as error:
        raise DeliveryError("email_address_invalid", permanent=True) from error
    message = EmailMultiAlternatives(
        subject=one_line(mail.subject)[:_MAX_SUBJECT],
        body=mail.text,
        to=[_addressed(mail.to_name, mail.to)],
        headers={
            "Message-ID": message_id(mail.key),
            # RFC 3834: no holiday replies to a machine.
            "Auto-Submitted": "auto-generated",
            **{name: one_line(value) for name, value in mail.headers.items()},
        },
    )
    message.attach_alternative(mail.html, "text/html")
    return message


def _addressed(name: str, address: str) -> str:
    name = one_line(name)
    local, _at, domain = address.rpartition("@")
    return str(Address(name, local, domain)) if name else address


def _from_smtp(error: smtplib.SMTPException) -> DeliveryError:
    """RFC 5321 §4.2.1: 5xx says never, 4xx says later. Refused credentials are mended by us, so: later."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return DeliveryError("email_credentials", permanent=False, not_taken=True)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        return _answered("email_recipient_refused", permanent=all(code >= 500 for code in codes))
    if isinstance(error, smtplib.SMTPResponseException):
        code = error.smtp_code
        return _answered(f"email_smtp_{code}", permanent=500 <= code < 600)
    return DeliveryError("email_interrupted", permanent=False)


def _answered(reason: str, *, permanent: bool) -> DeliveryError:
    """The server said no in words: whatever it means for later, it has not taken the mail."""
    return DeliveryError(reason, permanent=permanent, not_taken=not permanent)


def _from_api(error: AnymailError) -> DeliveryError:
    if isinstance(error, AnymailRecipientsRefused):
        return DeliveryError("email_recipient_refused", permanent=True)
    if isinstance(error, AnymailConfigurationError):
        return DeliveryError("email_credentials", permanent=False, not_taken=True)
    status = error.status_code
    if status is None and isinstance(error, RequestException) and isinstance(error, AnymailAPIError):
        cause = error.__cause__
        never_left = isinstance(cause, RequestException) and is_never_left(cause)
        return DeliveryError("email_unreachable", permanent=False, not_taken=never_left)
    if status in (401, 402, 403):
        return DeliveryError("email_credentials", permanent=False, not_taken=True)
    if status in (408, 429) or (status or 0) >= 500:
        headers = getattr(error.response, "headers", None) or {}
        wait = seconds_to_wait(headers, clock.now())
        return DeliveryError(
            f"email_status_{status}", permanent=False, retry_after=wait, not_taken=status == 429
        )
    return DeliveryError(f"email_status_{status}" if status else "email_refused", permanent=True)
