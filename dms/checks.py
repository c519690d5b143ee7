"""What must never be true of a running installation, as Django system checks."""

from typing import Any

from django.conf import settings
from django.core import checks

from dms.embedded import transport


def demo_stays_in_its_box(**_: Any) -> list[checks.CheckMessage]:
    """Demo mode publishes its passwords on the sign-in page: it must not touch anything of production.

    The settings refuse to load in that case; this check guards against settings that were put together otherwise.
    """
    if not settings.DEMO:
        return []
    outside = [
        name
        for name, is_embedded in {
            "DATABASES": settings.DATABASES["default"]["ENGINE"] == "dms.embedded.sqlite",
            "CELERY_BROKER_URL": settings.CELERY_BROKER_URL == transport.URL,
            "REDIS_URL": not settings.REDIS_URL,
            "DMS_MODE": not settings.PRODUCTION,
        }.items()
        if not is_embedded
    ]
    if not outside:
        return []
    return [
        checks.Error(
            f"Demo mode is on beside production settings: {', '.join(outside)}.",
            hint="Unset DMS_MODE=demo, or run without DATABASE_URL and REDIS_URL.",
            id="dms.E001",
        )
    ]


def not_a_demo(**_: Any) -> list[checks.CheckMessage]:
    """`check --deploy` of a demo is a mistake worth hearing of."""
    if not settings.DEMO:
        return []
    return [checks.Error("Demo mode is on: anybody can sign in with a published password.", id="dms.E002")]


def register() -> None:
    """Hand the checks to Django."""
    checks.register(demo_stays_in_its_box, checks.Tags.security)
    checks.register(not_a_demo, checks.Tags.security, deploy=True)
