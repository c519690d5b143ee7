"""How often one visitor may post through one website. Counted in the shared cache; without a cache, not at all."""

from __future__ import annotations

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from leads.models import LeadSource
from sites.api.problems import TOO_MANY_REQUESTS, Problem

# A showroom's tablet and its visitors share an address, so this is far above one careful person.
POSTS = 20
PERIOD = 60  # seconds


def count_post(request: HttpRequest, source: LeadSource) -> None:
    """Count a post from a browser. Raises `Problem` (429) when there were too many in this period."""
    key = f"group:{source.group_id}:source:{source.pk}:posts:{caller_address(request)}"
    if cache.add(key, 1, PERIOD):
        return
    try:
        posts = cache.incr(key)
    except ValueError:  # it expired between the two questions
        return
    if posts > POSTS:
        raise Problem(TOO_MANY_REQUESTS, headers={"Retry-After": str(PERIOD)})


def caller_address(request: HttpRequest) -> str:
    """Where the call came from: what our own proxy appended last, never what the caller says of himself."""
    told = request.META.get(settings.CLIENT_ADDRESS_HEADER) or request.META.get("REMOTE_ADDR", "")
    return str(told).rpartition(",")[2].strip()[:45]
