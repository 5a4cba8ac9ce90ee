"""
Who is in the demo world, read from examples/: letters, replies, pictures, the held, and where they are held.

Everybody is invented. With more letters asked for than the folder has, the same writers write again, with a new first
line; a few letters stand at the front of the order because the story tells of them.
"""

import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
#: The letters of the story: one of each decision, and the one that is followed the whole way.
FEWEST_LETTERS: Final = 6
USUAL_LETTERS: Final = 25
#: The letter that the story follows, and the reply to it.
HERO: Final = "05-en-sister-and-biscuit.txt"
#: The one letter that is not from a family: somebody sells what nobody can sell.
SWINDLE_FILE: Final = "swindle"
_SWINDLE: Final = """Dear madam or sir,

You do not know me, and that is better for both of us. I can have your man at home in ten days.
It costs four thousand, in cash, half of it before. Others have paid and are content.
Tell nobody at the camp and nobody at the mediator's. Write yes on your next letter and I shall find you.

A friend"""
_SWINDLED: Final = 24  # whose number the swindler has: any would do
_AGAIN: Final = {
    "uk": "Пишу тобі знову, вже {} раз.",
    "ru": "Пишу тебе снова, уже {} раз.",
    "en": "Here I am again, for the {}th time.",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that lies beside a letter: its name, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """
    One letter of the story.

    Attributes:
        key: Which file it is from, and which time it is written.
        writer: Whose receipt code it is written with; the same writer writes again with the same one.
        about: The row of the register, from 0; for an unknown number, the one a reviewer should find.
        note: What a reviewer does: ``passes``, ``excise``, ``return``, ``unknown`` or ``withhold``.
        excisions: With ``excise``: the exact text that goes, and the reason.
    """

    key: str
    writer: str
    lang: str
    text: str
    about: int
    note: str
    pictures: tuple[Picture, ...] = ()
    excisions: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: who writes, and the letter it answers; None if nobody has written to him yet."""

    key: str
    lang: str
    text: str
    about: int
    answers: str | None
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """One of the held: a row of the register, and the names that only sealed pages carry."""

    row: dict[str, str]

    @property
    def facility(self) -> str:
        """The name of the house where he is held."""
        return self.row["facility"]

    @property
    def status(self) -> str:
        """What the register says of him."""
        return self.row["status"]

    @property
    def name(self) -> str:
        """His name in Latin letters."""
        return f"{self.row['given_lat']} {self.row['surname_lat']}"


@dataclass(frozen=True, slots=True)
class House:
    """A place of detention: its name, the side that runs it, and whether it works without computers."""

    name: str
    side: str
    keyless: bool


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody and everything that the story needs."""

    letters: tuple[Letter, ...]
    replies: tuple[Reply, ...]
    held: tuple[Held, ...]
    houses: tuple[House, ...]
    sheet: bytes


def read_cast(letters: int, seed: int) -> Cast:
    """
    Read the world from examples/.

    Args:
        letters: How many are written, at least `FEWEST_LETTERS`.
        seed: Decides in which order those letters come that the story does not fix.
    """
    folder = EXAMPLES / "letters"
    listed = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    replies = json.loads((folder / "replies.json").read_text(encoding="utf-8"))
    once = _in_story_order([_letter(entry, folder) for entry in listed], seed)
    return Cast(
        letters=tuple(_as_many(once, letters)),
        replies=tuple(_reply(entry, folder) for entry in replies),
        held=tuple(Held(row) for row in _rows("detainees.csv")),
        houses=tuple(House(row["facility"], row["side"], row["keyless"] == "yes") for row in _rows("facilities.csv")),
        sheet=(folder / "pictures" / "delivery_sheet.png").read_bytes(),
    )


def _letter(entry: dict[str, Any], folder: Path) -> Letter:
    return Letter(
        key=entry["file"],
        writer=entry.get("follows", entry["file"]),
        lang=entry["lang"],
        text=(folder / entry["file"]).read_text(encoding="utf-8").strip(),
        about=entry["about"],
        note=entry["note"],
        pictures=_pictures(entry, folder),
        excisions=tuple((cut["text"], cut["reason"]) for cut in entry.get("excisions", ())),
        reasons=tuple(entry.get("reasons", ())),
    )


def _reply(entry: dict[str, Any], folder: Path) -> Reply:
    return Reply(
        key=entry["file"],
        lang=entry["lang"],
        text=(folder / entry["file"]).read_text(encoding="utf-8").strip(),
        about=entry["about"],
        answers=None if entry["re"] == "new" else entry["re"],
        pictures=_pictures(entry, folder),
    )


def _pictures(entry: dict[str, Any], folder: Path) -> tuple[Picture, ...]:
    return tuple(Picture(name, (folder / "pictures" / name).read_bytes()) for name in entry["pictures"])


def _rows(name: str) -> list[dict[str, str]]:
    with (EXAMPLES / "register" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _in_story_order(letters: Sequence[Letter], seed: int) -> list[Letter]:
    """Put one letter of each decision first, so that the shortest story has them all; the seed mixes the others."""
    swindle = Letter(SWINDLE_FILE, SWINDLE_FILE, "en", _SWINDLE, _SWINDLED, "withhold", reasons=("FRAUD",))
    keyless = next(letter for letter in letters if letter.key.startswith("18-"))
    told = [next(one for one in letters if one.key == HERO), *_first_of_each(letters), swindle, keyless]
    others = [letter for letter in letters if letter not in told]
    random.Random(seed).shuffle(others)
    # Two letters of one writer keep their order, whatever the seed: a line is a line.
    return told + sorted(others, key=lambda letter: letter.writer != letter.key)


def _first_of_each(letters: Sequence[Letter]) -> Iterator[Letter]:
    for note in ("excise", "return", "unknown"):
        yield next(letter for letter in letters if letter.note == note)


def _as_many(once: Sequence[Letter], count: int) -> Iterator[Letter]:
    """Repeat the letters, each time with another first line, until there are as many as were asked for."""
    again = [letter for letter in once if letter.note == "passes"]
    for number in range(count):
        if number < len(once):
            yield once[number]
            continue
        times, place = divmod(number - len(once), len(again))
        letter = again[place]
        opening = _AGAIN[letter.lang].format(times + 2)
        yield replace(letter, key=f"{letter.key}#{times + 2}", text=f"{opening}\n\n{letter.text}", pictures=())
