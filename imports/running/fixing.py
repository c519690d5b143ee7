"""Rows in error that a person has corrected: taken at once, by the same statements as the rest of their run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from imports import declarations
from imports.declarations import Setting
from imports.files import Row
from imports.files.table import unfit
from imports.models import Fault, Run
from imports.plan import Plan
from imports.problems import Problem
from imports.running.here import Known, Rows, known_here, rows_here
from imports.running.lines import new_lines, with_targets
from imports.running.reading import cells_of
from imports.running.run import opened
from imports.running.stage import Stage
from imports.running.writing import write_chunk

_DOUBLES = ("double", "double_other")


@dataclass(frozen=True)
class Fixed:
    """What became of the corrected rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0

    @property
    def taken(self) -> int:
        return self.created + self.updated + self.unchanged


def fix(run: Run, cells: Mapping[int, Mapping[str, str]], *, by_id: int | None, at: datetime) -> Fixed:
    """Read the open faults of these numbers again with the cells that were changed, in one transaction."""
    importer = declarations.get(run.feed.importer)
    stage = Stage(importer)
    plan, _table = opened(importer, Setting(run.feed, tuple(run.feed.sites.order_by("pk")), at), run, stage)
    with transaction.atomic():
        open_faults = Fault.objects.select_for_update().filter(
            run=run, number__in=list(cells), fixed_at__isnull=True
        )
        faults = list(open_faults.order_by("number"))
        rows = [_corrected(fault, cells[fault.number], plan) for fault in faults]
        found = _take(plan, stage, run, rows, _known(plan, rows, faults))
        counts = dict.fromkeys(("created", "updated", "unchanged", "failed"), 0)
        for fault, row in zip(faults, rows, strict=True):
            counts[_note(fault, row, found[row.number], plan, by_id=by_id, at=at)] += 1
        _count(run, counts)
    return Fixed(**counts)


def _corrected(fault: Fault, changed: Mapping[str, str], plan: Plan) -> Row:
    cells = {**fault.cells, **{name: text.strip() for name, text in changed.items()}}
    texts = [str(cells.get(column, "")) for column in plan.header]
    return Row(fault.number, texts, unfit(plan.header, texts))


def _known(plan: Plan, rows: Sequence[Row], faults: Sequence[Fault]) -> dict[int, Problem]:
    """Rows that still are what another row is: number → problem."""
    keys = [plan.key_of(row.cells) for row in rows]
    here = rows_here(keys, plan)
    first: dict[str, int] = {}
    known: dict[int, Problem] = {}
    for row, key, fault in zip(rows, keys, faults, strict=True):
        was = next((problem for problem in fault.problems if problem["code"] in _DOUBLES), None)
        if was is not None and key in here:
            known[row.number] = Problem(was["code"], values=was["values"])
        elif first.setdefault(key, row.number) != row.number:
            known[row.number] = Problem("double", values={"row": first[key]})
        elif not key:
            known[row.number] = Problem("no_key")
    return known


def _take(
    plan: Plan, stage: Stage, run: Run, rows: Sequence[Row], known: Mapping[int, Problem]
) -> dict[int, str | list[Problem]]:
    """Number → what the row became (the name of a count), or its problems."""
    if not rows:
        return {}
    taken = Rows.of([row.number for row in rows], [row.cells for row in rows], plan)
    said = plan.read_all(taken.cells)
    already = known_here(taken, said, rows_here(taken.keys, plan), plan)
    twice = _elsewhere(taken, already)
    for place, row in enumerate(rows):
        trouble = row.problem or (
            (known.get(row.number) or twice.get(place)) if place not in said.problems else None
        )
        if trouble is not None:
            said.problems[place] = [trouble]
    found: dict[int, str | list[Problem]] = {
        rows[place].number: problems for place, problems in said.problems.items()
    }
    with stage.open():
        stage.add_written(with_targets(new_lines(taken, said, stage), taken, said, already, stage))
        stage.index()
        if len(found) < len(rows):
            found.update(_written(plan, stage, run, max(taken.numbers)))
    return found


def _elsewhere(rows: Rows, already: Known) -> dict[int, Problem]:
    """Place → problem, of rows that are another one: of the feed under another key, or corrected with them."""
    found: dict[int, Problem] = {}
    first: dict[Any, int] = {}
    for place, (number, key, by) in enumerate(zip(rows.numbers, rows.keys, already.adopted, strict=True)):
        here = already.of(place, key)
        if here is not None and here.other_key not in (None, key):
            found[place] = Problem("double_here")
        elif by and first.setdefault(by, number) != number:
            found[place] = Problem("double_other", values={"row": first[by]})
    return found


def _written(plan: Plan, stage: Stage, run: Run, last: int) -> dict[int, str]:
    """Write all of the stage; number → the name of a count."""
    written = write_chunk(plan, stage, run.pk, 0, last)
    found = dict.fromkeys(stage.numbers(), "unchanged")
    found.update(dict.fromkeys(stage.new_numbers(), "created"))
    found.update({row.number: "updated" for row in written.merged if row.changes})
    return found


def _note(
    fault: Fault, row: Row, found: str | list[Problem], plan: Plan, *, by_id: int | None, at: datetime
) -> str:
    """Write to the fault what became of it; the name of the count."""
    fault.cells = cells_of(row, plan)
    if isinstance(found, str):
        fault.outcome, fault.fixed_at, fault.fixed_by_id = found, at, by_id
    else:
        fault.problems = [problem.as_json() for problem in found]
    fault.save(update_fields=["cells", "problems", "outcome", "fixed_at", "fixed_by"])
    return found if isinstance(found, str) else "failed"


def _count(run: Run, counts: Mapping[str, int]) -> None:
    """Move the rows from « in error » to what they became: the sum stays the file's."""
    more = {name: F(name) + counts[name] for name in ("created", "updated", "unchanged")}
    taken = counts["created"] + counts["updated"] + counts["unchanged"]
    Run.objects.filter(pk=run.pk).update(**more, failed=F("failed") - taken)
    run.refresh_from_db()
