"""What is not painted: wheels, windows, lamps, seams, plastic. Drawn over the paint."""

from __future__ import annotations

from math import cos, pi, sin

from PIL import Image, ImageChops, ImageDraw

from dms.demo.drawings.bodies import Body
from dms.demo.drawings.canvas import FINER, Ink, Paper, column
from dms.demo.drawings.curves import Point, smooth

# Times the radius of the wheel.
ARCH = 1.13

_BLACK: Ink = (16, 17, 19, 255)
_PLASTIC: Ink = (38, 40, 43, 255)
_LEATHER: Ink = (122, 84, 56, 255)
_SEAM: Ink = (0, 0, 0, 120)
_GLINT: Ink = (255, 255, 255, 70)
_SPOKES = 5


def drawn(paper: Paper, body: Body, outline: list[Point]) -> Image.Image:
    """Everything on one transparent sheet."""
    sheet = paper.sheet()
    _wells(paper, body, sheet)
    _plastic(paper, body, outline, sheet)
    _glass(paper, body, sheet)
    _seams(paper, body, sheet)
    _lamps(paper, body, outline, sheet)
    if body.is_open:
        _seats(paper, sheet)
    if body.rails:
        _rails(paper, body, sheet)
    _mirror(paper, body, sheet)
    for wheel in body.wheels:
        _wheel(paper, (wheel, body.radius), body.radius, sheet)
    return sheet


def _wells(paper: Paper, body: Body, sheet: Image.Image) -> None:
    for wheel in body.wheels:
        paper.disc(sheet, (wheel, body.radius), body.radius * ARCH + 0.012, _BLACK)


def _plastic(paper: Paper, body: Body, outline: list[Point], sheet: Image.Image) -> None:
    """Along the sill and round the wheels of what may leave the road; a dark lip under every bumper."""
    height = max(body.cladding, body.sill + 0.055)
    within = paper.mask()
    paper.polygon(within, [*outline, (body.length - 0.25, body.sill), (0.25, body.sill)], 255)
    dark = paper.mask()
    paper.polygon(dark, [(-0.1, height), (body.length + 0.1, height), (body.length + 0.1, 0), (-0.1, 0)], 255)
    if body.cladding:
        for wheel in body.wheels:
            paper.disc(dark, (wheel, body.radius), body.radius * (ARCH + 0.2), 255)
    for wheel in body.wheels:
        paper.disc(within, (wheel, body.radius), body.radius * ARCH, 0)
    sheet.paste(_PLASTIC, mask=ImageChops.multiply(dark, within))


def _glass(paper: Paper, body: Body, sheet: Image.Image) -> None:
    """Dark, with the sky in its upper half; pillars between the panes and a thin frame around all of them."""
    points = smooth(body.glass)
    mask = paper.mask()
    paper.polygon(mask, points, 255)
    frame = paper.mask()
    paper.polygon(frame, points, 255)
    paper.line(frame, [*points, points[0]], 255, 0.03)
    sheet.paste(_BLACK, mask=frame)
    width, height = sheet.size
    top = paper.place((0, max(y for _x, y in points)))[1] / height
    bottom = paper.place((0, min(y for _x, y in points)))[1] / height
    sky = column([(0, 120), (top, 120), ((top + bottom) / 2, 62), (bottom, 40), (1, 40)], height).resize(
        (width, height)
    )
    pane = Image.merge("RGBA", (sky.point(lambda v: v * 0.86), sky.point(lambda v: v * 0.95), sky, mask))
    sheet.paste(pane, mask=mask)
    _reflection(paper, points, mask, sheet)
    for x in body.pillars:
        pillar = paper.mask()
        paper.polygon(pillar, [(x - 0.045, 0), (x + 0.03, 0), (x + 0.0, 3), (x - 0.06, 3)], 255)
        sheet.paste(_BLACK, mask=ImageChops.multiply(pillar, frame))


