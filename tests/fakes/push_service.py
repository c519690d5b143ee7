"""A push service and the browsers behind it (RFC 8030), written from the RFCs and not from our sending code.

It checks the VAPID token (RFC 8292), decrypts what it forwards with the browser's private key (RFC 8291, 8188),
and keeps the plain text for the test to read.
"""

from __future__ import annotations

import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core import clock
from tests.fakes.server import FakeServer, Received, Reply

MAX_BODY = 4096
A_DAY = 24 * 3600


class Undecipherable(Exception):
    """The body was not encrypted for this browser."""


class Forged(Exception):
    """The VAPID token does not prove who sent the message."""


@dataclass
class Browser:
    """One subscription with its private half, and what arrived at it."""

    endpoint: str
    application_key: str
    private_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    messages: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def p256dh(self) -> str:
        return to_base64url(point_of(self.private_key.public_key()))

    @property
    def auth(self) -> str:
        return to_base64url(self.secret)

    def read(self, body: bytes) -> bytes:
        """Decrypt one aes128gcm body. Raises `Undecipherable`."""
        return decrypt(body, self.private_key, self.secret)


class FakePushService(FakeServer):
    """`open_browser` makes a subscription; messages posted to its endpoint end in `Browser.messages`."""

    def __init__(self) -> None:
        super().__init__()
        self.browsers: dict[str, Browser] = {}
        self.refusals: list[str] = []

    def open_browser(self, application_key: str) -> Browser:
        path = f"/push/{len(self.browsers) + 1}"
        self.browsers[path] = Browser(self.url + path, application_key)
        return self.browsers[path]

    def reply_to(self, request: Received) -> Reply:
        browser = self.browsers.get(request.path)
        if browser is None:
            return Reply(404)
        if len(request.body) > MAX_BODY:
            return Reply(413)
        if (
            request.headers.get("content-encoding") != "aes128gcm"
            or not request.headers.get("ttl", "").isdigit()
        ):
            return Reply(400)
        try:
            check_vapid(request.headers.get("authorization", ""), browser.application_key, self.url)
            text = browser.read(request.body)
        except (Forged, Undecipherable) as error:
            self.refusals.append(str(error))
            return Reply(403)
        browser.messages.append(json.loads(text))
        browser.headers.append(dict(request.headers))
        return Reply(201, headers={"Location": f"{self.url}/m/{len(browser.messages)}"})


def check_vapid(authorization: str, application_key: str, origin: str) -> dict[str, Any]:
    """The claims of `vapid t=…, k=…`, once signature, key, audience and expiry are right. Raises `Forged`."""
    scheme, _space, rest = authorization.partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme.lower() != "vapid" or not {"t", "k"} <= parts.keys():
        raise Forged("no VAPID token")
    if parts["k"] != application_key:
        raise Forged("not the key that the browser subscribed with")
    claims = signed_claims(parts["t"], parts["k"])
    now = clock.now().timestamp()
    if claims.get("aud") != origin:
        raise Forged("another audience")
    if not now < claims.get("exp", 0) <= now + A_DAY:
        raise Forged("expired, or lives too long")
    if not str(claims.get("sub", "")).startswith(("mailto:", "https://")):
        raise Forged("nobody to write to")
    return claims


def signed_claims(token: str, key: str) -> dict[str, Any]:
    """The claims of an ES256 token signed by `key`. Raises `Forged`."""
    try:
        header, claims, signature = token.split(".")
        raw = from_base64url(signature)
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(key))
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        public.verify(encode_dss_signature(r, s), f"{header}.{claims}".encode(), ec.ECDSA(SHA256()))
        if json.loads(from_base64url(header)).get("alg") != "ES256":
            raise Forged("another algorithm")
        found: dict[str, Any] = json.loads(from_base64url(claims))
    except (ValueError, InvalidSignature) as error:
        raise Forged("bad signature") from error
    return found


def decrypt(body: bytes, private_key: ec.EllipticCurvePrivateKey, secret: bytes) -> bytes:
    """RFC 8291 §3.4 and RFC 8188 §2 for a body of one record. Raises `Undecipherable`."""
    try:
        salt, key_length = body[:16], body[20]
        sender_point, record = body[21 : 21 + key_length], body[21 + key_length :]
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender_point)
        shared = private_key.exchange(ec.ECDH(), sender)
        info = b"WebPush: info\0" + point_of(private_key.public_key()) + sender_point
        keying = hkdf(secret, shared, info, 32)
        content_key = hkdf(salt, keying, b"Content-Encoding: aes128gcm\0", 16)
        nonce = hkdf(salt, keying, b"Content-Encoding: nonce\0", 12)
        padded = AESGCM(content_key).decrypt(nonce, record, None)
    except (ValueError, IndexError, InvalidTag) as error:
        raise Undecipherable("not for this browser") from error
    text, mark, _padding = padded.rpartition(b"\x02")
    if not mark:
        raise Undecipherable("not the last record")
    return text


def hkdf(salt: bytes, keying: bytes, info: bytes, length: int) -> bytes:
    """RFC 5869 with SHA-256, for at most 32 bytes."""
    extracted = hmac.digest(salt, keying, sha256)
    return hmac.digest(extracted, info + b"\x01", sha256)[:length]


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def to_base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
