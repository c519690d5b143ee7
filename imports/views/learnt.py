"""What a feed has learnt from its files and from people: columns, words, who wins; to look at, correct and forget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise

from imports import declarations
from imports.access import may_map
from imports.declarations import Field, Importer
from imports.models import Feed, Priority
from imports.views.sheets import choices_of
from sites.access import Member
from sites.models import Site

Text = str | Promise


@dataclass(frozen=True)
class LearntColumn:
    """A column that a file had once. Without a field it is ignored."""

    name: str
    field: Field | None
    is_locked: bool


@dataclass(frozen=True)
class LearntWord:
    """A word of the feed's files and what it means."""

    field: Field
    written: str
    kept: str
    choices: Sequence[tuple[str, Text]]

    @property
    def mark(self) -> str:
        """As the page sends it."""
        return f"{self.field.name}~{self.written}"


@dataclass(frozen=True)
class Winner:
    """Who wins in a field that a person has changed."""

    field: Field
    is_feeds: bool


class Learnt:
    """Everything that a feed knows by now."""

    def __init__(self, feed: Feed, member: Member, sites: Sequence[Site]) -> None:
        importer = declarations.get(feed.importer)
        self.fields = [field for field in importer.fields if may_map(member, importer, field.name)]
        self.columns = [_column(importer, name, to, member) for name, to in sorted(feed.mapping.items())]
        self.words = [
            LearntWord(field, written, str(kept), choices_of(field, sites))
            for field in importer.fields
            for written, kept in sorted(feed.values.get(field.name, {}).items())
        ]
        brought = {to for to in feed.mapping.values() if to}
        self.winners = [
            Winner(field, feed.priorities.get(field.name, field.priority) == Priority.FEED)
            for field in importer.leading(
                field for field in importer.fields if not brought or field.name in brought
            )
        ]


def changes(sent: QueryDict, feed: Feed, member: Member) -> dict[str, Any]:
    """What `change_feed` is told after the page: only the part that was sent, and nothing that it does not name."""
    importer = declarations.get(feed.importer)
    match sent.get("part", ""):
        case "columns":
            return {"mapping": _columns(sent, feed, importer, member)}
        case "words":
            return {"values": _words(sent, feed, importer)}
        case "winners":
            return {"priorities": _winners(sent, feed, importer)}
        case _:
            return {}


def _column(importer: type[Importer], name: str, to: str, member: Member) -> LearntColumn:
    field = importer.field(to) if to else None
    return LearntColumn(name, field, field is not None and not may_map(member, importer, field.name))


def _columns(sent: QueryDict, feed: Feed, importer: type[Importer], member: Member) -> dict[str, str]:
    allowed = {"", *(field.name for field in importer.fields if may_map(member, importer, field.name))}
    told = dict(zip(sent.getlist("column"), sent.getlist("field"), strict=False))
    forgotten = set(sent.getlist("forget"))
    kept = {}
    for name, to in feed.mapping.items():
        if to in allowed and name in forgotten:
            continue
        wanted = told.get(name, to)
        kept[name] = wanted if to in allowed and wanted in allowed else to
    return kept


def _words(sent: QueryDict, feed: Feed, importer: type[Importer]) -> dict[str, dict[str, str]]:
    """The pages send « field~word » for what is forgotten, and pairs of that and its new meaning."""
    told = dict(zip(sent.getlist("word"), sent.getlist("kept"), strict=False))
    forgotten = set(sent.getlist("forget"))
    sites = list(feed.sites.all())
    kept: dict[str, dict[str, str]] = {}
    for name, words in feed.values.items():
        field = importer.field(name)
        allowed = {value for value, _label in choices_of(field, sites)} if field else set()
        for written, meaning in words.items():
            mark = f"{name}~{written}"
            wanted = told.get(mark, meaning).strip() or meaning
            if mark not in forgotten:
                kept.setdefault(name, {})[written] = wanted if not allowed or wanted in allowed else meaning
    return kept


def _winners(sent: QueryDict, feed: Feed, importer: type[Importer]) -> dict[str, str]:
    told = {
        field.name: sent[f"wins-{field.name}"]
        for field in importer.fields
        if sent.get(f"wins-{field.name}") in Priority.values
    }
    return {**feed.priorities, **told}
