"""A dealer's file of 100,000 vehicles, first and once more with changes, against bare SQL and django-import-export."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from django.db import connection, transaction

from bench import stock_files
from bench.figures import Report, median
from bench.rivals import import_export
from core.ids import new_id
from imports import declarations, mapping
from imports.declarations import Setting
from imports.files import open_table
from imports.models import Feed, Run, RunState
from imports.plan import Plan
from imports.running import watch
from imports.running.run import carry_out
from imports.services.runs import begin
from sites.models import Group, Site
from sites.scope import group_scope

ROWS = 100_000
ROUNDS = 3
RIVAL_ROWS = 20_000  # its time grows with the rows, so that a fifth of them tells the ratio
CHANGED_EACH = 20  # 5 %
FLAT_FROM, FLAT_TO = 10_000, 1_000_000
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
IMPORTER = "stock.vehicles"


@dataclass(frozen=True)
class World:
    """A dealer with one feed."""

    group_id: int
    site: Site
    feed: Feed


def run() -> Report:
    """The table of this benchmark."""
    report = Report(f"Import of {ROWS:,} vehicles, 25 columns, with faults, history and 5 % changes")
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder)
        _against_sql(report, files)
        _against_import_export(report, files)
        _memory(report, files)
    return report


def world() -> World:
    """A fresh dealer."""
    group = Group.objects.create(name="Bench", slug=f"bench-{new_id()}")
    with group_scope(group.pk):
        site = Site.objects.create(group=group, name="Bench", slug="bench")
        feed = Feed.objects.create(group=group, name="DMS", importer=IMPORTER)
        feed.sites.set([site])
    return World(group.pk, site, feed)


def uploaded(at: World, path: Path) -> Run:
    """A run that waits for its worker."""
    with group_scope(at.group_id), path.open("rb") as file:
        return begin(feed=at.feed, file=file, file_name=path.name, by=None, at=AT)


def imported(at: World, run: Run) -> Run:
    """The run from its beginning to its end."""
    with group_scope(at.group_id):
        carry_out(run.pk)
        run.refresh_from_db()
    if run.state != RunState.DONE:
        raise RuntimeError(f"the run ended as {run.state}: {run.trouble}")
    return run


# --- against COPY and INSERT … ON CONFLICT -----------------------------------------------------------------


def _against_sql(report: Report, files: Path) -> None:
    first = stock_files.write(files / "first.csv", ROWS)
    second = stock_files.write(files / "second.csv", ROWS, changed_each=CHANGED_EACH)
    taken: dict[str, list[tuple[float, float, float]]] = {"first load": [], "again, 5 % changed": []}
    counts: dict[str, str] = {}
    for _round in range(ROUNDS):
        ours, bare = world(), world()
        for name, path in zip(taken, (first, second), strict=True):
            ready, run = _ready(bare, path), uploaded(ours, path)
            theirs = _timed(lambda ready=ready: _copy_and_merge(ready))
            del ready
            with _Beats() as beats:
                mine = _timed(lambda run=run, ours=ours: imported(ours, run))
            taken[name].append((mine, theirs, beats.seconds))
            counts[name] = _counts(run)
    for name, rounds in taken.items():
        mine, theirs, beating = (median([seconds[place] for seconds in rounds]) for place in range(3))
        report.row(f"{name}: ours", f"{mine:6.2f} s  {counts[name]}")
        report.row(f"{name}: COPY + INSERT … ON CONFLICT", f"{theirs:6.2f} s")
        ratio = median([mine / theirs for mine, theirs, _beating in rounds])
        report.bound(f"{name}: ours / bare SQL", ratio, 2.0)
        report.bound(f"{name}: progress / run", beating / mine, 0.02)


def _counts(last: Run) -> str:
    return f"({last.created:,} + {last.updated:,} + {last.unchanged:,} + {last.failed:,} = {last.total:,})"


def _timed(deed: Callable[[], object]) -> float:
    gc.collect()  # what another one has left is not cleared away in this one's time
    started = perf_counter()
    deed()
    return perf_counter() - started


def _plan(at: World, path: Path) -> tuple[Plan, Any]:
    importer = declarations.get(IMPORTER)
    table = open_table(path, known=mapping.known_headers(importer))
    mapped = mapping.for_file(importer, {}, table.columns)
    return Plan(importer, Setting(at.feed, (at.site,), AT), table.columns, mapped), table


def _values(at: World, path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Key and values of the rows that are in order."""
    plan, table = _plan(at, path)
    for row in table.rows():
        found = plan.read(row.cells)
        if not found.problems:
            yield plan.key_of(row.cells), dict(zip(plan.names, found.values, strict=True))


def _ready(at: World, path: Path) -> list[tuple[Any, ...]]:
    """The rows as values for the columns of the table: everything that a file needs is done."""
    columns = _columns()
    fixed = {
        "group_id": at.group_id, "feed_id": at.feed.pk, "site_id": at.site.pk, "arrived_on": AT.date(),
        "created_at": AT, "updated_at": AT, "feed_digest": "",
    }  # fmt: skip
    rows = []
    for key, values in _values(at, path):
        known = {name: value for name, value in values.items() if value is not None}
        row = {**_empty(), **fixed, **known, "site_id": at.site.pk, "id": new_id(), "feed_key": key}
        rows.append(tuple(_plain(row[column]) for column in columns))
    return rows


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list) else value


