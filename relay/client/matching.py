"""
Find whom a relative means: rank the register by how well it agrees with the particulars of a letter without a number.

It runs over the decrypted register on a reviewer's machine, never on the relay. The order is a help; what a letter is
matched to is decided by a member of staff, who signs it. `judge` says only when there is nothing left to decide. A
letter in the hands of a stranger is worse than one that waits, so MATCHED needs every name, the whole birth date and
one thing more to agree, nothing to differ, and nobody else to come near; a slip of the pen makes it AMBIGUOUS.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from types import MappingProxyType
from typing import Final, TypeAlias

from relay.client import comparing
from relay.client.agreement import Agreement, Field, Reason
from relay.client.birthdates import Birth, compare_birth
from relay.client.comparing import Names, Reading, Word
from relay.client.names import consonants
from relay.client.persons import Listed, Particulars, Person

A, F = Agreement, Field

#: By which a record is looked up: what kind of key, and its parts.
_Key: TypeAlias = tuple[str | int, ...]

#: What each agreement is worth, in tenths of a bit or so: patronymic and birth date weigh more than spelling.
#: A pair that is absent is worth nothing. Tuned by hand on one half of tests/matching, and read off on the other.
WEIGHTS: Final = MappingProxyType(
    {
        F.SURNAME: {
            A.SAME: 30,
            A.FORM: 26,
            A.SOUNDS: 24,
            A.CLOSE: 20,
            A.LIKE: 12,
            A.PART: 16,
            A.INITIAL: 3,
            A.DIFFERENT: -25,
        },
        F.GIVEN: {
            A.SAME: 14,
            A.FORM: 11,
            A.SOUNDS: 10,
            A.CLOSE: 8,
            A.LIKE: 4,
            A.PART: 9,
            A.INITIAL: 4,
            A.DIFFERENT: -24,
        },
        F.FATHER: {A.SAME: 22, A.FORM: 12, A.SOUNDS: 14, A.CLOSE: 14, A.LIKE: 6, A.INITIAL: 6, A.DIFFERENT: -24},
        F.BIRTH_DATE: {A.SAME: 42, A.TURNED: 32, A.NEAR: 30, A.PART: 20, A.YEAR: 10, A.AROUND: 2, A.DIFFERENT: -22},
        F.SERVICE_NUMBER: {A.SAME: 45, A.CLOSE: 28, A.DIFFERENT: -15},
        F.MOTHER: {A.SAME: 16, A.FORM: 14, A.SOUNDS: 12, A.CLOSE: 10, A.LIKE: 5, A.PART: 8, A.DIFFERENT: -8},
        F.BIRTH_PLACE: {A.SAME: 8, A.FORM: 7, A.SOUNDS: 6, A.CLOSE: 5, A.LIKE: 2, A.DIFFERENT: -2},
    }
)
#: Names in each other's places are a mistake that is made; less often than none is made.
_SWAPPED: Final = -6
#: Below this nobody is listed.
LEAST_SCORE: Final = 15
#: Below this nobody is meant; a surname and a given name that agree, and nothing else known, are above.
LEAST_LIKELY: Final = 34
#: Nobody else may come nearer than this to one who is matched by the machine.
LEAST_LEAD: Final = 30
#: With all names and the birth date, one of these has to agree too.
_CONFIRMING: Final = (F.FATHER, F.SERVICE_NUMBER, F.MOTHER)
_IDENTIFYING: Final = (F.SURNAME, F.GIVEN, F.BIRTH_DATE)
_AGREED: Final = frozenset({A.SAME, A.MISSING})
#: Places have old names, and villages lie near towns: only another place altogether speaks against somebody.
_SETTLED: Final = MappingProxyType({F.BIRTH_PLACE: frozenset(A) - {A.DIFFERENT}})


class Judgement(StrEnum):
    """What the order of matches comes to."""

    MATCHED = "matched"
    AMBIGUOUS = "ambiguous"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Match:
    """
    Somebody who may be meant, and why.

    Attributes:
        number: The detainee number, 12 digits.
        score: The sum of what each field is worth; below 0 if more speaks against it.
        lead: By how much the score is above that of the best other person; negative for all but the first.
        swapped: Whether surname and given name were compared in each other's places.
        reasons: How far each field agrees, in the order of `Field`.
    """

    number: str
    score: int
    lead: int
    swapped: bool
    reasons: tuple[Reason, ...]

    def agreement(self, field: Field) -> Agreement:
        """Say how far one field agrees."""
        return next(reason.agreement for reason in self.reasons if reason.field is field)

    @property
    def certain(self) -> bool:
        """Whether every name, the birth date and one thing more agree, and nothing that was said does not."""
        agreed = {reason.field for reason in self.reasons if reason.agreement is Agreement.SAME}
        return (
            agreed.issuperset(_IDENTIFYING)
            and not agreed.isdisjoint(_CONFIRMING)
            and not self.swapped
            and all(reason.agreement in _SETTLED.get(reason.field, _AGREED) for reason in self.reasons)
        )


class Index:
    """A register made ready: who can be meant is looked up by keys, so that only few are compared in full."""

    def __init__(self, records: Iterable[Listed]) -> None:
        """Read the names of every record; the rest of one is read when it is compared."""
        self._records = tuple(records)
        self._readings: dict[int, Reading] = {}
        self._blocks: defaultdict[_Key, list[int]] = defaultdict(list)
        for at, record in enumerate(self._records):
            for key in _keys_of_person(record.person):
                self._blocks[key].append(at)

    def rank(self, particulars: Particulars, *, limit: int = 5) -> tuple[Match, ...]:
        """
        List who can be meant, the likeliest first; nobody whom a reviewer need not look at.

        Args:
            limit: How many at most. The lead of the first is over everybody, listed or not.
        """
        said = comparing.read_particulars(particulars)
        found = {at for key in set(_keys_of_particulars(said)) for at in self._blocks.get(key, ())}
        scored = sorted(((*_score(said, self._reading(at)), at) for at in found), key=self._order)
        best = [score for score, *_ in scored[:2]]
        return tuple(
            Match(self._records[at].number, score, _lead(place, best), swapped, reasons)
            for place, (score, swapped, reasons, at) in enumerate(scored[:limit])
            if score >= LEAST_SCORE
        )

    def _reading(self, at: int) -> Reading:
        if at not in self._readings:
            self._readings[at] = comparing.read_person(self._records[at].person)
        return self._readings[at]

    def _order(self, scored: tuple[int, bool, tuple[Reason, ...], int]) -> tuple[int, str]:
        score, _, _, at = scored
        return -score, self._records[at].number


def rank(particulars: Particulars, records: Sequence[Listed], *, limit: int = 5) -> tuple[Match, ...]:
    """List who can be meant, as `Index.rank`; for more than one letter, make the index once."""
    return Index(records).rank(particulars, limit=limit)


def judge(matches: Sequence[Match]) -> Judgement:
    """
    Say whether one is certain, several are possible, or nobody is.

    Args:
        matches: As `rank` gives them.
    """
    if not matches or matches[0].score < LEAST_LIKELY:
        return Judgement.NONE
    first = matches[0]
    return Judgement.MATCHED if first.certain and first.lead >= LEAST_LEAD else Judgement.AMBIGUOUS


def _score(said: Reading, listed: Reading) -> tuple[int, bool, tuple[Reason, ...]]:
    """Compare a person in full: names in their places, and in each other's if they agree better there."""
    others = _reasons_but_names(said, listed)
    own, names = said.names, listed.names
    straight = _reasons_of_names(own.surnames, own.givens, names)
    if own.surnames and own.givens and _worth(straight) < 0:
        swapped = _reasons_of_names(own.givens, own.surnames, names)
        if _worth(swapped) + _SWAPPED > _worth(straight):
            return _worth((*swapped, *others)) + _SWAPPED, True, (*swapped, *others)
    return _worth((*straight, *others)), False, (*straight, *others)


