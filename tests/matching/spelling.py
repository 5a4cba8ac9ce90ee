"""How people spell: in another language, in Latin letters by ear, in the wrong case, with slips of the pen."""

from collections.abc import Sequence
from random import Random
from typing import Final, TypeVar

from relay.client.names import romanise

_T = TypeVar("_T")

#: Tables by which a clerk fills in a register, the usual ones more often.
CLERKS_UK: Final = ("kmu-2010", "kmu-2010", "kmu-2010", "bgn-uk", "press-uk")
CLERKS_RU: Final = ("icao-ru", "icao-ru", "gost-52535", "mvd-1997", "bgn-ru", "press-ru", "gost-1983")
#: What a relative has at hand: an old passport, a newspaper.
PAPERS_UK: Final = (*CLERKS_UK, "soviet-french")
PAPERS_RU: Final = (*CLERKS_RU, "soviet-french")
#: By ear, whatever the keyboard offers.
_HEARD: Final = """
    а=a б=b в=v/v/w г=h/g/g ґ=g д=d е=e є=ye/ie/e/je ё=yo/io/e ж=zh/zh/j з=z и=y/i і=i ї=yi/i/ji й=y/i/j
    к=k/k/c л=l м=m н=n о=o п=p р=r с=s т=t у=u/u/oo ф=f х=kh/h/x ц=ts/c/tz ч=ch/tch ш=sh щ=shch/sch/sh ь= ъ=
    ы=y/i э=e ю=yu/iu/u/ju я=ya/ia/a/ja
"""
_BY_EAR: Final = {pair[0]: pair[2:].split("/") for pair in _HEARD.split()}
_TO_RUSSIAN: Final = str.maketrans("іїєґ", "ииег")
_TO_UKRAINIAN: Final = str.maketrans({"ы": "и", "э": "е", "ё": "ьо", "ъ": "'"})
_ALIKE: Final = {"а": "a", "е": "e", "о": "o", "с": "c", "р": "p", "х": "x", "у": "y", "і": "i", "к": "k"}
_MISHEARD: Final = {
    "о": "а",
    "а": "о",
    "е": "и",
    "и": "е",
    "і": "и",
    "ы": "и",
    "г": "х",
    "д": "т",
    "б": "п",
    "з": "с",
    "ж": "ш",
}
_BESIDE: Final = "йцукенгшщзхфывапролджэячсмитьбю"


class Draw:
    """Repeatable chance: only `random.random` is used, whose sequence for a seed Python promises to keep."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def chance(self, likely: float) -> bool:
        """Say yes as often as asked."""
        return self._random.random() < likely

    def below(self, end: int) -> int:
        """Draw a whole number."""
        return int(self._random.random() * end)

    def one(self, choices: Sequence[_T]) -> _T:
        """Draw one, all alike."""
        return choices[self.below(len(choices))]

    def early(self, choices: Sequence[_T]) -> _T:
        """Draw one, the first more often: names are not spread evenly."""
        return choices[int(len(choices) * self._random.random() ** 2)]


def by_ear(draw: Draw, word: str) -> str:
    """Write a Cyrillic word in Latin letters without any table."""
    latin = "".join(draw.one(_BY_EAR.get(letter, [letter])) for letter in word.casefold() if letter != "'")
    return latin.capitalize()


def in_latin(draw: Draw, word: str, papers: Sequence[str]) -> str:
    """Write a Cyrillic word as some paper has it, or by ear."""
    return by_ear(draw, word) if draw.chance(0.35) else romanise(word, draw.one(papers))


def in_russian(word: str) -> str:
    """Write a Ukrainian surname with Russian letters, as a clerk does."""
    word = word.translate(_TO_RUSSIAN).translate(str.maketrans("ІЇЄҐ", "ИИЕГ"))
    return word.replace("ський", "ский").replace("цький", "цкий").replace("ець", "ец").replace("'", "ъ")


def in_ukrainian(word: str) -> str:
    """Write a Russian surname with Ukrainian letters."""
    word = word.replace("ский", "ський").translate(_TO_UKRAINIAN)
    return word.replace("ьоо", "ьо").replace("Э", "Е")


def in_dative(word: str, *, given: bool) -> str:
    """Put a man's name into the case in which one writes to him."""
    if word.endswith(("ий", "ій", "ей")):
        return word[:-2] + ("ому" if not given else word[-2:-1] + "ю")
    if word.endswith(("о", "а", "ь")):
        return word[:-1] + ("у" if not word.endswith("а") else "і")
    return word + "у" if word[-1] not in "еєиіїюяй" else word


def slip(draw: Draw, word: str) -> str:
    """Make one slip of the pen: a letter left out, doubled, changed for its neighbour, swapped or misheard."""
    at = 1 + draw.below(max(1, len(word) - 2))
    letter, kind = word[at], draw.below(5)
    if kind == 0:
        return word[:at] + word[at + 1 :]
    if kind == 1:
        return word[:at] + letter + word[at:]
    if kind == 2 and at + 1 < len(word):
        return word[:at] + word[at + 1] + letter + word[at + 2 :]
    if kind == 3 and letter in _MISHEARD:
        return word[:at] + _MISHEARD[letter] + word[at + 1 :]
    return word[:at] + (draw.one(_BESIDE) if letter.casefold() > "z" else draw.one("abdeiklmnorstuvy")) + word[at + 1 :]


def mixed_letters(draw: Draw, word: str) -> str:
    """Write some letters on the other keyboard, where they look the same."""
    return "".join(_ALIKE[letter] if letter in _ALIKE and draw.chance(0.5) else letter for letter in word)
