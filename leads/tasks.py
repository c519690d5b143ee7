"""Chores that nobody waits for."""

from celery import shared_task

from core.clock import now
from leads.services import forget_old_keys
from sites.scope import every_group


@shared_task(name="leads.forget_old_keys")
def forget_old_keys_task() -> None:
    """Once a day: drop the keys of requests that nobody will repeat any more, in every group."""
    with every_group():
        forget_old_keys(at=now())
