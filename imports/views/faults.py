"""The rows that were not taken: what is wrong with each in plain words, corrected in the page, and taken at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.clock import now
from imports import declarations, kinds, sentences
from imports.access import may_map
from imports.declarations import RUN_IMPORT, Field, Importer
from imports.files import Refused
from imports.files.table import kept_text
from imports.kinds import Found, Kind
from imports.mapping import for_file
from imports.models import Fault, Run
from imports.readers import OneOf
from imports.services import Fixed, NotAllowed, NotNow, fix_rows, learn_value
from imports.views.guards import run_or_404
from imports.views.sheets import choices_of
from sites.access import Member
from sites.http import MemberRequest, member_required
from sites.models import Site

Text = str | Promise

# Rows of one value that are corrected in one go; for more there is the file.
_MOST_AT_ONCE = 5_000
_VALUE_LENGTH = 2_000
UNKNOWN = "unknown_value"


@dataclass(frozen=True)
class Cell:
    """One cell of a faulty row, to correct. `mark` names its field; `why` is empty where it is fine."""

    mark: str
    column: str
    text: str
    why: str
    choices: Sequence[tuple[str, Text]]
    is_hidden: bool

    @property
    def is_long(self) -> bool:
        return len(self.text) > 60 or "\n" in self.text


@dataclass(frozen=True)
class FaultRow:
    """A row that was not taken: its faulty cells (all when it is opened), and what is wrong with it as a whole."""

    fault: Fault
    title: str
    cells: list[Cell]
    whole: list[str]
    is_open: bool


@dataclass(frozen=True)
class KindPill:
    """One kind of problem to look at alone."""

    found: Found
    name: Text
    query: str
    is_current: bool


@dataclass(frozen=True)
class Repeated:
    """The same wrong value in several rows, corrected in one go; a word of a closed list is remembered."""

    found: Found
    choices: Sequence[tuple[str, Text]]
    sentence: str


class FaultTable:
    """The faults of a run that are still open, a page of them, as its reader may see them."""

    def __init__(self, request: MemberRequest, run: Run) -> None:
        self._run = run
        self._reader = Reader(run, request.member)
        after = request.GET.get("after", "")
        self.kind = kinds.kind_of(request.GET.get("kind", ""))
        self._after = int(after) if after.isdecimal() and len(after) < 10 else 0
        self._opened = request.GET.get("row", "")

    @cached_property
    def page(self) -> kinds.FaultPage:
        return kinds.faults_page(self._run, kind=self.kind, after=self._after)

    @cached_property
    def rows(self) -> list[FaultRow]:
        return [
            self._reader.row(fault, opened=self._opened == str(fault.number)) for fault in self.page.faults
        ]

    @cached_property
    def fixed(self) -> int:
        return Fault.objects.filter(run=self._run, fixed_at__isnull=False).count()

    @cached_property
    def open(self) -> int:
        return kinds.open_faults(self._run).count()

    @cached_property
    def pills(self) -> list[KindPill]:
        return [
            KindPill(
                found,
                found.kind.column or _("The row as a whole"),
                "" if found.kind == self.kind else urlencode({"kind": found.kind.mark}),
                found.kind == self.kind,
            )
            for found in kinds.kinds_of(self._run)
        ]

    @cached_property
    def repeated(self) -> list[Repeated]:
        """Only what the reader may see and correct."""
        found = [self._repeated(one) for one in kinds.repeated_in(self._run)]
        return [one for one in found if one is not None]

    @property
    def next_query(self) -> str:
        if self.page.next_after is None:
            return ""
        kind = {"kind": self.kind.mark} if self.kind else {}
        return urlencode({**kind, "after": self.page.next_after})

    @property
    def query(self) -> str:
        """Of this page, to come back to it."""
        kind = {"kind": self.kind.mark} if self.kind else {}
        return urlencode({**kind, **({"after": self._after} if self._after else {})})

    def _repeated(self, found: Found) -> Repeated | None:
        if self._reader.is_hidden(found.kind.column):
            return None
        field = self._reader.field(found.example) if found.kind.code == UNKNOWN else None
        choices = choices_of(field, self._reader.sites) if field is not None else []
        return Repeated(found, choices, sentence_of(found.example))


class Reader:
    """Reads faults for one person: what he may not see of a vehicle he does not see of its row."""

    def __init__(self, run: Run, member: Member) -> None:
        self.member = member
        self._feed = run.feed
        self._importer: type[Importer] = declarations.get(run.feed.importer)
        self._places = {field.name: place for place, field in enumerate(self._importer.fields)}
        self._fields: dict[str, str] = {}

    @cached_property
    def sites(self) -> list[Site]:
        return list(self._feed.sites.order_by("name"))

    def columns(self, fault: Fault) -> list[str]:
        """Of its file, in the order of the fields that they bring, then the others: the cells keep no order."""
        wrong = [one["column"] for one in fault.problems if one["column"]]
        names = list(dict.fromkeys([*self._feed.mapping, *fault.cells, *wrong]))
        self._learn(names)
        shown = [name for name in names if self._fields[name] or name in fault.cells]
        return sorted(shown, key=lambda name: (self._places.get(self._fields[name], len(self._places)), name))

    def is_hidden(self, column: str) -> bool:
        """Whether the column carries what the person may not see."""
        self._learn([column])
        field = self._fields[column]
        return bool(field) and not may_map(self.member, self._importer, field)

    def _learn(self, columns: Sequence[str]) -> None:
        """Which fields these columns bring, as the run reads them."""
        new = [name for name in columns if name not in self._fields]
        if new:
            together = list(dict.fromkeys([*self._feed.mapping, *new]))
            self._fields.update(for_file(self._importer, self._feed.mapping, together))

    def row(self, fault: Fault, *, opened: bool) -> FaultRow:
        wrong: dict[str, Mapping[str, Any]] = {one["column"]: one for one in fault.problems if one["column"]}
        shown = [name for name in self.columns(fault) if opened or name in wrong]
        return FaultRow(
            fault=fault,
            title=self._title(fault),
            cells=[self._cell(name, fault, wrong.get(name)) for name in shown],
            whole=[sentence_of(one) for one in fault.problems if not one["column"]],
            is_open=opened,
        )

    def field(self, problem: Mapping[str, Any]) -> Field | None:
        return self._importer.field(problem["field"]) if problem["field"] else None

    def _cell(self, name: str, fault: Fault, problem: Mapping[str, Any] | None) -> Cell:
        field = self.field(problem) if problem and problem["code"] == UNKNOWN else None
        return Cell(
            mark=mark_of(fault, name),
            column=name,
            text=str(fault.cells.get(name, "")),
            why=_short(problem) if problem else "",
            choices=self._words(field) if field else [],
            is_hidden=self.is_hidden(name),
        )

    def _words(self, field: Field) -> Sequence[tuple[str, Text]]:
        """What a cell may hold to be understood: a site by its name."""
        if isinstance(field.reader, OneOf):
            return [(site.name, site.name) for site in self.sites]
        return field.choices

    def _title(self, fault: Fault) -> str:
        """What a person knows the row by: the cells that name it."""
        self._learn(list(fault.cells))
        named = {field: name for name, field in self._fields.items() if field and not self.is_hidden(name)}
        wanted = dict.fromkeys(field for known in self._importer.known_by for field in known.fields)
        texts = (str(fault.cells.get(named.get(field, ""), "")).strip() for field in wanted)
        return " · ".join(islice((text for text in texts if text), 3))


def _short(problem: Mapping[str, Any]) -> str:
    """Beside its cell: what to do about a word is what the cell offers."""
    return _("This word is not known here.") if problem["code"] == UNKNOWN else sentence_of(problem)


def sentence_of(problem: Mapping[str, Any]) -> str:
    """What is wrong, without the column and the value: the page shows them beside it."""
    return sentences.of(problem["code"], problem["values"])


def mark_of(fault: Fault, column: str) -> str:
    """The name of a cell's field: a column's own name may hold anything."""
    digest = hashlib.blake2b(column.encode("utf-8", "replace"), digest_size=6).hexdigest()
    return f"cell-{fault.number}-{digest}"


@require_POST
@member_required(RUN_IMPORT)
def fix(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """Take the rows of the page again, with what was typed into them."""
    run = run_or_404(request.member, run_id)
    numbers = [int(text) for text in request.POST.getlist("row") if text.isdecimal() and len(text) < 10]
    only = request.POST.get("only", "")
    if only.isdecimal():
        numbers = [number for number in numbers if str(number) == only]
    reader = Reader(run, request.member)
    cells = {
        fault.number: changed
        for fault in kinds.open_faults(run).filter(number__in=numbers[: kinds.PAGE])
        if (changed := _typed(request, fault, reader)) or only
    }
    return take(request, run, cells)


@require_POST
@member_required(RUN_IMPORT)
def fix_everywhere(request: MemberRequest, run_id: UUID) -> HttpResponse:
    """The same wrong value in every row: corrected once, and a word of a closed list remembered for the next file."""
    run = run_or_404(request.member, run_id)
    kind = kinds.kind_of(request.POST.get("kind", ""))
    value = request.POST.get("value", "")
    text = kept_text(request.POST.get("text", "")).strip()[:_VALUE_LENGTH]
    if kind is None or not text:
        messages.info(request, _("Say first what it shall be."))
        return _back(request, run)
    reader = Reader(run, request.member)
    numbers = list(islice(kinds.numbers_with(run, kind, value), _MOST_AT_ONCE))
    if not numbers or reader.is_hidden(kind.column):
        messages.info(request, _("Somebody has corrected it already."))
        return _back(request, run)
    if kind.code == UNKNOWN and _remember(request, run, kind, value, text):
        return take(request, run, {number: {} for number in numbers})
    return take(request, run, {number: {kind.column: text} for number in numbers})


def _remember(request: MemberRequest, run: Run, kind: Kind, value: str, text: str) -> bool:
    """Let the feed learn the word. False where its column leads to no closed list."""
    feed, importer = run.feed, declarations.get(run.feed.importer)
    field = importer.field(for_file(importer, feed.mapping, [kind.column])[kind.column])
    allowed = {name for name, _label in choices_of(field, feed.sites.all())} if field is not None else set()
    if field is None or text not in allowed:
        return False
    learn_value(feed_id=feed.pk, field=field.name, text=value, meant=text, by=request.member, at=now())
    run.feed.refresh_from_db()
    return True


def _typed(request: MemberRequest, fault: Fault, reader: Reader) -> dict[str, str]:
    """The cells of a row that differ from what the file has."""
    changed = {}
    for name in reader.columns(fault):
        typed = request.POST.get(mark_of(fault, name))
        kept = str(fault.cells.get(name, ""))
        if typed is not None and _plain(typed) != _plain(kept) and not reader.is_hidden(name):
            changed[name] = _plain(typed)
    return changed


def _plain(text: str) -> str:
    """As a form sends it back: browsers end lines with CR and LF."""
    return kept_text(text).replace("\r\n", "\n").replace("\r", "\n").strip()


def take(request: MemberRequest, run: Run, cells: Mapping[int, Mapping[str, str]]) -> HttpResponse:
    """Take these rows again, say what became of them, and go back to the faults."""
    if not cells:
        messages.info(request, _("Nothing was changed yet: correct a cell first."))
        return _back(request, run)
    try:
        done = fix_rows(run_id=run.pk, cells=cells, by=request.member, at=now())
    except NotAllowed:
        raise PermissionDenied from None
    except NotNow:
        messages.info(request, _("It is no longer in a state for that: here is how it stands."))
        return _back(request, run)
    except Refused as refused:
        messages.warning(request, sentences.of(refused.code, refused.values))
        return _back(request, run)
    _tell(request, done)
    return _back(request, run)


def _tell(request: MemberRequest, done: Fixed) -> None:
    taken = done.created + done.updated + done.unchanged
    if taken:
        messages.success(
            request, ngettext("%(n)d row is in now.", "%(n)d rows are in now.", taken) % {"n": taken}
        )
    if done.failed:
        left = ngettext("%(n)d row is still in error.", "%(n)d rows are still in error.", done.failed)
        messages.warning(request, left % {"n": done.failed})


def _back(request: MemberRequest, run: Run) -> HttpResponse:
    """To the faults, as they were looked at."""
    query = request.POST.get("query", "")
    kept = {name: value for name, value in parse_qsl(query) if name in ("kind", "after")}
    address = reverse("imports:run", args=[run.pk])
    return redirect(f"{address}?{urlencode(kept)}#faults" if kept else f"{address}#faults")
