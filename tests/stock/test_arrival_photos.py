"""« It has arrived »: mileage and photos in one go; the arrival stands whatever becomes of a photo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sites.models import Site, User
from sites.scope import group_scope
from stock.models import Photo, Transfer, TransferState, Vehicle
from tests.cast import make_vehicle, signed_in
from tests.stock.moving import asked, now_is
from tests.stock.pictures import picture

Answer = Any  # what the test client gives back


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def coming(marseille: Site, lyon: Site, camille: User, hugo: User) -> Transfer:
    """A Clio of Marseille, 24,500 km, on its way to Lyon."""
    transfer = asked(make_vehicle(marseille, make="Renault", model="Clio"), lyon, camille)
    signed_in(hugo).post(f"/stock/transfers/{transfer.pk}/start/")
    return transfer


def file(name: str, data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or picture(colour=name.partition(".")[0]), "image/jpeg")


def receive(transfer: Transfer, by: User, *photos: SimpleUploadedFile, mileage: str = "24800") -> Answer:
    form = {"mileage": mileage, "remarks": "", "photos": list(photos)}
    return signed_in(by).post(f"/stock/transfers/{transfer.pk}/receive/", form, follow=True)


def photos_of(transfer: Transfer) -> int:
    with group_scope(transfer.group_id):
        return Photo.objects.filter(vehicle_id=transfer.vehicle_id).count()


def test_the_form_of_the_arrival_takes_several_photos(coming: Transfer, sophie: User):
    page = signed_in(sophie).get(f"/stock/transfers/{coming.pk}/").content.decode()

    form = page.partition(f'action="/stock/transfers/{coming.pk}/receive/"')[2].partition("</form>")[0]
    assert 'enctype="multipart/form-data"' in form
    assert 'name="photos" multiple accept="image/jpeg' in form
    assert 'min="24500"' in form


def test_mileage_and_photos_arrive_together(coming: Transfer, sophie: User, lyon: Site):
    answer = receive(coming, sophie, file("navy.jpg"), file("red.jpg"))

    with group_scope(coming.group_id):
        car = Vehicle.objects.get(pk=coming.vehicle_id)
    assert (now_is(coming, sophie).state, car.site_id, car.mileage) == (
        TransferState.RECEIVED,
        lyon.pk,
        24_800,
    )
    assert photos_of(coming) == 2
    assert "2 photos" in answer.content.decode()


def test_a_file_that_is_no_picture_is_named_and_stops_nothing(coming: Transfer, sophie: User):
    answer = receive(coming, sophie, file("navy.jpg"), file("notes.txt", b"no picture"), file("red.jpg"))

    assert now_is(coming, sophie).state == TransferState.RECEIVED
    assert photos_of(coming) == 2
    assert "notes.txt" in answer.content.decode()


def test_a_second_tap_doubles_no_photo(coming: Transfer, sophie: User):
    for _time in range(2):
        receive(coming, sophie, file("navy.jpg"))

    assert photos_of(coming) == 1


def test_photos_of_who_came_second_are_kept(coming: Transfer, sophie: User, ursule: User):
    receive(coming, ursule)

    late = receive(coming, sophie, file("navy.jpg"))

    assert ursule.full_name in late.content.decode()
    assert photos_of(coming) == 1


def test_a_slip_of_the_mileage_asks_for_the_photos_again(coming: Transfer, sophie: User):
    answer = receive(coming, sophie, file("navy.jpg"), mileage="248")

    assert answer.status_code == 422
    assert "photos" in answer.context["receive_form"].non_field_errors().as_text()
    assert (now_is(coming, sophie).state, photos_of(coming)) == (TransferState.UNDER_WAY, 0)
