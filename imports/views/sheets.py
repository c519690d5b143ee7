"""A file before it is taken in, as its preview shows it: each column with its field, and what is still to be said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.words import fold
from imports import declarations, sentences
from imports.access import may_map
from imports.declarations import Field, Importer
from imports.files import Row
from imports.files.table import kept_text
from imports.headers import heard
from imports.mapping import IGNORED, known_headers
from imports.models import Feed, Priority
from imports.preview import Column, Preview
from imports.readers import OneOf
from sites.access import Member
from sites.models import Site

Text = str | Promise

# The table shows how the file looks, not what is in it.
_SHOWN_ROWS = 5
_SHOWN_TROUBLES = 20
# A file of a portal has up to 100 words that nobody has told us yet; the rest is asked in the next preview.
_MOST_UNKNOWN = 40


@dataclass(frozen=True)
class ColumnLine:
    """A column of the file. `is_sure`: the header is known, or a person has said so before."""

    index: int
    column: Column
    field: Field | None
    is_sure: bool
    is_doubled: bool
    is_locked: bool

    @property
    def is_ignored(self) -> bool:
        return self.field is None

    @property
    def samples(self) -> list[str]:
        return [sample for sample in self.column.samples if sample][:3]


@dataclass(frozen=True)
class UnknownValue:
    """A word of the file that the field does not know: what it may mean, or (without choices) a word of ours."""

    field: Field
    written: str
    rows: int
    choices: Sequence[tuple[str, Text]]
    chosen: str


@dataclass(frozen=True)
class PriorityLine:
    """Who wins in a field of the file when a person has changed it by hand."""

    field: Field
    is_feeds: bool


class Sheet:
    """The preview of a file for a feed whose mapping may be a draft of the page.

    `told` are the columns of which a person has said what they are, `words` the words that the page explains, by field.
    """

    def __init__(
        self,
        preview: Preview,
        *,
        feed: Feed,
        member: Member,
        sites: Sequence[Site],
        told: Collection[str],
        words: Collection[tuple[str, str]] = (),
    ) -> None:
        self.preview = preview
        self.feed = feed
        self._told = told
        self._words = words
        self.importer: type[Importer] = declarations.get(feed.importer)
        self._member = member
        self._sites = sites

    @cached_property
    def fields(self) -> list[Field]:
        """What this person may let a file bring."""
        return [field for field in self.importer.fields if may_map(self._member, self.importer, field.name)]

    @cached_property
    def lines(self) -> list[ColumnLine]:
        return [self._line(index, column) for index, column in enumerate(self.preview.columns)]

    @property
    def rows(self) -> Sequence[Row]:
        return self.preview.rows[:_SHOWN_ROWS]

    @property
    def delimiter(self) -> Text:
        """As a person would name it."""
        sign = self.preview.shape.delimiter
        return {"\t": _("a tab"), " ": _("a space")}.get(sign, sign)

    @property
    def in_error(self) -> int:
        """Of the rows that were looked at."""
        return self.preview.rows_looked_at - self.preview.rows_in_order

    @property
    def troubles(self) -> list[tuple[int, list[str]]]:
        """The first rows that would not be taken, and why."""
        found = self.preview.troubles[:_SHOWN_TROUBLES]
        return [
            (number, [sentences.problem_sentence(problem.as_json()) for problem in problems])
            for number, problems in found
        ]

    @property
    def missing(self) -> list[Text]:
        """Required fields that no column brings."""
        found = (self.importer.field(name) for name in self.preview.missing)
        return [field.label for field in found if field is not None]

    @property
    def doubled(self) -> list[Text]:
        """Fields that two columns would bring."""
        return list(dict.fromkeys(line.field.label for line in self.lines if line.field and line.is_doubled))

    @property
    def to_check(self) -> int:
        return sum(not line.is_sure and not line.is_ignored for line in self.lines)

    @property
    def ignored(self) -> int:
        return sum(line.is_ignored for line in self.lines)

    @property
    def can_start(self) -> bool:
        return not self.missing and not self.doubled

    @cached_property
    def unknown(self) -> list[UnknownValue]:
        """Words to be mapped once, the most frequent first; then those just explained: the form must not lose them."""
        found = [
            UnknownValue(field, written, rows, self._choices(field), self._learnt(field, written))
            for name, words in self.preview.unknown.items()
            if (field := self.importer.field(name)) is not None
            for written, rows in words.items()
        ]
        explained = [
            UnknownValue(field, written, 0, self._choices(field), self._learnt(field, written))
            for name, written in self._words
            if (field := self.importer.field(name)) is not None
            and written not in self.preview.unknown.get(name, {})
        ]
        return sorted(found, key=lambda one: -one.rows)[:_MOST_UNKNOWN] + explained

    @cached_property
    def priorities(self) -> list[PriorityLine]:
        """Of the fields that the file brings."""
        mapped = self.importer.leading(line.field for line in self.lines if line.field is not None)
        return [
            PriorityLine(field, self.feed.priorities.get(field.name, field.priority) == Priority.FEED)
            for field in mapped
        ]

    def _line(self, index: int, column: Column) -> ColumnLine:
        field = self._field_of(column)
        return ColumnLine(
            index=index,
            column=column,
            field=field,
            is_sure=column.name in self._told
            or (field is not None and self._known.get(heard(column.name)) == field.name),
            is_doubled=field is not None and self._mapped.count(field.name) > 1,
            is_locked=field is not None and not may_map(self._member, self.importer, field.name),
        )

    def _field_of(self, column: Column) -> Field | None:
        """What the column becomes. A field that the person may not bring is nothing, unless a colleague mapped it."""
        field = self.importer.field(column.field) if column.field else None
        if field is None or may_map(self._member, self.importer, field.name):
            return field
        return field if self.feed.mapping.get(column.name) == field.name else None

    @cached_property
    def _known(self) -> dict[str, str]:
        return known_headers(self.importer)

    @cached_property
    def _mapped(self) -> list[str]:
        return [column.field for column in self.preview.columns if column.field]

    def _choices(self, field: Field) -> Sequence[tuple[str, Text]]:
        return choices_of(field, self._sites)

    def _learnt(self, field: Field, written: str) -> str:
        return str(self.feed.values.get(field.name, {}).get(fold(written), ""))


def choices_of(field: Field, sites: Iterable[Site]) -> Sequence[tuple[str, Text]]:
    """What a word may mean in this field; empty where anything may."""
    if isinstance(field.reader, OneOf):
        return [(str(site.pk), site.name) for site in sites]
    return field.choices


def drafted_mapping(
    sent: QueryDict,
    columns: Iterable[Column],
    importer: type[Importer],
    member: Member,
    saved: Mapping[str, str],
) -> dict[str, str]:
    """Column → field as the page was sent. What a colleague has mapped and the person may not stays as it is."""
    drafted = {}
    for index, column in enumerate(columns):
        kept = saved.get(column.name, "")
        wanted = sent.get(f"map-{index}", column.field)
        if kept and not may_map(member, importer, kept):
            drafted[column.name] = kept
        else:
            drafted[column.name] = wanted if wanted and may_map(member, importer, wanted) else IGNORED
    return drafted


def explained_words(sent: QueryDict, importer: type[Importer]) -> list[tuple[str, str]]:
    """Field and word, of what the page as it was sent explains."""
    return [
        (field.name, written)
        for field in importer.fields
        for written, kept in _pairs(sent, field)
        if kept.strip()
    ]


def _pairs(sent: QueryDict, field: Field) -> Iterable[tuple[str, str]]:
    """A word of the file and what it was said to mean."""
    return zip(sent.getlist(f"word-{field.name}"), sent.getlist(f"kept-{field.name}"), strict=False)


def drafted_values(
    sent: QueryDict, feed: Feed, importer: type[Importer], sites: Iterable[Site]
) -> dict[str, dict[str, str]]:
    """What the feed has learnt, with the words that were told on the page."""
    learnt = {name: dict(words) for name, words in feed.values.items()}
    sites = list(sites)
    for field in importer.fields:
        allowed = {value for value, _label in choices_of(field, sites)}
        for written, kept in _pairs(sent, field):
            if kept.strip() and (not allowed or kept in allowed):
                learnt.setdefault(field.name, {})[kept_text(fold(written))] = kept_text(kept).strip()
    return learnt


def drafted_priorities(sent: QueryDict, feed: Feed, importer: type[Importer]) -> Mapping[str, Any]:
    """Who wins, field by field, as the page was sent."""
    told = {
        field.name: sent[f"wins-{field.name}"]
        for field in importer.fields
        if sent.get(f"wins-{field.name}") in Priority.values
    }
    return {**feed.priorities, **told}
