"""The same bodies seen from the front: x runs from one side of the car to the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageChops

from dms.demo.drawings.bodies import BODIES, Body
from dms.demo.drawings.canvas import Ink, Paper, column, soft
from dms.demo.drawings.car import METRE, Layers
from dms.demo.drawings.curves import Point, smooth

_MARGIN = 60  # pixels around the car on its paper: the mirrors stand out
_CLOSER = 1.5  # a car from the front stands nearer than one from the side
_TALLEST = 640  # pixels: below the band on the wall, more or less
_NARROWEST, _WIDEST = 1.66, 1.96  # metres, without mirrors

_BLACK: Ink = (16, 17, 19, 255)
_PLASTIC: Ink = (38, 40, 43, 255)
_CHROME: Ink = (176, 182, 188, 255)
_SEAM: Ink = (0, 0, 0, 110)


@dataclass(frozen=True)
class Face:
    """What the front needs of a body: half its width, and the heights that its side has."""

    half: float
    height: float
    belt: float  # where the windscreen begins
    shoulder: float
    sill: float
    radius: float

    @property
    def roof(self) -> float:
        """Half the width of the roof: the higher a car, the more upright its sides."""
        return self.half - 0.42 + 0.16 * min(1.0, max(0.0, self.height - 1.4))

    def outline(self) -> list[Point]:
        """From one sill over the roof to the other."""
        right = [
            (self.half - 0.10, self.sill), (self.half - 0.02, self.sill + 0.12), (self.half, self.shoulder - 0.22),
            (self.half - 0.015, self.shoulder - 0.04), (self.half - 0.07, self.belt), (self.half - 0.10, self.belt + 0.02),
            (self.half - 0.10, self.belt + 0.02), (self.roof + 0.05, self.height - 0.14), (self.roof - 0.10, self.height - 0.025),
            (0.0, self.height),
        ]  # fmt: skip
        return smooth(_both(right))


def _both(right: list[Point]) -> list[Point]:
    """The right half and its mirror, as one line from right to left."""
    return [*right, *((-x, y) for x, y in reversed(right) if x)]


@cache
def front_of(shape: str) -> Layers:
    """The layers of a body of `BODIES` from the front."""
    face = _face(BODIES[shape])
    paper = _paper(face)
    outline = face.outline()
    painted = paper.mask()
    paper.polygon(painted, outline, 255)
    rest = _rest(paper, face, is_open=BODIES[shape].is_open)
    silhouette = ImageChops.lighter(painted, rest.getchannel("A"))
    light = _light(paper, face, outline)
    return Layers(paper, *(paper.shown(image) for image in (painted, light, rest, silhouette)))


def _face(body: Body) -> Face:
    width = min(_WIDEST, max(_NARROWEST, 0.41 * body.length))
    height = max(y for _x, y in body.glass) + 0.03 if body.is_open else body.height
    return Face(width / 2, height, body.glass[0][1], body.shoulder, body.sill, body.radius)


def _paper(face: Face) -> Paper:
    scale = min(METRE * _CLOSER, _TALLEST / face.height)
    width = round(2 * face.half * scale) + 2 * _MARGIN
    height = round((face.height + 0.1) * scale) + _MARGIN
    return Paper(width, height, scale, left=width / 2, ground=height - _MARGIN / 2)


def _light(paper: Paper, face: Face, outline: list[Point]) -> Image.Image:
    """Sky on the bonnet and the roof, less towards both sides, which turn away."""
    width, height = paper.mask().size

    def share(y: float) -> float:
        return paper.place((0, y))[1] / height

    stops = [
        (0.0, 236), (share(face.height), 236), (share(face.height - 0.1), 150), (share(face.belt), 226),
        (share(face.shoulder - 0.06), 196), (share(face.shoulder - 0.12), 132), (share(face.sill + 0.2), 112),
        (share(face.sill), 66), (1.0, 50),
    ]  # fmt: skip
    light = column(stops, height).resize((width, height))
    for side in (-1, 1):
        shade = paper.mask()
        paper.line(shade, [(side * face.half, 0), (side * face.half, face.height)], 150, 0.26)
        light.paste(60, mask=soft(shade, paper.scale * 0.07))
    edge = paper.mask()
    paper.line(edge, [point for point in outline if point[1] > face.shoulder], 170, 0.02)
    light.paste(255, mask=soft(edge, 2.5))
    return light


def _rest(paper: Paper, face: Face, *, is_open: bool) -> Image.Image:
    """Tyres behind, and over the paint all that has its own colour."""
    sheet = paper.sheet()
    _tyres(paper, face, sheet)
    _windscreen(paper, face, sheet, is_open=is_open)
    _bonnet(paper, face, sheet)
    _mouth(paper, face, sheet)
    for side in (-1, 1):
        _lamp(paper, face, side, sheet)
        _mirror(paper, face, side, sheet)
    return sheet


def _tyres(paper: Paper, face: Face, sheet: Image.Image) -> None:
    """Below the bumper only: the body stands before the rest of them."""
    for side in (-1, 1):
        inner, outer = side * (face.half - 0.27), side * (face.half - 0.05)
        tyre = [(inner, face.sill), (inner, 0.02), (inner + side * 0.03, 0), (outer - side * 0.03, 0), (outer, 0.02), (outer, face.sill)]  # fmt: skip
        paper.polygon(sheet, tyre, _BLACK)
    paper.polygon(
        sheet,
        _both([(face.half - 0.27, face.sill), (face.half - 0.30, face.sill - 0.07)]),
        _PLASTIC,
    )


def _windscreen(paper: Paper, face: Face, sheet: Image.Image, *, is_open: bool) -> None:
    low, high = face.half - 0.17, face.roof - 0.05
    top = face.height - (0.045 if is_open else 0.10)
    pane = smooth(_both([(low, face.belt + 0.03), (low, face.belt + 0.03), (high, top - 0.03), (high - 0.06, top), (0.0, top + 0.02)]))  # fmt: skip
    mask = paper.mask()
    paper.polygon(mask, pane, 255)
    frame = paper.mask()
    paper.polygon(frame, pane, 255)
    paper.line(frame, [*pane, pane[0]], 255, 0.025)
    sheet.paste(_BLACK, mask=frame)
    width, height = sheet.size
    places = [paper.place((0, y))[1] / height for y in (top, (top + face.belt) / 2, face.belt)]
    sky = column([(0, 128), *zip(places, (128, 70, 40), strict=True), (1, 40)], height).resize(
        (width, height)
    )
    glass = Image.merge("RGBA", (sky.point(lambda v: v * 0.86), sky.point(lambda v: v * 0.95), sky, mask))
    sheet.paste(glass, mask=mask)
    for x in (-0.42, 0.14):  # wipers
        paper.line(sheet, [(x, face.belt + 0.045), (x + 0.46, face.belt + 0.075)], _BLACK, 0.014)


def _bonnet(paper: Paper, face: Face, sheet: Image.Image) -> None:
    """Its seam, and two creases that run to the grille."""
    seams = paper.sheet()
    seam = [(face.half - 0.13, face.belt), (face.half - 0.20, face.shoulder - 0.04), (0.42, face.shoulder - 0.115), (0.0, face.shoulder - 0.12)]  # fmt: skip
    paper.line(seams, smooth(_both(seam)), _SEAM, 0.011)
    for side in (-1, 1):
        crease = smooth([(side * 0.50, face.belt - 0.01), (side * 0.44, face.shoulder - 0.02), (side * 0.34, face.shoulder - 0.10)])  # fmt: skip
        paper.line(seams, crease, (0, 0, 0, 60), 0.012)
        paper.line(seams, [(x + side * 0.012, y) for x, y in crease], (255, 255, 255, 70), 0.008)
    sheet.alpha_composite(seams)


def _mouth(paper: Paper, face: Face, sheet: Image.Image) -> None:
    """Grille, number plate and the opening below."""
    top, low = face.shoulder - 0.15, face.shoulder - 0.33
    grille = [(0.46, top - 0.02), (0.46, top - 0.02), (0.38, low), (0.38, low), (0.0, low - 0.01)]
    paper.polygon(sheet, smooth([(-0.46, top - 0.02), *_both(grille), (-0.46, top - 0.02)]), _BLACK)
    for share in (0.25, 0.5, 0.75):
        y = top - 0.02 - (top - low) * share
        paper.line(sheet, [(-0.42, y), (0.42, y)], (70, 74, 79, 255), 0.012)
    paper.disc(sheet, (0.0, (top + low) / 2), 0.065, _CHROME)
    paper.disc(sheet, (0.0, (top + low) / 2), 0.048, (58, 62, 66, 255))
    middle = (low - 0.03 + face.sill + 0.02) / 2
    paper.polygon(
        sheet, _both([(0.62, face.sill + 0.03), (0.68, middle - 0.01), (0.55, middle + 0.03)]), _PLASTIC
    )
    paper.polygon(sheet, _both([(0.265, middle - 0.03), (0.265, middle + 0.085)]), (240, 242, 244, 255))
    for side in (-1, 1):  # the blue fields of a French plate
        ends = (side * 0.265, side * 0.225)
        strip = [(ends[0], middle - 0.03), (ends[0], middle + 0.085), (ends[1], middle + 0.085), (ends[1], middle - 0.03)]  # fmt: skip
        paper.polygon(sheet, strip, (28, 62, 140, 255))


def _lamp(paper: Paper, face: Face, side: int, sheet: Image.Image) -> None:
    y = face.shoulder - 0.16
    outer, inner = face.half - 0.035, 0.52
    housing = [(side * x, height) for x, height in ((inner, y), (outer - 0.06, y + 0.09), (outer, y + 0.02), (outer - 0.03, y - 0.08), (inner + 0.04, y - 0.09))]  # fmt: skip
    paper.polygon(sheet, housing, (44, 48, 54, 255))
    glass = [(side * x, height) for x, height in ((inner + 0.05, y - 0.01), (outer - 0.07, y + 0.065), (outer - 0.03, y + 0.005), (outer - 0.06, y - 0.055), (inner + 0.08, y - 0.065))]  # fmt: skip
    paper.polygon(sheet, glass, (190, 202, 214, 255))
    paper.disc(sheet, (side * (inner + outer) / 2, y), 0.05, (250, 252, 255, 255))


def _mirror(paper: Paper, face: Face, side: int, sheet: Image.Image) -> None:
    middle = (side * (face.half - 0.01), face.belt + 0.07)
    paper.oval(sheet, middle, (0.10, 0.07), _BLACK)
    paper.oval(sheet, (middle[0], middle[1] + 0.012), (0.085, 0.05), (64, 67, 72, 255))
