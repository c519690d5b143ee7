"""What can be imported is one declaration: subclass `Importer` in an app's `importers.py` and nothing else.

The class is checked when it is created, so that an incomplete or doubled importer stops the start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Field as Column
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from imports.headers import heard
from imports.models import Feed, Imported, Priority, RowChange
from imports.problems import Problem
from imports.readers import Choice, Reader
from sites.models import Site

RUN_IMPORT = "imports.run_import"

Text = str | Promise
Values = dict[str, Any]

_importers: dict[str, type[Importer]] = {}


class UnknownImporter(LookupError):
    """No installed app declares this importer any more."""


@dataclass(frozen=True)
class Field:
    """One thing that a file may bring.

    `headers` are what files call it, in French and English; the `vague` ones may mean something else as well, which
    the cells must tell. `column` is the model's own name when it differs (two units of one column; of two that say
    something the field declared first counts). An empty cell erases what was there only if it `clears`. `needs` is
    the permission of whoever maps it. `several` columns may bring a list between them: « Photo 1 », « Photo 2 ».
    """

    name: str
    label: Text
    reader: Reader
    headers: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()
    column: str = ""
    required: bool = False
    priority: Priority = Priority.FEED
    clears: bool = False
    needs: str = ""
    several: bool = False

    @property
    def target(self) -> str:
        """The model's field that it is written to."""
        return self.column or self.name

    @property
    def choices(self) -> list[tuple[str, Text]]:
        """What a value may be mapped to; empty when it is not from a closed list."""
        return list(self.reader.choices.choices) if isinstance(self.reader, Choice) else []


@dataclass(frozen=True)
class Known:
    """One way to recognise a row: the cells of `fields`, tidied and joined. `mark` keeps the ways apart."""

    mark: str
    fields: tuple[str, ...]
    tidy: Callable[[str], str] = str.strip
    fits: Callable[[str], bool] = bool


@dataclass(frozen=True)
class Layout:
    """A format without a header: how many columns it has at least, and the fields by their position (from 1)."""

    name: str
    least: int
    fields: Mapping[int, str]


@dataclass(frozen=True)
class Setting:
    """What a run knows beside its rows."""

    feed: Feed
    sites: Sequence[Site]
    at: datetime


