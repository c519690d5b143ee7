"""One run from its file to its end.

It may be killed at any moment: whoever takes it up reads the file again and goes on behind the last chunk that was
committed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db import InterfaceError, OperationalError

from core.clock import now
from imports import day_order, declarations, mapping, storage
from imports.declarations import Importer, Setting
from imports.files import Refused, Table, open_table
from imports.files.refusals import EmptyFile, FileForgotten
from imports.models import Run, RunState, Step
from imports.plan import Plan
from imports.running import undoing
from imports.running.comparing import Vanished, refuse_doubles, release_others, vanished
from imports.running.early import Early
from imports.running.finishing import finish, propose_gone, stop
from imports.running.reading import Progress, read
from imports.running.stage import Stage
from imports.running.watch import Cancelled, LeaseLost, Watch
from imports.running.writing import write_all

# How often a run is taken up again before it counts as one that kills its worker.
MOST_STARTS = 5


class ColumnsMissing(Refused):
    """The file has no column for what every row must have: another format than the feed's, or never mapped."""

    code = "columns_missing"


def carry_out(run_id: UUID, *, clock: Callable[[], datetime] = now) -> None:
    """Take the run up, unless somebody else has it, and bring it as far as it goes."""
    run = Run.objects.select_related("feed").filter(pk=run_id).first()
    if run is None:
        return
    watch = Watch(run, clock=clock)
    if not watch.take():
        return
    try:
        _go(watch)
    except LeaseLost:
        return
    except Cancelled:
        watch.note("cancelled", written=run.created + run.updated + run.unchanged + run.failed)
        watch.end(RunState.CANCELLED)
    except Refused as refused:
        stop(watch, RunState.FAILED, refused.code, dict(refused.values))
    except (OperationalError, InterfaceError):
        raise  # the database went away: the lease runs out and the sweep has the run taken up again
    except Exception:
        stop(watch, RunState.FAILED, "unexpected", {})
        raise


def _go(watch: Watch) -> None:
    run = watch.run
    if run.step == Step.UNDOING:
        undoing.undo(watch)
        return
    starts = run.steps.filter(code__in=("started", "taken_up")).count()
    if starts >= MOST_STARTS:
        stop(watch, RunState.FAILED, "unexpected", {})
        return
    watch.note("taken_up" if starts else "started", file=run.file_name, size=run.size)
    importer = declarations.get(run.feed.importer)
    sites = tuple(run.feed.sites.order_by("pk"))
    stage = Stage(importer)
    plan, table = opened(importer, Setting(run.feed, sites, watch.clock()), run, stage)
    with stage.open():
        _through(table, plan, stage, watch)


def opened(importer: type[Importer], setting: Setting, run: Run, stage: Stage) -> tuple[Plan, Table]:
    """The run's file and the plan for it. Raises `Refused`."""
    feed = setting.feed
    path = storage.path_of(run.digest, group_id=run.group_id)
    if not path.exists():
        raise FileForgotten
    table = open_table(
        path,
        known=mapping.known_headers(importer),
        wanted=[column for column, field in feed.mapping.items() if field],
    )
    first = [row.cells for row in islice(table.rows(), day_order.LOOKED_AT)]
    mapped = mapping.for_file(
        importer,
        feed.mapping,
        table.columns,
        has_header=table.shape.has_header,
        by_itself=True,
        texts=mapping.texts_of(table.columns, first),
    )
    missing = mapping.missing(importer, mapped)
    if missing:
        raise ColumnsMissing(fields=", ".join(missing))
    if not feed.day_order:
        day_order.keep(feed, day_order.day_order(first, table.columns, mapped, importer))
    return Plan(importer, setting, table.columns, mapped, stage.encode), table


def _through(table: Table, plan: Plan, stage: Stage, watch: Watch) -> None:
    watch.step(Step.READING)
    knows = bool(plan.importer.model.objects.filter(feed=plan.setting.feed).exists())
    early = Early(plan, stage, watch) if Early.suits(table, knows=knows) else None
    progress = read(table, plan, stage, watch, knows=knows, early=early)
    _note_reading(progress, watch)
    lost = Vanished(0, 0)
    if early is None:
        watch.step(Step.COMPARING)
        refuse_doubles(table, plan, stage, watch)
        release_others(stage)
        lost = vanished(plan, stage) if knows else lost
    if not progress.rows and not lost.alive:
        raise EmptyFile
    if lost.is_more_than(plan.setting.feed.vanish_limit) and not watch.run.may_vanish:
        stop(
            watch,
            RunState.STOPPED,
            "would_vanish",
            {"missing": lost.missing, "alive": lost.alive, "limit": plan.setting.feed.vanish_limit},
        )
        return
    watch.step(Step.WRITING)
    left_alone = early.left_alone if early else write_all(plan, stage, watch)
    watch.step(Step.FINISHING)
    gone = propose_gone(plan, stage, watch.run) if lost.missing else 0
    finish(plan, watch, gone=gone, left_alone=left_alone)


def _note_reading(progress: Progress, watch: Watch) -> None:
    watch.note("read", rows=progress.rows)
    for code, count in progress.doubts.most_common():
        watch.note("doubt", doubt=code, count=count, row=progress.first_doubt[code])
