"""Reads about sites and people, inside the group's scope."""

from __future__ import annotations

from sites.access import Member
from sites.models import Site


def home_country(member: Member) -> str:
    """The ISO code of the country whose telephone habits the person has: his site's, else the group's first."""
    mine = [site_id for _role, site_id in member.grants if site_id is not None]
    rows = Site.objects.filter(pk__in=mine) if mine else Site.objects.all()
    return rows.order_by("pk").values_list("country", flat=True).first() or "FR"
