"""A run's lease, progress and log. Whoever loses the lease stops at once: somebody else has taken the run up."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from core.clock import now
from imports.models import Run, RunState, RunStep, Step
from sites.models import Site

# How long a run may be silent before another worker takes it up.
LEASE = timedelta(seconds=90)
# Seconds between two updates of the progress: what a page that asks every second can show.
BEAT = 0.7


class LeaseLost(Exception):
    """Another worker has taken the run up, or it was ended."""


class Cancelled(Exception):
    """A person wants the run to end here."""


class Watch:
    """Held by the one worker that a run belongs to."""

    def __init__(self, run: Run, *, clock: Callable[[], datetime] = now) -> None:
        self.run = run
        self.clock = clock
        self._token = uuid4()
        self._last_beat = 0.0

    def take(self) -> bool:
        """Take the run up, if nobody holds it and no other run writes to one of its sites."""
        at = self.clock()
        with transaction.atomic():
            busy = self._busy_beside(at)
            if busy is not None:
                self._note_once("waits", feed=busy.feed.name)
                return False
            open_runs = Run.objects.filter(pk=self.run.pk, state__in=(RunState.WAITING, RunState.RUNNING))
            free = open_runs.filter(Q(lease_until__isnull=True) | Q(lease_until__lt=at))
            taken = free.update(
                state=RunState.RUNNING,
                lease_token=self._token,
                lease_until=at + LEASE,
                started_at=_first_of(at),
            )
        if taken:
            self.run.refresh_from_db()
        return bool(taken)

    def _busy_beside(self, at: datetime) -> Run | None:
        """Another feed's run that is writing to a site of this one. Who asks holds the sites meanwhile."""
        sites = list(self.run.feed.sites.order_by("pk").values_list("pk", flat=True))
        list(Site.objects.select_for_update(no_key=True).filter(pk__in=sites).order_by("pk"))
        running = Run.objects.filter(state=RunState.RUNNING, lease_until__gte=at, feed__sites__in=sites)
        return running.exclude(pk=self.run.pk).select_related("feed").first()

    def _note_once(self, code: str, **values: Any) -> None:
        if not self.run.steps.filter(code=code).exists():
            self.note(code, **values)

    def beat(self, *, at_once: bool = False, **progress: Any) -> None:
        """Now and then: keep the lease, show the progress. Raises `LeaseLost`, `Cancelled`."""
        moment = time.monotonic()
        if not at_once and moment - self._last_beat < BEAT:
            return
        self._last_beat = moment
        self.save(**progress)
        if Run.objects.filter(pk=self.run.pk, cancel_asked_at__isnull=False).exists():
            raise Cancelled

    def save(self, **changes: Any) -> None:
        """Write to the run, in the caller's transaction if there is one, as long as it is ours. Raises `LeaseLost`."""
        mine = Run.objects.filter(pk=self.run.pk, lease_token=self._token)
        if not mine.update(lease_until=self.clock() + LEASE, **changes):
            raise LeaseLost
        for name, value in changes.items():
            if not hasattr(value, "resolve_expression"):
                setattr(self.run, name, value)

    def count(self, **more: int) -> None:
        """Add to the run's counts. Raises `LeaseLost`."""
        written = more.pop("written")
        self.save(written=written, **{name: F(name) + value for name, value in more.items()})
        for name, value in more.items():
            setattr(self.run, name, getattr(self.run, name) + value)

    def step(self, step: Step) -> None:
        """Begin the next step."""
        self.save(step=step)

    def note(self, code: str, **values: Any) -> None:
        """A line of the log."""
        note(self.run, code, at=self.clock(), **values)

    def end(self, state: RunState, **changes: Any) -> None:
        """The run is over; the lease is given back."""
        self.save(state=state, lease_token=self._token, finished_at=self.clock(), **changes)
        Run.objects.filter(pk=self.run.pk).update(lease_token=None, lease_until=None)


def note(run: Run, code: str, *, at: datetime, **values: Any) -> None:
    """A line of a run's log."""
    RunStep.objects.create(group_id=run.group_id, run=run, at=at, code=code, values=values)


def _first_of(at: datetime) -> Any:
    return Coalesce(F("started_at"), at)
