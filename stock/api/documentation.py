"""The OpenAPI description of the public feed: arguments for `extend_schema`."""

from __future__ import annotations

from typing import Any, cast

from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext, gettext_lazy
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from sites.api import problems as p
from sites.api.schema import problems, ref
from stock.api.answers import CSV, JSON_LD
from stock.api.shapes import StockOut
from stock.api.table import COLUMNS, LANGUAGES

TAGS = ["stock"]

_UNCHANGED = gettext_lazy("Unchanged since the copy that If-None-Match or If-Modified-Since names")
_CACHING = gettext_lazy(
    "For websites and portals, with a key of scope `stock:read` that belongs to a public feed. Ask as often as every "
    "half minute, with `If-None-Match`: 304 means that nothing has changed."
)
_REFUSALS = (p.NOT_AUTHENTICATED, p.INVALID_KEY, p.NOT_ALLOWED, p.TOO_MANY_REQUESTS)


class _Columns:
    """The table's description with a line for each column, in the language of the reader."""

    def __str__(self) -> str:
        lines = [f"`{col.english}` / `{col.french}`: {gettext(col.about)}" for col in COLUMNS]
        told = gettext(
            "The same vehicles as a table: semicolons and French words, or commas and English ones. Columns:"
        )
        return f"{_CACHING} {told} {'; '.join(lines)}."


JSON: dict[str, Any] = {
    "operation_id": "stock_json",
    "tags": TAGS,
    "summary": gettext_lazy("The published stock as JSON-LD"),
    "description": _CACHING,
    "auth": [{"apiKey": []}],
    "responses": {
        (200, JSON_LD): ref(StockOut),
        304: OpenApiResponse(description=cast("str", _UNCHANGED)),
        **problems(*_REFUSALS),
    },
}

TABLE: dict[str, Any] = {
    "operation_id": "stock_csv",
    "tags": TAGS,
    "summary": gettext_lazy("The published stock as a table"),
    "description": cast("Promise", lazystr(_Columns())),
    "auth": [{"apiKey": []}],
    "parameters": [
        OpenApiParameter(
            name="language",
            description=cast("str", gettext_lazy("Of headers and words; it decides the divider too")),
            required=False,
            type={"type": "string", "enum": list(LANGUAGES), "default": LANGUAGES[0]},
        )
    ],
    "responses": {
        (200, CSV): {"type": "string"},
        304: OpenApiResponse(description=cast("str", _UNCHANGED)),
        **problems(p.INVALID_PARAMETERS, *_REFUSALS),
    },
}
