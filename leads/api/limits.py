"""How often one visitor may post through one website. Counted in the shared cache; without a cache, not at all."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest

from leads.models import LeadSource
from sites.adapters import client_ip
from sites.api.problems import TOO_MANY_REQUESTS, Problem

# A showroom's tablet and its visitors share an address, so this is far above one careful person.
POSTS = 20
PERIOD = 60  # seconds


def count_post(request: HttpRequest, source: LeadSource) -> None:
    """Count a post from a browser. Raises `Problem` (429) when there were too many in this period."""
    key = f"group:{source.group_id}:source:{source.pk}:posts:{client_ip(request)}"
    if cache.add(key, 1, PERIOD):
        return
    try:
        posts = cache.incr(key)
    except ValueError:  # it expired between the two questions
        return
    if posts > POSTS:
        raise Problem(TOO_MANY_REQUESTS, headers={"Retry-After": str(PERIOD)})
