"""Readers: how the text of a cell becomes a value of a field. Each raises `Unreadable` with a code for a sentence.

A reader is a small frozen object; `prepared` gives the function that reads a feed's cells, with what the feed has
learnt. An empty cell never reaches it: `empty` is its value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from typing import TYPE_CHECKING, Any, Self

from django.db import models

from core.money import NotAnAmount, cents_of, currency_in, currency_of
from core.words import fold
from imports.problems import Unreadable

if TYPE_CHECKING:
    from imports.declarations import Setting

Learnt = Mapping[str, str]
Read = Callable[[str], Any]

# Cents; a feed that names more has slipped a column. Ten million.
MOST_CENTS = 1_000_000_000
MOST_ITEMS = 300
_DOLLARS = frozenset(("CAD", "USD"))
_LONG_ENOUGH_FOR_LINES = 1_000

# What stands in a cell that says nothing, folded.
_NOTHING = frozenset(
    (
        "-", "--", "---", "–", "—", ".", "?", "/", "n/a", "na", "n.a.", "n/c", "nc", "n.c.", "n.c", "n/r", "nr", "n.r.",
        "s/o", "null", "none", "nan", "neant", "aucun", "aucune", "inconnu", "inconnue", "unknown", "tbd",
        "non renseigne", "non renseignee", "non communique", "non communiquee", "non disponible",
        "a definir", "a venir", "not available", "not specified", "unspecified",
    )
)  # fmt: skip
# What a formula that failed leaves, in French and in English.
_SHEET_ERRORS = frozenset(
    (
        "#N/A", "#N/D", "#REF!", "#VALUE!", "#VALEUR!", "#NAME?", "#NOM?", "#DIV/0!", "#NULL!", "#NUL!", "#NUM!",
        "#NOMBRE!",
    )
)  # fmt: skip
# What portals write where no price is to be shown, folded.
_NO_PRICE = _NOTHING | frozenset(
    (
        "please call", "contact us", "call", "call us", "call for price", "contact for price", "poa", "p.o.a.",
        "price on request", "on request", "ask", "ask for price", "contact dealer", "call dealer",
        "nous consulter", "nous contacter", "nous appeler", "sur demande", "prix sur demande", "consulter",
        "prix a definir", "appelez-nous", "contactez-nous", "consultez-nous", "prix nous consulter", "auf anfrage",
    )
)  # fmt: skip
_YES = frozenset(("1", "oui", "o", "yes", "y", "true", "vrai", "x", "ja", "j"))
_NO = frozenset(("0", "non", "n", "no", "false", "faux", "nein"))
_WHOLE = re.compile(r"(-?[0-9]{1,3}(?:[\s.,'’][0-9]{3})+|-?[0-9]+)(?:[.,]0+)?")
_UNIT = re.compile(
    r"\s*(?:kms?|kilom[eè]tres?|c[hv](?: din)?|b?hp|ps|kw|g(?: ?co2)?(?:/km)?|portes?|places?|doors?|seats?)\.?$",
    re.IGNORECASE,
)
# « 15990 », « 15990.5 », « 15990.0000 »; never « 15,990 », which is fifteen thousand.
_PLAIN_CENTS = re.compile(r"(?![0-9]{1,3}[.,][0-9]{3}$)([0-9]{1,9})(?:[.,]([0-9]{1,2})0*)?")
# What a spreadsheet has computed: « 13325.8333333333 ».
_COMPUTED = re.compile(r"[0-9]{4,9}[.,][0-9]{3,20}")
# In Canada every price is « plus taxes ».
_AFTER_MONEY = re.compile(
    r"(?:\s|[€$]|,-|\*|(?<![a-z])(?:TTC|HT|euros?|(?:plus|\+) ?(?:tax(?:es)?|tx)))+$", re.IGNORECASE
)
_WITHOUT_TAX = re.compile(
    r"(?<![a-z])(?:H\.?T|HTVA)(?![a-z])|hors[ -]taxe|excl|\+ ?(?:TVA|VAT)", re.IGNORECASE
)
_LINE_END = re.compile(r"\s*<(?:br|/p|/li|/div)\s*/?>\s*", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][a-z0-9]{0,10}(?:\s[^<>]{0,500})?/?>", re.IGNORECASE)
# Controls but tabs and line ends, and what has no width or turns the direction of what follows.
_INVISIBLE = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\xad\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]"
)
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#[0-9]{2,6}|#x[0-9a-fA-F]{2,5});")
# Not the « a » of « à confirmer », which alone would stand for an automatic gearbox.
_FIRST_WORD = re.compile(r"[a-z]{3,}")
_BETWEEN_ITEMS = re.compile(r"[|;\n\r]+|,(?=\s*\S)")
_HTTP = ("https://", "http://")
_BETWEEN_LINKS = re.compile(r"[|\s]+|[,;](?=\s*https?:)")


def refuse_sheet_error(text: str) -> None:
    """A formula that failed is no value, and not the same as none. Raises `Unreadable`."""
    if text.startswith("#") and text in _SHEET_ERRORS:
        raise Unreadable("missing")


def says_nothing(text: str) -> bool:
    """Whether it is what systems write into a cell that has no value: « N/C », « - », « non renseigné »."""
    return fold(text) in _NOTHING


def plain(text: str) -> str:
    """Without signs that nobody sees, and what a website leaves in its exports: « V&eacute;hicule<br>suivi »."""
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
    if "<" in text:
        text = _TAG.sub("", _LINE_END.sub("\n", text))
    return unescape(text).strip() if "&" in text and _ENTITY.search(text) else text


@dataclass(frozen=True)
class Reader:
    """Reads one kind of cell. `empty` is what an empty cell means."""

    empty: Any = field(default=None, init=False)

    def within(self, setting: Setting) -> Self:
        """The reader as this run's feed and sites have it."""
        return self

    def prepared(self, learnt: Learnt) -> Read:
        """The function that reads a cell that is not empty."""
        return self.read

    def could_say(self, texts: Collection[str]) -> bool:
        """Whether a column that holds these different texts may be meant, where its header alone does not tell."""
        return True

    def read(self, text: str) -> Any:
        """The value of a cell. Raises `Unreadable`."""
        return text

    def doubt(self, value: Any) -> str:
        """The code of what is odd about a value that is taken all the same; empty when nothing is."""
        return ""


