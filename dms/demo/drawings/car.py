"""One body, drawn once: what is painted, how the light falls on it, and everything that has its own colour."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageChops

from dms.demo.drawings import parts
from dms.demo.drawings.bodies import BODIES, Body
from dms.demo.drawings.canvas import Paper, column, soft
from dms.demo.drawings.curves import Point, smooth

# Pixels of the widest car, and a metre of the smaller ones.
WIDEST, METRE = 1130, 246.0
_MARGIN = 24  # pixels around the car on its paper


@dataclass(frozen=True)
class Layers:
    """At the size as shown. `paint` is where colour goes, `light` how light it is there, `rest` lies on top."""

    paper: Paper
    paint: Image.Image
    light: Image.Image
    rest: Image.Image
    silhouette: Image.Image


@cache
def layers_of(shape: str) -> Layers:
    """The layers of a body of `BODIES`."""
    body = BODIES[shape]
    paper = _paper(body)
    outline = smooth(body.outline)
    painted = _painted(paper, body, outline)
    rest = parts.drawn(paper, body, outline)
    silhouette = ImageChops.lighter(painted, rest.getchannel("A"))
    light = _light(paper, body, outline, painted)
    return Layers(paper, *(paper.shown(image) for image in (painted, light, rest, silhouette)))


def _paper(body: Body) -> Paper:
    scale = min(METRE, WIDEST / body.length)
    width = round(body.length * scale) + 2 * _MARGIN
    height = round((body.height + 0.1) * scale) + _MARGIN
    return Paper(width, height, scale, left=_MARGIN, ground=height - _MARGIN / 2)


def _painted(paper: Paper, body: Body, outline: list[Point]) -> Image.Image:
    """The outline closed along the sill, without the openings for the wheels."""
    mask = paper.mask()
    paper.polygon(mask, [*outline, (body.length - 0.25, body.sill), (0.25, body.sill)], 255)
    for wheel in body.wheels:
        paper.disc(mask, (wheel, body.radius), body.radius * parts.ARCH, 0)
    return mask


def _light(paper: Paper, body: Body, outline: list[Point], painted: Image.Image) -> Image.Image:
    """Sky on what looks up, ground on what looks down, and a bright edge along the shoulder."""
    width, height = painted.size
    top, bottom = body.height, 0.0

    def share(y: float) -> float:
        return (paper.place((0, y))[1]) / height

    shoulder, sill = body.shoulder, body.sill
    middle = sill + (shoulder - sill) * 0.46
    stops = [
        (0.0, 236), (share(top), 236), (share(shoulder + 0.16), 172), (share(shoulder + 0.035), 196),
        (share(shoulder), 214), (share(shoulder - 0.05), 150), (share(middle + 0.05), 122), (share(middle), 104),
        (share(middle - 0.05), 138), (share(sill + 0.06), 92), (share(sill), 60), (share(bottom), 50), (1.0, 50),
    ]  # fmt: skip
    light = column(stops, height).resize((width, height))
    _round_the_ends(paper, body, light)
    _crease(paper, body, light)
    return _bright_edge(paper, outline, light)


def _round_the_ends(paper: Paper, body: Body, light: Image.Image) -> None:
    """Front and rear turn away from the light."""
    for x, width in ((0.0, 0.34), (body.length, 0.30)):
        shade = paper.mask()
        paper.line(shade, [(x, -0.2), (x, body.shoulder)], 105, width)
        light.paste(70, mask=soft(shade, paper.scale * 0.07))


def _crease(paper: Paper, body: Body, light: Image.Image) -> None:
    """The line that a stylist drew over the door handles, rising to the rear lamps."""
    y = body.shoulder
    line = smooth(((0.30, y - 0.10), (1.2, y - 0.035), (2.4, y - 0.01), (body.length - 0.12, y + 0.02)))
    for offset, ink, strength in ((-0.03, 60, 90), (0.012, 255, 150)):
        stroke = paper.mask()
        paper.line(stroke, [(x, height + offset) for x, height in line], strength, 0.03)
        light.paste(ink, mask=soft(stroke, 2.2))


def _bright_edge(paper: Paper, outline: list[Point], light: Image.Image) -> Image.Image:
    """The sky along the roof and the bonnet."""
    edge = paper.mask()
    paper.line(edge, [point for point in outline if point[1] > 0.6], 190, 0.035)
    light.paste(255, mask=soft(edge, 2.5))
    return light
