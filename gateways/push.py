"""Web Push: one encrypted message to one browser, through its maker's push service.

RFC 8030 (the protocol), 8188 and 8291 (the encryption), 8292 (who we are). The endpoint comes from a browser,
so it is checked against the known services and called through `gateways.http`.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import http_ece
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from core import clock
from gateways import http
from gateways.errors import DeliveryError, seconds_to_wait
from gateways.vapid import VapidKeys

# Bytes of plain text: services take bodies of 4,096 bytes (RFC 8030 §7.2), of which encryption needs 103.
MAX_PLAINTEXT = 3993
# What is tried once more when a service finds even that too large (status 413).
REDUCED_PLAINTEXT = 2000
_RECORD_SIZE = 4096
_POINT_LENGTH, _SECRET_LENGTH = 65, 16  # bytes, RFC 8291 §3.1 and §3.2
_BASE64URL = re.compile(r"[A-Za-z0-9_-]{1,100}={0,2}")
_ELLIPSIS = "…"


class Urgency(StrEnum):
    """RFC 8030 §5.3: what a phone that saves its battery still wakes up for."""

    VERY_LOW = "very-low"
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class UnknownPushService(Exception):
    """The endpoint does not belong to a push service that we know; nothing is ever sent there."""


class BadSubscriptionKeys(Exception):
    """The browser's keys are not a P-256 point and a 16-byte secret."""


@dataclass(frozen=True)
class Subscription:
    """Where to send and for whose eyes, as the browser's `PushSubscription.toJSON()` said (base64url keys)."""

    endpoint: str
    p256dh: str
    auth: str


def check_endpoint(endpoint: str) -> None:
    """Refuse an endpoint outside `settings.PUSH_SERVICES`. Raises `UnknownPushService`."""
    try:
        host = http.check(endpoint).host
    except http.RefusedAddress as error:
        raise UnknownPushService(str(error)) from error
    if not any(_matches(host, pattern) for pattern in settings.PUSH_SERVICES):
        raise UnknownPushService(host)


def check_keys(subscription: Subscription) -> None:
    """Refuse keys that nothing can be encrypted for. Raises `BadSubscriptionKeys`."""
    _decoded_keys(subscription)


def send(
    subscription: Subscription,
    payload: Mapping[str, Any],
    *,
    keys: VapidKeys,
    life: timedelta,
    urgency: Urgency = Urgency.NORMAL,
    topic: str = "",
    shorten: Sequence[str] = ("body", "title"),
) -> str:
    """Send `payload` as JSON; answer the service's name for the message (may be empty).

    `life` is how long the service keeps it for a device that sleeps; `topic` makes it replace an undelivered
    message of the same topic; the text fields named in `shorten` are cut, in this order, if it is too long.
    Raises `DeliveryError`; `gone` says that the subscription has ended.
    """
    post = partial(_post, subscription, keys=keys, life=life, urgency=urgency, topic=topic)
    try:
        check_endpoint(subscription.endpoint)
        answer = post(fitted(payload, MAX_PLAINTEXT, shorten))
        if answer.status == 413:
            answer = post(fitted(payload, REDUCED_PLAINTEXT, shorten))
    except UnknownPushService as error:
        raise DeliveryError("push_service_unknown", permanent=True) from error
    except BadSubscriptionKeys as error:
        raise DeliveryError("push_keys_invalid", permanent=True, gone=True) from error
    except http.RefusedAddress as error:
        raise DeliveryError("push_address_refused", permanent=True) from error
    except http.Unreachable as error:
        # Even if it did arrive: the same tag replaces the first on screen, so sending again does no harm.
        raise DeliveryError(f"push_{error}", permanent=False) from error
    return _accepted(answer)


