"""Text messages through Twilio: send one, or find out whether one was sent.

Twilio's message resource has no idempotency key. An attempt whose answer was lost is `unknown`, and
`find_sent` must be asked before the text is sent again.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
from django.conf import settings
from requests import RequestException
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from core import clock
from gateways.errors import DeliveryError, is_never_left, seconds_to_wait
from gateways.failover import first_that_takes

_TWILIO = "https://api.twilio.com"
# Our clock and Twilio's may differ by this much when we ask what was sent since.
_CLOCK_DRIFT = timedelta(minutes=2)
# The last one: an answer that is not Twilio's JSON.
_FAILURES = (TwilioException, RequestException, ValueError)
_NOT_SENT = frozenset({"failed", "undelivered", "canceled"})

# https://www.twilio.com/docs/api/errors — codes whose meaning differs from that of their HTTP status.
_REASONS = {
    20003: "sms_credentials",
    21211: "sms_number_invalid",
    21408: "sms_country_not_allowed",
    21606: "sms_sender_invalid",
    21610: "sms_stopped_by_recipient",
    21612: "sms_unroutable",
    21614: "sms_not_a_mobile",
    21617: "sms_too_long",
}
# The account's trouble, not the message's: mended by us, so the message waits.
_MENDED_BY_US = frozenset({20003, 20005, 21606, 21611, 20429, 14107})


@dataclass(frozen=True)
class Account:
    """One of our accounts: its name in reports, its credentials, who the text is from, and where it is asked."""

    name: str
    sid: str
    token: str
    sender: str
    api_url: str


@dataclass(frozen=True)
class SentSms:
    """A message that Twilio has: its SID, its state in Twilio's words, when it was made (aware)."""

    sid: str
    status: str
    body: str
    created_at: datetime


def is_configured() -> bool:
    """Whether the environment holds Twilio credentials."""
    return bool(settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN)


def accounts() -> list[Account]:
    """Those that are configured, in the order in which they are asked."""
    first = Account(
        "twilio",
        settings.TWILIO_ACCOUNT_SID,
        settings.TWILIO_AUTH_TOKEN,
        settings.TWILIO_FROM,
        settings.TWILIO_API_URL,
    )
    second = Account(
        "twilio-second",
        settings.TWILIO_SECOND_ACCOUNT_SID,
        settings.TWILIO_SECOND_AUTH_TOKEN,
        settings.TWILIO_SECOND_FROM,
        settings.TWILIO_SECOND_API_URL,
    )
    return [account for account in (first, second) if account.sid and account.token]


def send(to: str, body: str, *, callback: str = "") -> str:
    """Text `body` to the E.164 number `to`; answer the SID. Raises `DeliveryError`.

    Twilio calls the address `callback` with each new state of the message.
    """
    check_country(to)
    ways = [(one.name, functools.partial(_send_by, one, to, body, callback)) for one in accounts()]
    return first_that_takes(ways, channel="sms")


def find_sent(to: str, since: datetime) -> Iterator[SentSms]:
    """What was taken for the number `to` since `since` (aware), by one account after the other, failed ones left out.

    Raises `DeliveryError` at the end when an account could not say: who has found what he looked for has no need
    to come that far, and who has not must not take silence for a no.
    """
    silent: DeliveryError | None = None
    for account in accounts():
        try:
            yield from _find_at(account, to, since)
        except DeliveryError as error:
            silent = error
    if silent is not None:
        raise silent


def _send_by(account: Account, to: str, body: str, callback: str) -> str:
    told = {"status_callback": callback} if callback else {}
    try:
        message = _client(account).messages.create(to=to, body=body, **_sender(account.sender), **told)
    except _FAILURES as error:
        raise _translated(error, is_read=False) from error
    return str(message.sid)


def _find_at(account: Account, to: str, since: datetime) -> list[SentSms]:
    """Newest first. Asked by number only: Twilio filters by the date of sending, which a queued message has not."""
    try:
        found = _client(account).messages.list(to=to, limit=50, page_size=50)
    except _FAILURES as error:
        raise _translated(error, is_read=True) from error
    sent = [
        SentSms(row.sid, str(row.status), row.body or "", row.date_created)
        for row in found
        if row.date_created is not None and str(row.status) not in _NOT_SENT
    ]
    return [sms for sms in sent if sms.created_at >= since - _CLOCK_DRIFT]


def check_country(number: str) -> None:
    """Refuse a number outside `settings.SMS_COUNTRIES` or none at all. Raises `DeliveryError`."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException as error:
        raise DeliveryError("sms_number_invalid", permanent=True) from error
    if phonenumbers.region_code_for_number(parsed) not in settings.SMS_COUNTRIES:
        raise DeliveryError("sms_country_not_allowed", permanent=True)


class _Http(TwilioHttpClient):  # type: ignore[misc]  # Twilio ships no types
    """Twilio's own client, pointed at `settings.TWILIO_API_URL`, that keeps what its errors forget."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=settings.PROVIDER_TIMEOUT, max_retries=0)
        self._base_url = base_url.rstrip("/")

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """Make the call; a busy service becomes an error that knows how long to wait."""
        response: Response = super().request(method, url.replace(_TWILIO, self._base_url, 1), *args, **kwargs)
        if response.status_code in (429, 503):
            headers: Mapping[str, str] = response.headers or {}
            wait = seconds_to_wait(headers, clock.now())
            raise DeliveryError(
                f"sms_status_{response.status_code}",
                permanent=False,
                retry_after=wait,
                unknown=response.status_code == 503 and method.upper() == "POST",
                not_taken=response.status_code == 429,
            )
        return response


def _client(account: Account) -> Client:
    return _client_of(account.sid, account.token, account.api_url)


@functools.lru_cache(maxsize=4)
def _client_of(account_sid: str, token: str, base_url: str) -> Client:
    # One per process: its connections to Twilio stay open between messages.
    return Client(account_sid, token, http_client=_Http(base_url))


def _sender(sender: str) -> dict[str, str]:
    return {"messaging_service_sid": sender} if sender.startswith("MG") else {"from_": sender}


def _translated(error: Exception, *, is_read: bool) -> DeliveryError:
    """`is_read`: the call only asked, so that a lost answer leaves nothing uncertain."""
    if isinstance(error, RequestException):
        never_left = is_read or is_never_left(error)
        return DeliveryError("sms_unreachable", permanent=False, unknown=not never_left, not_taken=never_left)
    status = getattr(error, "status", None)
    code = getattr(error, "code", None)
    if not isinstance(status, int):
        return DeliveryError("sms_bad_answer", permanent=False, unknown=not is_read)
    reason = _REASONS.get(code or 0, f"sms_status_{status}")
    if code in _MENDED_BY_US or status in (401, 403, 408):
        return DeliveryError(reason, permanent=False, not_taken=status != 408)
    if status >= 500:
        return DeliveryError(reason, permanent=False, unknown=not is_read)
    return DeliveryError(reason, permanent=True)
