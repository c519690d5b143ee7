"""Third step: chunk after chunk into the importer's table, each with its history, faults and counts in one transaction.

A chunk is all rows of the file up to a number. When its transaction is committed the run's `written` is that number:
after a kill the run goes on behind it, and every row has been counted once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from imports.models import Fault
from imports.plan import Plan
from imports.running.adopting import adopt_newcomers, keep_others_out
from imports.running.merging import Merged, merge
from imports.running.stage import (
    FAULTY,
    UNCHANGED,
    WRITE,
    Stage,
    encode_for_sqlite,
    insert_lines,
    is_postgresql,
    typed,
)
from imports.running.watch import Watch

# Row numbers of a transaction. On SQLite everybody else who writes waits for it.
CHUNK, CHUNK_SQLITE = 5_000, 500


@dataclass
class Written:
    """What became of some rows.

    `left_alone` counts those of the unchanged that are sold and stay so; `merged` are those that were here.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    left_alone: int = 0
    merged: list[Merged] = field(default_factory=list)


def write_all(plan: Plan, stage: Stage, watch: Watch) -> int:
    """Write every chunk that has not been written; how many rows were left alone. Raises `LeaseLost`, `Cancelled`."""
    left_alone = 0
    size = CHUNK if is_postgresql() else CHUNK_SQLITE
    while watch.run.written < stage.last:
        up_to = min(watch.run.written + size, stage.last)
        left_alone += write_up_to(up_to, plan, stage, watch).left_alone
        watch.beat()
    return left_alone


def write_up_to(number: int, plan: Plan, stage: Stage, watch: Watch, *, alone: bool = False) -> Written:
    """Write the rows that follow those written, up to this number, in a transaction. Raises `LeaseLost`.

    `alone`: others have been kept out since it was looked up what is here of these rows.
    """
    with transaction.atomic():
        written = write_chunk(plan, stage, watch.run.pk, watch.run.written, number, alone=alone)
        watch.count(
            written=number,
            created=written.created,
            updated=written.updated,
            unchanged=written.unchanged,
            failed=written.failed,
        )
    return written


def write_chunk(
    plan: Plan, stage: Stage, run_id: Any, after: int, up_to: int, *, alone: bool = False
) -> Written:
    """Write the rows with numbers above `after` up to `up_to`, in the caller's transaction."""
    chunk = Chunk(plan, stage, run_id, after, up_to)
    if not alone:
        keep_others_out(plan)
        adopt_newcomers(chunk)
    left_alone, merged = 0, []
    if stage.has_targets:
        chunk.forget_the_erased()
        left_alone = chunk.leave_alone()
        merged = merge(chunk)
        chunk.update(merged)
    updated = sum(bool(row.changes) for row in merged)
    written = Written(left_alone=left_alone, updated=updated, merged=merged)
    written.created = chunk.create()
    written.unchanged = chunk.count(UNCHANGED) + len(merged) - written.updated
    written.failed = chunk.note_faults()
    if written.created or written.updated:
        setting = plan.setting
        plan.importer.changed(group_id=setting.feed.group_id, at=setting.at, by_id=None)
    return written


