"""Counters in the shared cache, for limits. While the cache is away every count begins anew: nothing fails."""

from __future__ import annotations

from django.core.cache import cache


def counted(key: str, *, seconds: int, by: int = 1) -> int:
    """Add to a count that begins with its first addition and lives for `seconds`; the sum. The key holds the tenant."""
    if cache.add(key, by, seconds):
        return by
    try:
        return cache.incr(key, by)
    except ValueError:  # it expired between the two questions
        return by
