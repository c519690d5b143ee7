"""A feed's declaration, mapping and learnt values, compiled for the rows of one file.

Most columns hold few different texts, so what was read once is remembered; that, and telling an unchanged row by a
digest before it is read at all, is where the speed comes from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from core.words import fold
from imports.declarations import Field, Importer, Known, Setting, Values
from imports.models import Priority
from imports.problems import Problem, Unreadable
from imports.readers import OneOf, Reader

# Different texts that are remembered for a column; one that has more (VINs) is not worth it.
_REMEMBERED = 4_000
_KEY_LENGTH = 80

Encode = Callable[[Any], Any]


# What is wrong with a cell, or the code of what is odd about it.
Odd = Problem | str
# A value, the same encoded, and what is wrong or odd.
Found = tuple[Any, Any, Odd | None]


class Column:
    """A column of the file that brings a field, with what it was seen to hold and `room` for more of that."""

    def __init__(self, name: str, place: int, field: Field, learnt: Mapping[str, str]) -> None:
        self.name, self.place, self.field = name, place, field
        self.read = field.reader.prepared(learnt)
        self.clears = field.clears
        has_doubts = type(field.reader).doubt is not Reader.doubt
        self.doubt: Callable[[Any], str] | None = field.reader.doubt if has_doubts else None
        self.seen: dict[str, Found] = {}
        self.room = _REMEMBERED


class Reading(NamedTuple):
    """What a row says: a value for each column of the importer, the same encoded, and what is wrong or odd.

    None stands for « says nothing », where the field does not clear: it stays as it is, or gets its default.
    """

    values: list[Any]
    encoded: list[Any]
    problems: list[Problem]
    doubts: list[str]


def _as_is(value: Any) -> Any:
    return value


class Plan:
    """Reads rows of one file for one feed."""

    def __init__(
        self,
        importer: type[Importer],
        setting: Setting,
        columns: Sequence[str],
        mapping: Mapping[str, str],
        encode: Encode = _as_is,
    ) -> None:
        self.importer, self.setting = importer, setting
        self.names = importer.columns()
        self._target = {name: place for place, name in enumerate(self.names)}
        self._encode = encode
        self.header = tuple(columns)
        self._mapping = {column: field for column, field in mapping.items() if field and column in columns}
        self.columns = [
            self._column(place, column) for place, column in enumerate(columns) if column in self._mapping
        ]
        self._keys = [self._key_reader(known) for known in importer.known_by]

    def _column(self, place: int, name: str) -> Column:
        field = self.importer.field(self._mapping[name])
        if field is None:
            raise LookupError(self._mapping[name])
        return Column(name, place, field, self._learnt(field))

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
                tidied = tidy(text.strip())
                return f"{mark}:{tidied}" if fits(tidied) else ""

            return single

        def several(cells: Sequence[str]) -> str:
            parts = [tidy(cells[place].strip()) if place is not None else "" for place in places]
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
        """What of a row is looked at, as one text: the columns that bring a field, as they were written."""
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

    def read(self, cells: Sequence[str]) -> Reading:
        """What a row says, column by column of the importer, derived ones included."""
        values, encoded = self._nothing.copy(), self._nothing_encoded.copy()
        odd: list[Odd] = []
        for place, seen, target, column in self._compiled:
            found = seen.get(cells[place])
            if found is None:
                found = self._read_anew(column, cells[place])
            values[target], encoded[target], oddity = found
            if oddity is not None:
                odd.append(oddity)
        for column in self._seconds:
            self._read_second(column, cells, values, encoded, odd)
        problems = [oddity for oddity in odd if oddity.__class__ is Problem] if odd else []
        if not problems:
            self._complete(values, encoded, problems)
        doubts = [oddity for oddity in odd if oddity.__class__ is str] if odd else []
        return Reading(values, encoded, problems, doubts)  # type: ignore[arg-type]  # told apart just above

    @cached_property
    def _nothing(self) -> list[Any]:
        return [None] * len(self.names)

    @cached_property
    def _nothing_encoded(self) -> list[Any]:
        return [self._encode(None)] * len(self.names)

    @cached_property
    def _compiled(self) -> list[tuple[int, dict[str, Found], int, Column]]:
        return [
            (column.place, column.seen, self._target[column.field.target], column)
            for column in self.columns
            if column not in self._seconds
        ]

    @cached_property
    def _seconds(self) -> list[Column]:
        """Columns that bring what another one brings as well (power in two units): they fill what that leaves."""
        brought: set[str] = set()
        seconds = []
        for column in self.columns:
            if column.field.target in brought:
                seconds.append(column)
            brought.add(column.field.target)
        return seconds

    def _read_second(
        self, column: Column, cells: Sequence[str], values: list[Any], encoded: list[Any], odd: list[Odd]
    ) -> None:
        target = self._target[column.field.target]
        if values[target] not in (None, "") or not cells[column.place].strip():
            return
        values[target], encoded[target], oddity = self._read_anew(column, cells[column.place])
        if oddity is not None:
            odd.append(oddity)

    def _read_anew(self, column: Column, raw: str) -> Found:
        """The value, encoded, and what is wrong or odd; remembered where the column holds few different texts."""
        text = raw.strip()
        try:
            value = column.read(text) if text else None
            if value is None and column.clears:
                value = column.field.reader.empty
            oddity = column.doubt(value) or None if column.doubt else None
            found: Found = (value, self._encode(value), oddity)
        except Unreadable as error:
            problem = Problem(error.code, column.name, column.field.name, text, error.values)
            found = (None, None, problem)
        if not text and column.field.required:
            found = (None, None, Problem("missing", column.name, column.field.name))
        if column.room:
            column.room -= 1
            column.seen[raw] = found
        return found

    def _complete(self, values: list[Any], encoded: list[Any], problems: list[Problem]) -> None:
        known = dict(zip(self.names, values, strict=True))
        if self._checks:
            problems.extend(self.importer.check(known, self.setting))
        for name, value in self.importer.derive(known, self.setting).items():
            target = self._target[name]
            values[target], encoded[target] = value, self._encode(value)

    @cached_property
    def _checks(self) -> bool:
        return self.importer.check.__func__ is not Importer.check.__func__  # type: ignore[attr-defined]  # a classmethod

    def derived(self, values: Values) -> Values:
        """The derived columns of these values."""
        return self.importer.derive(values, self.setting)

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
