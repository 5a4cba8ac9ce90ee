"""
Names across alphabets: how one is written in Latin letters, and what a written one can stand for.

A relative writes «Євгеній», «Евгений», Yevhenii or Evgeny, as the papers at hand have it, while the register has the
spelling of whoever took the particulars. So nothing is compared as it is written. Each word becomes its *readings*:
what it can stand for in one small alphabet that Ukrainian, Russian and every romanisation of them share. Two spellings
that have a reading in common are spellings of one name; coarser comparisons (sound, stem, slips) come after.

The tables are `romanisation.json`, which other implementations share. All of this runs where the register is
decrypted, in a reviewer's or a registrar's client; never on the relay.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from math import prod
from pathlib import Path
from typing import Any, Final

from keys.errors import Refused

_TABLES: Final[Mapping[str, Any]] = json.loads(
    Path(__file__).with_name("romanisation.json").read_text(encoding="utf-8")
)
#: Names of the tables of romanisation, as `romanise` takes them.
SYSTEMS: Final[tuple[str, ...]] = tuple(_TABLES["systems"])
#: A word of many doubtful letters has many readings; the likeliest come first, and the others are worth less than time.
_MAX_READINGS: Final = 24
#: What remains after a case ending was taken off must still be a name.
_MIN_STEM_LETTERS: Final = 3
_CACHED_WORDS: Final = 65_536

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’ʼ`´‘″ʹ][^\W\d_]+)*['’ʼ`´]?")
_APOSTROPHES: Final = re.compile(r"[^\w]")
_CYRILLIC: Final = re.compile(r"[\u0400-\u04ff]")
_LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f]")
_DOUBLED: Final = re.compile(r"(.)\1+")
_VOWELS_AND_SIGNS: Final = frozenset("аеёєиіїоуыэюяйьъ")
_TO_CYRILLIC: Final = str.maketrans(_TABLES["lookalikes"])
_TO_LATIN: Final = str.maketrans({cyrillic: latin for latin, cyrillic in _TABLES["lookalikes"].items()})
#: Letters that stand for themselves in a reading.
_PLAIN: Final = frozenset("абвгдежзиклмнопрстуфхцчшщюя")


class SystemUnknown(Refused):
    """There is no romanisation of this name."""

    code = "romanisation_unknown"
    cure = "Choose one of those that relay/client/romanisation.json has."


@dataclass(frozen=True, slots=True)
class Name:
    """
    One word of a name, ready to be compared.

    Attributes:
        readings: What it can stand for, the likeliest first.
        sounds: The readings, without the differences that the ear misses.
        stems: The readings without an ending of case or gender; equal to them if there is none.
    """

    readings: tuple[str, ...]
    sounds: frozenset[str]
    stems: frozenset[str]

    @property
    def key(self) -> str:
        """The sound of the likeliest reading: what records are grouped by."""
        return sound(self.readings[0]) if self.readings else ""


def romanise(text: str, system: str) -> str:
    """
    Write a Cyrillic name in Latin letters; what is not Cyrillic stays as it is.

    Args:
        system: One of `SYSTEMS`, such as ``"kmu-2010"`` or ``"icao-ru"``.

    Raises:
        SystemUnknown: There is none of this name.
    """
    if system not in SYSTEMS:
        raise SystemUnknown
    table = _TABLES["systems"][system]
    return _WORD.sub(lambda word: _romanise_word(word[0], table), text)


def words(text: str) -> list[str]:
    """Split a name into its words: at spaces, hyphens, dots and brackets, never at an apostrophe."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


@lru_cache(_CACHED_WORDS)
def read_word(word: str) -> Name:
    """
    Take one word for comparison.

    Letters of the other alphabet that look alike (a Latin i in «Олексiй») are mended first, towards the alphabet that
    the word has more of.
    """
    letters = _one_alphabet(unicodedata.normalize("NFC", word))
    letters = _APOSTROPHES.sub("", letters.casefold())
    found = tuple(dict.fromkeys(_all_readings(letters)))
    return Name(found, frozenset(map(sound, found)), frozenset(map(stem, found)))


@lru_cache(_CACHED_WORDS)
def sound(reading: str) -> str:
    """Reduce a reading to what the ear keeps of it: г and х, ц and с, щ and ш, я and а are alike."""
    return _DOUBLED.sub(r"\1", "".join(choice[0] for choice in _choices(reading, _sounds())))


@lru_cache(_CACHED_WORDS)
def stem(reading: str) -> str:
    """
    Take an ending of case or gender off a reading: «шукаю Барвінчука», «пишу Осокиной».

    Grammar is not done here; two surnames that differ in no more than such an ending are worth showing to a reviewer.
    """
    ending = next((ending for ending in _TABLES["case_endings"] if reading.endswith(ending)), "")
    if len(reading) - len(ending) >= _MIN_STEM_LETTERS:
        reading = reading.removesuffix(ending)
    while len(reading) > _MIN_STEM_LETTERS and reading[-1] in _TABLES["vowels"]:
        reading = reading[:-1]
    return reading


@lru_cache(_CACHED_WORDS)
def consonants(heard: str) -> str:
    """Keep the consonants of a sound: vowels are what dictation, dialect and foreign ears get wrong first."""
    return "".join(one for one in heard if one not in _TABLES["vowels"])


