"""What a file's rows already are here: of the feed, of somebody else, typed in by a person."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress
from operator import eq
from typing import Any, NamedTuple, Self

import msgspec
from django.db import connection

from imports.plan import Plan, Readings
from imports.running.adopting import alive_first
from imports.running.claiming import typed_in


class Here(NamedTuple):
    """A row that is here already. The digest is empty where a person holds what is the feed's to say."""

    row_id: Any
    digest: str = ""
    other_key: str | None = None


class Rows(NamedTuple):
    """Rows of a block that go on together: their numbers, what they are known by, what they say, their cells."""

    numbers: Sequence[int]
    keys: Sequence[str]
    digests: Sequence[str]
    cells: Sequence[Sequence[str]]

    @classmethod
    def of(cls, numbers: Sequence[int], cells: Sequence[Sequence[str]], plan: Plan) -> Self:
        """These rows as the plan recognises them."""
        return cls(numbers, list(map(plan.key_of, cells)), plan.digests_of(cells), cells)

    @classmethod
    def all_of(cls, parts: Sequence[Self]) -> Self:
        """All rows of these, in their order."""
        sides: list[Any] = [list(chain.from_iterable(side)) for side in zip(*parts, strict=True)]
        return cls(*(sides or ([], [], [], [])))

    def where(self, chosen: Iterable[bool]) -> Self:
        """Some of them."""
        mask = list(chosen)
        sides: list[Any] = [list(compress(side, mask)) for side in self]
        return type(self)(*sides)


@dataclass(frozen=True)
class Known:
    """What some rows already are here: by key, by what rows are adopted by (`adopted` says it), by place among them."""

    own: Mapping[str, Here]
    others: Mapping[str, Here]
    typed_in: Mapping[int, Here]
    adopted: Sequence[Any]

    @property
    def is_empty(self) -> bool:
        return not (self.own or self.others or self.typed_in)

    def of(self, place: int, key: str) -> Here | None:
        """What the row at this place, of this key, is here."""
        return self.own.get(key) or self.others.get(self.adopted[place]) or self.typed_in.get(place)


def adopted_by(said: Readings, plan: Plan) -> list[Any]:
    """What each row says of what rows are adopted by; None where it says nothing."""
    name = plan.importer.adopted_by
    return said.column(plan.names.index(name)) if name else said.nothing()


def known_here(rows: Rows, said: Readings, own: Mapping[str, Here], plan: Plan) -> Known:
    """Whatever is here of these rows, beside the feed's `own`."""
    adopted = adopted_by(said, plan)
    wanted = [value for key, value in zip(rows.keys, adopted, strict=True) if value and key not in own]
    return Known(own, _others(wanted, plan) if wanted else {}, _typed_in(rows, said, own, plan), adopted)


def _others(adopted: Sequence[Any], plan: Plan) -> dict[str, Here]:
    """Rows of the group that somebody else brought, or this feed under another key, by what rows are adopted by."""
    importer, feed = plan.importer, plan.setting.feed
    column = importer.column(importer.adopted_by).column
    gone, values = alive_first(importer)
    found_by = _EACH[connection.vendor].format(table=importer.model._meta.db_table, column=column)
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT t."{column}", t.id, t.feed_id, t.feed_key, {gone} FROM {found_by}',  # noqa: S608 - our names
            [*values, _listed(adopted), feed.group_id],
        )
        # Sorted here: asked to sort them, PostgreSQL may walk through the whole table in that order.
        found = sorted(cursor.fetchall(), key=lambda row: (-row[4], row[1]))
    # Of several the last one stays: the newest of those that may still be written.
    return {
        value: Here(row_id, other_key=key if feed_id == feed.pk else None)
        for value, row_id, feed_id, key, _gone in found
    }


def _typed_in(rows: Rows, said: Readings, here: Mapping[str, Here], plan: Plan) -> dict[int, Here]:
    """Place → the row that a person typed in with the number of this one."""
    if not plan.importer.claimed_by or all(key in here for key in rows.keys):
        return {}
    typed = typed_in(plan)
    if not typed:
        return {}
    numbers = said.column(plan.names.index(plan.importer.claimed_by))
    return {place: Here(typed[number]) for place, number in enumerate(numbers) if number in typed}


def rows_here(keys: Sequence[str], plan: Plan) -> dict[str, Here]:
    """Key → what is here of the feed."""
    if not keys:
        return {}
    importer, feed = plan.importer, plan.setting.feed
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT feed_key, feed_digest, CAST(kept AS text), id FROM {importer.model._meta.db_table}"  # noqa: S608
            f" WHERE feed_id = %s AND feed_key {_AMONG[connection.vendor]}",
            [feed.pk, _listed(keys)],
        )
        found = cursor.fetchall()
    return {
        key: Here(row_id, "" if kept != "[]" and _is_contested(kept, plan) else digest)
        for key, digest, kept, row_id in found
    }


def as_taken(rows: Rows, plan: Plan) -> list[bool]:
    """Whether each row is as it was taken last, and nobody has changed anything of it here since."""
    importer, feed = plan.importer, plan.setting.feed
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT feed_key, feed_digest FROM {importer.model._meta.db_table}"  # noqa: S608
            f" WHERE feed_id = %s AND feed_key {_AMONG[connection.vendor]} AND CAST(kept AS text) = '[]'",
            [feed.pk, _listed(rows.keys)],
        )
        taken = dict(cursor.fetchall())
    return list(map(eq, map(taken.get, rows.keys), rows.digests))


# « One of these », of which there may be thousands, as one text: of a list each would be looked at in Python.
_AMONG = {
    "postgresql": "= ANY(ARRAY(SELECT json_array_elements_text(CAST(%s AS json))))",
    "sqlite": "IN (SELECT value FROM json_each(%s))",
}

# Each of them looked up by itself. Asked for « one of these » PostgreSQL may read through all that the group has
# instead, as long as nobody has counted what the table holds: and that is on the day of the first import. SQLite takes
# the index only for a condition in the very words that the index has.
_EACH = {
    "postgresql": """json_array_elements_text(CAST(%s AS json)) AS k(value) CROSS JOIN LATERAL (
        SELECT o.* FROM {table} o
        WHERE o.group_id = %s AND o."{column}" = k.value AND NOT (o."{column}" = '') OFFSET 0) t""",
    "sqlite": """json_each(%s) k CROSS JOIN {table} t
        WHERE t.group_id = %s AND t."{column}" = k.value AND NOT (t."{column}" = '')""",
}


def _listed(values: Sequence[Any]) -> str:
    """The parameter of both."""
    return msgspec.json.encode(values).decode()


def _is_contested(kept: str, plan: Plan) -> bool:
    return bool((set(json.loads(kept)) & plan.brought) - plan.held)