class Chunk:
    """The statements of one transaction. `s` is the stage, `t` the importer's table."""

    def __init__(self, plan: Plan, stage: Stage, run_id: Any, after: int, up_to: int) -> None:
        self.plan, self.stage, self.importer = plan, stage, plan.importer
        self.run_id, self.feed, self.at = run_id, plan.setting.feed, plan.setting.at
        self.table = self.importer.model._meta.db_table
        self.history = self.importer.history._meta.db_table
        self._range = [after, up_to]
        self._own = run_id if is_postgresql() else run_id.hex

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Run a statement whose last condition is the chunk's own; how many rows it touched."""
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} AND s.number > %s AND s.number <= %s", [*parameters, *self._range])
            return int(cursor.rowcount)

    def rows(self, sql: str, parameters: Sequence[Any] = (), tail: str = "") -> list[tuple[Any, ...]]:
        """Read rows of the chunk."""
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} AND s.number > %s AND s.number <= %s{tail}", [*parameters, *self._range])
            return list(cursor.fetchall())

    def count(self, outcome: str) -> int:
        """How many rows ended so."""
        found = self.rows(f"SELECT count(*) FROM {self.stage.name} s WHERE s.outcome = %s", [outcome])  # noqa: S608
        return int(found[0][0])

    def forget_the_erased(self) -> None:
        """What somebody has erased since the file was read is new."""
        self.execute(
            f"UPDATE {self.stage.name} AS s SET target = NULL WHERE s.target IS NOT NULL"  # noqa: S608 - our names
            f" AND s.outcome = '{WRITE}' AND NOT EXISTS (SELECT 1 FROM {self.table} t WHERE t.id = s.target)"
        )

    def leave_alone(self) -> int:
        """What is sold stays sold: such rows count as unchanged."""
        column, values = self.importer.untouchable
        if not column:
            return 0
        marks = ", ".join(["%s"] * len(values))
        return self.execute(
            f"UPDATE {self.stage.name} AS s SET outcome = '{UNCHANGED}' FROM {self.table} t"  # noqa: S608 - our names
            f" WHERE t.id = s.target AND s.outcome = '{WRITE}'"
            f' AND t."{self.importer.column(column).column}" IN ({marks})',
            values,
        )

    def update(self, merged: Sequence[Merged]) -> None:
        """Write what merging has decided, and note it."""
        corrected = [row for row in merged if row.corrected]
        self._correct(corrected)
        changed = [row.number for row in merged if row.differs]
        same = [row.number for row in merged if not row.differs]
        clears = self.plan.clearing
        columns = [
            f'"{field.column}" = s."{field.column}"'
            if field.name in clears
            else f'"{field.column}" = coalesce(s."{field.column}", t."{field.column}")'
            for field in self.stage.fields
        ]
        if self.importer.touched:
            columns.append(f'"{self.importer.column(self.importer.touched).column}" = %s')
        self._set(columns, changed, [self._moment()] if self.importer.touched else [])
        self._set([], same, [])
        self._give_back([row for row in merged if row.kept is not None])
        history_columns = ["group_id", "at", "by_id", "run_id", "changes", "of_id"]
        lines = [
            (self.feed.group_id, self.at, None, self.run_id, row.changes, row.target)
            for row in merged
            if row.changes
        ]
        insert_lines(self.history, history_columns, lines)

    def _set(self, columns: list[str], numbers: list[int], parameters: list[Any]) -> None:
        if not numbers:
            return
        ours = "(t.feed_id IS NULL OR t.feed_id = %s)"
        known = [
            f"feed_digest = CASE WHEN {ours} THEN s.digest ELSE t.feed_digest END",
            f"feed_key = CASE WHEN {ours} THEN s.key ELSE t.feed_key END",
            "feed_id = coalesce(t.feed_id, %s)",
        ]
        among = "= ANY(%s)" if is_postgresql() else "IN (SELECT value FROM json_each(%s))"
        sent = numbers if is_postgresql() else encode_for_sqlite(numbers)
        self.execute(
            f"UPDATE {self.table} AS t SET {', '.join([*columns, *known])} FROM {self.stage.name} s"  # noqa: S608
            f" WHERE t.id = s.target AND s.number {among}",
            [*parameters, *[self.feed.pk] * 3, sent],
        )

    def _correct(self, merged: Sequence[Merged]) -> None:
        """Where a person's word or an empty cell stands, the stage gets the values that are to be written."""
        if not merged:
            return
        columns = ", ".join(f'"{column}" = %s' for column in self.stage.columns)
        lines = [[*(encode_for_sqlite(value) for value in row.corrected or ()), row.number] for row in merged]
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {self.stage.name} SET {columns} WHERE number = %s", lines)  # noqa: S608

    def _give_back(self, merged: Sequence[Merged]) -> None:
        """Fields that a person had changed and that are the feed's to say are the feed's again."""
        if not merged:
            return
        encode = self.importer.column("id").get_db_prep_save
        lines = [(encode_for_sqlite(list(row.kept or ())), encode(row.target, connection)) for row in merged]
        with connection.cursor() as cursor:
            cursor.executemany(f"UPDATE {self.table} SET kept = %s WHERE id = %s", lines)  # noqa: S608

    def create(self) -> int:
        """Insert what is new, and the first line of its history."""
        values, parameters = self._new_values()
        columns = ", ".join(f'"{name}"' for name in values)
        new = f"s.outcome = '{WRITE}' AND s.target IS NULL"
        created = self.execute(
            f"INSERT INTO {self.table} ({columns}) SELECT {', '.join(values.values())}"  # noqa: S608 - our names
            f" FROM {self.stage.name} s WHERE {new}",
            parameters,
        )
        if created:
            marks = ", ".join(self._typed_history())
            self.execute(
                f"INSERT INTO {self.history} (group_id, at, run_id, changes, of_id) SELECT {marks}, s.id"  # noqa: S608
                f" FROM {self.stage.name} s WHERE {new}",
                [self.feed.group_id, self._moment(), self._own, "{}"],
            )
        return created

    def _typed_history(self) -> list[str]:
        meta = self.importer.history._meta
        return [typed(meta.get_field(name)) for name in ("group", "at", "run", "changes")]  # type: ignore[arg-type]

    def _new_values(self) -> tuple[dict[str, str], list[Any]]:
        """Column of the table → expression over the stage, and the parameters in that order."""
        defaults = self.importer.defaults(self.plan.setting)
        values: dict[str, str] = {}
        parameters: list[Any] = []
        own = {"id": "s.id", "feed_key": "s.key", "feed_digest": "s.digest"}
        given = {
            "group": self.feed.group_id,
            "feed": self.feed.pk,
            self.importer.touched: self.at,
            **defaults,
        }
        for column in self.importer.model._meta.concrete_fields:
            name = str(column.column)
            staged = name in self.stage.columns
            if name in own:
                values[name] = own[name]
                continue
            value = given[column.name] if column.name in given else column.get_default()
            if staged and value is None:
                values[name] = f's."{name}"'
                continue
            mark = typed(column)
            values[name] = f'coalesce(s."{name}", {mark})' if staged else mark
            parameters.append(column.get_db_prep_save(value, connection))
        return values, parameters

    def note_faults(self) -> int:
        """The rows in error, as they were read."""
        fault = Fault._meta
        marks = ", ".join(typed(fault.get_field(name)) for name in ("group", "run"))  # type: ignore[arg-type]
        return self.execute(
            f"INSERT INTO {fault.db_table} (group_id, run_id, number, cells, problems, outcome)"  # noqa: S608
            f" SELECT {marks}, s.number, s.cells, s.problems, '' FROM {self.stage.name} s"
            f" WHERE s.outcome = '{FAULTY}'",
            [self.feed.group_id, self._own],
        )

    def _moment(self) -> Any:
        return self.at if is_postgresql() else encode_for_sqlite(self.at)
