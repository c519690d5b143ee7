"""The shared cache: Redis in production, this process's memory when embedded. It may be empty at any time."""

from typing import Any

from .mode import REDIS_URL

CACHES: dict[str, dict[str, Any]] = (
    {
        "default": {
            "BACKEND": "dms.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "dms",
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 1.0},  # seconds
        }
    }
    if REDIS_URL
    else {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
)
