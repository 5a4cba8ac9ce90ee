"""
A sheet of paper and a crooked crayon: what the example pictures are drawn with.

Needs Pillow, which nothing else in the project does: the pictures are committed.
"""

from __future__ import annotations

import importlib
import itertools
import math
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

#: Loaded by name: Pillow is not among the project's dependencies, and the project's checks run without it.
Image: Any = importlib.import_module("PIL.Image")
ImageDraw: Any = importlib.import_module("PIL.ImageDraw")
ImageFont: Any = importlib.import_module("PIL.ImageFont")

Point = tuple[float, float]
Colour = tuple[int, int, int]

#: Everything is drawn at twice the final size, then made smaller: that is what softens the crayon.
SCALE = 2
SIZE = (800, 600)
#: The finished picture, as a share of the page: small enough for a slow line, large enough to hang on a wall.
FINISHED = 0.75

PAPER: Colour = (252, 249, 240)
WHITE: Colour = (255, 255, 255)
INK: Colour = (38, 52, 110)
GRAPHITE: Colour = (84, 82, 86)
BLACK: Colour = (52, 46, 48)
RED: Colour = (205, 62, 52)
ORANGE: Colour = (232, 138, 48)
YELLOW: Colour = (246, 200, 52)
GREEN: Colour = (92, 154, 70)
BLUE: Colour = (72, 132, 200)
BROWN: Colour = (142, 94, 58)
PINK: Colour = (236, 142, 150)
GREY: Colour = (150, 146, 150)
CRAYONS = (INK, GRAPHITE, BLACK, RED, ORANGE, YELLOW, GREEN, BLUE, BROWN, PINK, GREY)


class Page:
    """A sheet of paper and the hand that draws on it."""

    def __init__(self, seed: int, paper: Colour = PAPER, size: tuple[int, int] = SIZE) -> None:
        """Take a clean sheet; `seed` decides how the hand shakes, `size` is in final pixels."""
        self.size = size
        self.hand = random.Random(seed)  # noqa: S311 - the same hand each time is the point; nothing here is secret
        self.image: Any = Image.new("RGB", (size[0] * SCALE, size[1] * SCALE), paper)

    def line(self, points: Sequence[Point], colour: Colour, width: float = 5, *, shake: float = 2.0) -> None:
        """Draw one crayon stroke through `points`, dab by dab, with a hand that shakes by `shake` pixels."""
        pen = ImageDraw.Draw(self.image)
        drift_x = drift_y = 0.0
        for x, y in _walk(points, step=1.3):
            drift_x = 0.93 * drift_x + self.hand.gauss(0, 0.22 * shake)
            drift_y = 0.93 * drift_y + self.hand.gauss(0, 0.22 * shake)
            radius = width * SCALE / 2 * self.hand.uniform(0.72, 1.05)
            centre = ((x + drift_x) * SCALE, (y + drift_y) * SCALE)
            pen.ellipse(_square(centre, radius), fill=lighter(colour, 0.2) if self.hand.random() < 0.12 else colour)

    def shape(self, points: Sequence[Point], colour: Colour, width: float = 5) -> None:
        """Draw a closed outline that misses its own start a little, as outlines do."""
        self.line([*points, points[0]], colour, width)

    def fill(self, points: Sequence[Point], colour: Colour, *, slant: float = 0.9, gap: float = 6) -> None:
        """Scribble inside an outline with strokes `gap` pixels apart; a little of it goes over the edge."""
        before = self.image.copy()
        for start, end in _hatching(points, slant, gap):
            bend = (
                (start[0] + end[0]) / 2 + self.hand.uniform(-3, 3),
                (start[1] + end[1]) / 2 + self.hand.uniform(-3, 3),
            )
            self.line([start, bend, end], colour, gap * 0.95, shake=1.6)
        edge = Image.new("L", self.image.size, 0)
        pen = ImageDraw.Draw(edge)
        outline = [(x * SCALE, y * SCALE) for x, y in points]
        pen.polygon(outline, fill=255)
        pen.line([*outline, outline[0]], fill=255, width=9 * SCALE)
        self.image = Image.composite(self.image, before, edge)

    def filled(self, points: Sequence[Point], colour: Colour, outline: Colour, slant: float = 0.9) -> None:
        """Scribble a shape and draw its outline after, so that the outline stays sharp."""
        self.fill(points, colour, slant=slant)
        self.shape(points, outline, 4)

    def cover(self, points: Sequence[Point], colour: Colour = PAPER) -> None:
        """Paint an area over, so that what is drawn next stands in front of what is there."""
        ImageDraw.Draw(self.image).polygon([(x * SCALE, y * SCALE) for x, y in points], fill=colour)

    def rule(self, start: Point, end: Point, colour: Colour, width: int = 1) -> None:
        """Draw a printed line, which does not shake."""
        ends = [(x * SCALE, y * SCALE) for x, y in (start, end)]
        ImageDraw.Draw(self.image).line(ends, fill=colour, width=width * SCALE)

    def writing(self, left: float, top: float, width: float, *, colour: Colour = INK, height: float = 11) -> None:
        """Draw a line of handwriting that looks like words and says nothing."""
        x = left
        while x < left + width:
            letters = self.hand.randint(2, 8)
            word: list[Point] = [(x, top)]
            for _ in range(letters):
                tall = height * self.hand.choice((0.9, 0.9, 1.0, 1.9, -0.9))
                word += [(x + 2, top - tall), (x + 5, top - tall * 0.9), (x + 4, top), (x + 8, top - 1)]
                x += self.hand.uniform(7, 10)
            self.line(curve(word), colour, 1.7, shake=0.8)
            x += self.hand.uniform(9, 15)

    def words(self, left: float, top: float, text: str, size: int = 15) -> None:
        """Print a few typed words, as a form has them."""
        font = ImageFont.load_default(size * SCALE)
        ImageDraw.Draw(self.image).text((left * SCALE, top * SCALE), text, BLACK, font=font)

    def tilt(self, degrees: float) -> None:
        """Turn the whole sheet a little, as it lies under a scanner's lid."""
        self.image = self.image.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=lighter(GREY, 0.5))

    def save(self, path: Path) -> None:
        """Make the page small and write it as a PNG that holds pixels and nothing else."""
        width, height = (round(side * FINISHED) for side in self.size)
        small = self.image.resize((width, height), Image.Resampling.BOX)
        small.quantize(palette=_palette(), dither=Image.Dither.NONE).save(path, optimize=True)