def _reflection(paper: Paper, points: list[Point], mask: Image.Image, sheet: Image.Image) -> None:
    """Two slanting stripes of light."""
    left, right = min(x for x, _y in points), max(x for x, _y in points)
    stripes = paper.mask()
    for start, width in ((0.30, 0.16), (0.50, 0.05)):
        x = left + (right - left) * start
        paper.polygon(stripes, [(x, 0.8), (x + width, 0.8), (x + width + 0.5, 2.2), (x + 0.5, 2.2)], 46)
    sheet.alpha_composite(_tinted((235, 243, 250), ImageChops.multiply(stripes, mask)))


def _tinted(colour: tuple[int, int, int], alpha: Image.Image) -> Image.Image:
    sheet = Image.new("RGBA", alpha.size, (*colour, 0))
    sheet.putalpha(alpha)
    return sheet


def _seams(paper: Paper, body: Body, sheet: Image.Image) -> None:
    """Where the doors, the bonnet and the tailgate open."""
    seams = paper.sheet()
    low, high = max(body.sill, body.cladding) + 0.06, body.shoulder + 0.06
    for number, x in enumerate(body.doors):
        bulge = 0.05 if number else -0.04
        paper.line(seams, smooth(((x - bulge, low), (x, (low + high) / 2), (x, high))), _SEAM, 0.013)
        paper.line(
            seams,
            smooth(((x - bulge + 0.012, low), (x + 0.012, (low + high) / 2), (x + 0.012, high))),
            _GLINT,
            0.006,
        )
    paper.line(seams, [(body.doors[0] - 0.0, low), (body.doors[-1], low)], _SEAM, 0.012)
    if body.bed is not None:
        x, end = body.bed
        paper.line(seams, [(x, body.sill + 0.15), (x, body.shoulder + 0.08)], (0, 0, 0, 190), 0.03)
        paper.line(seams, [(x, body.shoulder + 0.1), (end, body.shoulder + 0.1)], _PLASTIC, 0.05)
    for x in body.handles:
        y = body.shoulder - 0.075
        paper.line(seams, [(x - 0.09, y), (x + 0.07, y)], (0, 0, 0, 110), 0.042)
        paper.line(seams, [(x - 0.085, y + 0.006), (x + 0.065, y + 0.006)], (255, 255, 255, 120), 0.018)
    within = paper.mask()
    paper.polygon(within, [(0, low - 0.01), (body.length, low - 0.01), (body.length, 3), (0, 3)], 255)
    for wheel in body.wheels:
        paper.disc(within, (wheel, body.radius), body.radius * (ARCH + (0.2 if body.cladding else 0.03)), 0)
    seams.putalpha(ImageChops.multiply(seams.getchannel("A"), within))
    sheet.alpha_composite(seams)


def _lamps(paper: Paper, body: Body, outline: list[Point], sheet: Image.Image) -> None:
    """A headlamp swept back and a tail lamp round the corner, cut off where the body ends."""
    within = paper.mask()
    paper.polygon(within, [*outline, (body.length, 0.1), (0, 0.1)], 255)
    y, end, low = body.shoulder, body.length, max(body.sill, body.cladding)
    shapes: list[tuple[tuple[Point, ...], tuple[int, int, int]]] = [
        (
            ((-0.1, y - 0.30), (0.15, y - 0.29), (0.47, y - 0.165), (0.33, y - 0.145), (-0.1, y - 0.19)),
            (44, 48, 54),
        ),
        (
            ((-0.1, y - 0.275), (0.14, y - 0.27), (0.40, y - 0.17), (0.31, y - 0.163), (-0.1, y - 0.21)),
            (196, 208, 220),
        ),
        (
            ((-0.1, y - 0.215), (0.31, y - 0.165), (0.40, y - 0.17), (0.29, y - 0.185), (-0.1, y - 0.24)),
            (255, 255, 255),
        ),
        (
            ((end - 0.30, y - 0.03), (end + 0.1, y + 0.05), (end + 0.1, y - 0.20), (end - 0.12, y - 0.14)),
            (120, 12, 20),
        ),
        (
            ((end - 0.24, y - 0.035), (end + 0.1, y + 0.03), (end + 0.1, y - 0.06), (end - 0.12, y - 0.09)),
            (216, 36, 40),
        ),
        (((-0.1, low + 0.2), (0.10, low + 0.22), (0.14, low + 0.12), (-0.1, low + 0.1)), (22, 24, 27)),
    ]
    for points, colour in shapes:
        shape = paper.mask()
        paper.polygon(shape, points, 255)
        sheet.paste((*colour, 255), mask=ImageChops.multiply(shape, within))


