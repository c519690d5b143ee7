"""The sites that a person may choose from."""

from __future__ import annotations

from imports.declarations import RUN_IMPORT
from sites.access import Member
from sites.chosen import sites_of
from sites.models import Site


def allowed_sites(member: Member) -> list[Site]:
    """The sites on which the person may import, by name."""
    allowed = member.site_ids(RUN_IMPORT)
    return [site for site in sites_of(member) if allowed is None or site.pk in allowed]
