"""Publishing stock as an administrator does, and fetching it as a website does."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from sites.models import Site
from sites.scope import group_scope
from stock.models import Outlet, Photo, Vehicle
from tests.cast import MONDAY, make_key

JSON, TABLE = "/api/v1/feeds/stock.json", "/api/v1/feeds/stock.csv"
KEY = "lyon-portal-key"


def make_outlet(*sites: Site, key: str = KEY, **fields: Any) -> Outlet:
    """A feed of these sites with everything that may be published; `key` is the text of its API key."""
    group = sites[0].group
    with group_scope(group.pk):
        api_key = make_key(group, key, scopes=["stock:read"]).api_key if key else None
        outlet = Outlet.objects.create(group=group, **{"name": "AutoPortail", "api_key": api_key, **fields})
        outlet.sites.set(sites)
    return outlet


def make_photo(vehicle: Vehicle, position: int = 0, **fields: Any) -> Photo:
    defaults = {
        "file": f"photos/{vehicle.pk}-{position}.jpg",
        "thumbnail": f"photos/{vehicle.pk}-{position}-small.jpg",
        "width": 1280,
        "height": 960,
        "digest": f"{position}".rjust(64, "0"),
        "added_at": MONDAY,
    }
    with group_scope(vehicle.group_id):
        return Photo.objects.create(
            group_id=vehicle.group_id, vehicle=vehicle, position=position, **{**defaults, **fields}
        )


def fetch(address: str = JSON, *, key: str | None = KEY, **headers: str) -> Any:
    """GET as a website's server: no cookie, the key in a header."""
    sent = {"Authorization": f"Api-Key {key}"} if key else {}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Client(raise_request_exception=False).get(address, headers=sent)


def body_of(response: Any) -> str:
    """The whole answer, however it was sent."""
    whole = b"".join(response) if response.streaming else response.content
    return str(whole.decode())


def listed(address: str = JSON, **how: Any) -> list[dict[str, Any]]:
    response = fetch(address, **how)
    assert response.status_code == 200, body_of(response)
    told = json.loads(body_of(response))
    assert told["numberOfItems"] == len(told["itemListElement"])
    items: list[dict[str, Any]] = told["itemListElement"]
    return items
