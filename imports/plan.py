"""A feed's declaration, mapping and learnt values, compiled for the rows of one file.

Most columns hold few different texts, so what was read once is remembered; that, and telling an unchanged row by a
digest before it is read at all, is where the speed comes from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

from core.words import fold
from imports.declarations import Field, Importer, Known, Setting, Values
from imports.models import Priority
from imports.problems import Problem, Unreadable
from imports.readers import OneOf

# Different texts that are remembered for a column; one that has more (VINs) is not worth it.
_REMEMBERED = 5_000
_KEY_LENGTH = 80

Encode = Callable[[Any], Any]


@dataclass
class Column:
    """A column of the file that brings a field, with what it was seen to hold."""

    name: str
    place: int
    field: Field
    read: Callable[[str], Any]
    seen: dict[str, Any]


class Plan:
    """Reads rows of one file for one feed."""

    def __init__(
        self,
        importer: type[Importer],
        setting: Setting,
        columns: Sequence[str],
        mapping: Mapping[str, str],
    ) -> None:
        self.importer, self.setting = importer, setting
        self.header = tuple(columns)
        self._mapping = {column: field for column, field in mapping.items() if field and column in columns}
        self.columns = [
            self._column(place, column) for place, column in enumerate(columns) if column in self._mapping
        ]
        self._required = [column for column in self.columns if column.field.required]
        self._empty = {field.target: field.reader.empty for field in importer.fields}
        self._keys = [self._key_reader(known) for known in importer.known_by]

    def _column(self, place: int, name: str) -> Column:
        field = self.importer.field(self._mapping[name])
        if field is None:
            raise LookupError(self._mapping[name])
        return Column(name, place, field, field.reader.prepared(self._learnt(field)), {})

    def _learnt(self, field: Field) -> dict[str, str]:
        learnt: dict[str, str] = dict(self.setting.feed.values.get(field.name, {}))
        if isinstance(field.reader, OneOf):
            for site in self.setting.sites:
                learnt.setdefault(fold(site.name), str(site.pk))
                learnt.setdefault(fold(site.slug), str(site.pk))
        return learnt

    # --- which row it is ---------------------------------------------------------------------------------

    def _key_reader(self, known: Known) -> Callable[[Sequence[str]], str]:
        places = [
            next((c.place for c in self.columns if c.field.name == name), None) for name in known.fields
        ]
        mark, tidy, fits = known.mark, known.tidy, known.fits
        if len(places) == 1:
            place = places[0]
            if place is None:
                return lambda cells: ""

            def single(cells: Sequence[str]) -> str:
                text = cells[place]
                if not text:
                    return ""
                tidied = tidy(text)
                return f"{mark}:{tidied}" if fits(tidied) else ""

            return single

        def several(cells: Sequence[str]) -> str:
            parts = [tidy(cells[place]) if place is not None else "" for place in places]
            return f"{mark}:{_digest(chr(31).join(parts))}" if any(parts) else ""

        return several

    def key_of(self, cells: Sequence[str]) -> str:
        """What the row is known by from file to file; empty when it says nothing of itself."""
        for read in self._keys:
            key = read(cells)
            if key:
                return key if len(key) <= _KEY_LENGTH else f"{key[:2]}#{_digest(key)}"
        return ""

    @cached_property
    def text_of(self) -> Callable[[Sequence[str]], str]:
        """What of a row is looked at, as one text: the columns that bring a field."""
        places = [column.place for column in self.columns]
        if len(places) == 1:
            place = places[0]
            return lambda cells: cells[place]
        pick = itemgetter(*places)
        return lambda cells: chr(31).join(pick(cells))

    @cached_property
    def fingerprint(self) -> bytes:
        """Of everything but the row that decides what becomes of it: when it changes, every row is read again."""
        feed = self.setting.feed
        parts = [
            self.importer.version,
            [(column.name, column.field.name) for column in self.columns],
            feed.values,
            feed.priorities,
            [site.pk for site in self.setting.sites],
        ]
        return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=32).digest()

    def digest_of(self, text: str) -> str:
        """Of a row's text as `text_of` gives it; 32 hexadecimal digits."""
        return hashlib.blake2b(
            text.encode("utf-8", "replace"), digest_size=16, key=self.fingerprint
        ).hexdigest()

    # --- what it says ------------------------------------------------------------------------------------

    def read(self, cells: Sequence[str]) -> tuple[Values, list[Problem]]:
        """The values of a row by the model's field, derived ones included, or its problems.

        None stands for « says nothing », where the field does not clear: it stays as it is, or gets its default.
        """
        values: Values = dict.fromkeys(self.importer.columns())
        problems: list[Problem] = []
        for column in self.columns:
            text = cells[column.place]
            if not text:
                if column.field.clears:
                    values[column.field.target] = column.field.reader.empty
                continue
            value = column.seen.get(text)
            if value is None:
                value = self._read_anew(column, text)
            if value.__class__ is Problem:
                problems.append(value)
            else:
                values[column.field.target] = value[0]
        problems += [
            Problem("missing", column.name, column.field.name)
            for column in self._required
            if not cells[column.place]
        ]
        return self._completed(values, problems)

    def _read_anew(self, column: Column, text: str) -> Any:
        """The value in a tuple, or the problem; remembered while the column holds few different texts."""
        try:
            read = column.read(text)
            if read is None and column.field.clears:
                read = column.field.reader.empty
            found: Any = (read,)
        except Unreadable as error:
            found = Problem(error.code, column.name, column.field.name, text, error.values)
        if len(column.seen) < _REMEMBERED:
            column.seen[text] = found
        return found

    def _completed(self, values: Values, problems: list[Problem]) -> tuple[Values, list[Problem]]:
        if not problems:
            problems.extend(self.importer.check(values, self.setting))
        if not problems:
            values.update(self.derived(values))
        return values, problems

    def derived(self, values: Values) -> Values:
        """The derived columns of these values; what the row says nothing about counts as empty."""
        known = {**self._empty, **{name: value for name, value in values.items() if value is not None}}
        return self.importer.derive(known, self.setting)

    def doubts(self, values: Values) -> Iterable[str]:
        """What is odd about a row that is taken."""
        known = {**self._empty, **{name: value for name, value in values.items() if value is not None}}
        return self.importer.doubts(known)

    # --- who wins ----------------------------------------------------------------------------------------

    @cached_property
    def held(self) -> frozenset[str]:
        """The model's fields that a person keeps once he has changed them."""
        chosen = self.setting.feed.priorities
        own = {
            field.target
            for field in self.importer.fields
            if chosen.get(field.name, field.priority) == Priority.PERSON
        }
        return frozenset(own)

    @cached_property
    def clearing(self) -> frozenset[str]:
        """The model's fields in which this file's empty cells erase what was there."""
        return frozenset(column.field.target for column in self.columns if column.field.clears)

    @cached_property
    def brought(self) -> frozenset[str]:
        """The model's fields that this file brings."""
        return frozenset(column.field.target for column in self.columns if not column.field.only_here)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
