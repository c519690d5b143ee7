"""Celery's side of the engine: a run, and the sweep that finds what no hint told."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from celery import shared_task
from django.db.models import Q

from core.clock import now
from imports import storage
from imports.models import Feed, Run, RunState
from imports.running.run import carry_out
from sites.scope import every_group

QUEUE = "imports"
# Whoever corrects rows or asks the sender does it within weeks; a file holds prices and customers' words.
FILES_KEPT = timedelta(days=90)


@shared_task(name="imports.run")
def run(run_id: str, group_id: int) -> None:  # noqa: ARG001 - the base task opens the scope of the group
    """Bring one run as far as it goes; who waits for its sites is next."""
    carry_out(UUID(run_id))
    for other, group in _waiting_for(UUID(run_id)):
        hint(other, group)


def _waiting_for(run_id: UUID) -> list[tuple[UUID, int]]:
    """The runs that wait for a site of this one, if it waits no longer itself."""
    done = Run.objects.filter(pk=run_id).exclude(state=RunState.WAITING)
    waiting = Run.objects.filter(state=RunState.WAITING, feed__sites__in=done.values("feed__sites"))
    return list(waiting.exclude(pk=run_id).distinct().values_list("pk", "group_id"))


@shared_task(name="imports.fetch")
def fetch(feed_id: int, group_id: int) -> None:  # noqa: ARG001 - the base task opens the scope of the group
    """Fetch the file of one feed."""
    from imports.arrivals.fetching import fetch as fetch_feed  # starts runs, and so knows this module

    feed = Feed.objects.filter(pk=feed_id, is_active=True).first()
    if feed is not None:
        fetch_feed(feed, at=now())


@shared_task(name="imports.sweep")
def sweep() -> None:
    """Runs that wait, and those whose worker died; feeds whose time has come."""
    at = now()
    _sweep_feeds(at)
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=at)
    with every_group():
        left = list(
            Run.objects.filter(free, state__in=(RunState.WAITING, RunState.RUNNING)).values_list(
                "pk", "group_id"
            )
        )
    for run_id, group_id in left:
        hint(run_id, group_id)


@shared_task(name="imports.forget_files")
def forget_files() -> None:
    """Once a day: delete the files of runs that ended long ago."""
    before = now() - FILES_KEPT
    with every_group():
        young = Run.objects.filter(Q(finished_at__isnull=True) | Q(finished_at__gte=before)).exclude(
            digest=""
        )
        wanted = set(young.values_list("group_id", "digest"))
    storage.forget(wanted, before=before)


def _sweep_feeds(at: datetime) -> None:
    from imports.arrivals.fetching import due_feeds, put_off

    with every_group():
        due = list(due_feeds(at))
        mine = [feed for feed in due if put_off(feed, at=at)]
    for feed in mine:
        hint_to_fetch(feed.pk, feed.group_id)


def hint_to_fetch(feed_id: int, group_id: int) -> None:
    """Have a worker fetch the feed's file."""
    fetch.apply_async(kwargs={"feed_id": feed_id, "group_id": group_id}, queue=QUEUE)


def hint(run_id: UUID, group_id: int) -> None:
    """Have a worker look at the run."""
    run.apply_async(kwargs={"run_id": str(run_id), "group_id": group_id}, queue=QUEUE)
