"""The public feed for whoever can only fetch an address, and the photos that feeds name."""

from __future__ import annotations

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from core.clock import now
from sites.api.problems import NOT_FOUND, Problem, problems_answered
from stock.api.answers import csv_answer, json_answer
from stock.publishing.outlets import outlet_of_token, public_photo

# Seconds that a browser or a portal may keep a photo: a car that is sold disappears within a day.
PHOTO_KEPT = 24 * 3600


@require_safe
@problems_answered
def stock_json(request: HttpRequest, token: str) -> HttpResponseBase:
    """The outlet of this secret address as JSON-LD."""
    return json_answer(request, outlet_of_token(token), at=now())


@require_safe
@problems_answered
def stock_csv(request: HttpRequest, token: str) -> HttpResponseBase:
    """The outlet of this secret address as a table."""
    return csv_answer(request, outlet_of_token(token), at=now())


@require_safe
@problems_answered
def photo(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """A photo of a published vehicle; our own encoding of it, and never another type than it says."""
    shown = public_photo(photo_id)
    return _picture(request, shown.file, tag=f'"{shown.digest[:32]}"')


@require_safe
@problems_answered
def thumbnail(request: HttpRequest, photo_id: UUID) -> HttpResponseBase:
    """The same, small enough for a list."""
    shown = public_photo(photo_id)
    return _picture(request, shown.thumbnail, tag=f'"{shown.digest[:32]}-small"')


def _picture(request: HttpRequest, file: str, *, tag: str) -> HttpResponseBase:
    response: HttpResponseBase | None = get_conditional_response(request, etag=tag)
    if response is None:
        try:
            response = FileResponse(default_storage.open(file), content_type="image/jpeg")
        except FileNotFoundError:
            raise Problem(NOT_FOUND) from None
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = f"public, max-age={PHOTO_KEPT}"
    return response