def fitted(payload: Mapping[str, Any], limit: int, shorten: Sequence[str]) -> bytes:
    """`payload` as JSON of at most `limit` bytes: texts are cut, never the JSON.

    Raises `DeliveryError` when it is too long even without those texts.
    """
    encoded = _json(payload)
    for name in shorten:
        if len(encoded) <= limit:
            break
        payload = {**payload, name: _longest_that_fits(payload, name, limit)}
        encoded = _json(payload)
    if len(encoded) > limit:
        raise DeliveryError("push_too_long", permanent=True)
    return encoded


def encrypt(plaintext: bytes, subscription: Subscription) -> bytes:
    """The aes128gcm body (RFC 8291) that only this subscription's browser can read."""
    point, secret = _decoded_keys(subscription)
    one_time_key = ec.generate_private_key(ec.SECP256R1())
    body: bytes = http_ece.encrypt(
        plaintext,
        private_key=one_time_key,
        dh=point,
        auth_secret=secret,
        rs=_RECORD_SIZE,
        version="aes128gcm",
    )
    return body


def _post(
    subscription: Subscription,
    plaintext: bytes,
    *,
    keys: VapidKeys,
    life: timedelta,
    urgency: Urgency,
    topic: str,
) -> http.Answer:
    parts = urlsplit(subscription.endpoint)
    headers = {
        "Authorization": keys.authorization(
            f"{parts.scheme}://{parts.netloc}".lower(), settings.VAPID_SUBJECT, clock.now()
        ),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(life.total_seconds())),
        "Urgency": urgency.value,
    }
    if topic:
        headers["Topic"] = _topic(topic)
    return http.request("POST", subscription.endpoint, body=encrypt(plaintext, subscription), headers=headers)


def _accepted(answer: http.Answer) -> str:
    status = answer.status
    if 200 <= status < 300:
        return answer.headers.get("location", "").rsplit("/", 1)[-1][:120]
    if status in (404, 410):
        raise DeliveryError("push_subscription_ended", permanent=True, gone=True)
    if status == 413:
        raise DeliveryError("push_too_long", permanent=True)
    wait = seconds_to_wait(answer.headers, clock.now())
    if status == 429 or status >= 500:
        raise DeliveryError(f"push_status_{status}", permanent=False, retry_after=wait)
    raise DeliveryError(f"push_status_{status}", permanent=True)


def _topic(name: str) -> str:
    # At most 32 characters of base64url (RFC 8030 §5.4), and the service need not know which lead it is about.
    return urlsafe_b64encode(sha256(name.encode()).digest())[:32].decode()


def _matches(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern


def _decoded_keys(subscription: Subscription) -> tuple[bytes, bytes]:
    try:
        point, secret = (_from_base64url(key) for key in (subscription.p256dh, subscription.auth))
        if len(point) != _POINT_LENGTH or len(secret) != _SECRET_LENGTH:
            raise BadSubscriptionKeys("length")
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise BadSubscriptionKeys("encoding") from error
    return point, secret


def _from_base64url(text: str) -> bytes:
    # The standard decoder drops foreign characters in silence. Its own error is a ValueError too.
    if not _BASE64URL.fullmatch(text):
        raise ValueError("not base64url")
    digits = text.rstrip("=")
    return urlsafe_b64decode(digits + "=" * (-len(digits) % 4))


def _json(payload: Mapping[str, Any]) -> bytes:
    # Half a surrogate pair, which JSON from outside can smuggle in, has no UTF-8 form: shown as a question mark.
    try:
        return msgspec.json.encode(payload)
    except UnicodeEncodeError:
        return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _longest_that_fits(payload: Mapping[str, Any], name: str, limit: int) -> str:
    """The longest beginning of the text `name` with which the whole payload has at most `limit` bytes."""
    text = str(payload.get(name, ""))
    shortest, longest = 0, len(text)
    while shortest < longest:
        length = (shortest + longest + 1) // 2
        if len(_json({**payload, name: text[:length].rstrip() + _ELLIPSIS})) <= limit:
            shortest = length
        else:
            longest = length - 1
    return text[:shortest].rstrip() + _ELLIPSIS if shortest else ""
