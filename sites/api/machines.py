"""The short way for machines: who shows a key with every call needs no session, no cookie and no page.

Half of what a request costs goes into serving people: sessions, messages, content policy, sign-in. A call
with `Authorization: Api-Key …`, and whoever fetches a public feed, passes by all of it and goes straight to its
view. What protects every request stays: the checks of `SecurityMiddleware` before this one, the Host header, the
problem details.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.urls import resolve
from django.utils import translation

from core.connections import trust_recent_connection

API = "/api/"
# Public stock feeds and their photos: no page of ours, and the same for everybody who knows the address.
FEEDS = "/feeds/"

Handler = Callable[[HttpRequest], HttpResponseBase]


class MachineMiddleware:
    """Answers calls with an API key and fetches of public feeds itself; everybody else goes the long way."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_machine(request):
            return self.get_response(request)
        trust_recent_connection()
        request.get_host()  # refuses a Host that is not ours
        with translation.override(translation.get_language_from_request(request)):
            response = _answer(request)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))  # type: ignore[attr-defined]
        return response


def is_machine(request: HttpRequest) -> bool:
    """Whether the call shows a key, valid or not, to the API, or fetches a public feed."""
    shown: str = request.META.get("HTTP_AUTHORIZATION", "")
    has_key = shown[:8].lower() == "api-key " and request.path_info.startswith(API)
    return has_key or request.path_info.startswith(FEEDS)


def _answer(request: HttpRequest) -> HttpResponseBase:
    """Call the view that the address names. What it raises becomes a problem further out, as everywhere."""
    match = resolve(request.path_info)
    request.resolver_match = match
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    if hasattr(response, "render") and callable(response.render):
        response = response.render()
    return response
