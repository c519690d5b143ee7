"""Rows in error that a person has corrected: taken at once, by the same statements as the rest of their run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from core.ids import new_id
from imports import declarations
from imports.declarations import Setting
from imports.files import Row
from imports.files.table import unfit
from imports.models import Fault, Run
from imports.plan import Plan
from imports.problems import Problem
from imports.running.reading import digests
from imports.running.run import opened
from imports.running.stage import Stage
from imports.running.writing import Written, write_chunk

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
    plan, _table = opened(importer, Setting(run.feed, tuple(run.feed.sites.order_by("pk")), at), run)
    with transaction.atomic():
        open_faults = Fault.objects.select_for_update().filter(
            run=run, number__in=list(cells), fixed_at__isnull=True
        )
        faults = list(open_faults.order_by("number"))
        rows = [_corrected(fault, cells[fault.number], plan) for fault in faults]
        outcomes = _take(plan, Stage(importer), run, rows, _known(plan, rows, faults))
        counts = dict.fromkeys(("created", "updated", "unchanged", "failed"), 0)
        for fault, row, found in zip(faults, rows, outcomes, strict=True):
            outcome = _note(fault, row, found, plan, by_id=by_id, at=at)
            counts[outcome] += 1
        _count(run, counts)
    return Fixed(**counts)


def _corrected(fault: Fault, changed: Mapping[str, str], plan: Plan) -> Row:
    cells = {**fault.cells, **{name: text.strip() for name, text in changed.items()}}
    texts = [str(cells.get(column, "")) for column in plan.header]
    return Row(fault.number, texts, unfit(plan.header, texts))


def _known(plan: Plan, rows: Sequence[Row], faults: Sequence[Fault]) -> dict[int, Problem]:
    """Rows that still are what another row is: number → problem."""
    keys = [plan.key_of(row.cells) for row in rows]
    here = digests(plan, keys)
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
) -> list[Written | list[Problem]]:
    """What each row became: counts of one, or its problems."""
    outcomes: list[Written | list[Problem]] = []
    with stage.open():
        for row in rows:
            values, problems = plan.read(row.cells)
            if row.problem is not None:
                problems = [row.problem]
            if not problems and row.number in known:
                problems = [known[row.number]]
            if problems:
                outcomes.append(problems)
                continue
            digest = plan.digest_of(plan.text_of(row.cells))
            stage.add([stage.line(row.number, plan.key_of(row.cells), digest, values, new_id())])
            outcomes.append(write_chunk(plan, stage, run.pk, row.number - 1, row.number))
    return outcomes


def _note(
    fault: Fault,
    row: Row,
    found: Written | list[Problem],
    plan: Plan,
    *,
    by_id: int | None,
    at: datetime,
) -> str:
    """Write to the fault what became of it; the name of the count."""
    fault.cells = {column: cell for column, cell in zip(plan.header, row.cells, strict=True) if cell}
    if isinstance(found, Written):
        outcome = "created" if found.created else "updated" if found.updated else "unchanged"
        fault.outcome, fault.fixed_at, fault.fixed_by_id = outcome, at, by_id
    else:
        outcome = "failed"
        fault.problems = [problem.as_json() for problem in found]
    fault.save(update_fields=["cells", "problems", "outcome", "fixed_at", "fixed_by"])
    return outcome


def _count(run: Run, counts: Mapping[str, int]) -> None:
    """Move the rows from « in error » to what they became: the sum stays the file's."""
    more = {name: F(name) + counts[name] for name in ("created", "updated", "unchanged")}
    taken = counts["created"] + counts["updated"] + counts["unchanged"]
    Run.objects.filter(pk=run.pk).update(**more, failed=F("failed") - taken)
    run.refresh_from_db()
