"""Finding vehicles by whatever a salesperson types: any order, beginnings of words, with typing faults.

Plain LIKE over `Vehicle.words`, which is folded: no extension, the same on every database. A word that nothing of the
group's stock begins with is corrected against the words of that stock, of its sites and of the trade; the page says so
and offers the search as it was typed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Q
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from core.words import fold
from sites.models import Site
from stock.feed_words import makes
from stock.models import Vehicle
from stock.models.vehicles import spread
from stock.trade_words import EMPTY, all_words, meanings_of

LONGEST = 100  # characters that somebody may type
_MOST_WORDS = 8  # further ones are ignored

# A new make is known at the latest after so many seconds; until then its words are found, and never corrected.
VOCABULARY_SECONDS = 600
# Different vehicles, the most frequent first, whose words are kept.
_MOST_MODELS = 20_000

# Letters of the shortest word that is corrected, and of the shortest in which two faults are.
_SHORTEST, _LONG = 4, 7
_SHORTEST_OF_SITE = 3
# What people call a make, in one word, beside its name: « vw », « chevy ».
_MAKES = {word: make for word, make in makes().items() if " " not in word and word != fold(make)}
# The end of a VIN, which the trade goes by; shorter ones are numbers of a model or of the stock.
_END_OF_VIN = re.compile(r"(?=(?:.*[0-9]){4})[a-z0-9]{6,17}")


@dataclass(frozen=True)
class Search:
    """What a text asks for. `said` is what was searched; it differs from what was typed when that was corrected."""

    condition: Q
    said: str
    is_corrected: bool = False


NOTHING = Search(Q(), "")


def search_for(text: str, *, group_id: int, literal: bool = False) -> Search:
    """The vehicles that say every word of `text`; all of them for an empty text.

    `literal` corrects nothing. Reads the group's vocabulary, and whether a word that is not in it exists.
    """
    typed = _words_in(text)
    if not typed:
        return Search(Q(pk__in=[]), text) if text.strip() else NOTHING
    words = typed if literal else _corrected(typed, group_id)
    sites = site_words(group_id)
    condition = Q()
    for word in words:
        condition &= _says(word) | _stands_at(word, sites)
    return Search(condition, " ".join(words), is_corrected=words != typed)


def said_of_the_car(text: str, *, group_id: int) -> str:
    """The words of a text as they were probably meant, without those that say where the car stands."""
    typed = _words_in(text)
    if not typed:
        return ""
    sites = site_words(group_id)
    return " ".join(word for word in _corrected(typed, group_id) if word not in sites)


def vocabulary(group_id: int) -> Mapping[str, int]:
    """How often the group's vehicles say each word of their make, model, version or colour. Cached."""
    key = f"stock:vocabulary:{group_id}"
    held: Mapping[str, int] | None = cache.get(key)
    if held is None:
        held = _counted_words()
        cache.set(key, held, VOCABULARY_SECONDS)
    return held


def site_words(group_id: int) -> Mapping[str, tuple[int, ...]]:
    """Word of a site's name → the sites that have it, unless a vehicle or the trade says it, too. Cached."""
    key = f"stock:site-words:{group_id}"
    held: Mapping[str, tuple[int, ...]] | None = cache.get(key)
    if held is None:
        words = vocabulary(group_id)
        held = {
            word: ids for word, ids in _named_sites().items() if word not in words and not meanings_of(word)
        }
        cache.set(key, held, VOCABULARY_SECONDS)
    return held


def _named_sites() -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for site_id, name in Site.objects.order_by("pk").values_list("pk", "name"):
        for word in spread(fold(name)):
            if len(word) >= _SHORTEST_OF_SITE and word not in EMPTY:
                found[word] = (*found.get(word, ()), site_id)
    return found


def _words_in(text: str) -> list[str]:
    words = fold(text).split()[:_MOST_WORDS]
    readable = [word for word in words if any(char.isalnum() for char in word)]
    return [word for word in readable if word not in EMPTY] or readable


def _says(word: str) -> Q:
    """The vehicle has a word that begins so, or is what the word means."""
    *parts, whole = spread(word)
    found = _begins(whole)
    if parts:
        found |= Q(*[_begins(part) for part in parts])
    if _END_OF_VIN.fullmatch(whole):
        found |= Q(vin__endswith=whole.upper())
    if whole in _MAKES:
        found |= Q(make=_MAKES[whole])
    for meaning in meanings_of(whole):
        if meaning.field:
            found |= Q((f"{meaning.field}__in", meaning.values))
        for other in meaning.words:
            found |= _begins(other)
    return found


def _stands_at(word: str, sites: Mapping[str, tuple[int, ...]]) -> Q:
    """The vehicle stands on a site that is called so, or whose name has a word that begins so."""
    ids = {
        site_id
        for name, named in sites.items()
        if name == word or (len(word) >= _SHORTEST and name.startswith(word))
        for site_id in named
    }
    return Q(site_id__in=sorted(ids)) if ids else Q()


def _begins(word: str) -> Q:
    return Q(words__contains=f" {word}")


def _corrected(words: list[str], group_id: int) -> list[str]:
    known = {**vocabulary(group_id), **dict.fromkeys(site_words(group_id), 0)}
    return [_nearest(word, known) or word for word in words]


def _nearest(word: str, known: Mapping[str, int]) -> str | None:
    """The known word that was probably meant; None for one that is known, has a figure, or is near to nothing.

    A figure is never a fault: « 208 » and « 2008 » are two cars.
    """
    if len(word) < _SHORTEST or not word.isalpha() or word in _MAKES:
        return None
    if meanings_of(word) or _is_begun(word, known):
        return None
    faults = 1 if len(word) < _LONG else 2
    choices = {*known, *all_words()}
    near = process.extract(word, choices, scorer=DamerauLevenshtein.distance, score_cutoff=faults, limit=None)
    fitting = [
        (distance, choice[0] != word[0], -known.get(choice, 0), choice) for choice, distance, _ in near
    ]
    fitting = [fit for fit in fitting if len(fit[-1]) >= _SHORTEST and fit[-1].isalpha()]
    if not fitting or _begins_somewhere(word):
        return None
    return min(fitting)[-1]


def _is_begun(word: str, known: Mapping[str, int]) -> bool:
    return word in known or any(other.startswith(word) for other in known)


def _begins_somewhere(word: str) -> bool:
    """Whether a vehicle says it that came since the vocabulary was read, or says it in its numbers."""
    return Vehicle.objects.filter(_begins(word)).exists()


def _counted_words() -> dict[str, int]:
    rows = (
        Vehicle.objects.order_by()
        .values_list("make", "model", "version", "colour")
        .annotate(number=Count("pk"))
        .order_by("-number")[:_MOST_MODELS]
    )
    counted: Counter[str] = Counter()
    for *texts, number in rows:
        for word in set(spread(fold(" ".join(texts)))):
            counted[word] += number
    return dict(counted)
