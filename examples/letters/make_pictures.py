"""
Draw the pictures that travel with the example letters.

Children's drawings and paper scans are what families enclose most. These are drawn instead of being collected, so that
nobody's real drawing, hand or photo is in the repository. The same seed gives the same picture.

Run from the project's root: `python -m examples.letters.make_pictures`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from examples.letters.crayon import (
    BLACK,
    BLUE,
    BROWN,
    GRAPHITE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PINK,
    RED,
    WHITE,
    YELLOW,
    Colour,
    Page,
    Point,
    curve,
    lighter,
    oval,
)


def _sun(page: Page, x: float, y: float, radius: float) -> None:
    page.fill(oval(x, y, radius, radius), YELLOW, slant=0.4)
    page.shape(oval(x, y, radius, radius), ORANGE, 5)
    for i in range(14):
        turn = 2 * math.pi * i / 14 + page.hand.uniform(-0.08, 0.08)
        near, far = radius + 12, radius + page.hand.uniform(34, 54)
        page.line(
            [
                (x + near * math.cos(turn), y + near * math.sin(turn)),
                (x + far * math.cos(turn), y + far * math.sin(turn)),
            ],
            ORANGE,
            6,
        )
    page.line(curve([(x - 18, y + 12), (x - 8, y + 21), (x + 8, y + 21), (x + 18, y + 12)]), RED, 4)
    for eye in (-14, 14):
        page.line([(x + eye, y - 8), (x + eye, y - 3)], BLACK, 5)


def _grass(page: Page, top: float) -> None:
    for x in range(6, page.size[0], 13):
        foot = top + page.hand.uniform(0, 22)
        page.line([(x, foot), (x + page.hand.uniform(-8, 8), foot - page.hand.uniform(14, 34))], GREEN, 4)


def _flower(page: Page, x: float, y: float, colour: Colour) -> None:
    page.line(curve([(x, y), (x + 3, y - 20), (x - 1, y - 42)]), GREEN, 4)
    for i in range(6):
        turn = math.pi * i / 3
        page.fill(oval(x - 1 + 10 * math.cos(turn), y - 46 + 10 * math.sin(turn), 6, 6, 10), colour, gap=4)
    page.fill(oval(x - 1, y - 46, 5, 5, 10), YELLOW, gap=3)


def draw_house() -> Page:
    """Draw a house with a smoking chimney, one yellow window, and a sun big enough for two."""
    page = Page(7)
    _sun(page, 660, 130, 62)
    _grass(page, 540)
    page.filled([(385, 238), (384, 158), (424, 156), (426, 280)], BROWN, BLACK)
    smoke = [(404, 150), (420, 128), (398, 110), (378, 92), (404, 70), (432, 52), (408, 30)]
    page.line(curve(smoke), GREY, 9, shake=4)
    page.filled([(160, 302), (476, 296), (480, 532), (154, 536)], lighter(ORANGE, 0.45), BROWN, slant=1.5)
    page.filled([(122, 310), (316, 172), (520, 302)], RED, BROWN, slant=0.1)
    page.filled([(206, 356), (284, 352), (286, 430), (204, 432)], YELLOW, BLUE, slant=0.7)
    page.line([(245, 354), (246, 431)], BLUE, 5)
    page.line([(205, 393), (285, 391)], BLUE, 5)
    page.filled([(352, 384), (428, 382), (432, 532), (350, 534)], BLUE, BLACK, slant=1.4)
    page.line([(416, 462), (418, 466)], YELLOW, 11)
    for x, colour in ((60, PINK), (104, RED), (540, BLUE), (600, PINK), (742, ORANGE)):
        _flower(page, x, 552, colour)
    for x, height, dress in ((640, 120, RED), (700, 78, YELLOW)):
        _person(page, x, 556, height, dress)
    return page


def _person(page: Page, x: float, foot: float, height: float, dress: Colour) -> None:
    head, belt = height * 0.17, foot - height * 0.3
    neck = foot - height + 2 * head
    page.filled([(x - 4, neck), (x + 5, neck), (x + height * 0.2, belt), (x - height * 0.2, belt)], dress, BLACK)
    for side in (-1, 1):
        page.line([(x + side * 7, belt), (x + side * 8, foot), (x + side * 15, foot)], BLACK, 4)
        page.line([(x, neck + 8), (x + side * height * 0.3, neck + (-6 if side > 0 else 22))], BLACK, 4)
        page.line([(x + side * head * 0.4, neck - head * 1.2), (x + side * head * 0.4, neck - head)], BLACK, 3)
    page.shape(oval(x, neck - head, head, head, 24), BLACK, 4)
    page.line(
        curve([(x - head * 0.5, neck - head * 0.6), (x, neck - head * 0.3), (x + head * 0.5, neck - head * 0.6)]),
        RED,
        3,
    )


def draw_cat() -> Page:
    """Draw a stout grey cat asleep to the world on a blue jacket, whiskers longer than the tail."""
    page = Page(19)
    jacket = [(110, 470), (196, 432), (610, 430), (700, 474), (676, 556), (140, 560)]
    for sleeve in ([(150, 452), (40, 500), (58, 552), (146, 530)], [(664, 452), (766, 506), (744, 556), (668, 526)]):
        page.filled(sleeve, BLUE, INK, slant=0.8)
    page.filled(jacket, BLUE, INK, slant=0.2)
    page.line([(404, 470), (407, 558)], INK, 4)
    for y in (506, 538):
        page.line([(420, y), (423, y + 2)], YELLOW, 13)
    tail = curve([(600, 450), (668, 430), (694, 372), (664, 330), (640, 352)])
    page.line(tail, GRAPHITE, 26, shake=3)
    body = curve(
        [(236, 470), (238, 380), (320, 312), (450, 296), (570, 332), (628, 420), (606, 474), (420, 486), (236, 470)]
    )
    page.cover(body)
    page.filled(body, GREY, BLACK)
    for x in (440, 490, 540, 585):
        page.line(
            curve([(x, 318 + (x - 440) * 0.35), (x + 14, 352 + (x - 440) * 0.3), (x + 8, 392 + (x - 440) * 0.2)]),
            GRAPHITE,
            9,
        )
    page.filled([(176, 296), (166, 196), (240, 248)], GREY, BLACK)
    page.filled([(330, 246), (396, 188), (398, 292)], GREY, BLACK)
    page.fill([(186, 272), (182, 222), (220, 250)], PINK, gap=5)
    page.fill([(350, 248), (384, 214), (386, 270)], PINK, gap=5)
    page.cover(oval(284, 330, 124, 104))
    page.filled(oval(284, 330, 124, 104), GREY, BLACK, slant=0.5)
    for x in (238, 330):
        page.line(curve([(x - 24, 312), (x - 10, 326), (x + 10, 326), (x + 24, 312)]), BLACK, 6)
    page.fill([(270, 350), (300, 350), (285, 368)], PINK, gap=4)
    page.line(curve([(250, 378), (268, 390), (285, 370), (302, 390), (320, 378)]), BLACK, 4)
    for rise, length in ((-26, 190), (2, 210), (28, 180)):
        page.line(curve([(236, 366), (236 - length * 0.5, 360 + rise * 0.6), (236 - length, 366 + rise)]), BLACK, 3)
        page.line(curve([(334, 366), (334 + length * 0.5, 360 + rise * 0.6), (334 + length, 366 + rise)]), BLACK, 3)
    for x in (270, 340):
        page.cover(oval(x, 470, 36, 20))
        page.filled(oval(x, 470, 36, 20), lighter(GREY, 0.25), BLACK)
    for i, (x, y) in enumerate(((420, 190), (466, 140), (526, 82))):
        _letter_z(page, x, y, 18 + 11 * i)
    return page


def _letter_z(page: Page, x: float, y: float, size: float) -> None:
    page.line([(x, y), (x + size, y), (x, y + size), (x + size, y + size)], INK, 5)


def draw_dog_by_river() -> Page:
    """Draw a brown dog who stands in the river up to his chest, and the same dog again, because he moved."""
    page = Page(31)
    _sun(page, 700, 104, 44)
    for x, y in ((60, 90), (420, 110)):
        page.line(
            curve([(x, y + 20), (x + 14, y - 8), (x + 48, y - 16), (x + 78, y - 4), (x + 104, y + 20), (x, y + 22)]),
            BLUE,
            5,
        )
    page.filled([(-8, 330), (250, 306), (500, 318), (808, 300), (808, 442), (-8, 442)], GREEN, GREEN, slant=1.3)
    _dog(page, 500, 440, 1.0)
    _dog(page, 150, 290, 0.45)
    river = [(-8, 430), (200, 414), (420, 436), (640, 420), (808, 432), (808, 608), (-8, 608)]
    page.cover(river)
    page.fill(river, lighter(BLUE, 0.5), slant=0.04, gap=9)
    for row in range(5):
        top = 446 + 34 * row
        wave = [(x, top + (7 if i % 2 else -7)) for i, x in enumerate(range(-10, 830, 28))]
        page.line(curve(wave), BLUE, 5)
    for x, y in ((90, 520), (250, 566)):
        fish = [
            (x, y),
            (x + 26, y - 16),
            (x + 60, y),
            (x + 84, y - 18),
            (x + 82, y + 18),
            (x + 58, y),
            (x + 26, y + 16),
            (x, y),
        ]
        page.cover(curve(fish))
        page.filled(curve(fish), ORANGE, RED)
        page.line([(x + 18, y - 3), (x + 19, y - 2)], BLACK, 5)
    return page


def _dog(page: Page, x: float, y: float, size: float) -> None:
    def at(*points: Point) -> list[Point]:
        return [(x + px * size, y + py * size) for px, py in points]

    for leg in (-150, -108, 30, 72):
        page.cover(at((leg, -20), (leg + 30, -20), (leg + 28, 100), (leg + 2, 100)))
        page.fill(at((leg, -20), (leg + 30, -20), (leg + 28, 100), (leg + 2, 100)), BROWN)
    page.line(curve(at((-160, -100), (-214, -132), (-226, -196), (-202, -214))), BROWN, 20 * size)
    body = ((-170, -30), (-176, -110), (-60, -128), (80, -120), (118, -60), (96, 10), (-60, 14), (-170, -30))
    head = (
        (60, -110),
        (64, -212),
        (130, -240),
        (196, -214),
        (250, -182),
        (252, -142),
        (190, -130),
        (130, -96),
        (60, -110),
    )
    ear = ((96, -226), (52, -222), (40, -150), (70, -128), (96, -160), (96, -226))
    for outline, colour, slant in ((body, BROWN, 0.9), (head, BROWN, 0.4), (ear, BLACK, 0.9)):
        page.cover(curve(at(*outline)))
        page.filled(curve(at(*outline)), colour, BLACK, slant)
    page.fill(at((236, -184), (262, -180), (254, -158)), BLACK, gap=3)
    page.line(at((158, -196), (160, -194)), BLACK, 12 * size)
    page.line(curve(at((200, -140), (218, -130), (240, -142))), BLACK, 4)
    page.line(at((66, -104), (130, -92)), RED, 12 * size)


def draw_apple_tree() -> Page:
    """Draw an apple tree with more apples than it bore, a ladder, a basket and a hole for the second tree."""
    page = Page(11)
    _grass(page, 540)
    page.filled(
        curve([(318, 548), (352, 470), (346, 360), (404, 352), (412, 470), (452, 550)]), BROWN, BLACK, slant=1.4
    )
    turns = [2 * math.pi * i / 90 for i in range(90)]
    lobes = [0.84 + 0.2 * abs(math.sin(4.5 * turn)) for turn in turns]
    crown = [(380 + 250 * r * math.cos(a), 220 + 188 * r * math.sin(a)) for a, r in zip(turns, lobes, strict=True)]
    page.cover(crown)
    page.filled(crown, GREEN, BLACK, slant=0.6)
    for i in range(19):
        # A sunflower spreads its seeds like this; so does a child its apples, more or less.
        turn, reach = 2.4 * i, 0.78 * math.sqrt((i + 0.5) / 19)
        _apple(page, 380 + 240 * reach * math.cos(turn), 222 + 178 * reach * math.sin(turn))
    for x in (596, 654):
        page.line([(x, 552), (x - 76, 248)], BROWN, 8)
    for i in range(7):
        page.line([(586 - 10 * i, 510 - 40 * i), (644 - 10 * i, 508 - 40 * i)], BROWN, 6)
    page.filled([(120, 496), (236, 494), (218, 560), (138, 562)], lighter(BROWN, 0.35), BROWN, slant=0.3)
    for x in (146, 178, 210):
        _apple(page, x, 484)
    page.line(curve([(124, 494), (178, 420), (232, 494)]), BROWN, 6)
    page.fill(oval(728, 560, 54, 18), BLACK, slant=0.2, gap=5)
    page.line([(726, 548), (736, 462)], BROWN, 7)
    page.filled([(716, 470), (758, 474), (750, 424), (728, 422)], GREY, BLACK)
    return page


def _apple(page: Page, x: float, y: float) -> None:
    page.cover(oval(x, y, 17, 16, 16))
    page.fill(oval(x, y, 17, 16, 16), RED, gap=4)
    page.line(curve([(x, y - 15), (x + 2, y - 22), (x + 7, y - 26)]), BROWN, 4)


def draw_delivery_sheet() -> Page:
    """Draw a scan of a signed delivery sheet, a little crooked, with eight signatures and one refusal."""
    page = Page(5, paper=WHITE, size=(600, 800))
    page.words(60, 60, "DELIVERY SHEET", 26)
    page.words(60, 100, "DEMO. Invented: no real place, no real person.", 13)
    page.words(60, 128, "Orchard House          bag 3 of 3", 15)
    for x, title in ((60, "No"), (110, "item"), (250, "delivered / refused"), (420, "signature")):
        page.words(x, 172, title, 14)
    for row in range(10):
        page.rule((54, 200 + 44 * row), (548, 200 + 44 * row), GRAPHITE)
    for x in (54, 100, 240, 410, 548):
        page.rule((x, 164), (x, 596), GRAPHITE)
    for row in range(9):
        _sheet_row(page, row + 1, 232 + 44 * row)
    page.words(60, 640, "handed over by", 14)
    page.words(330, 640, "witness", 14)
    page.writing(70, 700, 130)
    page.writing(330, 700, 60, colour=BLACK)
    page.shape(oval(470, 712, 66, 66, 50), lighter(BLUE, 0.2), 4)
    page.shape(oval(470, 712, 52, 52, 50), lighter(BLUE, 0.2), 2.5)
    page.words(446, 702, "DEMO", 16)
    page.tilt(-1.1)
    return page


def _sheet_row(page: Page, number: int, foot: float) -> None:
    page.words(66, foot - 18, str(number), 14)
    page.words(110, foot - 18, "".join(page.hand.choice("0123456789abcdef") for _ in range(8)) + "…", 14)
    if number == 6:
        page.line([(262, foot - 24), (286, foot - 4)], RED, 2.4)
        page.line([(286, foot - 24), (262, foot - 4)], RED, 2.4)
        page.words(306, foot - 18, "refused", 13)
        return
    page.line(curve([(262, foot - 12), (270, foot - 4), (290, foot - 24)]), INK, 2.4)
    page.writing(424, foot - 6, 60 + page.hand.uniform(0, 30), height=page.hand.uniform(8, 13))


def draw_reply_scan() -> Page:
    """Draw a scan of a handwritten page on squared paper, with a little apple tree at its foot."""
    page = Page(23, size=(600, 800))
    for column in range(0, 600, 22):
        page.rule((column, 0), (column, 800), lighter(BLUE, 0.75))
    for row in range(0, 800, 22):
        page.rule((0, row), (600, row), lighter(BLUE, 0.75))
    page.rule((524, 0), (524, 800), lighter(RED, 0.5), 2)
    page.writing(60, 86, 170, height=14)
    for row, width in enumerate((400, 420, 300, 410, 390, 430, 250, 400, 330)):
        page.writing(60 if row % 3 else 92, 150 + 44 * row, width - 20, height=12)
    page.writing(320, 590, 110, height=15)
    for turn in range(9):
        x, y = 150 + 52 * math.cos(turn * 0.7), 640 + 30 * math.sin(turn * 0.7)
        page.shape(oval(x, y, 22, 18, 14), INK, 1.8)
    page.line(curve([(146, 744), (150, 700), (148, 664)]), INK, 2.4)
    page.line(curve([(160, 744), (157, 702), (158, 664)]), INK, 2.4)
    page.line([(112, 746), (200, 744)], INK, 2)
    return page


PICTURES: dict[str, Callable[[], Page]] = {
    "house.png": draw_house,
    "cat.png": draw_cat,
    "dog_by_river.png": draw_dog_by_river,
    "apple_tree.png": draw_apple_tree,
    "delivery_sheet.png": draw_delivery_sheet,
    "reply_scan.png": draw_reply_scan,
}


def main() -> None:
    """Draw every picture into the folder beside this script."""
    folder = Path(__file__).parent / "pictures"
    folder.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        draw().save(folder / name)


if __name__ == "__main__":
    main()
