"""Finding a line by its words, whatever their accents and capitals, on any database.

What a line can be found by is what it says, and no more: the values that its title and body name are kept folded
beside the event when it is recorded (`words_of`), once for everybody whom it concerns. The words around them, such
as « New lead », are a handful for each type and language, so they are compared here (`types_saying`). A search is
then a plain LIKE over one person's lines: no extension, no index to keep, no message rendered to be looked into.
"""

from __future__ import annotations

from string import Formatter
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import translation

from core.signals import Fact
from core.words import fold
from notifications import registry
from notifications.declarations import Notice
from notifications.models import EventKind

_known: dict[tuple[type[Notice[Any]], EventKind], list[str]] = {}  # every event that is recorded asks

LONGEST = 600  # characters of Event.words
_MOST_WORDS = 8  # of a search; further ones are ignored


def words_of(notice: type[Notice[Any]], kind: EventKind, fact: Fact) -> str:
    """What a line of this fact can be found by, folded, in every language that somebody may read it in."""
    said: dict[str, None] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            values = notice.values_of(fact)
        said |= {
            str(values[name]): None for name in _fields_said(notice, kind) if values.get(name) is not None
        }
    return fold(" ".join(said))[:LONGEST]


def mentions(text: str, language: str) -> Q:
    """The notifications that say every word of `text` to a reader of `language`; all of them for an empty text."""
    found = Q()
    for word in fold(text).replace("\x00", "").split()[:_MOST_WORDS]:
        found &= (
            Q(event__words__contains=word)
            | Q(closing__words__contains=word)
            | Q(event__type_key__in=types_saying(word, language))
        )
    return found


def types_saying(word: str, language: str) -> list[str]:
    """The keys of the notices whose own words, without any value, contain `word`."""
    return [notice.key for notice in registry.all_notices() if word in _own_words(notice, language)]


def _own_words(notice: type[Notice[Any]], language: str) -> str:
    with translation.override(language):
        return fold(" ".join(_text_of(str(template)) for template in (notice.title, notice.body)))


def _fields_said(notice: type[Notice[Any]], kind: EventKind) -> list[str]:
    """The fields of the fact that a line shows: those that its templates name, in every language the same."""
    if (notice, kind) in _known:
        return _known[notice, kind]
    ends = [ending.text for ending in notice.endings()]
    templates = ends if kind == EventKind.CLOSING else [notice.title, notice.body]
    parsed = (part for template in templates for part in Formatter().parse(str(template)))
    return _known.setdefault((notice, kind), sorted({name for _text, name, _spec, _conv in parsed if name}))


def _text_of(template: str) -> str:
    return "".join(text for text, _name, _spec, _conversion in Formatter().parse(template))
