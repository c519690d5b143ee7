"""The open faults of a run, gathered: what is wrong in which column how often, and the same wrong value again.

A row may have several problems and counts in each. The database unfolds the lists: a run may have 100,000 faults.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from imports.models import Fault, Run

PAGE = 25
# Values that are worth a line of their own, those found most often first.
_MOST_REPEATED = 8
_MOST_KINDS = 30

_FROM = {
    "postgresql": "imports_fault f CROSS JOIN LATERAL jsonb_array_elements(f.problems) AS p(value)",
    "sqlite": "imports_fault f, json_each(f.problems) AS p",
}
_PART = {"postgresql": "p.value->>'{name}'", "sqlite": "json_extract(p.value, '$.{name}')"}
# An example for its sentence; `min` has no order on objects.
_EXAMPLE = {"postgresql": "min(p.value::text)", "sqlite": "min(p.value)"}


@dataclass(frozen=True)
class Kind:
    """One thing that is wrong: its code and column (empty: the row as a whole)."""

    code: str
    column: str

    @property
    def mark(self) -> str:
        """As an address has it."""
        return f"{self.code}~{self.column}"


@dataclass(frozen=True)
class Found:
    """How many rows have a problem of a kind, and one of these problems. `value` if all of them have the same."""

    kind: Kind
    rows: int
    example: dict[str, Any]
    value: str = ""


@dataclass(frozen=True)
class FaultPage:
    """Some faults, in the order of the file; `next_after` is the last one's number if there are more."""

    faults: list[Fault]
    next_after: int | None


def kind_of(mark: str) -> Kind | None:
    """The kind that an address names; None for nonsense."""
    code, sign, column = mark.partition("~")
    return Kind(code, column) if code and sign and "\0" not in mark else None


def kinds_of(run: Run) -> list[Found]:
    """What is wrong with the open faults, the most frequent first."""
    return [
        Found(Kind(code, column), rows, _read(example))
        for code, column, rows, example in _counted(run, "code", "column", most=_MOST_KINDS)
    ]


def repeated_in(run: Run) -> list[Found]:
    """The same value, wrong in the same way in more than one open fault."""
    return [
        Found(Kind(code, column), rows, _read(example), value)
        for code, column, value, rows, example in _counted(
            run, "code", "column", "value", most=_MOST_REPEATED, least=2
        )
        if column and value
    ]


def faults_page(run: Run, *, kind: Kind | None = None, after: int = 0, fixed: bool = False) -> FaultPage:
    """A page of the open (or fixed) faults, from the row behind `after` on."""
    found = open_faults(run, kind) if not fixed else Fault.objects.filter(run=run, fixed_at__isnull=False)
    rows = list(found.filter(number__gt=after).order_by("number")[: PAGE + 1])
    more = len(rows) > PAGE
    return FaultPage(rows[:PAGE], rows[PAGE - 1].number if more else None)


def open_faults(run: Run, kind: Kind | None = None) -> QuerySet[Fault]:
    """The faults that nobody has fixed, all or of one kind."""
    faults = Fault.objects.filter(run=run, fixed_at__isnull=True)
    if kind is None:
        return faults
    vendor = connection.vendor
    part = _PART[vendor]
    code, column = part.format(name="code"), part.format(name="column")
    sql = f"SELECT f.id FROM {_FROM[vendor]} WHERE f.run_id = %s AND {code} = %s AND {column} = %s"  # noqa: S608 - our words
    return faults.filter(pk__in=RawSQL(sql, [_id(run), kind.code, kind.column]))  # noqa: S611 - values are parameters


def numbers_with(run: Run, kind: Kind, value: str) -> Iterator[int]:
    """The rows whose problem of this kind is this very value."""
    for number, problems in open_faults(run, kind).values_list("number", "problems").iterator():
        if any(
            (one["code"], one["column"], one["value"]) == (kind.code, kind.column, value) for one in problems
        ):
            yield number


def _counted(run: Run, *names: str, most: int, least: int = 1) -> list[tuple[Any, ...]]:
    vendor = connection.vendor
    parts = ", ".join(_PART[vendor].format(name=name) for name in names)
    # The run was found inside the scope, so its faults are the group's own.
    statement = (
        f"SELECT {parts}, count(*), {_EXAMPLE[vendor]} FROM {_FROM[vendor]}"  # noqa: S608 - its words are above
        f" WHERE f.run_id = %s AND f.fixed_at IS NULL GROUP BY {parts} HAVING count(*) >= %s"
        f" ORDER BY count(*) DESC, {parts} LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [_id(run), least, most])
        return list(cursor.fetchall())


def _id(run: Run) -> Any:
    return run.pk if connection.vendor == "postgresql" else run.pk.hex


def _read(example: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(example)
    return found
