"""What pages show of feeds and runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from imports import sentences
from imports.access import FeedNotFound, RunNotFound, feed_for, feeds_for, may_map, run_for, runs_of
from imports.models import Run, RunState, RunStep, Step

__all__ = [
    "FeedNotFound",
    "Progress",
    "RunNotFound",
    "feed_for",
    "feeds_for",
    "may_map",
    "progress_of",
    "run_for",
    "runs_of",
    "steps_of",
]

# How much of the bar each step has: reading is the larger part of an ordinary run.
_READ_SHARE, _WRITE_SHARE = 0.5, 0.45


@dataclass(frozen=True)
class Progress:
    """How far a run is. `share` is 0 to 1; `rows` those dealt with in its step; `seconds_left` None while unknown."""

    state: str
    step: str
    share: float
    rows: int
    rows_per_second: float
    seconds_left: float | None

    @property
    def percent(self) -> int:
        return int(self.share * 100)


def progress_of(run: Run, at: datetime) -> Progress:
    """How far the run is, its rate, and what is left of it at that rate."""
    share = 1.0 if run.state not in (RunState.WAITING, RunState.RUNNING) else _share(run)
    rows = run.read if run.step == Step.READING else run.created + run.updated + run.unchanged + run.failed
    end = run.finished_at or at
    seconds = (end - run.started_at).total_seconds() if run.started_at else 0.0
    left = None
    if run.state == RunState.RUNNING and share > 0.02 and seconds > 0:
        left = seconds * (1 - share) / share
    rate = (run.total or run.read) / seconds if seconds > 0 else 0.0
    return Progress(run.state, run.step, share, rows, rate, left)


def _share(run: Run) -> float:
    if run.step == Step.READING:
        return _READ_SHARE * min(1.0, run.position / run.size) if run.size else 0.0
    if run.step == Step.COMPARING:
        return _READ_SHARE
    if run.step == Step.WRITING:
        done = run.created + run.updated + run.unchanged + run.failed
        return _READ_SHARE + (_WRITE_SHARE * done / run.total if run.total else 0.0)
    return _READ_SHARE + _WRITE_SHARE


def steps_of(run: Run) -> list[tuple[RunStep, str]]:
    """The log, oldest first, each line with its sentence."""
    return [(step, sentences.of(step.code, step.values)) for step in run.steps.order_by("at", "pk")]
