"""What somebody looked for in the stock, as the beginning of a customer's search."""

from __future__ import annotations

import re
from typing import Any

from core.words import fold
from stock.feed_words import makes
from stock.filters import StockFilter
from stock.trade_words import EMPTY, meanings_of

# Field of a wanted car → that of the filter, where the filter may name several: one is taken, of several none.
_ONE_OF = {"make": "makes", "model": "models", "segment": "segments", "fuel": "fuels", "gearbox": "gearboxes"}
_ELISION = re.compile(r"\b[dl]'")  # « d'occasion »
_AS_THEY_ARE = {"max_price": "price_to", "max_mileage": "mileage_to", "min_year": "year_from"}


def wish_in(wanted: StockFilter, text: str) -> dict[str, Any]:
    """Values for the form of a wanted car: what the filter says, and what a text does where the filter is silent."""
    found = {name: getattr(wanted, field) for name, field in _AS_THEY_ARE.items()}
    for name, field in _ONE_OF.items():
        values = getattr(wanted, field)
        found[name] = values[0] if len(values) == 1 else None
    said = _said(text)
    filled = {name: value if value is not None else said.get(name) for name, value in found.items()}
    return {name: value for name, value in filled.items() if value is not None}


def _said(text: str) -> dict[str, str]:
    """« vw golf break auto » is a make, a model, a segment and a gearbox; what is nothing else is the model."""
    words = [word for word in _ELISION.sub("", fold(text)).split() if word not in EMPTY]
    found: dict[str, str] = {}
    model = []
    known = makes()
    while words:
        two, one = " ".join(words[:2]), words[0]
        name = two if two in known else one
        meanings = [meaning for meaning in meanings_of(one) if meaning.field]
        taken = 1
        if name in known and "make" not in found:
            found["make"] = known[name]
            taken = len(name.split())
        elif len(meanings) == 1 and len(meanings[0].values) == 1 and meanings[0].field != "kind":
            found.setdefault(meanings[0].field, meanings[0].values[0])
        elif not meanings:
            model.append(one)
        words = words[taken:]
    if model:
        found["model"] = " ".join(model)
    return found
