"""The rooms of the stock stand above its list, each for those who may enter it."""

from __future__ import annotations

import re

import pytest

from sites.models import Site, User
from tests.cast import make_vehicle, signed_in


def rooms_of(person: User) -> dict[str, str]:
    """Address and classes of each room on the page of the list."""
    page = signed_in(person).get("/stock/").content.decode()
    rooms = re.search(r'<nav class="pills rooms".*?</nav>', page, re.DOTALL)
    assert rooms is not None
    return {
        address: look for look, address in re.findall(r'<a class="([^"]+)" href="([^"]+)"', rooms.group())
    }


@pytest.mark.parametrize(
    ("who", "rooms"),
    [
        ("sophie", ["", "transfers/", "wanted/", "ageing/", "thresholds/"]),
        ("camille", ["", "transfers/", "wanted/", "ageing/"]),
        ("alain", ["", "transfers/", "ageing/"]),
    ],
)
def test_the_list_leads_to_its_rooms(who: str, rooms: list[str], lyon: Site, request: pytest.FixtureRequest):
    make_vehicle(lyon)

    shown = rooms_of(request.getfixturevalue(who))

    assert [address for address in shown if address.startswith("/stock/")] == [
        f"/stock/{room}" for room in rooms
    ]


def test_on_the_phone_the_imports_stand_among_them_for_who_may_import(sophie: User, camille: User):
    assert rooms_of(sophie)["/imports/"] == "pill d-md-none"
    assert "/imports/" not in rooms_of(camille)
