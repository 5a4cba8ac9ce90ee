"""
Compare one field of what a relative wrote with the same field of the register.

Both sides are read once (`read_particulars`, `read_person`) and compared many times. A comparison says how far two
things agree, in the closed words of `Agreement`; what that is worth is the business of `matching`.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Final, TypeVar

from relay.client.agreement import Agreement
from relay.client.birthdates import Birth, read_birth
from relay.client.givennames import (
    Father,
    Given,
    givens_of,
    is_given,
    is_patronymic,
    patronymics_of,
    read_father,
    read_given,
)
from relay.client.names import Name, consonants, distance, read_word, sound, words
from relay.client.persons import Particulars, Person

#: A shorter name with one error is another name; and so is one of fewer than eight letters with two.
_ONE_SLIP_LETTERS: Final = 4
_TWO_SLIPS_LETTERS: Final = 8
_MIN_CONSONANTS: Final = 3
_MIN_SERVICE_DIGITS: Final = 5
_MIN_PLACE_LETTERS: Final = 3
#: What separates a surname from the one before marriage.
_OTHERWISE: Final = re.compile(
    r"[(),;/\\]|\b(?:або|чи|или|or|née|nee|урожд\w*|урождж\w*|дівоч\w*|девич\w*|до шлюбу|раніше|ранее|formerly|born)\b",
    re.IGNORECASE,
)
_KINDS_OF_PLACES: Final = frozenset(
    [
        "село",
        "селі",
        "деревня",
        "деревне",
        "місто",
        "місті",
        "город",
        "городе",
        "смт",
        "селище",
        "поселок",
        "посёлок",
        "хутор",
        "область",
        "області",
        "район",
        "town",
        "village",
        "city",
        "near",
    ]
)
#: Cyrillic letters in a service number that look like Latin ones.
_SERVICE_LETTERS: Final = str.maketrans("АВСЕІКМНОРТХУ", "ABCEIKMHOPTXY")
#: From the best to the worst; a name of several words agrees as its worst word does.
_RANKS: Final = {agreement: at for at, agreement in enumerate(Agreement)}

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it was written; as a given name and as a father's it is looked up only when that is asked."""

    text: str
    name: Name

    @property
    def given(self) -> Given:
        """Which of the known given names it is."""
        return read_given(self.text)

    @property
    def father(self) -> Father:
        """Whose child it says somebody is."""
        return read_father(self.text)


@dataclass(frozen=True, slots=True)
class Names:
    """
    Names, taken for comparison.

    Attributes:
        surnames: Each way in which the surname stands there, as its words.
        givens: The same for the given name.
        fathers: The patronymic and the father's own name, whichever are known.
    """

    surnames: tuple[tuple[Word, ...], ...]
    givens: tuple[tuple[Word, ...], ...]
    fathers: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What is compared: of a relative's particulars, or of a person in the register.

    Attributes:
        birth: What a relative said of the birth date.
        born: The register's birth date.
        service_number: Latin capitals and digits.
    """

    names: Names
    mothers: tuple[tuple[Word, ...], ...]
    birth_places: tuple[Word, ...]
    service_number: str
    birth: Birth | None = None
    born: date | None = None


def read_particulars(particulars: Particulars) -> Reading:
    """Take a relative's words for comparison; names that stand in the wrong field are moved to the right one."""
    tidy = _tidied(particulars)
    return Reading(
        Names(_variants(tidy.surname), _variants(tidy.given), _read(tidy.patronymic)[:1]),
        mothers=_variants(tidy.mother_maiden_name),
        birth_places=_read_place(tidy.birth_place),
        service_number=read_service_number(tidy.service_number),
        birth=read_birth(tidy.birth_date),
    )


def read_names(person: Person) -> Names:
    """Take the names of a person of the register: enough to find the person by, and quickly done."""
    return Names(
        _forms(person.surname_cyr, person.surname_lat),
        _forms(person.given_cyr, person.given_lat),
        _read(person.patronymic_cyr)[:1] + _read(person.father_name)[:1],
    )


