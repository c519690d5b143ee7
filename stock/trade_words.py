"""What a salesperson types for the closed lists of the trade, in French and in English, folded.

A word that stands here finds vehicles by what they are as well as by what is written on them: « diesel automatique
break » needs none of these words in the version.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from stock.models import Fuel, Gearbox, Kind, Segment

# A shorter beginning of a word may be that of anything.
SHORTEST_BEGINNING = 4

_WORDS: dict[tuple[str, tuple[str, ...]], str] = {
    ("fuel", (Fuel.PETROL,)): "essence petrol gasoline",
    ("fuel", (Fuel.DIESEL,)): "diesel gazole gasoil",
    ("fuel", (Fuel.HYBRID, Fuel.PLUGIN_HYBRID)): "hybride hybrid hev",
    ("fuel", (Fuel.PLUGIN_HYBRID,)): "rechargeable plugin phev",
    ("fuel", (Fuel.ELECTRIC,)): "electrique electric elec ev bev",
    ("fuel", (Fuel.LPG,)): "gpl lpg",
    ("fuel", (Fuel.CNG,)): "gnv cng",
    ("fuel", (Fuel.ETHANOL,)): "ethanol e85 flexfuel",
    ("fuel", (Fuel.HYDROGEN,)): "hydrogene hydrogen",
    ("gearbox", (Gearbox.AUTOMATIC,)): "automatique automatic auto bva",
    ("gearbox", (Gearbox.MANUAL,)): "manuelle manuel manual bvm",
    ("segment", (Segment.CITY,)): "citadine city",
    ("segment", (Segment.COMPACT,)): "compacte compact",
    ("segment", (Segment.SALOON,)): "berline saloon sedan",
    ("segment", (Segment.ESTATE,)): "break estate wagon",
    ("segment", (Segment.SUV,)): "suv crossover 4x4",
    ("segment", (Segment.MPV,)): "monospace mpv ludospace",
    ("segment", (Segment.COUPE,)): "coupe",
    ("segment", (Segment.CABRIOLET,)): "cabriolet cabrio decapotable convertible",
    ("segment", (Segment.PICKUP,)): "pickup",
    ("segment", (Segment.VAN,)): "utilitaire fourgon fourgonnette camionnette van",
    ("kind", (Kind.NEW,)): "neuf neuve new vn",
    ("kind", (Kind.USED,)): "occasion used vo",
    ("kind", (Kind.DEMO,)): "demonstration demo vd",
}
# A colour is free text: each of these finds the others.
_COLOURS = (
    "bleu bleue blue",
    "rouge red",
    "noir noire black",
    "blanc blanche white",
    "gris grise grey gray",
    "vert verte green",
    "jaune yellow",
    "marron brown",
    "argent silver",
    "violet violette purple",
)
# They say nothing of a vehicle, and people type them all the same.
EMPTY = frozenset({
    "a", "au", "aux", "avec", "boite", "car", "de", "des", "du", "en", "et", "for", "gearbox", "la", "le", "les", "ou",
    "the", "un", "une", "vehicule", "voiture", "with",
})  # fmt: skip


@dataclass(frozen=True)
class Meaning:
    """What a word stands for beside itself: one of `values` of `field`, or one of `words` on the vehicle."""

    field: str = ""
    values: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@cache
def all_words() -> dict[str, Meaning]:
    """Every word of the trade with its meaning."""
    known = {
        word: Meaning(field=field, values=tuple(map(str, values)))
        for (field, values), words in _WORDS.items()
        for word in words.split()
    }
    colours = {word: Meaning(words=tuple(line.split())) for line in _COLOURS for word in line.split()}
    return colours | known


def meanings_of(word: str) -> list[Meaning]:
    """What a folded word, or the beginning of one, stands for; none for most."""
    words = all_words()
    if word in words:
        return [words[word]]
    if len(word) < SHORTEST_BEGINNING:
        return []
    return list(dict.fromkeys(meaning for known, meaning in words.items() if known.startswith(word)))