def _columns() -> list[str]:
    return [field.column for field in declarations.get(IMPORTER).model._meta.concrete_fields]


def _empty() -> dict[str, Any]:
    fields = declarations.get(IMPORTER).model._meta.concrete_fields
    return {field.column: field.get_default() for field in fields if field.column != "id"}


def _copy_and_merge(ready: list[tuple[Any, ...]]) -> None:
    columns = _columns()
    listed = ", ".join(f'"{column}"' for column in columns)
    written = [
        c for c in columns if c not in ("id", "group_id", "feed_id", "feed_key", "created_at", "arrived_on")
    ]
    sets = ", ".join(f'"{column}" = excluded."{column}"' for column in written)
    looked_at = [column for column in written if column != "updated_at"]
    old, new = (", ".join(f'{side}."{column}"' for column in looked_at) for side in ("t", "excluded"))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE ready (LIKE stock_vehicle INCLUDING DEFAULTS) ON COMMIT DROP")
        with cursor.cursor.copy(f"COPY ready ({listed}) FROM STDIN") as copy:
            for row in ready:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO stock_vehicle AS t ({listed}) SELECT {listed} FROM ready"
            f" ON CONFLICT (feed_id, feed_key) WHERE feed_id IS NOT NULL"
            f" DO UPDATE SET {sets} WHERE ({old}) IS DISTINCT FROM ({new})"
        )


class _Beats:
    """How long the run spent on telling how far it is."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._beat = watch.Watch.beat

    def __enter__(self) -> Self:
        def timed(held: watch.Watch, **progress: Any) -> None:
            started = perf_counter()
            self._beat(held, **progress)
            self.seconds += perf_counter() - started

        watch.Watch.beat = timed  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        watch.Watch.beat = self._beat  # type: ignore[method-assign]


# --- against django-import-export --------------------------------------------------------------------------


def _against_import_export(report: Report, files: Path) -> None:
    first = stock_files.write(files / "few.csv", RIVAL_ROWS)
    second = stock_files.write(files / "few-changed.csv", RIVAL_ROWS, changed_each=CHANGED_EACH)
    worlds = [(world(), world()) for _round in range(ROUNDS)]
    loads = [_side_by_side(*pair, first, files) for pair in worlds]
    again = [_side_by_side(*worlds[-1], second, files)]  # once: it takes the rival a minute and a half
    for name, rounds in (("first load", loads), ("again", again)):
        mine, theirs = (median([seconds[place] for seconds in rounds]) for place in range(2))
        report.row(f"{name}, {RIVAL_ROWS:,} rows: ours", f"{mine:6.2f} s")
        report.row(f"{name}, {RIVAL_ROWS:,} rows: django-import-export", f"{theirs:6.2f} s")
        ratio = median([theirs / mine for mine, theirs in rounds])
        report.bound(f"{name}: django-import-export / ours", ratio, 6.0, at_least=True)


def _side_by_side(ours: World, rival: World, path: Path, files: Path) -> tuple[float, float]:
    """Our seconds and theirs for the same file."""
    with group_scope(rival.group_id):
        resource = import_export.resource(group_id=rival.group_id, site_id=rival.site.pk, at=AT)
        ready = import_export.write_ready(files / "ready.csv", _as_cells(rival, path))
        theirs = _timed(lambda: import_export.load(ready, resource))
    run = uploaded(ours, path)
    return _timed(lambda: imported(ours, run)), theirs


def _as_cells(at: World, path: Path) -> Iterator[list[str]]:
    for key, values in _values(at, path):
        row = {**values, "feed_key": key}
        yield [
            json.dumps(value) if isinstance(value, list) else "" if value is None else str(value)
            for value in (row[column] for column in import_export.COLUMNS)
        ]


# --- memory ------------------------------------------------------------------------------------------------


def _memory(report: Report, files: Path) -> None:
    few, many = (_peak(files, rows) for rows in (FLAT_FROM, FLAT_TO))
    report.row(f"memory above idle, {FLAT_FROM:,} rows", f"{few:6.1f} MB")
    report.row(f"memory above idle, {FLAT_TO:,} rows", f"{many:6.1f} MB")
    report.bound(f"memory above idle at {FLAT_TO:,} rows, MB", many, 64.0)
    report.bound(f"memory at {FLAT_TO:,} / at {FLAT_FROM:,} rows", many / max(few, 1.0), 1.5)


def _peak(files: Path, rows: int) -> float:
    """Megabytes that a process of its own needed above its idle size for a file of so many rows."""
    path = stock_files.write(files / f"{rows}.csv", rows, short=True)
    command = [sys.executable, "-m", "bench.peak", str(path)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    path.unlink()
    return float(said.stdout.split()[-1])