def read_person(person: Person) -> Reading:
    """Take a person of the register for comparison in full."""
    return Reading(
        read_names(person),
        mothers=_forms(person.mother_maiden_name),
        birth_places=_read_place(person.birth_place),
        service_number=read_service_number(person.service_number),
        born=person.birth_date,
    )


def read_service_number(text: str) -> str:
    """Keep the letters and digits of a service number, letters as Latin capitals where they look like them."""
    return "".join(filter(str.isalnum, text.upper())).translate(_SERVICE_LETTERS)


def compare_surnames(said: Sequence[tuple[Word, ...]], listed: Sequence[tuple[Word, ...]]) -> Agreement:
    """Compare surnames, or mothers' maiden names: every way in which either stands there, and the best counts."""
    return _best(_compare_all(one, other, _compare_words) for one in said for other in listed)


def compare_givens(said: Sequence[tuple[Word, ...]], listed: Sequence[tuple[Word, ...]]) -> Agreement:
    """Compare given names, across languages and with the short forms of a family."""
    return _best(_compare_all(one, other, _compare_given) for one in said for other in listed)


def compare_fathers(said: Sequence[Word], listed: Sequence[Word]) -> Agreement:
    """Compare patronymics and fathers' own names with each other."""
    return _best(_compare_father(one, other) for one in said for other in listed)


def compare_places(said: Sequence[Word], listed: Sequence[Word]) -> Agreement:
    """Compare birth places: one word in common is enough, since relatives add regions and leave out districts."""
    return _best(_compare_words(one, other) for one in said for other in listed)


def compare_service_numbers(said: str, listed: str) -> Agreement:
    """Compare service numbers, of which relatives often know the digits only."""
    if not said or not listed:
        return Agreement.MISSING
    if said == listed:
        return Agreement.SAME
    digits = ["".join(filter(str.isdecimal, number)) for number in (said, listed)]
    if digits[0] == digits[1] and len(digits[0]) >= _MIN_SERVICE_DIGITS:
        return Agreement.CLOSE
    return Agreement.CLOSE if distance(said, listed, 1) == 1 else Agreement.DIFFERENT


@lru_cache(65_536)
def _word(text: str) -> Word:
    return Word(text, read_word(text))


def _read(text: str) -> tuple[Word, ...]:
    return tuple(map(_word, words(text)))


def _forms(*texts: str) -> tuple[tuple[Word, ...], ...]:
    return tuple(form for text in texts if (form := _read(text)))


def _variants(text: str) -> tuple[tuple[Word, ...], ...]:
    return _forms(*_OTHERWISE.split(text))


def _read_place(text: str) -> tuple[Word, ...]:
    telling = (word for word in words(text) if len(word) >= _MIN_PLACE_LETTERS)
    return tuple(_word(word) for word in telling if word.casefold() not in _KINDS_OF_PLACES)


def _tidied(particulars: Particulars) -> Particulars:
    """Share the words out again if a whole name stands in one field, or a patronymic beside the given name."""
    if _OTHERWISE.search(particulars.surname) and particulars.given:
        return particulars
    surname, given = words(particulars.surname), words(particulars.given)
    crowded = (len(surname) > 1 and not given) or (not surname and len(given) > 1)
    misplaced = not particulars.patronymic and any(map(is_patronymic, given))
    return _shared_out(particulars, [*surname, *given]) if crowded or misplaced else particulars


def _shared_out(particulars: Particulars, rest: list[str]) -> Particulars:
    """Find the father, then the given name, among words whose order people mostly keep: surname, given name, father."""
    father = next((word for word in reversed(rest[1:]) if is_patronymic(word)), "")
    if not father and len(rest) > len(("surname", "given")) and is_given(rest[-1]) and is_given(rest[-2]):
        father = rest[-1]
    if father:
        rest.remove(father)
    given = next((word for word in reversed(rest) if is_given(word)), rest[1] if len(rest) > 1 else "")
    if given:
        rest.remove(given)
    return replace(particulars, surname="-".join(rest), given=given, patronymic=particulars.patronymic or father)


def _best(agreements: Iterable[Agreement]) -> Agreement:
    return min(agreements, key=_RANKS.__getitem__, default=Agreement.MISSING)


