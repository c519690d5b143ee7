"""A piece of paper in metres: shapes and lines at several times their size, made smooth by shrinking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw, ImageFilter

from dms.demo.drawings.curves import Point

# How many times larger than shown everything is drawn.
FINER = 2

Ink = tuple[int, int, int, int]


@dataclass(frozen=True)
class Paper:
    """`scale` pixels a metre as shown; (0, 0) of the car lies `left` and `ground` pixels into the paper."""

    width: int
    height: int
    scale: float
    left: float
    ground: float

    @property
    def size(self) -> tuple[int, int]:
        return self.width * FINER, self.height * FINER

    def mask(self) -> Image.Image:
        return Image.new("L", self.size, 0)

    def sheet(self) -> Image.Image:
        return Image.new("RGBA", self.size, (0, 0, 0, 0))

    def place(self, point: Point) -> Point:
        """Where a point in metres lies, in fine pixels."""
        return (self.left + point[0] * self.scale) * FINER, (self.ground - point[1] * self.scale) * FINER

    def length(self, metres: float) -> float:
        return metres * self.scale * FINER

    def polygon(self, image: Image.Image, points: Sequence[Point], ink: Ink | int) -> None:
        ImageDraw.Draw(image).polygon([self.place(point) for point in points], fill=ink)

    def line(self, image: Image.Image, points: Sequence[Point], ink: Ink | int, metres: float) -> None:
        width = max(1, round(self.length(metres)))
        ImageDraw.Draw(image).line(
            [self.place(point) for point in points], fill=ink, width=width, joint="curve"
        )

    def disc(self, image: Image.Image, middle: Point, radius: float, ink: Ink | int) -> None:
        x, y = self.place(middle)
        r = self.length(radius)
        ImageDraw.Draw(image).ellipse((x - r, y - r, x + r, y + r), fill=ink)

    def oval(self, image: Image.Image, middle: Point, half: Point, ink: Ink | int) -> None:
        x, y = self.place(middle)
        dx, dy = self.length(half[0]), self.length(half[1])
        ImageDraw.Draw(image).ellipse((x - dx, y - dy, x + dx, y + dy), fill=ink)

    def shown(self, image: Image.Image) -> Image.Image:
        """At the size at which it is seen."""
        return image.resize((self.width, self.height), Image.Resampling.BOX)


def soft(image: Image.Image, radius: float) -> Image.Image:
    """Blurred by so many pixels as shown, and at that size: what is blurred needs no finer one."""
    return image.reduce(FINER).filter(ImageFilter.GaussianBlur(radius)).resize(image.size)


def column(stops: Sequence[tuple[float, int]], height: int) -> Image.Image:
    """A strip one pixel wide whose light runs through `stops`: (share of the height from the top, light)."""
    strip = Image.new("L", (1, height))
    strip.putdata([_light(stops, row / max(1, height - 1)) for row in range(height)])
    return strip


def _light(stops: Sequence[tuple[float, int]], share: float) -> int:
    for (start, before), (end, after) in pairwise(stops):
        if share <= end:
            part = 0.0 if end == start else (share - start) / (end - start)
            return round(before + (after - before) * max(0.0, part))
    return stops[-1][1]
