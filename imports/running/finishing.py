"""Last step: what the feed no longer has is proposed for removal, and the run is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from imports.models import Gone, Run, RunState
from imports.plan import Plan
from imports.running.comparing import missing_sql
from imports.running.stage import Stage
from imports.running.watch import Watch
from imports.signals import (
    ImportFinished,
    ImportStopped,
    import_finished,
    import_finished_with_faults,
    import_stopped,
)

_AT_ONCE = 1_000
_LABEL = 200


class SumIsWrong(Exception):
    """The four counts do not add up to the rows of the file: a fault of ours."""


@dataclass(frozen=True)
class Decision:
    """What a person said about a row that had left the feed already the last time."""

    at: datetime | None
    by_id: int | None


def propose_gone(plan: Plan, stage: Stage, run: Run) -> int:
    """Propose for removal what is missing from the file; how many. What a person kept the last time stays decided."""
    before = _kept_last_time(run)
    proposed = 0
    for rows in _missing(plan, stage):
        gone = [_gone(run, plan, row, before) for row in rows]
        Gone.objects.bulk_create(gone, ignore_conflicts=True)
        proposed += len(gone)
    return proposed


def _missing(plan: Plan, stage: Stage) -> Iterator[list[Any]]:
    sql, parameters = missing_sql(plan, stage)
    ids: list[Any] = []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t.id FROM {sql}", parameters)  # noqa: S608 - our names
        while found := cursor.fetchmany(_AT_ONCE):
            ids += [row[0] for row in found]
    for start in range(0, len(ids), _AT_ONCE):
        yield list(plan.importer.model.objects.filter(pk__in=ids[start : start + _AT_ONCE]))


def _gone(run: Run, plan: Plan, row: Any, before: dict[Any, Decision]) -> Gone:
    decision = before.get(row.pk)
    return Gone(
        group_id=run.group_id,
        run=run,
        key=row.feed_key,
        target=row.pk,
        label=plan.importer.label_of(row)[:_LABEL],
        decided_at=decision.at if decision else None,
        decided_by_id=decision.by_id if decision else None,
        was_removed=False if decision else None,
    )


def _kept_last_time(run: Run) -> dict[Any, Decision]:
    last = (
        Run.objects.filter(feed_id=run.feed_id, state=RunState.DONE)
        .exclude(pk=run.pk)
        .order_by("-pk")
        .first()
    )
    kept = Gone.objects.filter(run=last, was_removed=False) if last else Gone.objects.none()
    return {gone.target: Decision(gone.decided_at, gone.decided_by_id) for gone in kept}


def finish(plan: Plan, watch: Watch, *, gone: int, left_alone: int) -> None:
    """Close the run and tell, in one transaction. Raises `SumIsWrong`, `LeaseLost`."""
    run = watch.run
    run.refresh_from_db()
    if run.created + run.updated + run.unchanged + run.failed != run.total:
        raise SumIsWrong(run.pk)
    with transaction.atomic():
        watch.end(RunState.DONE, vanished=gone)
        if left_alone:
            watch.note("left_alone", count=left_alone)
        watch.note(
            "nothing_new" if run.unchanged == run.total and not gone else "finished",
            created=run.created,
            updated=run.updated,
            unchanged=run.unchanged,
            failed=run.failed,
            vanished=gone,
        )
        signal = import_finished_with_faults if run.failed else import_finished
        signal.send(finished_fact(run, at=watch.clock(), vanished=gone))
    plan.importer.finished(plan.setting)


def finished_fact(run: Run, *, at: datetime, vanished: int) -> ImportFinished:
    """The fact of a finished run."""
    return ImportFinished(
        **told(run, at),
        created=run.created,
        updated=run.updated,
        unchanged=run.unchanged,
        failed=run.failed,
        vanished=vanished,
    )


def stop(watch: Watch, state: RunState, code: str, values: dict[str, Any]) -> None:
    """The run waits for a person, or cannot go on at all: say why, to the log and to whom it concerns."""
    run = watch.run
    with transaction.atomic():
        watch.end(state, trouble={"code": code, "values": values})
        watch.note(code, **values)
        import_stopped.send(
            ImportStopped(
                **told(run, watch.clock()), code=code, values=values, is_waiting=state == RunState.STOPPED
            )
        )


def told(run: Run, at: datetime) -> dict[str, Any]:
    """What every fact about a run names."""
    site = run.feed.sites.order_by("pk").first()
    return {
        "group_id": run.group_id,
        "occurred_at": at,
        "site_id": site.pk if site else None,
        "site_name": site.name if site else "",
        "run_id": run.pk,
        "feed_id": run.feed_id,
        "feed_name": run.feed.name,
        "file_name": run.file_name,
    }
