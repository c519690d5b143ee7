"""Words as people type them, compared without accents and capitals."""

from __future__ import annotations

import unicodedata

_NOT_DECOMPOSED = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "’": "'"})


def fold(text: str) -> str:
    """Without accents, capitals and doubled spaces: « Éloïse  BŒUF » becomes « eloise boeuf »."""
    if text.isascii():  # most are, and nothing is to be taken apart
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold()).translate(_NOT_DECOMPOSED)
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())
