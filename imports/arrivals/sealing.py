"""Passwords of other systems, kept so that a copy of the database does not hold them."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class SecretLost(Exception):
    """The secret was sealed with a key that this installation no longer has."""


def sealed(secret: str) -> str:
    """The secret as it is kept."""
    return _box().encrypt(secret.encode()).decode()


def unsealed(kept: str) -> str:
    """The secret again. Raises `SecretLost`."""
    if not kept:
        return ""
    try:
        return _box().decrypt(kept.encode()).decode()
    except InvalidToken as error:
        raise SecretLost from error


def _box() -> MultiFernet:
    """SECRET_KEY first, then those that were in use before."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key_from(key)) for key in keys])


def _key_from(secret_key: str) -> bytes:
    digest = hashlib.sha256(b"imports.arrivals.sealing:" + secret_key.encode()).digest()
    return base64.urlsafe_b64encode(digest)
