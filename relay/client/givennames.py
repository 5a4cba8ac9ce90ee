"""
Given names and patronymics that are one name in different languages: Микола and Николай, Дмитро and Dmitry.

The table is `givennames.json`. It also says by which names only a family calls somebody («Сашко»), and a patronymic is
known by the father's name it is made of, so that «Миколайович», «Николаевич», Mykolayovych and a plain «Микола» in a
column for the father are compared as what they are.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from relay.client.names import is_cyrillic, read_word, stem

_FILE: Final = Path(__file__).with_name("givennames.json")
_MASCULINE: Final = ("ович", "евич", "ич")
_FEMININE: Final = ("овна", "евна", "ивна", "инична", "ична")
_CACHED_WORDS: Final = 65_536
_NONE: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    """
    Which of the known given names a word is.

    Attributes:
        full: As documents have it.
        other: As a family calls somebody, or in another case: «Сашко», «Остапові».
    """

    full: frozenset[str]
    other: frozenset[str]


@dataclass(frozen=True, slots=True)
class Father:
    """
    Whose child somebody is, by a patronymic or by the father's own name.

    Attributes:
        known: Ids of known given names; none if the name is a rare one.
        bases: What a patronymic is made of, as readings; compared where the name is not known.
        feminine: Whether it is a daughter's patronymic; None if a father's own name was given.
    """

    known: frozenset[str]
    bases: frozenset[str]
    feminine: bool | None


def load_given() -> list[dict[str, Any]]:
    """Read the table: each entry with `id`, `sex`, `names`, and where there are any `familiar` and `patronymics`."""
    entries: list[dict[str, Any]] = json.loads(_FILE.read_text(encoding="utf-8"))["given"]
    return entries


@lru_cache(_CACHED_WORDS)
def read_given(word: str) -> Given:
    """Look a given name up, in any of its languages and spellings."""
    table, name = _table(), read_word(word)
    full = _found(table.full, name.readings)
    if full:
        return Given(full, _found(table.familiar, name.readings))
    return Given(_NONE, _found(table.familiar, name.readings) | _found(table.stems, name.stems))


@lru_cache(_CACHED_WORDS)
def read_father(word: str) -> Father:
    """Read a patronymic, or a father's name: which of the two it is, shows."""
    name = read_word(word)
    known = _found(_table().patronymics, name.readings) or _found(_table().patronymic_stems, name.stems)
    ends = [(reading, _suffix(reading)) for reading in (*name.readings, *sorted(name.stems))]
    bases = frozenset(_base(reading, suffix) for reading, suffix in ends if suffix)
    if known or bases:
        feminine = any(suffix in _FEMININE for _, suffix in ends if suffix)
        return Father(known, bases, feminine)
    given = read_given(word)
    return Father(given.full or given.other, frozenset(map(stem, name.readings)), None)


def patronymics_of(known: frozenset[str]) -> frozenset[str]:
    """List the readings of every patronymic that is made of these fathers' names."""
    table = _table().father_readings
    return _NONE.union(*(table[key] for key in known if key in table))


def givens_of(known: frozenset[str]) -> frozenset[str]:
    """List the readings of these given names in every language."""
    return _NONE.union(*(_table().given_readings[key] for key in known))


def is_patronymic(word: str) -> bool:
    """Say whether a word is the patronymic of a known name; a surname such as «Калинович» is not."""
    name = read_word(word)
    table = _table()
    return bool(_found(table.patronymics, name.readings) or _found(table.patronymic_stems, name.stems))


def is_given(word: str) -> bool:
    """Say whether a word is a known given name in full."""
    return bool(read_given(word).full)


@dataclass(frozen=True, slots=True)
class _Table:
    full: Mapping[str, frozenset[str]]
    stems: Mapping[str, frozenset[str]]
    familiar: Mapping[str, frozenset[str]]
    patronymics: Mapping[str, frozenset[str]]
    patronymic_stems: Mapping[str, frozenset[str]]
    father_readings: Mapping[str, frozenset[str]]
    given_readings: Mapping[str, frozenset[str]]


@cache
def _table() -> _Table:
    entries = load_given()
    patronymics = [(entry["id"], _patronymics(entry)) for entry in entries if entry["sex"] == "m"]
    return _Table(
        full=_by((entry["id"], _readings(entry["names"])) for entry in entries),
        stems=_by((entry["id"], set(map(stem, _readings(entry["names"])))) for entry in entries),
        familiar=_by((entry["id"], _readings(entry.get("familiar", []))) for entry in entries),
        patronymics=_by((key, _readings(words)) for key, words in patronymics),
        patronymic_stems=_by((key, set(map(stem, _readings(words)))) for key, words in patronymics),
        father_readings={key: frozenset(_readings(words)) for key, words in patronymics},
        given_readings={entry["id"]: frozenset(_readings(entry["names"])) for entry in entries},
    )


def _by(pairs: Iterator[tuple[str, set[str]]]) -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for key, readings in pairs:
        for reading in readings:
            found[reading].add(key)
    return {reading: frozenset(keys) for reading, keys in found.items()}


def _readings(written: list[str]) -> set[str]:
    return {reading for word in written for reading in read_word(word).readings}


def _patronymics(entry: Mapping[str, Any]) -> list[str]:
    """List the patronymics that are made of a name by rule, beside those of which the table knows better."""
    made = {made for name in entry["names"] if is_cyrillic(name) for made in _made_of(name.casefold())}
    return sorted(made | set(entry.get("patronymics", [])))


def _made_of(name: str) -> Iterator[str]:
    body, last = name[:-1], name[-1]
    if last == "й":
        yield from (f"{name}ович", f"{body}євич", f"{body}евич", f"{body}ївна", f"{body}евна")
        if name.endswith("ий"):
            yield from (f"{name[:-2]}ьевич", f"{name[:-2]}ьевна")
    elif last in "ао":
        yield from (f"{body}ович", f"{body}ич", f"{body}івна", f"{body}овна", f"{body}ична")
    elif last == "ь":
        yield from (f"{name}ович", f"{body}ович", f"{body}евич", f"{body}івна", f"{body}евна")
    elif last not in "еєяії":
        yield from (f"{name}ович", f"{name}івна", f"{name}овна", f"{name}евич", f"{name}евна")


def _found(table: Mapping[str, frozenset[str]], keys: tuple[str, ...] | frozenset[str]) -> frozenset[str]:
    return _NONE.union(*(table.get(key, _NONE) for key in keys))


def _suffix(reading: str) -> str:
    return next((end for end in (*_MASCULINE, *_FEMININE) if reading.endswith(end) and len(reading) > len(end) + 1), "")


def _base(reading: str, suffix: str) -> str:
    return stem(reading.removesuffix(suffix))