def _reasons_of_names(
    surnames: Sequence[tuple[Word, ...]], givens: Sequence[tuple[Word, ...]], listed: Names
) -> tuple[Reason, ...]:
    return (
        Reason(F.SURNAME, comparing.compare_surnames(surnames, listed.surnames)),
        Reason(F.GIVEN, comparing.compare_givens(givens, listed.givens)),
    )


def _reasons_but_names(said: Reading, listed: Reading) -> tuple[Reason, ...]:
    return (
        Reason(F.FATHER, comparing.compare_fathers(said.names.fathers, listed.names.fathers)),
        Reason(F.BIRTH_DATE, compare_birth(said.birth, listed.born)),
        Reason(F.SERVICE_NUMBER, comparing.compare_service_numbers(said.service_number, listed.service_number)),
        Reason(F.MOTHER, comparing.compare_surnames(said.mothers, listed.mothers)),
        Reason(F.BIRTH_PLACE, comparing.compare_places(said.birth_places, listed.birth_places)),
    )


def _worth(reasons: Iterable[Reason]) -> int:
    return sum(WEIGHTS[reason.field].get(reason.agreement, 0) for reason in reasons)


def _lead(place: int, best: Sequence[int]) -> int:
    if place:
        return -1
    return best[0] - best[1] if len(best) > 1 else best[0]


