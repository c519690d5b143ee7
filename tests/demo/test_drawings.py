"""Our own pictures of cars: every body in every colour, light enough for a phone, the same every time."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat

from dms.demo.drawings.bodies import BODIES
from dms.demo.drawings.curves import smooth
from dms.demo.drawings.front import front_of
from dms.demo.drawings.photos import PAINTS, prints_of
from dms.demo.drawings.stage import HALLS
from stock.models import Segment


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def colour_at(data: bytes, place: tuple[int, int]) -> tuple[int, ...]:
    seen = opened(data).getpixel(place)
    assert isinstance(seen, tuple)
    return seen


@pytest.mark.parametrize("shape", BODIES)
def test_every_body_is_drawn_large_and_small(shape: str):
    prints = prints_of(shape, "blue", "lyon")

    assert len({one.digest for one in prints}) == 3
    for one in prints:
        assert (opened(one.large).size, opened(one.small).size) == ((1280, 960), (320, 240))
        assert 25_000 < len(one.large) < 100_000
        assert len(one.small) < 20_000


@pytest.mark.parametrize("shape", BODIES)
def test_from_the_front_both_halves_are_alike_and_nothing_is_cut_off(shape: str):
    layers = front_of(shape)
    car = layers.silhouette

    halves = ImageStat.Stat(ImageChops.difference(car, car.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))
    left, top, right, _low = car.getbbox() or (0, 0, 0, 0)
    assert halves.mean[0] < 2
    assert 0 < left < right < layers.paper.width
    assert top > 0


@pytest.mark.parametrize("paint", PAINTS)
def test_the_car_wears_its_colour(paint: str):
    door = colour_at(prints_of("compact", paint, "paris")[0].large, (560, 560))

    distances = {
        name: sum((part - seen) ** 2 for part, seen in zip(rgb, door, strict=True))
        for name, rgb in PAINTS.items()
    }
    assert distances[paint] < 40**2 * 3


@pytest.mark.parametrize("hall", HALLS)
def test_each_hall_differs_from_the_others(hall: str):
    wall = {name: colour_at(prints_of("city", "red", name)[0].small, (300, 28)) for name in HALLS}

    assert [name for name, seen in wall.items() if seen == wall[hall]] == [hall]


def test_the_other_side_is_the_mirror_of_this_one():
    left, _front, right = (opened(one.small) for one in prints_of("van", "white", "quebec"))

    mirrored = right.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert sum(ImageStat.Stat(ImageChops.difference(left, mirrored)).mean) < 6


def test_every_segment_of_the_trade_has_a_body():
    assert {segment.value for segment in Segment} - {"other"} == set(BODIES)


def test_a_curve_goes_through_its_points_and_keeps_its_corners():
    points = ((0.0, 0.0), (1.0, 1.0), (1.0, 1.0), (2.0, 0.0), (3.0, 1.0))

    curve = smooth(points)

    assert set(points) <= set(curve)
    assert max(y for _x, y in curve) <= 1.0
