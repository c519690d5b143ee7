"""What a column is called, compared as a person would: without accents, capitals and punctuation."""

from __future__ import annotations

import re

from core.words import fold

# « numeroStock », « VINNumber »; but not « kW ».
_SEAM = re.compile(
    r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ][a-zà-ÿ])|(?<=[a-zà-ÿ]{2})(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z]{2})"
)
_NOT_A_WORD = re.compile(r"[^a-z0-9€%]+")


def heard(header: str) -> str:
    """« N° de stock », « no_de_stock » and « No De Stock » alike: « no de stock »."""
    text = fold(_SEAM.sub(" ", header)).replace("n°", "no ").replace("co₂", "co2")
    return " ".join(_NOT_A_WORD.sub(" ", text).split())
