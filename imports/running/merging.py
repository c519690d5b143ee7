"""Rows that are here already: which fields change, who wins where a person has had his say, and what to note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import models
from django.db.models import Field
from msgspec.json import decode

from imports.plan import Plan
from imports.running.stage import WRITE, is_postgresql

if TYPE_CHECKING:
    from imports.running.writing import Chunk


@dataclass(frozen=True)
class Merged:
    """What becomes of one row that is here.

    `changes` is what the history notes; it `differs` also where only what nobody sees does. `corrected` are all its
    values where they are not as staged, `kept` the fields that stay a person's where the feed has taken some back.
    """

    number: int
    target: UUID
    changes: Mapping[str, Sequence[Any]]
    differs: bool
    corrected: Sequence[Any] | None
    kept: Sequence[str] | None


def merge(chunk: Chunk) -> list[Merged]:
    """Decide about the chunk's rows that have a target; they are locked until the transaction ends."""
    fields = chunk.stage.fields
    staged = ", ".join(f's."{field.column}"' for field in fields)
    present = ", ".join(f't."{field.column}"' for field in fields)
    found = chunk.rows(
        f"SELECT s.number, t.id, t.kept, {staged}, {present} FROM {chunk.stage.name} s"  # noqa: S608 - our names
        f" JOIN {chunk.table} t ON t.id = s.target WHERE s.outcome = '{WRITE}'",
        tail=" ORDER BY t.id FOR UPDATE OF t" if is_postgresql() else "",
    )
    merger = Merger(chunk.plan, fields)
    return [merger.merged(row) for row in found]


class Merger:
    """Compares staged and present values of rows, in Python's own types."""

    def __init__(self, plan: Plan, fields: Sequence[Field[Any, Any]]) -> None:
        self._plan, self._fields = plan, fields
        self._width = len(fields)
        self._names = [field.name for field in fields]
        self._readers = [_reader_of(field) for field in fields]
        derived = set(plan.importer.derived)
        self._own = [place for place, name in enumerate(self._names) if name not in derived]
        source = set(plan.importer.derived_from or self._names) - derived
        self._derived_from = [place for place, name in enumerate(self._names) if name in source]
        self._clears = [name in plan.clearing for name in self._names]

    def merged(self, row: Sequence[Any]) -> Merged:
        """One row: (number, id, kept, staged…, present…)."""
        number, target, kept = row[0], row[1], row[2]
        staged = self._values(row[3 : 3 + self._width])
        present = self._values(row[3 + self._width :])
        names = _names_in(kept)
        held = names & self._plan.held
        contested = (names & self._plan.brought) - held
        final = list(staged)
        for place in self._own:
            if (staged[place] is None and not self._clears[place]) or self._names[place] in held:
                final[place] = present[place]
        self._derive(final, staged, present, held)
        changes = {
            name: [_plain(present[place]), _plain(final[place])]
            for place, name in enumerate(self._names)
            if final[place] != present[place] and name != "words"
        }
        return Merged(
            number,
            target if isinstance(target, UUID) else UUID(target),
            changes,
            final != present,
            None if final == self._expected(staged, present) else final,
            sorted(names - contested) if contested else None,
        )

    def _values(self, raw: Sequence[Any]) -> list[Any]:
        return [
            value if read is None or value is None else read(value)
            for read, value in zip(self._readers, raw, strict=True)
        ]

    def _expected(self, staged: Sequence[Any], present: Sequence[Any]) -> list[Any]:
        """What the statement writes by itself: where the file says nothing, what is there."""
        return [
            there if said is None and not clears else said
            for said, there, clears in zip(staged, present, self._clears, strict=True)
        ]

    def _derive(
        self, final: list[Any], staged: Sequence[Any], present: Sequence[Any], held: frozenset[str]
    ) -> None:
        """The derived columns once more, where the values are not as the file has them."""
        if any(final[place] != staged[place] for place in self._derived_from):
            derived = self._plan.derived(dict(zip(self._names, final, strict=True)))
            for name, value in derived.items():
                final[self._names.index(name)] = value
        for name in self._plan.importer.derived:
            place = self._names.index(name)
            if final[place] is None or self._plan.importer.follows.get(name) in held:
                final[place] = present[place]


def _reader_of(field: Field[Any, Any]) -> Any:
    """How a raw value of the database becomes Python's; None where it is one."""
    if isinstance(field, models.JSONField):
        return lambda value: decode(value) if isinstance(value, str) else value
    if is_postgresql():
        return None
    if isinstance(field, models.DateTimeField):
        return lambda value: value if value.tzinfo else value.replace(tzinfo=UTC)  # SQLite knows no zones
    if isinstance(field, models.UUIDField):
        return UUID
    return None


def _names_in(kept: Any) -> frozenset[str]:
    return frozenset(decode(kept) if isinstance(kept, str) else kept)


def _plain(value: Any) -> Any:
    """As the history keeps it: what JSON can hold."""
    return value.isoformat() if isinstance(value, date) else value
