"""How a provider's refusal travels up: one error that knows whether trying again can help."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from socket import gaierror

from requests import RequestException
from requests.exceptions import ConnectTimeout

# Seconds. A provider that asks for a longer pause is asked again after a day all the same.
LONGEST_PAUSE = 24 * 3600.0


class DeliveryError(Exception):
    """A message was not accepted.

    `permanent`: trying the same message again cannot help. `reason`: a short code that is stored and shown,
    never a provider's own words. `retry_after`: seconds that the provider asked us to wait. `gone`: the
    address no longer exists and should be forgotten. `unknown`: the provider may have accepted the message
    although it did not say so, and sending it again would do harm: it is looked up before it is repeated.
    `not_taken`: it surely did not accept it, for a reason of its own: another account may be asked at once.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool,
        retry_after: float | None = None,
        gone: bool = False,
        unknown: bool = False,
        not_taken: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
        self.gone = gone
        self.unknown = unknown
        self.not_taken = not_taken

    def __repr__(self) -> str:
        return f"<DeliveryError {self.reason} {'permanent' if self.permanent else 'temporary'}>"


def seconds_to_wait(headers: Mapping[str, str], at: datetime) -> float | None:
    """The `Retry-After` header (RFC 9110 §10.2.3: seconds or a date) as seconds from `at`; None if unreadable."""
    value = next((text.strip() for name, text in headers.items() if name.lower() == "retry-after"), "")
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_PAUSE)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - at).total_seconds(), 0.0), LONGEST_PAUSE)


def is_never_left(error: RequestException) -> bool:
    """Whether a call failed before anything was sent: no connection was made at all."""
    if isinstance(error, ConnectTimeout):
        return True
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(getattr(reason, "__cause__", None), ConnectionRefusedError | gaierror)
