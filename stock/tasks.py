"""Celery's side of the stock's watch: hints, and a sweep that needs none."""

from __future__ import annotations

from celery import shared_task

from core.clock import now
from sites.scope import every_group, group_scope
from stock import mornings, watching


@shared_task(name="stock.watch")
def watch(group_id: int) -> None:
    """Look at what changed in the group; once more when there was too much for one look."""
    if watching.look(at=now()):
        watch.apply_async(kwargs={"group_id": group_id}, queue="default")


@shared_task(name="stock.sweep")
def sweep() -> None:
    """Whatever no hint led to, in all groups, and the errands of the sites whose morning has come."""
    at = now()
    with every_group():
        groups, errands = watching.groups_with_work(), mornings.due(at=at)
    for group_id in sorted(groups):
        with group_scope(group_id):
            watching.look(at=at)
    for errand in errands:
        with group_scope(errand.group_id):
            mornings.run(errand, at=at)