class Importer:
    """One kind of rows that files bring.

    `known_by` lists the ways to recognise a row from file to file, the surest first: the first that the row fills is
    its key. `adopted_by` names the column by which a row is recognised that somebody else brought; `claimed_by` that by
    which one is that a person typed in without it, on a site of the feed (`stands_on` is its column). A row of ours
    whose column `untouchable[0]` has one of the values of `untouchable[1]` is never written again. `derived` are
    columns that `derive` computes from the values of a row, or from those that `derived_from` names alone; `follows`
    ties one to the field whose fate it shares; `touched` is set to the time of the run whenever a row is written.
    `withdrawal` is written to rows that a person lets go because they left the feed. `sentences` says the importer's
    own codes. Raise `version` when rows already taken must be read again.
    """

    key: ClassVar[str]
    name: ClassVar[Text]
    model: ClassVar[type[Imported]]
    history: ClassVar[type[RowChange]]
    fields: ClassVar[tuple[Field, ...]]
    known_by: ClassVar[tuple[Known, ...]]
    withdrawal: ClassVar[Mapping[str, Any]]
    version: ClassVar[int] = 1
    adopted_by: ClassVar[str] = ""
    claimed_by: ClassVar[str] = ""
    stands_on: ClassVar[str] = ""
    untouchable: ClassVar[tuple[str, tuple[str, ...]]] = ("", ())
    derived: ClassVar[tuple[str, ...]] = ()
    derived_from: ClassVar[tuple[str, ...]] = ()
    follows: ClassVar[Mapping[str, str]] = {}
    touched: ClassVar[str] = ""
    layouts: ClassVar[tuple[Layout, ...]] = ()
    sentences: ClassVar[Mapping[str, Text]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        missing = [name for name in Importer.__annotations__ if not hasattr(cls, name)]
        if missing:
            raise ImproperlyConfigured(f"{cls.__qualname__} does not say: {', '.join(sorted(missing))}")
        _check_columns(cls)
        _register(cls)

    @classmethod
    def field(cls, name: str) -> Field | None:
        """The field of this name."""
        return next((field for field in cls.fields if field.name == name), None)

    @classmethod
    def leading(cls, fields: Iterable[Field]) -> list[Field]:
        """Each once, those that are named as what they write: who wins there wins for « sold: yes », too."""
        found = (cls.field(field.target) or field for field in fields)
        return list({field.name: field for field in found}.values())

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The model's fields that a row may write: those of the fields, and the derived ones."""
        written = (field.target for field in cls.fields)
        return tuple(dict.fromkeys((*written, *cls.derived)))

    @classmethod
    def column(cls, name: str) -> Column[Any, Any]:
        """The model's own field."""
        return cls.model._meta.get_field(name)  # type: ignore[return-value]  # columns only, checked at the start

    @classmethod
    def defaults(cls, setting: Setting) -> Values:
        """What a new row has where its file says nothing; beyond these, the model's own defaults."""
        return {}

    @classmethod
    def derive(cls, values: Values, setting: Setting) -> Values:
        """The derived columns of a row; None where the row says nothing about one.

        Called for each changed row, so it has to be quick. A value is None where the row says nothing.
        """
        return {}

    @classmethod
    def check(cls, values: Values, setting: Setting) -> Iterable[Problem]:
        """What is wrong with a row whose cells are each in order; asked only where an importer has something to say."""
        return ()

    @classmethod
    def label_of(cls, row: Any) -> str:
        """How a person calls a row of the model."""
        return str(row)

    @classmethod
    def changed(cls, *, group_id: int, at: datetime, by_id: int | None) -> None:
        """Rows were written: state the fact, in the transaction that wrote them."""

    @classmethod
    def erasing(cls, ids: Sequence[UUID], *, group_id: int, at: datetime, by_id: int | None) -> None:
        """Rows are about to be erased because a run is undone: state it, in the transaction that erases them."""

    @classmethod
    def finished(cls, setting: Setting) -> None:
        """A run has ended: queue what its rows still need, for example photos."""


def _named(importer: type[Importer]) -> tuple[str, ...]:
    by = (importer.adopted_by, importer.claimed_by, importer.stands_on)
    return (*by, importer.untouchable[0], importer.touched)


def _check_columns(importer: type[Importer]) -> None:
    names = {column.name for column in importer.model._meta.concrete_fields}
    wanted = {*importer.columns(), *importer.follows, *importer.withdrawal}
    wanted |= {name for name in _named(importer) if name}
    unknown = sorted(wanted - names)
    if unknown:
        raise ImproperlyConfigured(f"{importer.__qualname__} names columns that do not exist: {unknown}")
    fields = [field.name for field in importer.fields]
    if len(fields) != len(set(fields)):
        raise ImproperlyConfigured(f"{importer.__qualname__} declares a field twice")
    called = [
        header
        for field in importer.fields
        for header in {heard(name) for name in (*field.headers, *field.vague)}
    ]
    doubled = sorted({header for header in called if called.count(header) > 1})
    if doubled:
        raise ImproperlyConfigured(f"{importer.__qualname__} gives a header to two fields: {doubled}")
    stray = {name for known in importer.known_by for name in known.fields} - set(fields)
    if stray or not importer.known_by:
        raise ImproperlyConfigured(f"{importer.__qualname__}.known_by names no field: {sorted(stray)}")


def _register(importer: type[Importer]) -> None:
    held = _importers.get(importer.key)
    if held is not None:
        raise ImproperlyConfigured(
            f"Importer {importer.key!r} is declared by {held.__qualname__} and {importer.__qualname__}"
        )
    _importers[importer.key] = importer


def forget(key: str) -> None:
    """Take an importer out again: for tests that declare one."""
    _importers.pop(key, None)


def discover() -> None:
    """Import every app's `importers` module."""
    autodiscover_modules("importers")


def get(key: str) -> type[Importer]:
    """The importer of this key. Raises `UnknownImporter`."""
    try:
        return _importers[key]
    except KeyError:
        raise UnknownImporter(key) from None


def all_importers() -> list[type[Importer]]:
    """Every importer, in the order of their keys."""
    return [_importers[key] for key in sorted(_importers)]
