"""What can be done to keys, and by people to themselves. People and sites are edited in the admin site."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sites.keys import forget_keys
from sites.models import ApiKey, User

# Bytes of randomness: beyond guessing, and short enough to paste.
KEY_BYTES = 30
PREFIX_LENGTH = 8


@dataclass(frozen=True)
class IssuedKey:
    """A new key and its text, which is told this once and kept nowhere."""

    api_key: ApiKey
    text: str


def issue_api_key(*, group_id: int, name: str, scopes: Sequence[str], text: str = "") -> IssuedKey:
    """Make a key for a machine. `text` is for the demo's published keys; real keys are random."""
    text = text or secrets.token_urlsafe(KEY_BYTES)
    api_key = ApiKey.objects.create(
        group_id=group_id,
        name=name,
        prefix=text[:PREFIX_LENGTH],
        digest=ApiKey.digest_of(text),
        scopes=list(scopes),
    )
    return IssuedKey(api_key=api_key, text=text)


def revoke_api_key(*, api_key_id: int, at: datetime) -> bool:
    """Make the key useless from `at` on. False when it already was, or is none of this group's."""
    revoked = ApiKey.objects.filter(pk=api_key_id, revoked_at__isnull=True).update(revoked_at=at)
    forget_keys()
    return bool(revoked)


def change_profile(*, person: User, first_name: str, last_name: str, phone: str, language: str) -> User:
    """What a person may change about himself. `phone` is E.164 or empty, `language` one of LANGUAGES."""
    person.first_name = first_name
    person.last_name = last_name
    person.phone = phone
    person.language = language
    person.full_clean(exclude=["password", "group"], validate_unique=False, validate_constraints=False)
    person.save(update_fields=["first_name", "last_name", "phone", "language"])
    return person


def set_language(*, user: User, language: str) -> None:
    """Speak French (« fr ») or English (« en ») to the person, on every channel."""
    user.language = language
    user.save(update_fields=["language"])
