"""A feed's declaration, mapping and learnt values, compiled for the rows of one file.

Most columns hold few different texts, so what was read once is remembered; that, and telling an unchanged row by a
digest before it is read at all, is where the speed comes from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from core.words import fold
from imports.declarations import Field, Importer, Known, Setting, Values
from imports.models import DayOrder, Priority
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

    def __init__(
        self, name: str, place: int, field: Field, learnt: Mapping[str, str], encode: Encode
    ) -> None:
        self.name, self.place, self.field = name, place, field
        self.seen: dict[str, Found] = {}
        self._read, self._encode = field.reader.prepared(learnt), encode
        has_doubts = type(field.reader).doubt is not Reader.doubt
        self._doubt: Callable[[Any], str] | None = field.reader.doubt if has_doubts else None
        self._empty = field.reader.empty if field.clears else None
        self._blank = self._of_blank()
        self._room = _REMEMBERED

    def anew(self, raw: str) -> Found:
        """The value, encoded, and what is wrong or odd; remembered where the column holds few different texts."""
        text = raw.strip()
        found = self._of_text(text) if text else self._blank
        if self._room:
            self._room -= 1
            self.seen[raw] = found
        return found

    def _of_text(self, text: str) -> Found:
        try:
            value = self._read(text)
            if value is None:
                value = self._empty
            oddity = self._doubt(value) or None if self._doubt else None
        except Unreadable as error:
            problem = Problem(error.code, self.name, self.field.name, text, error.values)
            return None, self._encode(None), problem
        return value, self._encode(value), oddity

    def _of_blank(self) -> Found:
        if self.field.required:
            return None, self._encode(None), Problem("missing", self.name, self.field.name)
        oddity = self._doubt(self._empty) or None if self._doubt else None
        return self._empty, self._encode(self._empty), oddity


class Reading(NamedTuple):
    """What a row says: a value for each column of the importer, the same encoded, and what is wrong.

    None stands for « says nothing », where the field does not clear: it stays as it is, or gets its default.
    """

    values: Sequence[Any]
    encoded: Sequence[Any]
    problems: list[Problem]


class Readings:
    """What some rows say, by column.

    `problems` is what is wrong, by place among the rows; `doubts` the places of what is odd, by its code.
    """

    def __init__(self, names: Sequence[str], count: int, nothing: Any) -> None:
        self._count, self._nothing = count, nothing
        self.values: list[list[Any] | None] = [None] * len(names)
        self.encoded: list[list[Any] | None] = [None] * len(names)
        self.problems: dict[int, list[Problem]] = {}
        self.doubts: dict[str, list[int]] = {}

    def fill(self, target: int, values: Sequence[Any], encoded: Sequence[Any]) -> None:
        """Where the column has nothing yet."""
        kept, coded = self.values[target] or [], self.encoded[target] or []
        for place, value in enumerate(values):
            if kept[place] in (None, "") and value is not None:
                kept[place], coded[place] = value, encoded[place]

    def join(self, target: int, lists: Sequence[list[Any]], encode: Encode) -> None:
        """Add to the lists that are there, nothing twice."""
        kept, coded = self.values[target] or [], self.encoded[target] or []
        for place, more in enumerate(lists):
            if more:
                kept[place] = list(dict.fromkeys([*(kept[place] or ()), *more]))
                coded[place] = encode(kept[place])

    def note(self, oddities: Sequence[Odd | None]) -> None:
        """What is wrong or odd about the rows' cells of one column."""
        for place, oddity in enumerate(oddities):
            if isinstance(oddity, Problem):
                self.problems.setdefault(place, []).append(oddity)
            elif oddity:
                self.doubts.setdefault(oddity, []).append(place)

    def note_row(self, place: int, problems: list[Problem]) -> None:
        """What is wrong about a row as a whole."""
        if problems:
            self.problems.setdefault(place, []).extend(problems)

    def hand_over(self) -> list[tuple[Any, ...]]:
        """The encoded values, row by row; they are not kept, because thousands of rows wait for the database."""
        nothing = [self._nothing] * self._count
        rows = list(zip(*(column or nothing for column in self.encoded), strict=True))
        self.encoded = [None] * len(self.encoded)
        return rows

    def column(self, target: int) -> list[Any]:
        """The values of one column."""
        return self.values[target] or self.nothing()

    def nothing(self) -> list[Any]:
        """The values of a column that no row fills."""
        return [None] * self._count

    def row(self, place: int) -> Reading:
        """What one of them says."""
        values = [column[place] if column else None for column in self.values]
        encoded = [column[place] if column else self._nothing for column in self.encoded]
        return Reading(values, encoded, self.problems.get(place, []))


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
        found = [
            self._column(place, column) for place, column in enumerate(columns) if column in self._mapping
        ]
        # Of two columns for one thing that counts whose field is declared first, wherever it stands in the file.
        declared = [field.name for field in importer.fields]
        self.columns = sorted(found, key=lambda column: declared.index(column.field.name))
        self._keys = [self._key_reader(known) for known in importer.known_by]
        self.typed_in: Mapping[Any, Any] | None = None  # what `running.claiming` found for this run

    def _column(self, place: int, name: str) -> Column:
        field = self.importer.field(self._mapping[name])
        if field is None:
            raise LookupError(self._mapping[name])
        field = replace(field, reader=field.reader.within(self.setting))
        return Column(name, place, field, self._learnt(field), self._encode)

    @property
    def _is_month_first(self) -> bool:
        return bool(self.setting.feed.day_order == DayOrder.MONTH_FIRST)

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
    def fingerprint(self) -> bytes:
        """Of everything but the row that decides what becomes of it: when it changes, every row is read again."""
        feed = self.setting.feed
        parts = [
            self.importer.version,
            [(column.name, column.field.name) for column in self.columns],
            feed.values,
            feed.priorities,
            [site.pk for site in self.setting.sites],
            *([DayOrder.MONTH_FIRST.value] if self._is_month_first else ()),
        ]
        return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=32).digest()

    def digests_of(self, rows: Iterable[Sequence[str]]) -> list[str]:
        """What each row says in the columns that bring a field, as it was written: 32 hexadecimal digits."""
        blank, digests = self._hash, []
        for text in map(self._text_of, rows):
            seen = blank.copy()
            seen.update(text.encode("utf-8", "replace"))
            digests.append(seen.hexdigest())
        return digests

    @cached_property
    def _hash(self) -> Any:
        return hashlib.blake2b(digest_size=16, key=self.fingerprint)

    @cached_property
    def _text_of(self) -> Callable[[Sequence[str]], str]:
        """A row's columns that bring a field, as one text."""
        places = [column.place for column in self.columns]
        if len(places) == 1:
            place = places[0]
            return lambda cells: cells[place]
        pick = itemgetter(*places)
        return lambda cells: chr(31).join(pick(cells))

    # --- what it says ------------------------------------------------------------------------------------

    def read(self, cells: Sequence[str]) -> Reading:
        """What one row says."""
        return self.read_all([cells]).row(0)

    def read_all(self, rows: Sequence[Sequence[str]]) -> Readings:
        """What some rows say: column after column, because most of a column was read before."""
        found = Readings(self.names, len(rows), self._encode(None))
        texts = list(zip(*rows, strict=True))
        for column in self.columns:
            self._read_column(column, texts[column.place], found)
        self._derive(found)
        return found

    def _read_column(self, column: Column, texts: Sequence[str], found: Readings) -> None:
        """One column of the rows. A second one for the same field (power in two units) fills what the first left."""
        read = list(map(column.seen.get, texts))
        if None in read:
            anew = column.anew
            read = [anew(text) if known is None else known for known, text in zip(read, texts, strict=True)]
        values, encoded, oddities = zip(*read, strict=True)
        target = self._target[column.field.target]
        if found.values[target] is None:
            found.values[target], found.encoded[target] = list(values), list(encoded)
        elif column.field.several:
            found.join(target, values, self._encode)
        else:
            found.fill(target, values, encoded)
        if any(oddities):
            found.note(oddities)

    def _derive(self, found: Readings) -> None:
        """The derived columns, and what only a whole row can be asked."""
        derived: list[Values] = []
        names = self.names if self._checks else self.importer.derived_from or self.names
        sides = [found.column(self._target[name]) for name in names]
        for place, values in enumerate(zip(*sides, strict=True)):
            known = dict(zip(names, values, strict=True))
            if self._checks and place not in found.problems:
                found.note_row(place, list(self.importer.check(known, self.setting)))
            derived.append(self.importer.derive(known, self.setting))
        for name in self.importer.derived:
            column = [row.get(name) for row in derived]
            target = self._target[name]
            found.values[target], found.encoded[target] = column, list(map(self._encode, column))

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
        own = (
            field.target
            for field in self.importer.leading(self.importer.fields)
            if chosen.get(field.name, field.priority) == Priority.PERSON
        )
        return frozenset(own)

    @cached_property
    def clearing(self) -> frozenset[str]:
        """The model's fields in which this file's empty cells erase what was there."""
        return frozenset(column.field.target for column in self.columns if column.field.clears)

    @cached_property
    def brought(self) -> frozenset[str]:
        """The model's fields that this file brings."""
        return frozenset(column.field.target for column in self.columns)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