@dataclass(frozen=True)
class Text(Reader):
    """Words of at most `longest` characters, in one line if they are few; `tidy` brings them into one form."""

    longest: int = 200
    tidy: Callable[[str], str] | None = None
    empty: Any = field(default="", init=False)

    def read(self, text: str) -> str:
        if not text.isprintable() or "&" in text or "<" in text or text.startswith("#"):  # few are
            text = self._cleared(text)
        if self.tidy:
            text = self.tidy(text)
        if len(text) > self.longest:
            raise Unreadable("too_long", longest=self.longest)
        return text

    def _cleared(self, text: str) -> str:
        refuse_sheet_error(text)
        text = plain(text)
        return text if self.longest >= _LONG_ENOUGH_FOR_LINES else " ".join(text.split())


@dataclass(frozen=True)
class Whole(Reader):
    """A whole number, units and grouped thousands allowed: « 24 500 km ». `times` converts from another unit."""

    least: int = 0
    most: int = 32_767
    times: float = 1.0

    def read(self, text: str) -> int | None:
        number = int(text) if text.isdecimal() and text.isascii() and len(text) < 12 else self._spelt(text)
        if number is None:
            return None
        if self.times != 1.0:
            number = round(number * self.times)
        if not self.least <= number <= self.most:
            raise Unreadable("out_of_range", least=self.least, most=self.most)
        return number

    @staticmethod
    def _spelt(text: str) -> int | None:
        if says_nothing(text):
            return None
        parts = _WHOLE.fullmatch(_UNIT.sub("", text))
        if parts is None or len(parts[1]) > 20:
            raise Unreadable("not_a_number")
        return int(re.sub(r"[^0-9-]", "", parts[1]))


@dataclass(frozen=True)
class Money(Reader):
    """An amount in cents: « 15 990 € », « 15.990,00 ». What says « please call » is no price.

    `with_tax`: one that says it is without is refused; a fifth less would be a price that somebody insists on.
    `ours`: what the feed's sites sell in. An amount that names another currency is refused.
    """

    with_tax: bool = False
    ours: frozenset[str] = frozenset()

    def within(self, setting: Setting) -> Self:
        return replace(self, ours=_currencies_of(setting))

    def read(self, text: str) -> int | None:
        parts = _PLAIN_CENTS.fullmatch(text)
        if parts is not None:
            cents = int(parts[1]) * 100 + int((parts[2] or "").ljust(2, "0"))
        elif _COMPUTED.fullmatch(text):
            cents = round(float(text.replace(",", ".")) * 100)
        elif fold(text) in _NO_PRICE:
            return None
        elif self.with_tax and _WITHOUT_TAX.search(text):
            raise Unreadable("without_tax")
        elif _is_foreign(text, self.ours):
            raise Unreadable("other_currency", ours=_listed(self.ours))
        else:
            try:
                cents = cents_of(_AFTER_MONEY.sub("", re.sub(r"^C(?=\$)", "", text)))
            except NotAnAmount:
                raise Unreadable("not_money") from None
        if cents > MOST_CENTS:
            raise Unreadable("too_much")
        return cents or None  # « 0 » is how many systems write « none »


def _currencies_of(setting: Setting) -> frozenset[str]:
    return frozenset(currency_of(site.country) for site in setting.sites)


def _listed(currencies: frozenset[str]) -> str:
    return ", ".join(sorted(currencies))


def _is_foreign(text: str, ours: frozenset[str]) -> bool:
    named = currency_in(text) if ours else ""
    return bool(named) and named not in ours and not (named == "dollar" and ours & _DOLLARS)


