"""Which source a key posts for, and which websites may post from a browser. Known for seconds, then asked anew."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.brief import BriefMemory
from leads.models import LeadSource
from sites.api.problems import NOT_ALLOWED, ORIGIN_NOT_ALLOWED, Problem
from sites.keys import KEPT_SECONDS, KeyHolder
from sites.models import Site
from sites.scope import every_group

ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key, Accept-Language"
PREFLIGHT_SECONDS = 600

_sources: BriefMemory[int, LeadSource] = BriefMemory(seconds=KEPT_SECONDS)
_origins: BriefMemory[None, frozenset[str]] = BriefMemory(seconds=KEPT_SECONDS)


def source_of(holder: KeyHolder) -> LeadSource:
    """The key's source with its site, inside the holder's scope. Raises `Problem` when it has none."""
    source = _sources.get(holder.api_key_id, _look_up)
    if source is None:
        raise Problem(NOT_ALLOWED, detail=_("This key belongs to no lead source."))
    return source


def admitted_origin(request: HttpRequest, source: LeadSource) -> str:
    """The website that posts from a browser, "" when no browser says so. Raises `Problem` for a foreign one."""
    origin: str = request.META.get("HTTP_ORIGIN", "")
    if not origin or origin == f"{request.scheme}://{request.get_host()}":
        return origin
    if origin not in source.allowed_origins:
        raise Problem(ORIGIN_NOT_ALLOWED)
    return origin


def preflight_headers(request: HttpRequest) -> dict[str, str]:
    """What a browser hears before it posts. It sends no key yet, so any source's website counts.

    Raises `Problem` for a website of no source at all.
    """
    origin: str = request.META.get("HTTP_ORIGIN", "")
    if origin not in (_origins.get(None, _all_origins) or ()):
        raise Problem(ORIGIN_NOT_ALLOWED)
    return {
        **answer_headers(origin),
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": ALLOWED_HEADERS,
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    }


def answer_headers(origin: str) -> dict[str, str]:
    """Let the website that asked read the answer; errors too, so that its form can show them."""
    if not origin:
        return {}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Location, Retry-After"}


@receiver(post_save, sender=LeadSource)
@receiver(post_delete, sender=LeadSource)
@receiver(post_save, sender=Site)
def forget_sources(**_kwargs: Any) -> None:
    """Let a change of a source or its site count at once in this process."""
    _sources.forget()
    _origins.forget()


def _look_up(api_key_id: int) -> LeadSource | None:
    return LeadSource.objects.select_related("site").filter(api_key_id=api_key_id).first()


def _all_origins(_key: None) -> frozenset[str]:
    with every_group():
        lists = LeadSource.objects.exclude(allowed_origins=[]).values_list("allowed_origins", flat=True)
        return frozenset(origin for origins in lists for origin in origins)
