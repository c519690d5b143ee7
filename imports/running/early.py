"""A feed's first load is written while it is read: nothing of it is here that could vanish or be equal.

Rows that say they are the same thing are told apart as they come: the first counts. Whether the file can be read to its
end has been seen before, so that one which is refused changes nothing. What is here of some rows is looked up in the
transaction that writes them, which nobody else of the group can bring the same things beside.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from imports.files import Table, limits
from imports.plan import Plan, Readings
from imports.problems import Problem
from imports.running import writing
from imports.running.adopting import keep_others_out
from imports.running.here import Known, Rows
from imports.running.stage import Stage, is_postgresql
from imports.running.watch import Watch

# Seconds for which the others wait, whose rows are read for a slow file.
_PATIENCE = 0.5
# A fifth of a chunk is worth a transaction.
_PARTS = 5


class Early:
    """Writes the stage of a first load as it grows; `left_alone` counts the rows that are sold and stay so."""

    def __init__(self, plan: Plan, stage: Stage, watch: Watch) -> None:
        self._plan, self._stage, self._watch = plan, stage, watch
        self.left_alone = 0
        self._begun = 0.0
        # What rows are adopted by → number, of those that are not written yet, and of those that another's row became.
        self._waiting: dict[str, int] = {}
        self._onto: dict[str, int] = {}
        stage.index_ahead()

    @staticmethod
    def suits(table: Table, *, knows: bool) -> bool:
        """Whether a file may be written early. SQLite does one thing at a time anyway. Raises `Refused`."""
        if knows or not is_postgresql():
            return False
        most = table.most_rows()
        return most is not None and most <= limits.MAX_ROWS

    def refuse_doubles(self, rows: Rows, said: Readings, known: Known) -> None:
        """Note which rows are what an earlier row of the file is, and which one that is."""
        keys = self._stage.numbers_of(key for key in rows.keys if key)
        others = self._numbers_of_others(known)
        for place, (number, key, by) in enumerate(zip(rows.numbers, rows.keys, known.adopted, strict=True)):
            if place in said.problems:
                continue
            other = by and (self._waiting.get(by) or self._onto.get(by) or others.get(by))
            if key in keys:
                said.note_row(place, [Problem("double", values={"row": keys[key]})])
            elif other:
                said.note_row(place, [Problem("double_other", values={"row": other})])
            else:
                keys[key] = number
                if by:
                    (self._waiting if known.of(place, key) is None else self._onto)[by] = number

    @contextmanager
    def chunk(self) -> Iterator[None]:
        """What is staged in it is written at its end. Raises `LeaseLost`."""
        self._begun = time.monotonic()
        with transaction.atomic():
            keep_others_out(self._plan)
            yield
            self._write()

    def is_enough(self, *, reading_is_behind: bool) -> bool:
        """Whether the chunk should end: also where the database would only wait for more."""
        waits = self._stage.last - self._watch.run.written
        least = writing.CHUNK // _PARTS if reading_is_behind else writing.CHUNK
        return waits >= least or time.monotonic() - self._begun > _PATIENCE

    def _write(self) -> None:
        if self._stage.last > self._watch.run.written:
            written = writing.write_up_to(self._stage.last, self._plan, self._stage, self._watch, alone=True)
            self.left_alone += written.left_alone
            self._waiting.clear()

    def _numbers_of_others(self, known: Known) -> dict[str, int]:
        """By what rows are adopted by: the numbers of rows that were written already, under another key."""
        by_key = {by: other.other_key for by, other in known.others.items() if other.other_key}
        numbers = self._stage.numbers_of(by_key.values())
        return {by: numbers[key] for by, key in by_key.items() if key in numbers}
