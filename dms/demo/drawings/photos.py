"""A car in its colour in its dealer's hall, as a JPEG. Each is drawn once a process."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from PIL import Image, ImageOps

from dms.demo.drawings.car import Layers, layers_of
from dms.demo.drawings.front import front_of
from dms.demo.drawings.stage import Colour, staged

# JPEG quality: 40 to 80 KB at 1280 × 960.
_QUALITY = 84
# How many times the thumbnail is smaller.
SMALLER = 4

PAINTS: dict[str, Colour] = {
    "white": (226, 229, 231),
    "black": (30, 32, 36),
    "grey": (112, 118, 125),
    "silver": (172, 178, 184),
    "blue": (34, 84, 158),
    "night": (28, 46, 84),
    "red": (176, 28, 38),
    "green": (58, 92, 74),
    "yellow": (232, 178, 28),
    "orange": (208, 92, 32),
    "beige": (188, 174, 150),
    "brown": (96, 70, 54),
}


@dataclass(frozen=True)
class Print:
    """One picture as two JPEGs of 1280 × 960 and 320 × 240 pixels."""

    large: bytes
    small: bytes

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.large).hexdigest()


@cache
def prints_of(shape: str, paint: str, hall: str) -> tuple[Print, Print, Print]:
    """The car from its left, from the front and from its right.

    `shape` is one of `BODIES`, `paint` of `PAINTS`, `hall` of `HALLS`.
    """
    side, front = (
        staged(hall, layers, _painted(layers, PAINTS[paint]))
        for layers in (layers_of(shape), front_of(shape))
    )
    return _print(side), _print(front), _print(ImageOps.mirror(side))


def _print(image: Image.Image) -> Print:
    return Print(_jpeg(image), _jpeg(image.reduce(SMALLER)))


def _jpeg(image: Image.Image) -> bytes:
    kept = BytesIO()
    image.save(kept, "JPEG", quality=_QUALITY)
    return kept.getvalue()


def _painted(layers: Layers, paint: Colour) -> Image.Image:
    """The body in its colour, with everything else on top."""
    car = ImageOps.colorize(layers.light, _darker(paint), _lighter(paint), mid=paint, midpoint=138)
    car.paste(layers.rest, mask=layers.rest.getchannel("A"))
    return car


def _darker(paint: Colour) -> Colour:
    red, green, blue = (round(part * 0.22) for part in paint)
    return red, green, blue


def _lighter(paint: Colour) -> Colour:
    """Towards the sky: a dark paint shines less than a light one."""
    red, green, blue = (
        round(part + (sky - part) * 0.72) for part, sky in zip(paint, (250, 252, 255), strict=True)
    )
    return red, green, blue