def _seats(paper: Paper, sheet: Image.Image) -> None:
    """Head rests over the doors of an open car, and its folded roof."""
    under = paper.sheet()
    for x in (2.34, 2.86):
        back = ((x - 0.10, 0.90), (x - 0.07, 1.04), (x + 0.02, 1.12), (x + 0.13, 1.08), (x + 0.14, 0.90))
        paper.polygon(under, smooth(back), _LEATHER)
        paper.line(under, [(x + 0.06, 1.08), (x + 0.09, 1.16)], (60, 62, 66, 255), 0.03)
        paper.oval(under, (x + 0.10, 1.185), (0.065, 0.06), _LEATHER)
    paper.polygon(
        under,
        smooth(((3.02, 0.92), (3.2, 1.03), (3.55, 1.04), (3.74, 0.96), (3.72, 0.92))),
        (52, 54, 58, 255),
    )
    paper.line(under, [(1.70, 0.93), (1.80, 1.05)], _PLASTIC, 0.035)  # the steering wheel
    sheet.alpha_composite(under)


def _rails(paper: Paper, body: Body, sheet: Image.Image) -> None:
    top = [(x, y) for x, y in body.outline if y > body.height - 0.11]
    line = smooth([(x, y + 0.02) for x, y in dict.fromkeys(top)])
    for x, y in (line[0], line[-1]):
        paper.disc(sheet, (x, y - 0.008), 0.022, (58, 62, 67, 255))
    paper.line(sheet, line, (58, 62, 67, 255), 0.026)
    paper.line(sheet, [(x, y + 0.007) for x, y in line], (186, 192, 198, 255), 0.008)


def _mirror(paper: Paper, body: Body, sheet: Image.Image) -> None:
    x, y = body.glass[0][0] + 0.24, body.glass[0][1] + 0.045
    paper.oval(sheet, (x, y), (0.125, 0.075), _BLACK)
    paper.oval(sheet, (x - 0.012, y + 0.014), (0.11, 0.055), (64, 67, 72, 255))


def _wheel(paper: Paper, hub: Point, radius: float, sheet: Image.Image) -> None:
    """Tyre, rim and double spokes."""
    paper.disc(sheet, hub, radius, (24, 25, 27, 255))
    paper.disc(sheet, hub, radius * 0.93, (33, 35, 37, 255))
    paper.disc(sheet, hub, radius * 0.75, (150, 156, 162, 255))
    paper.disc(sheet, hub, radius * 0.715, (30, 32, 35, 255))
    paper.disc(sheet, hub, radius * 0.46, (74, 78, 83, 255))  # the brake's disc
    for spoke in range(_SPOKES):
        turn = 2 * pi * spoke / _SPOKES + pi / 2
        for aside in (-0.17, 0.17):
            _spoke(paper, hub, radius, (turn + aside * 0.7, turn + aside), sheet)
    paper.disc(sheet, hub, radius * 0.19, (176, 182, 188, 255))
    paper.disc(sheet, hub, radius * 0.10, (58, 62, 66, 255))
    x, y = paper.place(hub)
    r = paper.length(radius * 0.735)
    ImageDraw.Draw(sheet).arc(
        (x - r, y - r, x + r, y + r), 195, 320, fill=(236, 240, 244, 255), width=2 * FINER
    )


def _spoke(paper: Paper, hub: Point, radius: float, turns: tuple[float, float], sheet: Image.Image) -> None:
    (inner, outer), x, y = turns, hub[0], hub[1]

    def at(turn: float, share: float) -> Point:
        return x + cos(turn) * radius * share, y + sin(turn) * radius * share

    blade = [at(inner - 0.22, 0.15), at(inner + 0.22, 0.15), at(outer + 0.075, 0.72), at(outer - 0.075, 0.72)]
    light = 150 + round(60 * sin(outer))
    paper.polygon(sheet, blade, (light, light + 5, light + 10, 255))