def is_cyrillic(text: str) -> bool:
    """Say whether every letter of a text is Cyrillic, and there is one at least."""
    return bool(_CYRILLIC.search(text)) and all(_CYRILLIC.match(one) for one in text if one.isalpha())


def is_latin(text: str) -> bool:
    """Say whether every letter of a text is Latin, and there is one at least."""
    return bool(_LATIN.search(text)) and all(_LATIN.match(one) for one in text if one.isalpha())


def distance(one: str, other: str, at_most: int) -> int:
    """
    Count the typing errors between two readings: letters wrong, missing, added, or swapped with their neighbour.

    The restricted Damerau-Levenshtein distance. Written out here because names are short and few are compared, so
    that a compiled dependency would buy nothing.

    Returns:
        The count; or ``at_most + 1`` as soon as it is sure to be more.
    """
    if abs(len(one) - len(other)) > at_most:
        return at_most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i, *([0] * len(other))]
        for j, its in enumerate(other, 1):
            row[j] = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                row[j] = min(row[j], earlier[j - 2] + 1)
        if min(row) > at_most:
            return at_most + 1
    return min(row[-1], at_most + 1)


def _romanise_word(word: str, table: Mapping[str, Any]) -> str:
    lower = word.casefold()
    endings: Mapping[str, str] = table.get("endings", {})
    tail = next((ending for ending in endings if lower.endswith(ending) and lower != ending), "")
    body = lower[: len(lower) - len(tail)]
    latin = "".join(_romanised_letters(body, table)) + endings.get(tail, "")
    if word.isupper() and len(word) > 1:
        return latin.upper()
    return latin[:1].upper() + latin[1:] if word[:1].isupper() else latin


def _romanised_letters(body: str, table: Mapping[str, Any]) -> Iterator[str]:
    runs: Mapping[str, str] = table.get("runs", {})
    at = 0
    while at < len(body):
        if (pair := body[at : at + 2]) in runs:
            yield runs[pair]
            at += 2
            continue
        letter, previous = body[at], body[at - 1 : at]
        if at == 0:
            yield table.get("initial", {}).get(letter, table["letters"].get(letter, letter))
        elif previous in _VOWELS_AND_SIGNS and letter in table.get("after_vowel_or_sign", {}):
            yield table["after_vowel_or_sign"][letter]
        elif not _APOSTROPHES.match(letter):
            yield table["letters"].get(letter, letter)
        at += 1


def _one_alphabet(word: str) -> str:
    if not _CYRILLIC.search(word) or not _LATIN.search(word):
        return word
    # Only letters without a double in the other alphabet say which was meant: «Bepбoлoз» is Cyrillic by б, л and з.
    cyrillic = len(_CYRILLIC.findall(word.translate(_TO_LATIN)))
    latin = len(_LATIN.findall(word.translate(_TO_CYRILLIC)))
    return word.translate(_TO_CYRILLIC if cyrillic >= latin else _TO_LATIN)


def _all_readings(letters: str) -> Iterable[str]:
    """List what the letters can stand for; doubled letters count once, since no two traditions double alike."""
    table, endings = (_cyrillic(), {}) if _CYRILLIC.search(letters) else (_latin(), _TABLES["latin_endings"])
    plain = letters if table is _cyrillic() else _without_accents(letters)
    tail = next((ending for ending in endings if plain.endswith(ending) and len(plain) > len(ending) + 1), "")
    choices = _choices(plain[: len(plain) - len(tail)], table) + ([endings[tail]] if tail else [])
    while prod(map(len, choices)) > _MAX_READINGS:
        widest = max(range(len(choices)), key=lambda at: len(choices[at]))
        choices[widest] = choices[widest][:-1]
    return (_DOUBLED.sub(r"\1", "".join(reading)) for reading in product(*choices))


def _choices(letters: str, table: "_Table") -> list[Sequence[str]]:
    return [table.runs.get(run) or ((run,) if run in _PLAIN else ("",)) for run in table.split(letters)]


def _without_accents(letters: str) -> str:
    for accented, run in (("š", "sh"), ("č", "ch"), ("ž", "zh"), ("ł", "l"), ("ß", "ss"), ("đ", "d"), ("ø", "o")):
        letters = letters.replace(accented, run)
    return "".join(one for one in unicodedata.normalize("NFD", letters) if not unicodedata.combining(one))


@dataclass(frozen=True, slots=True)
class _Table:
    """What runs of letters stand for; the longest run that is there counts."""

    runs: Mapping[str, Sequence[str]]
    split: Callable[[str], list[str]]


def _table(runs: Mapping[str, Sequence[str]]) -> _Table:
    longest_first = sorted((run for run in runs if len(run) > 1), key=len, reverse=True)
    return _Table(runs, re.compile("|".join([*longest_first, "."])).findall)


@cache
def _cyrillic() -> _Table:
    return _table(_TABLES["cyrillic"])


@cache
def _latin() -> _Table:
    return _table(_TABLES["latin"])


@cache
def _sounds() -> _Table:
    return _table({run: [heard] for run, heard in _TABLES["sound"].items()})
