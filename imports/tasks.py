"""Celery's side of the engine: a run, and the sweep that finds what no hint told."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.db.models import Q

from core.clock import now
from imports.models import Run, RunState
from imports.running.run import carry_out
from sites.scope import every_group

QUEUE = "imports"


@shared_task(name="imports.run")
def run(run_id: str, group_id: int) -> None:  # noqa: ARG001 - the base task opens the scope of the group
    """Bring one run as far as it goes."""
    carry_out(UUID(run_id))


@shared_task(name="imports.sweep")
def sweep() -> None:
    """Runs that wait, and those whose worker died."""
    at = now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    with every_group():
        left = list(
            Run.objects.filter(free, state__in=(RunState.WAITING, RunState.RUNNING)).values_list(
                "pk", "group_id"
            )
        )
    for run_id, group_id in left:
        hint(run_id, group_id)


def hint(run_id: UUID, group_id: int) -> None:
    """Have a worker look at the run."""
    run.apply_async(kwargs={"run_id": str(run_id), "group_id": group_id}, queue=QUEUE)