@dataclass(frozen=True)
class Currency(Reader):
    """What the row's amounts are in. It brings no value: one that the feed's sites do not sell in is refused."""

    ours: frozenset[str] = frozenset()

    def within(self, setting: Setting) -> Self:
        return replace(self, ours=_currencies_of(setting))

    def read(self, text: str) -> None:
        if _is_foreign(text, self.ours):
            raise Unreadable("other_currency", ours=_listed(self.ours))


@dataclass(frozen=True)
class Year(Reader):
    """A year, alone or within a date."""

    least: int = 1900
    most: int = 2100

    def read(self, text: str) -> int | None:
        if says_nothing(text) or text == "0":
            return None
        found = re.fullmatch(r"(?:.*\D)?(\d{4})(?:\D.*)?", text)
        if found is None or not self.least <= int(found[1]) <= self.most:
            raise Unreadable("not_a_year")
        return int(found[1])


@dataclass(frozen=True)
class Choice(Reader):
    """One of a closed list, by its name, a synonym, or as the feed has learnt it. `synonyms`: value → other words.

    `asks_about` are words that mean something here, though elsewhere they say nothing. `by_first_word`: what follows
    it only adds to it, « manuelle à 6 vitesses ».
    """

    choices: type[models.TextChoices]
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    asks_about: tuple[str, ...] = ()
    by_first_word: bool = False
    empty: Any = field(default="", init=False)

    def known(self) -> dict[str, str]:
        """Every word that is understood without learning, folded → value."""
        words = {fold(value): value for value in self.choices.values}
        for value, others in self.synonyms.items():
            words.update({fold(other): value for other in others})
        return words

    def could_say(self, texts: Collection[str]) -> bool:
        """Not where it does not know a single one: « Condition: Excellent » is neither new nor used."""
        read = self.prepared({})
        return any(_is_understood(read, text) for text in texts)

    def prepared(self, learnt: Learnt) -> Read:
        words = {**self.known(), **learnt}

        def read(text: str) -> str | None:
            said = fold(text)
            found = words.get(said)
            if found is None and self.by_first_word and (first := _FIRST_WORD.match(said)):
                found = words.get(first[0])
            if found is None and (said in self.asks_about or not says_nothing(text)):
                raise Unreadable("unknown_value")
            return found

        return read


def _is_understood(read: Read, text: str) -> bool:
    try:
        return read(text) is not None
    except Unreadable:
        return False


@dataclass(frozen=True)
class OneOf(Reader):
    """Something that only the feed knows by name, for example one of its sites: all it understands was learnt."""

    def prepared(self, learnt: Learnt) -> Read:
        def read(text: str) -> int | None:
            found = learnt.get(fold(text))
            if found is None and not says_nothing(text):
                raise Unreadable("unknown_value")
            return None if found is None else int(found)

        return read


@dataclass(frozen=True)
class YesNo(Reader):
    """Yes or no in the ways that files write it, and what either stands for."""

    yes: Any = True
    no: Any = False

    def could_say(self, texts: Collection[str]) -> bool:
        """Not where it is never answered: « Vendu: 12/03/2026 »."""
        return any(_is_understood(self.read, text) for text in texts)

    def read(self, text: str) -> Any:
        word = fold(text)
        if word in _YES:
            return self.yes
        if word in _NO:
            return self.no
        if says_nothing(text):
            return None
        raise Unreadable("not_yes_or_no")


@dataclass(frozen=True)
class Items(Reader):
    """Several short texts in one cell."""

    longest: int = 200
    empty: Any = field(default_factory=list, init=False)

    def read(self, text: str) -> list[str]:
        items = [item.strip()[: self.longest] for item in _BETWEEN_ITEMS.split(plain(text))]
        return list(dict.fromkeys(item for item in items if item))[:MOST_ITEMS]


@dataclass(frozen=True)
class Links(Reader):
    """Several web addresses in one cell, up to `most`; others than http(s) are left out, never followed here."""

    most: int = 100
    empty: Any = field(default_factory=list, init=False)

    def could_say(self, texts: Collection[str]) -> bool:
        """Not where a column only says how many there are."""
        return any(map(self.read, texts))

    def read(self, text: str) -> list[str]:
        text = text.replace("&amp;", "&")
        parts = text.split("|")
        plain = text.count("|https://") + text.count("|http://") + 1 == len(parts)
        if not (plain and text.startswith(_HTTP) and _is_clean(text) and len(max(parts, key=len)) <= 1000):
            parts = [link.strip(" ,;\"'") for link in _BETWEEN_LINKS.split(text)]
            parts = [link for link in parts if link.startswith(_HTTP) and len(link) <= 1000]
        return list(dict.fromkeys(parts))[: self.most]


def _is_clean(text: str) -> bool:
    """Without blanks and without what stands around and between links."""
    marked = "," in text or ";" in text or '"' in text or "'" in text
    return not marked and len(text.split(None, 1)) == 1
