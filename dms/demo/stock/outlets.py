"""The demo's public feeds: a key for each site's own website, and a portal that fetches an address."""

from __future__ import annotations

from collections.abc import Mapping

from dms.demo.cast import GroupCast
from sites.models import Site
from sites.services import issue_api_key
from stock.models import Outlet

_READ = "stock:read"


def open_feeds(cast: GroupCast, sites: Mapping[str, Site]) -> None:
    """Publish each site on its website (the key is « demo-<site>-stock ») and the whole group on a portal."""
    for slug, site in sites.items():
        key = issue_api_key(
            group_id=site.group_id, name=f"Stock {site.name}", scopes=[_READ], text=f"demo-{slug}-stock"
        )
        _open(f"Site web {site.name}", [site], api_key=key.api_key)
    euros = [site for site in sites.values() if site.country == "FR"]
    _open(f"AutoPortail {cast.name}", euros, with_priceless=False, by_address=True)


def _open(name: str, sites: list[Site], **choices: object) -> None:
    outlet = Outlet.objects.create(group_id=sites[0].group_id, name=name, **choices)
    outlet.sites.set(sites)
