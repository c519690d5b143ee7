"""Photos: re-encoded by us in a process of its own, in order, undone, served to who may see the vehicle."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from sites.models import Site, User
from sites.scope import group_scope
from stock import darkroom, imaging
from stock.imaging import BadPicture, develop
from stock.models import DiscardedPhoto, Photo, PhotoFetch, Vehicle, VehicleChange
from stock.services import StockNotAllowed, erase_vehicle
from stock.services.photos import (
    KEPT_FOR,
    PhotoNotFound,
    TooManyPhotos,
    discard_photo,
    erase_discarded,
    move_photo,
    order_photos,
    restore_photo,
    take_photo,
)
from tests.cast import MONDAY, make_vehicle, member_of, signed_in
from tests.stock.pictures import animation, bomb, picture, png_that_claims, two_in_one, with_exif

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def car(in_rhone: None, lyon: Site) -> Vehicle:
    return make_vehicle(lyon)


def take(vehicle: Vehicle, person: User, colour: str = "navy", at: Any = MONDAY) -> Photo:
    return take_photo(vehicle_id=vehicle.pk, data=picture(colour=colour), by=member_of(person), at=at)


def order_of(vehicle: Vehicle) -> list[UUID]:
    photos = list(Photo.objects.filter(vehicle=vehicle))
    assert [photo.position for photo in photos] == list(range(len(photos)))
    return [photo.pk for photo in photos]


# --- The darkroom ---


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_three_formats_become_two_jpegs_of_ours(kind: str):
    made = develop(picture((2000, 1500), kind))

    large, small = (Image.open(io.BytesIO(data)) for data in (made.large, made.small))
    assert (large.format, large.size) == ("JPEG", (1280, 960))
    assert (small.format, small.size) == ("JPEG", (320, 240))
    assert (made.width, made.height) == (1280, 960)


def test_a_small_picture_is_not_blown_up():
    assert develop(picture((64, 48))).width == 64


def test_a_turned_photo_stands_upright_and_tells_nothing_of_its_place():
    given = with_exif((400, 300), orientation=6)
    assert b"TelefoneMaker" in given

    made = develop(given)

    assert (made.width, made.height) == (300, 400)
    for data in (made.large, made.small):
        assert dict(Image.open(io.BytesIO(data)).getexif()) == {}
        assert b"TelefoneMaker" not in data


def test_what_is_see_through_stands_on_white():
    made = develop(picture((64, 48), "PNG", mode="RGBA", colour="#00000000"))

    assert Image.open(io.BytesIO(made.large)).getpixel((5, 5)) == (255, 255, 255)


def test_a_phone_s_double_picture_counts_as_its_first():
    assert develop(two_in_one()).width == 64


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not_an_image"),
        (b"%PDF-1.7 not a picture", "not_an_image"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, "not_an_image"),
        (picture()[:200], "not_an_image"),
        (picture((8, 8), "GIF"), "not_an_image"),
        (picture((8, 8), "TIFF"), "not_an_image"),
        (picture((8, 8), "BMP"), "not_an_image"),
        (png_that_claims(60_000, 60_000), "too_many_pixels"),
        (png_that_claims(1, 30_000), "too_many_pixels"),
        (png_that_claims(5_100, 5_100), "too_many_pixels"),
        (animation(), "moves"),
        (b"x" * (imaging.MOST_BYTES + 1), "too_heavy"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_what_is_no_photo_is_refused_by_name(data: bytes, code: str):
    with pytest.raises(BadPicture) as refused:
        develop(data)

    assert refused.value.code == code


def test_other_formats_would_open_without_the_guard():
    """The negative control of the list of formats: Pillow itself reads them."""
    assert Image.open(io.BytesIO(picture((8, 8), "GIF"))).format == "GIF"
    assert Image.open(io.BytesIO(picture((8, 8), "TIFF"))).format == "TIFF"


def test_the_darkroom_may_take_so_much_memory_and_no_more():
    """24 million pixels fit; with a quarter of the memory the same picture is refused, and we live on."""
    data = bomb()
    assert len(data) < 200_000

    assert develop(data).width == 1280
    narrow = _darkroom_with(data, "darkroom.MEMORY = 90 * 1024 * 1024")

    assert narrow.returncode != 0 or b"refused" in narrow.stdout
    assert _most_memory(_darkroom_with(data, _TELLS_ITS_MEMORY)) < 650 * 1024  # kilobytes


def test_a_darkroom_that_dies_is_a_refused_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name, program in (("dies.py", "import os; os.abort()"), ("sleeps.py", "import time; time.sleep(9)")):
        (tmp_path / name).write_text(program)
        monkeypatch.setattr(imaging, "_PROGRAM", tmp_path / name)
        monkeypatch.setattr(imaging, "PATIENCE", 0.5)
        with pytest.raises(BadPicture, match="too_large"):
            develop(picture())


# Its own high-water mark: that of `getrusage` begins with what the process held from which it was forked.
_TELLS_ITS_MEMORY = (
    "import atexit; atexit.register(lambda: sys.stderr.write(open('/proc/self/status').read()))"
)


def _most_memory(done: subprocess.CompletedProcess[bytes]) -> int:
    """Kilobytes."""
    assert done.returncode == 0
    return int(done.stderr.decode().partition("VmHWM:")[2].split()[0])


def _darkroom_with(data: bytes, change: str) -> subprocess.CompletedProcess[bytes]:
    folder = Path(darkroom.__file__).parent
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); import darkroom; {change}; sys.exit(darkroom.main())"
    return subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=False)


# --- Taking in, order, undo ---


def test_photos_lie_in_the_data_folder_behind_one_another(car: Vehicle, sophie: User):
    first, second = take(car, sophie, "navy"), take(car, sophie, "red")

    assert order_of(car) == [first.pk, second.pk]
    assert default_storage.exists(first.file)
    assert default_storage.exists(first.thumbnail)
    assert Path(settings.MEDIA_ROOT) in Path(default_storage.path(first.file)).parents
    assert first.file.endswith(f"/{first.pk}.jpg")


def test_the_same_photo_twice_is_one(car: Vehicle, sophie: User):
    assert take(car, sophie).pk == take(car, sophie).pk
    assert Photo.objects.count() == 1


def test_the_photos_of_one_sitting_are_one_line_of_the_history(car: Vehicle, sophie: User, ursule: User):
    for minute, colour in enumerate(("navy", "red", "lime")):
        take(car, sophie, colour, MONDAY + timedelta(minutes=minute))
    take(car, ursule, "black", MONDAY + timedelta(minutes=4))
    take(car, ursule, "white", MONDAY + timedelta(hours=2))

    changes = VehicleChange.objects.filter(of=car).values_list("changes", flat=True)
    assert [change["photos"] for change in changes] == [[0, 3], [3, 4], [4, 5]]


def test_a_vehicle_has_so_many_photos_and_no_more(
    car: Vehicle, sophie: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("stock.services.photos.MOST_PHOTOS", 2)
    take(car, sophie, "navy")
    take(car, sophie, "red")

    with pytest.raises(TooManyPhotos):
        take(car, sophie, "lime")
    assert len(list(Path(settings.MEDIA_ROOT).rglob("*.jpg"))) == 4


def test_only_who_keeps_the_site_s_stock_adds_photos(car: Vehicle, camille: User, hugo: User):
    for person in (camille, hugo):
        with pytest.raises(StockNotAllowed):
            take(car, person)
    assert not Photo.objects.exists()


def test_photos_are_put_in_order(car: Vehicle, sophie: User):
    a, b, c = (take(car, sophie, colour).pk for colour in ("navy", "red", "lime"))

    order_photos(vehicle_id=car.pk, order=[c, uuid4(), a], by=member_of(sophie), at=MONDAY)
    assert order_of(car) == [c, a, b]

    move_photo(photo_id=b, to=0, by=member_of(sophie), at=MONDAY)
    assert order_of(car) == [b, c, a]


def test_a_photo_that_was_taken_away_is_put_back_where_it_was(car: Vehicle, sophie: User):
    a, b, c = (take(car, sophie, colour).pk for colour in ("navy", "red", "lime"))

    discard_photo(photo_id=a, by=member_of(sophie), at=MONDAY)
    assert order_of(car) == [b, c]
    restore_photo(photo_id=a, by=member_of(sophie), at=MONDAY)

    assert order_of(car) == [a, b, c]
    assert not DiscardedPhoto.objects.exists()
    with pytest.raises(PhotoNotFound):
        restore_photo(photo_id=a, by=member_of(sophie), at=MONDAY)


def test_a_day_later_its_files_are_erased(
    car: Vehicle, sophie: User, django_capture_on_commit_callbacks: Any
):
    photo = take(car, sophie)
    discard_photo(photo_id=photo.pk, by=member_of(sophie), at=MONDAY)

    with django_capture_on_commit_callbacks(execute=True):
        assert erase_discarded(at=MONDAY + KEPT_FOR - timedelta(seconds=1)) == 0
    assert default_storage.exists(photo.file)
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_discarded(at=MONDAY + KEPT_FOR) == 1

    assert not default_storage.exists(photo.file)
    assert not default_storage.exists(photo.thumbnail)


def test_an_erased_vehicle_takes_its_files_along(
    car: Vehicle, sophie: User, django_capture_on_commit_callbacks: Any
):
    take(car, sophie, "navy")
    discard_photo(photo_id=take(car, sophie, "red").pk, by=member_of(sophie), at=MONDAY)

    with django_capture_on_commit_callbacks(execute=True):
        erase_vehicle(vehicle_id=car.pk, by=member_of(sophie), at=MONDAY)

    assert list(Path(settings.MEDIA_ROOT).rglob("*.jpg")) == []


# --- Pages ---


def test_a_picture_is_served_as_a_picture_and_kept_by_the_browser(car: Vehicle, sophie: User, camille: User):
    photo = take(car, sophie)

    answer: Any = signed_in(camille).get(photo.large_url)
    again = signed_in(camille).get(photo.large_url, headers={"If-None-Match": answer["ETag"]})

    assert b"".join(answer.streaming_content)[:3] == b"\xff\xd8\xff"
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert again.status_code == 304


def test_no_stranger_and_no_rival_sees_a_picture(car: Vehicle, sophie: User, rita: User, client: Any):
    photo = take(car, sophie)

    for url in (photo.large_url, photo.small_url):
        assert client.get(url).status_code == 302
        assert signed_in(rita).get(url).status_code == 404


def test_several_photos_come_in_at_once_and_the_bad_one_is_named(car: Vehicle, sophie: User):
    files = [
        SimpleUploadedFile("front.jpg", picture(colour="navy"), "image/jpeg"),
        SimpleUploadedFile("virus.jpg", b"MZ\x90 not a picture", "image/jpeg"),
        SimpleUploadedFile("back.webp", picture(kind="WEBP", colour="red"), "image/webp"),
    ]

    answer = signed_in(sophie).post(f"{car.get_absolute_url()}photos/add/", {"photos": files}, follow=True)

    assert Photo.objects.filter(vehicle=car).count() == 2
    assert "virus.jpg n’est pas prise\u00a0: ni JPEG, ni PNG, ni WebP." in answer.content.decode()


def test_the_page_puts_in_order_takes_away_and_puts_back(car: Vehicle, sophie: User):
    a, b = (take(car, sophie, colour).pk for colour in ("navy", "red"))
    client = signed_in(sophie)

    client.post(f"{car.get_absolute_url()}photos/order/", {"photo": [str(b), str(a)]}, headers=HTMX)
    assert order_of(car) == [b, a]
    client.post(f"/stock/photos/{a}/move/", {"to": "0"}, headers=HTMX)
    assert order_of(car) == [a, b]
    undo = client.post(f"/stock/photos/{a}/discard/", headers=HTMX).content.decode()
    assert f"/stock/photos/{a}/restore/" in undo
    client.post(f"/stock/photos/{a}/restore/", headers=HTMX)

    assert order_of(car) == [a, b]
    assert client.post(f"{car.get_absolute_url()}photos/order/", {"photo": ["x"]}).status_code == 404


@pytest.mark.parametrize("path", ["photos/", "photos/add/", "photos/order/"])
def test_who_does_not_keep_this_stock_arranges_no_photos(car: Vehicle, camille: User, hugo: User, path: str):
    for person in (camille, hugo):
        method = "get" if path == "photos/" else "post"
        assert getattr(signed_in(person), method)(f"{car.get_absolute_url()}{path}").status_code == 403


def test_the_photo_page_asks_as_often_for_three_as_for_one(
    car: Vehicle, sophie: User, django_assert_num_queries: Any
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(sophie)
    take(car, sophie, "navy")
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(f"{car.get_absolute_url()}photos/")
    for colour in ("red", "lime"):
        take(car, sophie, colour)
    with CaptureQueriesContext(connection) as three:
        client.get(f"{car.get_absolute_url()}photos/")

    assert len(one) == len(three)


def test_photos_of_a_feed_belong_to_nobody(rhone: Any, lyon: Site):
    with group_scope(rhone.pk):
        car = make_vehicle(lyon)
        photo = take_photo(
            vehicle_id=car.pk, data=picture(), by=None, at=MONDAY, source_url="https://x.example/1"
        )

        assert photo.added_by is None
        assert not VehicleChange.objects.filter(of=car).exists()
        assert not PhotoFetch.objects.exists()
