"""A feed as an HTTP answer: « unchanged » wherever that is so, otherwise written while it is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from sites.api.problems import INVALID_PARAMETERS, FieldError, Problem
from sites.scope import group_scope
from stock.api.limits import count_fetch
from stock.api.shapes import CONTEXT, car_out
from stock.api.table import LANGUAGES, csv_pieces
from stock.models import Outlet
from stock.publishing.cars import PublicCar, pieces_of
from stock.publishing.versions import version_of

JSON_LD = "application/ld+json"
CSV = "text/csv"


def json_answer(request: HttpRequest, outlet: Outlet, *, at: datetime) -> HttpResponseBase:
    """The outlet as JSON-LD."""
    body = _json_pieces(outlet.name, pieces_of(outlet))
    return _answer(request, outlet, body, media_type=JSON_LD, form="json", at=at)


def csv_answer(request: HttpRequest, outlet: Outlet, *, at: datetime) -> HttpResponseBase:
    """The outlet as a table in the language that the address asks for, French without one."""
    language = request.GET.get("language", LANGUAGES[0])
    if language not in LANGUAGES:
        sentence = _("One of %(choices)s.") % {"choices": ", ".join(LANGUAGES)}
        raise Problem(INVALID_PARAMETERS, errors=[FieldError("language", sentence)])
    body = csv_pieces(pieces_of(outlet), language=language)
    response = _answer(
        request, outlet, body, media_type=f"{CSV}; charset=utf-8", form=f"csv.{language}", at=at
    )
    response.headers["Content-Language"] = language
    response.headers["Content-Disposition"] = f'attachment; filename="{slugify(outlet.name) or "stock"}.csv"'
    return response


def _answer(
    request: HttpRequest,
    outlet: Outlet,
    body: Iterable[bytes],
    *,
    media_type: str,
    form: str,
    at: datetime,
) -> HttpResponseBase:
    count_fetch(outlet, at=at)
    with group_scope(outlet.group_id):
        version = version_of(outlet, at=at)
    tag, changed_at = version.tag_of(form), int(version.changed_at.timestamp())
    response: HttpResponseBase | None = get_conditional_response(request, etag=tag, last_modified=changed_at)
    if response is None:
        whole = request.method != "HEAD"
        response = StreamingHttpResponse(body) if whole else HttpResponse()
        response.headers["Content-Type"] = media_type
    response.headers["ETag"] = tag
    response.headers["Last-Modified"] = http_date(changed_at)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _json_pieces(name: str, pieces: Iterable[list[PublicCar]]) -> Iterator[bytes]:
    """`StockOut`, written by hand because it never stands in memory as a whole."""
    head = {"@context": CONTEXT, "@type": "ItemList", "name": name}
    yield msgspec.json.encode(head)[:-1] + b',"itemListElement":['
    count = 0
    for piece in pieces:
        cars = b",\n".join(msgspec.json.encode(car_out(car)) for car in piece)
        yield (b",\n" if count else b"\n") + cars
        count += len(piece)
    yield b'],"numberOfItems":%d}\n' % count
