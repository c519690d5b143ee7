"""Finding out whose API key a caller holds, without asking the database each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from core.brief import BriefMemory
from core.clock import now
from sites.models import ApiKey
from sites.scope import every_group

# Seconds that a revoked key may live on in the other processes.
KEPT_SECONDS = 5.0

# How exactly `last_used_at` is told; one write a minute costs nothing.
LAST_USE_STEP = timedelta(minutes=1)

# An own key has 40 characters; hashing a megabyte that somebody sends as a key would be work for nothing.
LONGEST_KEY = 200


@dataclass(frozen=True)
class KeyHolder:
    """A machine that showed a valid key: for whom it acts and what it may do."""

    api_key_id: int
    group_id: int
    name: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        return scope in self.scopes


_known: BriefMemory[str, KeyHolder] = BriefMemory(seconds=KEPT_SECONDS)


def holder_of(key: str) -> KeyHolder | None:
    """Who holds this key; None when there is no such key or it was revoked."""
    if not key or len(key) > LONGEST_KEY:
        return None
    return _known.get(ApiKey.digest_of(key), _look_up)


@receiver(post_save, sender=ApiKey)
@receiver(post_delete, sender=ApiKey)
def forget_keys(**_: Any) -> None:
    """Let a change of any key count at once in this process."""
    _known.forget()


def _look_up(digest: str) -> KeyHolder | None:
    at = now()
    with every_group():
        api_key = ApiKey.objects.filter(digest=digest).first()
        if api_key is None or not api_key.is_usable(at):
            return None
        _note_use(api_key, at)
    return KeyHolder(
        api_key_id=api_key.pk,
        group_id=api_key.group_id,
        name=api_key.name,
        scopes=frozenset(api_key.scopes),
    )


def _note_use(api_key: ApiKey, at: datetime) -> None:
    if api_key.last_used_at is not None and at - api_key.last_used_at < LAST_USE_STEP:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=at - LAST_USE_STEP)
    ApiKey.objects.filter(stale, pk=api_key.pk).update(last_used_at=at)