def _compare_all(one: tuple[_T, ...], other: tuple[_T, ...], compare: Callable[[_T, _T], Agreement]) -> Agreement:
    if len(one) == len(other):
        return max((compare(*pair) for pair in zip(one, other, strict=True)), key=_RANKS.__getitem__)
    part = _best(compare(its, others) for its in one for others in other)
    return Agreement.PART if _RANKS[part] <= _RANKS[Agreement.CLOSE] else Agreement.DIFFERENT


def _compare_words(one: Word, other: Word) -> Agreement:
    return _compare_names(one.name, other.name)


@lru_cache(262_144)
def _compare_names(one: Name, other: Name) -> Agreement:
    if not set(one.readings).isdisjoint(other.readings):
        return Agreement.SAME
    if min(len(one.readings[0]), len(other.readings[0])) <= 1:
        return Agreement.INITIAL if _initials(one) & _initials(other) else Agreement.DIFFERENT
    if not one.stems.isdisjoint(other.stems):
        return Agreement.FORM
    if not one.sounds.isdisjoint(other.sounds):
        return Agreement.SOUNDS
    return _best(_compare_sounds(its, others) for its in one.sounds for others in other.sounds)


def _initials(name: Name) -> set[str]:
    return {reading[:1] for reading in name.readings}


def _compare_sounds(one: str, other: str) -> Agreement:
    letters = min(len(one), len(other))
    allowed = (letters >= _ONE_SLIP_LETTERS) + (letters >= _TWO_SLIPS_LETTERS)
    slips = distance(one, other, allowed)
    if slips <= allowed:
        return Agreement.CLOSE if slips <= 1 else Agreement.LIKE
    bones = consonants(one)
    return Agreement.LIKE if len(bones) >= _MIN_CONSONANTS and bones == consonants(other) else Agreement.DIFFERENT


def _compare_given(one: Word, other: Word) -> Agreement:
    if one.given.full & other.given.full:
        return Agreement.SAME
    alike = _compare_names(one.name, other.name)
    if alike in (Agreement.SAME, Agreement.FORM):
        return alike
    known = [word.given.full | word.given.other for word in (one, other)]
    if known[0] & known[1]:
        return Agreement.FORM
    # Two names that are both known are two names, however alike they sound: Олег is not Олесь.
    if all(known):
        return Agreement.DIFFERENT
    if _made_longer(one.name, other.name):
        return Agreement.FORM
    slips = (_compare_sounds(its, others) for its in _as_givens(one) for others in _as_givens(other))
    return _best((alike, *slips))


def _as_givens(word: Word) -> frozenset[str]:
    """List how a given name can sound: as it stands, and in the other languages."""
    return word.name.sounds.union(map(sound, givens_of(word.given.full)))


def _made_longer(one: Name, other: Name) -> bool:
    """Say whether one is the other with a little added, as a family does: «Мирончик»."""
    short, long = sorted((one.readings[0], other.readings[0]), key=len)
    return len(short) > _ONE_SLIP_LETTERS and long.startswith(short)


def _compare_father(one: Word, other: Word) -> Agreement:
    known = one.father.known, other.father.known
    if known[0] & known[1] or one.father.bases & other.father.bases:
        return Agreement.SAME if _same_child(one.father, other.father) else Agreement.FORM
    if min(len(word.name.readings[0]) for word in (one, other)) <= 1:
        return Agreement.INITIAL if _initials(one.name) & _initials(other.name) else Agreement.DIFFERENT
    if all(known):
        return Agreement.DIFFERENT
    slips = (_compare_sounds(its, others) for its in _as_fathers(one) for others in _as_fathers(other))
    return _best((_compare_names(one.name, other.name), *slips))


def _as_fathers(word: Word) -> frozenset[str]:
    """List how a patronymic can sound: as it stands, and as others make it of the same father's name."""
    return word.name.sounds.union(map(sound, patronymics_of(word.father.known)))


def _same_child(one: Father, other: Father) -> bool:
    """Say whether it can be one child: «Петрович» and «Петрівна» are brother and sister."""
    return one.feminine is None or other.feminine is None or one.feminine is other.feminine
