"""Secret addresses of feeds, public photos, and the page on which an administrator sets both up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from sites.models import Group, Site, User
from sites.scope import every_group, group_scope
from stock.models import Outlet, Photo, Vehicle, VehicleStatus
from tests.cast import MONDAY, make_key, make_vehicle, signed_in
from tests.stock.publishing import body_of, fetch, make_outlet, make_photo

PAGE = "/admin/stock/outlet/"


@pytest.fixture
def outlet(lyon: Site) -> Outlet:
    return make_outlet(lyon, by_address=True)


def address(outlet: Outlet, form: str = "json") -> str:
    return f"/feeds/{outlet.token}/stock.{form}"


def listed(url: str) -> list[str]:
    response = fetch(url, key=None)
    assert response.status_code == 200
    return [car["sku"] for car in json.loads(body_of(response))["itemListElement"]]


def test_a_portal_fetches_by_address_alone(outlet: Outlet, lyon: Site):
    make_vehicle(lyon)

    assert listed(address(outlet)) == ["L-1001"]
    assert "L-1001" in body_of(fetch(address(outlet, "csv"), key=None))
    assert fetch(address(outlet), key=None, If_None_Match=fetch(address(outlet))["ETag"]).status_code == 304


def test_the_address_needs_no_person_and_is_the_same_for_all(outlet: Outlet, camille: User):
    answers = [client.get(address(outlet)) for client in (Client(), signed_in(camille))]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.headers.get("Set-Cookie") for answer in answers] == [None, None]
    assert "Cookie" not in answers[0].headers.get("Vary", "")


def test_each_address_shows_its_own_groups_stock(outlet: Outlet, lyon: Site, rival_site: Site):
    rival = make_outlet(rival_site, key="", by_address=True)
    make_vehicle(lyon, stock_number="ours")
    make_vehicle(rival_site, stock_number="theirs")

    assert (listed(address(outlet)), listed(address(rival))) == (["ours"], ["theirs"])


@pytest.mark.parametrize("fields", [{"by_address": False}, {"is_active": False}])
def test_an_address_that_is_switched_off_is_missing(outlet: Outlet, fields: dict[str, Any]):
    with group_scope(outlet.group_id):
        Outlet.objects.filter(pk=outlet.pk).update(**fields)

    assert fetch(address(outlet), key=None).status_code == 404


@pytest.mark.parametrize("token", ["x" * 32, "short", "x" * 5000, "%00" * 32, "photos"])
def test_a_guessed_address_is_missing(outlet: Outlet, token: str):
    assert fetch(f"/feeds/{token}/stock.csv", key=None).status_code == 404


def test_tokens_are_long_and_differ():
    tokens = {Outlet().token for _ in range(20)}

    assert len(tokens) == 20
    assert {len(token) for token in tokens} == {32}


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_feed_is_only_read(outlet: Outlet, method: str):
    assert getattr(Client(), method)(address(outlet)).status_code == 405


@pytest.fixture
def stored(settings: Any, tmp_path: Path) -> None:
    """Files go to a folder of this test."""
    settings.MEDIA_ROOT = tmp_path


def photo_of(vehicle: Vehicle) -> Photo:
    name = default_storage.save("photos/one.jpg", ContentFile(b"\xff\xd8\xffpicture"))
    return make_photo(vehicle, file=name)


def test_a_published_vehicles_photo_is_for_everybody(stored: None, outlet: Outlet, lyon: Site):
    photo = photo_of(make_vehicle(lyon))

    response = fetch(f"/feeds/photos/{photo.pk}.jpg", key=None)

    assert b"".join(response) == b"\xff\xd8\xffpicture"
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "public, max-age=86400"
    assert "Cookie" not in response.headers.get("Vary", "")
    again = fetch(f"/feeds/photos/{photo.pk}.jpg", key=None, If_None_Match=response["ETag"])
    assert again.status_code == 304


@pytest.mark.parametrize(
    "fields",
    [
        {"status": VehicleStatus.SOLD},
        {"status": VehicleStatus.WITHDRAWN},
        {"status": VehicleStatus.ORDERED},  # not ticked
        {"price": None},
    ],
)
def test_what_is_not_published_has_no_public_photo(stored: None, lyon: Site, fields: dict[str, Any]):
    make_outlet(lyon, with_priceless=False)
    photo = photo_of(make_vehicle(lyon, sold_at=MONDAY, **fields))

    assert fetch(f"/feeds/photos/{photo.pk}.jpg", key=None).status_code == 404


def test_a_photo_of_a_site_or_group_without_a_feed_is_not_public(
    stored: None, outlet: Outlet, marseille: Site, rival_site: Site
):
    photos = [photo_of(make_vehicle(site)) for site in (marseille, rival_site)]

    answers = [fetch(f"/feeds/photos/{pk}.jpg", key=None) for pk in (*[p.pk for p in photos], uuid4())]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


def test_lists_have_a_small_photo(stored: None, outlet: Outlet, lyon: Site):
    name = default_storage.save("photos/one-small.jpg", ContentFile(b"\xff\xd8\xffsmall"))
    shown = make_photo(make_vehicle(lyon), thumbnail=name)
    hidden = make_photo(make_vehicle(lyon, status=VehicleStatus.ORDERED), thumbnail=name)

    small, none = (fetch(f"/feeds/photos/{photo.pk}-small.jpg", key=None) for photo in (shown, hidden))

    assert b"".join(small) == b"\xff\xd8\xffsmall"
    assert none.status_code == 404


def test_a_photo_whose_file_is_lost_is_missing(stored: None, outlet: Outlet, lyon: Site):
    photo = make_photo(make_vehicle(lyon))

    assert fetch(f"/feeds/photos/{photo.pk}.jpg", key=None).status_code == 404


def form(**fields: Any) -> dict[str, Any]:
    return {
        "name": "LeBonPortail",
        "statuses": ["available"],
        "kinds": ["used"],
        "by_address": "on",
        "is_active": "on",
        **fields,
    }


def test_an_administrator_sets_a_feed_up(agnes: User, lyon: Site):
    answer = signed_in(agnes).post(f"{PAGE}add/", form(sites=[lyon.pk]))

    assert answer.status_code == 302
    with group_scope(lyon.group_id):
        outlet = Outlet.objects.get()
        assert (outlet.statuses, list(outlet.sites.all())) == (["available"], [lyon])
    page = signed_in(agnes).get(f"{PAGE}{outlet.pk}/change/").content.decode()
    assert address(outlet, "csv") in page


def test_a_new_address_ends_the_old_one(agnes: User, outlet: Outlet):
    signed_in(agnes).post(PAGE, {"action": "renew", "_selected_action": [outlet.pk]})

    assert fetch(address(outlet), key=None).status_code == 404


@pytest.mark.parametrize("field", ["sites", "api_key"])
def test_nothing_of_another_group_gets_into_a_feed(
    agnes: User, lyon: Site, rival_site: Site, rival: Group, field: str
):
    key = make_key(rival, "rival", scopes=["stock:read"]).api_key
    foreign: dict[str, dict[str, Any]] = {
        "sites": {"sites": [rival_site.pk]},
        "api_key": {"sites": [lyon.pk], "api_key": key.pk},
    }

    answer = signed_in(agnes).post(f"{PAGE}add/", form(**foreign[field]))

    assert answer.status_code == 200
    with every_group():
        assert not Outlet.objects.exists()


def test_the_platforms_staff_cannot_mix_groups_either(lyon: Site, rival_site: Site, rhone: Group):
    staff = User.objects.create_superuser("ops@platform.test", "x", first_name="Op", last_name="Erator")

    answer = signed_in(staff).post(f"{PAGE}add/", form(group=rhone.pk, sites=[lyon.pk, rival_site.pk]))

    assert answer.status_code == 200
    with every_group():
        assert not Outlet.objects.exists()


def test_a_key_that_may_not_read_the_stock_is_refused(agnes: User, lyon: Site, rhone: Group):
    key = make_key(rhone, "website", scopes=["leads:write"]).api_key

    answer = signed_in(agnes).post(f"{PAGE}add/", form(sites=[lyon.pk], api_key=key.pk))

    assert answer.status_code == 200
    with every_group():
        assert not Outlet.objects.exists()


def test_other_people_do_not_open_the_page(camille: User, outlet: Outlet):
    assert signed_in(camille).get(PAGE).status_code == 403
