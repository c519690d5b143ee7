"""Facts that the engine states: one at the end of each run, one when it stops and somebody must look."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.signals import DomainSignal, Fact


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFact(Fact):
    """What is told of a run. `site_name` is that of the feed's first site."""

    run_id: UUID
    feed_id: int
    feed_name: str
    file_name: str
    site_name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportFinished(RunFact):
    """Every row has been dealt with: the four counts add up to the rows of the file."""

    created: int
    updated: int
    unchanged: int
    failed: int
    vanished: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportStopped(RunFact):
    """Nothing more happens until somebody looks. `code` and `values` are those of the sentence that says why.

    `is_waiting` while the run can go on once a person says so.
    """

    code: str
    values: dict[str, str | int]
    is_waiting: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportMovedOn(RunFact):
    """A stopped run waits no longer: `by_name` has decided, or, where it is empty, a newer file has come."""

    by_name: str = ""


import_finished = DomainSignal("import_finished", ImportFinished)
import_finished_with_faults = DomainSignal("import_finished_with_faults", ImportFinished)
import_stopped = DomainSignal("import_stopped", ImportStopped)
import_moved_on = DomainSignal("import_moved_on", ImportMovedOn)
