"""Which sites a page about the stock shows: one by its short name, or all of the reader's group."""

from __future__ import annotations

from dataclasses import dataclass, field

from sites.chosen import chosen_site_id, sites_of
from sites.http import MemberRequest
from sites.models import Site


@dataclass(frozen=True)
class SiteChoice:
    """The sites that are shown; `slug` is the chosen one's, « all » for all, and `others` what one may choose from."""

    sites: list[Site]
    slug: str
    others: list[Site] = field(default_factory=list)

    @property
    def is_all(self) -> bool:
        return self.slug == ALL


ALL = "all"


def site_choice(request: MemberRequest) -> SiteChoice:
    """By the address (`?site=lyon`, `?site=all`); without it the site that the reader looks at, or those he works on.

    A short name that the group does not have counts as none: a rival's answers like a missing one. Two queries.
    """
    every = list(Site.objects.order_by("name"))
    wanted = request.GET.get("site", "")
    if wanted == ALL:
        return SiteChoice(every, ALL, every)
    named = [site for site in every if site.slug == wanted]
    if named:
        return SiteChoice(named, wanted, every)
    mine = sites_of(request.member)
    chosen = chosen_site_id(request, request.member)
    shown = [site for site in mine if site.pk == chosen] or mine
    slug = shown[0].slug if len(shown) == 1 else ALL if len(shown) == len(every) else ""
    return SiteChoice(shown, slug, every)
