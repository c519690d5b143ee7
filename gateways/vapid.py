"""The product's own key pair for Web Push (VAPID, RFC 8292): made once, kept in one file, read by every process.

Losing the private key loses every subscription: browsers bind a subscription to the public key.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from tempfile import mkstemp

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from py_vapid import Vapid02

# RFC 8292 §2 allows 24 hours; half of it forgives clocks that differ.
TOKEN_LIFE = timedelta(hours=12)


class UnreadableKey(Exception):
    """The file of the push key exists but holds no P-256 private key."""


@dataclass(frozen=True)
class VapidKeys:
    """The key pair; `public_key` is what `PushManager.subscribe` takes as applicationServerKey (base64url)."""

    private_key: ec.EllipticCurvePrivateKey

    @property
    def public_key(self) -> str:
        point = self.private_key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return urlsafe_b64encode(point).rstrip(b"=").decode()

    def authorization(self, audience: str, subject: str, at: datetime) -> str:
        """The `Authorization` header for one send to the origin `audience`, signed with fresh claims."""
        claims = {"aud": audience, "exp": int((at + TOKEN_LIFE).timestamp()), "sub": subject}
        header: str = Vapid02(self.private_key).sign(claims)["Authorization"]
        return header


def current_keys() -> VapidKeys | None:
    """The keys in use, or None before `manage.py make_vapid_keys` ran. Raises `UnreadableKey`."""
    path = Path(settings.VAPID_PRIVATE_KEY_FILE)
    try:
        changed_at = path.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _read(path, changed_at)


def make_keys(path: Path) -> bool:
    """Make the key file, readable by its owner only. False when it was there already, whoever made it.

    Complete or absent: it is written beside and linked into place, which fails where a file stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        return False
    private_key = ec.generate_private_key(ec.SECP256R1())
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    handle, name = mkstemp(dir=path.parent, prefix=f"{path.name}.")  # mode 0600
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True


@lru_cache(maxsize=2)
def _read(path: Path, changed_at: int) -> VapidKeys:  # noqa: ARG001  # a changed file is another cache key
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise UnreadableKey(str(path)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise UnreadableKey(str(path))
    return VapidKeys(key)
