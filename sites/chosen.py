"""The site that a person looks at: his choice, kept in the session, narrows every list until he changes it."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from sites.access import Member
from sites.models import Site

SESSION_KEY = "site_id"


class UnknownSite(LookupError):
    """The person has no role on this site, or his group has no such site."""


def sites_of(member: Member) -> list[Site]:
    """The sites where the person has a role, by name. One query."""
    granted = [site_id for _role, site_id in member.grants]
    named = [site_id for site_id in granted if site_id is not None]
    rows = Site.objects.filter(pk__in=named) if named == granted else Site.objects.all()
    return list(rows.order_by("name"))


def clock_of(sites: Sequence[Site], chosen_id: int | None) -> ZoneInfo:
    """The clock that a person with these sites lives by: the chosen site's, else his first site's."""
    site = next((site for site in sites if site.pk == chosen_id), sites[0] if sites else None)
    return site.zone if site else ZoneInfo("UTC")


def chosen_site_id(request: HttpRequest, member: Member) -> int | None:
    """The chosen site, or None for « all my sites ». A choice that the person no longer has counts as none."""
    site_id = request.session.get(SESSION_KEY)
    mine = {granted for _role, granted in member.grants}
    return site_id if None in mine or site_id in mine else None


def choose_site(request: HttpRequest, member: Member, site_id: int | None) -> None:
    """Keep the choice in the session; None is « all my sites ». Raises UnknownSite."""
    if site_id is not None and site_id not in {site.pk for site in sites_of(member)}:
        raise UnknownSite(site_id)
    request.session[SESSION_KEY] = site_id