def _palette() -> Any:
    """List the crayons in four tones, and the paper; a computed palette would lose the small reds."""
    tones = [PAPER, WHITE, *(lighter(crayon, share) for crayon in CRAYONS for share in (0, 0.25, 0.5, 0.75))]
    image = Image.new("P", (1, 1))
    image.putpalette([part for tone in tones for part in tone])
    return image


def _square(centre: Point, radius: float) -> tuple[float, float, float, float]:
    return (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius)


def lighter(colour: Colour, share: float) -> Colour:
    """Press the crayon less: mix in `share` (0 to 1) of white."""
    red, green, blue = (round(part + (255 - part) * share) for part in colour)
    return (red, green, blue)


def _walk(points: Sequence[Point], step: float) -> Iterable[Point]:
    for (ax, ay), (bx, by) in itertools.pairwise(points):
        dabs = max(1, int(math.hypot(bx - ax, by - ay) / step))
        for i in range(dabs + 1):
            yield (ax + (bx - ax) * i / dabs, ay + (by - ay) * i / dabs)


def curve(points: Sequence[Point], pieces: int = 6) -> list[Point]:
    """Round the corners of a polyline (Catmull–Rom), so that four points make a tail."""
    ends = [points[0], *points, points[-1]]
    out: list[Point] = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for i in range(pieces):
            t = i / pieces
            out.append((_spline(a[0], b[0], c[0], d[0], t), _spline(a[1], b[1], c[1], d[1], t)))
    return [*out, points[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def oval(x: float, y: float, rx: float, ry: float, pieces: int = 40) -> list[Point]:
    """Go round an oval with centre (x, y) and radii `rx` and `ry`, in `pieces` points."""
    return [
        (x + rx * math.cos(2 * math.pi * i / pieces), y + ry * math.sin(2 * math.pi * i / pieces))
        for i in range(pieces)
    ]


def _hatching(points: Sequence[Point], slant: float, gap: float) -> Iterable[tuple[Point, Point]]:
    """Yield parallel strokes at `slant` radians that cross the outline, each from edge to edge of its bounding box."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    cx, cy = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    reach = math.hypot(max(xs) - min(xs), max(ys) - min(ys)) / 2 + gap
    along, across = (math.cos(slant), math.sin(slant)), (-math.sin(slant), math.cos(slant))
    offset = -reach
    while offset < reach:
        half = math.sqrt(max(reach**2 - offset**2, 0))
        mx, my = cx + across[0] * offset, cy + across[1] * offset
        yield (mx - along[0] * half, my - along[1] * half), (mx + along[0] * half, my + along[1] * half)
        offset += gap
