"""What a text message costs: its alphabet, its segments, and how to stay in the cheap alphabet.

3GPP TS 23.038 §6.2.1 (the GSM 7-bit alphabet and its extension) and TS 23.040 §9.2.3.24.1 (concatenation:
each part gives 7 of its septets, or 3 of its 16-bit units, to a header).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")

# Signs with an equal in the alphabet; accented letters are found by their base letter below.
_EQUALS = str.maketrans(
    {
        "’": "'", "‘": "'", "‚": "'", "‛": "'", "ʼ": "'", "´": "'", "`": "'", "′": "'", "‹": "'", "›": "'",
        "“": '"', "”": '"', "„": '"', "‟": '"', "″": '"',
        "–": "-", "—": "-", "‐": "-", "‑": "-", "‒": "-", "―": "-", "−": "-", "•": "-", "·": "-",
        "…": "...", "×": "x", "→": "->", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i",
        "\t": " ", "\u200b": "", "\u200c": "", "\u200d": "", "\u2060": "", "\ufeff": "", "\u00ad": "",
        "\ufe0e": "", "\ufe0f": "",
    }
)  # fmt: skip


# French puts blanks inside its quotes, other alphabets' marks have none.
_QUOTES = re.compile(r"«\s*|\s*»")

# Unicode's categories of emoji and pictograms, of their skin colours, and of what is nobody's letter yet.
_SYMBOLS = frozenset({"So", "Sk", "Co", "Cn"})


class Encoding(StrEnum):
    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


@dataclass(frozen=True)
class SegmentCount:
    """What a text will be billed as. `characters` counts the alphabet's units: a euro sign is two in GSM-7."""

    encoding: Encoding
    segments: int
    characters: int


def segments(text: str) -> SegmentCount:
    """Count `text` as it stands. An empty text still is one message."""
    if _is_gsm(text):
        widths = [2 if char in _EXTENSION else 1 for char in text]
        return _counted(Encoding.GSM_7, widths, alone=160, joined=153)
    widths = [2 if ord(char) > 0xFFFF else 1 for char in text]
    return _counted(Encoding.UCS_2, widths, alone=70, joined=67)


def transliterated(text: str) -> str:
    """`text` in the GSM alphabet where that loses nothing a reader needs, else `text` unchanged.

    « Hélène s’est décidée » becomes « Hélène s'est décidée »; a name in Greek or an emoji stays as it is,
    and so do the accents beside it, because they no longer cost anything.
    """
    plain = "".join(_plain(char) for char in _QUOTES.sub('"', text).translate(_EQUALS))
    return plain if _is_gsm(plain) else text


def without_symbols(text: str) -> str:
    """`text` without emoji and the like: one of them makes a whole text cost more than double."""
    kept = (" " if unicodedata.category(char) in _SYMBOLS else char for char in text.translate(_EQUALS))
    return " ".join("".join(kept).split())


def _plain(char: str) -> str:
    if char in _BASIC or char in _EXTENSION:
        return char
    if unicodedata.category(char) == "Zs":
        return " "
    decomposed = unicodedata.normalize("NFKD", char)
    return "".join(part for part in decomposed if not unicodedata.combining(part)) or char


def _is_gsm(text: str) -> bool:
    return all(char in _BASIC or char in _EXTENSION for char in text)


def _counted(encoding: Encoding, widths: Iterable[int], *, alone: int, joined: int) -> SegmentCount:
    """A character of two units never stands across two parts, so parts are filled one by one."""
    widths = list(widths)
    total = sum(widths)
    if total <= alone:
        return SegmentCount(encoding, 1, total)
    parts, used = 1, 0
    for width in widths:
        if used + width > joined:
            parts, used = parts + 1, 0
        used += width
    return SegmentCount(encoding, parts, total)
