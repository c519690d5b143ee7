"""How often one visitor may post: enough for a family at the kitchen table, not for a robot."""

from __future__ import annotations

from django.http import HttpRequest

from core.counting import counted
from sites.adapters import client_ip

POSTS = 10
WINDOW = 10 * 60  # seconds


def may_post(request: HttpRequest, site_id: int) -> bool:
    """Count this post against the visitor's address at the site. The cache may forget: then he may post again."""
    key = f"demo:posts:{site_id}:{client_ip(request)}"
    return counted(key, seconds=WINDOW) <= POSTS
