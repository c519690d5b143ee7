"""What Django calls when nothing else answers: a page for people, a problem for callers of the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views import csrf, defaults

from sites.api.problems import (
    BAD_REQUEST,
    CSRF_FAILED,
    NOT_ALLOWED,
    NOT_FOUND,
    SERVER_ERROR,
    Problem,
    respond,
)

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a request that Django itself refuses."""
    if request.path.startswith(API):
        return respond(Problem(BAD_REQUEST))
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    if request.path.startswith(API):
        return respond(Problem(NOT_ALLOWED))
    return defaults.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    if request.path.startswith(API):
        return respond(Problem(NOT_FOUND))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: Django has logged the error already."""
    if request.path.startswith(API):
        return respond(Problem(SERVER_ERROR))
    return defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form without its token."""
    if request.path.startswith(API):
        return respond(Problem(CSRF_FAILED))
    return csrf.csrf_failure(request, reason=reason)


def api_not_found(_request: HttpRequest, **_kwargs: Any) -> HttpResponse:
    """Every address under /api/ that is none."""
    return respond(Problem(NOT_FOUND))
