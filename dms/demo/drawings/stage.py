"""Where the cars stand: a dealer's bright hall with a polished floor."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from dms.demo.drawings.canvas import column
from dms.demo.drawings.car import Layers

WIDTH, HEIGHT = 1280, 960
GROUND = 716  # where the tyres touch
_HORIZON = 566

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Hall:
    """A place's own light: the wall, the floor, and the band of the dealer's colour on the wall."""

    wall: tuple[Colour, Colour]
    floor: tuple[Colour, Colour]
    band: Colour


HALLS = {
    "lyon": Hall(((206, 212, 220), (164, 174, 187)), ((196, 202, 209), (120, 128, 138)), (27, 79, 138)),
    "marseille": Hall(((226, 217, 201), (190, 176, 152)), ((214, 204, 188), (142, 132, 117)), (16, 122, 140)),
    "paris": Hall(((196, 199, 204), (150, 155, 163)), ((178, 183, 190), (96, 102, 111)), (58, 60, 68)),
    "quebec": Hall(((202, 214, 224), (154, 172, 187)), ((188, 199, 208), (104, 118, 131)), (168, 38, 48)),
    "villeurbanne": Hall(
        ((216, 212, 206), (174, 167, 158)), ((199, 194, 187), (126, 120, 113)), (146, 74, 24)
    ),
}


@cache
def empty(hall: str) -> Image.Image:
    """The hall without a car."""
    place = HALLS[hall]
    image = Image.new("RGB", (WIDTH, HEIGHT))
    wall = column([(0.0, 0), (0.55, 0), (1.0, 255)], _HORIZON).resize((WIDTH, _HORIZON))
    image.paste(ImageOps.colorize(wall, place.wall[0], place.wall[1]), (0, 0))
    rows = HEIGHT - _HORIZON
    floor = column([(0.0, 40), (0.12, 0), (1.0, 255)], rows).resize((WIDTH, rows))
    image.paste(ImageOps.colorize(floor, place.floor[0], place.floor[1]), (0, _HORIZON))
    _windows(image)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 96, WIDTH, 132), fill=place.band)
    draw.rectangle((0, 132, WIDTH, 135), fill=(255, 255, 255))
    draw.rectangle(
        (0, _HORIZON - 7, WIDTH, _HORIZON), fill=tuple(round(part * 0.82) for part in place.wall[1])
    )
    return _vignette(image)


def _windows(image: Image.Image) -> None:
    """Tall panes of light in the wall, and their shine on the floor."""
    panes = Image.new("L", image.size, 0)
    draw = ImageDraw.Draw(panes)
    for left in range(70, WIDTH, 300):
        draw.rectangle((left, 176, left + 236, _HORIZON - 40), fill=88)
        draw.polygon(
            [
                (left + 10, _HORIZON + 6),
                (left + 226, _HORIZON + 6),
                (left + 250, HEIGHT - 60),
                (left - 14, HEIGHT - 60),
            ],
            fill=34,
        )
    image.paste((255, 255, 255), mask=panes.filter(ImageFilter.GaussianBlur(5)))


def _vignette(image: Image.Image) -> Image.Image:
    dark = ImageOps.invert(Image.radial_gradient("L")).resize((WIDTH, HEIGHT))
    return ImageChops.multiply(image, Image.merge("RGB", [dark.point(lambda v: min(255, 196 + v // 2))] * 3))


def staged(hall: str, layers: Layers, car: Image.Image) -> Image.Image:
    """The hall with the painted car in it: its shadow, its reflection, itself."""
    image = empty(hall).copy()
    paper = layers.paper
    corner = (WIDTH - paper.width) // 2, GROUND - round(paper.ground)
    _reflect(image, layers, car, corner)
    _shadow(image, layers)
    image.paste(car, corner, layers.silhouette)
    return image


def _reflect(image: Image.Image, layers: Layers, car: Image.Image, corner: tuple[int, int]) -> None:
    """Upside down on the floor, weaker with every row and not quite sharp."""
    paper, depth = layers.paper, 190
    below = paper.height - round(paper.ground)

    def turned(picture: Image.Image) -> Image.Image:
        return ImageOps.flip(picture).crop((0, below, paper.width, below + depth))

    fade = column([(0.0, 74), (1.0, 0)], depth).resize((paper.width, depth))
    mask = ImageChops.multiply(turned(layers.silhouette), fade).filter(ImageFilter.GaussianBlur(2))
    image.paste(turned(car).filter(ImageFilter.GaussianBlur(2.5)), (corner[0], GROUND), mask)


def _shadow(image: Image.Image, layers: Layers) -> None:
    mask = _shadow_of(layers.paper.width)
    image.paste((24, 27, 32), (0, GROUND - mask.height // 2), mask)


@cache
def _shadow_of(length: int) -> Image.Image:
    """Wide and soft under a car of this length, dark where the tyres touch."""
    mask = Image.new("L", (WIDTH // 2, 60), 0)  # soft anyway: half the size is enough
    draw = ImageDraw.Draw(mask)
    left, right, y = (WIDTH - length) // 4 + 8, (WIDTH + length) // 4 - 8, 30
    draw.ellipse((left, y - 11, right, y + 13), fill=150)
    draw.ellipse((left + 30, y - 7, right - 30, y + 6), fill=225)
    return mask.filter(ImageFilter.GaussianBlur(6)).resize((WIDTH, 120))
