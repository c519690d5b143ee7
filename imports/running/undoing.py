"""Undoing a run: what it created is erased, what it changed goes back, as far as nobody has touched it since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q, RestrictedError

from imports import declarations, rows
from imports.declarations import Importer, Setting
from imports.models import Run, RunState
from imports.running.watch import Watch

_AT_ONCE = 200


def undo(watch: Watch) -> None:
    """Go through the run's own history, some lines a transaction; after a kill it goes on behind the last one.

    `position` is the last line that was dealt with, and `trouble` keeps the counts, for the log at the end.
    """
    run = watch.run
    importer = declarations.get(run.feed.importer)
    setting = Setting(run.feed, tuple(run.feed.sites.order_by("pk")), watch.clock())
    counts: Counter[str] = Counter(run.trouble.get("values", {}))
    while True:
        with transaction.atomic():
            lines = list(
                importer.history.objects.filter(run=run, pk__gt=run.position).order_by("pk")[:_AT_ONCE]
            )
            if not lines:
                break
            counts.update(_Undoing(importer, setting, run).undo(lines))
            watch.save(position=lines[-1].pk, trouble={"code": "undone", "values": dict(counts)})
        watch.beat(at_once=True)
    with transaction.atomic():
        watch.end(RunState.UNDONE, undone_at=watch.clock())
        watch.note("undone", **{name: counts[name] for name in ("erased", "restored", "kept", "in_use")})


class _Undoing:
    def __init__(self, importer: type[Importer], setting: Setting, run: Run) -> None:
        self._importer, self._setting, self._run = importer, setting, run

    def undo(self, lines: Sequence[Any]) -> Counter[str]:
        """Undo these lines of the history in the caller's transaction; what became of them."""
        created = [line for line in lines if not line.changes]
        counts = self._erase(created)
        changed = [line for line in lines if line.changes]
        found = (
            self._importer.model.objects.select_for_update()
            .order_by("pk")
            .in_bulk([line.of_id for line in changed])
        )
        for line in changed:
            row = found.get(line.of_id)
            counts["restored" if row is not None and self._restore(row, line) else "kept"] += 1
        if counts["erased"] or counts["restored"]:
            self._importer.changed(
                group_id=self._run.group_id, at=self._setting.at, by_id=self._run.undone_by_id
            )
        return counts

    def _erase(self, lines: Sequence[Any]) -> Counter[str]:
        """Rows that the run created and that nobody has touched since."""
        history: Any = self._importer.history  # `of` is the concrete model's
        ids = {line.of_id for line in lines}
        # Who edits one of them now is seen, or finds it gone.
        list(
            self._importer.model.objects.select_for_update()
            .filter(pk__in=ids)
            .order_by("pk")
            .values_list("pk")
        )
        touched = set(
            history.objects.filter(of_id__in=ids)
            .exclude(run=self._run, by__isnull=True)
            .values_list("of_id", flat=True)
        )
        touched |= set(
            self._importer.model.objects.filter(Q(pk__in=ids) & ~Q(kept=[])).values_list("pk", flat=True)
        )
        free = sorted(ids - touched)
        if self._erase_together(free):
            return Counter(kept=len(touched), erased=len(free))
        counts = Counter(kept=len(touched))
        counts.update("erased" if self._erase_together([row_id]) else "in_use" for row_id in free)
        return counts

    def _erase_together(self, ids: Sequence[Any]) -> bool:
        """Erase these, unless one of them is in use."""
        if not ids:
            return True
        try:
            with transaction.atomic():
                self._importer.erasing(
                    ids,
                    group_id=self._run.group_id,
                    at=self._setting.at,
                    by_id=self._run.undone_by_id,
                )
                self._importer.model.objects.filter(pk__in=ids).delete()
        except (ProtectedError, RestrictedError):
            return False
        return True

    def _restore(self, row: Any, line: Any) -> bool:
        """Put back what still has the run's value; whether that was all of it."""
        own = {
            name: before
            for name, (before, after) in line.changes.items()
            if rows.present(self._importer, row, name) == after
        }
        for name, leader in self._importer.follows.items():
            if leader in line.changes and leader not in own:
                own.pop(name, None)  # the day of a sale goes with the sale, which stands
        if own:
            rows.change(
                self._importer,
                row,
                own,
                at=self._setting.at,
                by_id=self._run.undone_by_id,
                setting=self._setting,
            )
        return len(own) == len(line.changes)