def _keys_of_person(person: Person) -> set[_Key]:
    names = comparing.read_names(person)
    givens = _given_keys(names.givens)
    keys = set(_name_keys(names.surnames))
    keys.update(("given and father", *pair) for pair in product(givens, _father_keys(names.fathers)))
    if (born := person.birth_date) is not None:
        keys.add(("born", born.year, born.month, born.day))
        keys.update(("given and year", given, born.year) for given in givens)
    if number := _digits(person.service_number):
        keys.add(("service number", number))
    return keys


def _keys_of_particulars(said: Reading) -> set[_Key]:
    names = said.names
    givens = _given_keys((*names.givens, *names.surnames))
    keys = {*_name_keys((*names.surnames, *names.givens)), *_dates(said.birth)}
    keys.update(("given and father", *pair) for pair in product(givens, _father_keys(names.fathers)))
    if said.birth is not None:
        keys.update(("given and year", given, year) for given in givens for year in said.birth.years())
    if number := _digits(said.service_number):
        keys.add(("service number", number))
    return keys


def _dates(birth: Birth | None) -> Iterator[_Key]:
    """Name the date, a year more or less, and the date with day and month in each other's places."""
    if birth is None or birth.month is None or birth.day is None:
        return
    for year in birth.years():
        yield from (("born", year + off, birth.month, birth.day) for off in (-1, 0, 1))
        yield "born", year, birth.day, birth.month


def _name_keys(names: Iterable[tuple[Word, ...]]) -> Iterator[_Key]:
    """Name the consonants of each word, whole and with any one of them left out: a slip then still finds the block."""
    for word in {word for form in names for word in form}:
        for bones in {consonants(heard) for heard in word.name.sounds}:
            yield "name", bones
            yield from (("name", bones[:at] + bones[at + 1 :]) for at in range(len(bones)))


def _given_keys(givens: Iterable[tuple[Word, ...]]) -> set[str]:
    every = {word for form in givens for word in form}
    known = {key for word in every for key in word.given.full | word.given.other}
    return known | {word.name.key for word in every if not word.given.full}


def _father_keys(fathers: Iterable[Word]) -> set[str]:
    return {key for word in fathers for key in word.father.known or word.father.bases}


def _digits(service_number: str) -> str:
    return "".join(filter(str.isdecimal, service_number))
