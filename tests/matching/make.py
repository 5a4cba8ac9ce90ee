"""
Make the labelled set from a seed and by_hand.jsonl: `python -m tests.matching.make` writes register and pairs.

The register has families: brothers, twins, fathers and sons, and namesakes. A relative who looks for one of them writes
in an own language, from memory and in haste; about one in six looks for somebody who is not there, but whose brother or
namesake may be. Pairs are split into two halves by person: `tune`, which may be looked at, and `check`, which may not.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from keys.codes import new_number
from relay.client.names import romanise
from relay.client.persons import Person, person_fields
from tests.matching import cast
from tests.matching.asking import ask
from tests.matching.cast import Called
from tests.matching.spelling import CLERKS_RU, CLERKS_UK, Draw, in_russian, in_ukrainian

FOLDER: Final = Path(__file__).parent
SEED: Final = "letter-relay/matching/1"
PERSONS: Final = 2_200
PAIRS: Final = 400
_ABSENT_OF_SIX: Final = 1
_FIRST_BIRTH: Final = date(1966, 1, 1)
_LAST_BIRTH: Final = date(2007, 12, 31)
_BIRTH_DAYS: Final = (_LAST_BIRTH - _FIRST_BIRTH).days


@dataclass(frozen=True, slots=True)
class Made:
    """
    An invented person, before a clerk writes anything down.

    Attributes:
        tongue: ``uk``, ``ru`` or ``en``: what the papers are in.
        surname: In the first alphabet of the tongue; with English, as a clerk heard it.
        latin: The English surname and given name; empty otherwise.
        father: What the father is called.
    """

    tongue: str
    surname: str
    given: Called
    father: Called
    woman: bool
    born: date
    mother: str
    place: tuple[str, ...]
    service_number: str
    latin: tuple[str, ...] = ()

    @property
    def patronymic(self) -> str:
        """The patronymic in the person's own tongue; nobody English has one."""
        if self.tongue == "en":
            return ""
        return self.father.patronymics[(self.tongue == "ru") * 2 + self.woman]


def people(draw: Draw) -> Iterator[Made]:
    """Invent people with their kin and their namesakes, never ending."""
    while True:
        person = _person(draw)
        yield person
        if draw.chance(0.16):
            yield _brother(draw, person)
        if draw.chance(0.05):
            yield _son(draw, person)
        if draw.chance(0.10):
            yield _namesake(draw, person)


def listed(draw: Draw, made: Made) -> Person:
    """Write a person down as a clerk does: in the clerk's own language, some particulars missing."""
    if made.tongue == "en":
        surname, given = made.latin
        return Person(
            surname_cyr=made.surname,
            given_cyr=made.given.uk,
            surname_lat=surname,
            given_lat=given,
            father_name=made.father.en,
            **_rest(draw, made),
        )
    foreign = draw.chance(0.25)
    tongue = {"uk": "ru", "ru": "uk"}[made.tongue] if foreign else made.tongue
    surname = _in_tongue(made.surname, made.tongue, tongue)
    given = made.given.uk if tongue == "uk" else made.given.ru
    clerk = draw.one(CLERKS_UK if tongue == "uk" else CLERKS_RU)
    with_father = not draw.chance(0.06)
    patronymic = made.father.patronymics[(tongue == "ru") * 2 + made.woman] if with_father else ""
    return Person(
        surname_cyr=surname,
        given_cyr=given,
        patronymic_cyr=patronymic,
        surname_lat=romanise(surname, clerk),
        given_lat=romanise(given, clerk),
        father_name=(made.father.uk if tongue == "uk" else made.father.ru) if with_father else "",
        **_rest(draw, made),
    )


def make() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Make the whole set: the register, and the pairs."""
    draw = Draw(SEED)
    invented = people(draw)
    held = [next(invented) for _ in range(PERSONS)]
    register = [_entry(f"p{at}", person_fields(listed(draw, made))) for at, made in enumerate(held)]
    by_hand = [json.loads(line) for line in (FOLDER / "by_hand.jsonl").read_text(encoding="utf-8").splitlines()]
    register += [_entry(one["id"], one["person"]) for one in by_hand if "person" in one]
    pairs = [*_pairs(draw, held, [one["number"] for one in register]), *_pairs_by_hand(by_hand)]
    return register, pairs


def lines(rows: list[dict[str, Any]]) -> str:
    """Write rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)


def _pairs(draw: Draw, held: list[Made], numbers: list[str]) -> Iterator[dict[str, Any]]:
    # Whoever has kin or a namesake is asked for more often than the others: that is where mistakes are made.
    surnames = [made.surname for made in held]
    crowded = [at for at, name in enumerate(surnames) if surnames.count(name) > 1]
    for at in range(PAIRS):
        half = "tune" if at % 2 else "check"
        chosen = draw.one(crowded) if draw.chance(0.6) else draw.below(len(held))
        # Nobody is asked for in both halves: even people are in one, odd ones in the other.
        chosen = min(chosen - chosen % 2 + at % 2, len(held) - 1)
        if draw.below(6) < _ABSENT_OF_SIX:
            absent = _absent(draw, held, held[chosen])
            yield {"half": half, "right": [], "asked": ask(draw, absent)}
        else:
            yield {"half": half, "right": [numbers[chosen]], "asked": ask(draw, held[chosen])}


def _absent(draw: Draw, held: list[Made], one: Made) -> Made:
    """Invent somebody who is not held, but may be kin to one who is."""
    kin = draw.one((_brother, _son, _namesake, lambda draw, _: _person(draw)))(draw, one)
    # A twin's twin may be the very one who is held.
    return _absent(draw, held, one) if any(_same(kin, other) for other in held) else kin


def _same(one: Made, other: Made) -> bool:
    return (one.surname, one.given, one.father, one.born) == (other.surname, other.given, other.father, other.born)


def _pairs_by_hand(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for at, row in enumerate(row for row in rows if "asked" in row):
        right = [_number(one) for one in row["right"]]
        yield {"half": "tune" if at % 2 else "check", "right": right, "why": row["why"], "asked": row["asked"]}


def _entry(key: str, person: dict[str, str]) -> dict[str, Any]:
    return {"number": _number(key), "person": person}


def _number(key: str) -> str:
    return new_number(lambda _: hashlib.sha256(f"{SEED}/{key}".encode()).digest())


def _person(draw: Draw) -> Made:
    tongue = "en" if draw.chance(0.05) else "uk" if draw.chance(0.55) else "ru"
    woman = tongue != "en" and draw.chance(0.05)
    latin: tuple[str, ...] = ()
    given, father = draw.early(cast.WOMEN if woman else cast.MEN), draw.early(cast.MEN)
    surname = _surname(draw, tongue, woman=woman)
    mother = _surname(draw, tongue, woman=True)
    if tongue == "en":
        english, surname = draw.one(cast.ENGLISH)
        name, heard = draw.one(cast.ENGLISH_MEN)
        given, father, latin = Called(heard, heard, name, name), _english_father(draw), (english, name)
        mother = draw.one(cast.ENGLISH)[0]
    born = _FIRST_BIRTH + timedelta(days=draw.below(_BIRTH_DAYS))
    return Made(tongue, surname, given, father, woman, born, mother, draw.one(cast.PLACES), _service(draw), latin)


def _english_father(draw: Draw) -> Called:
    name, heard = draw.one(cast.ENGLISH_MEN)
    return Called(heard, heard, name, name)


def _surname(draw: Draw, tongue: str, *, woman: bool) -> str:
    if tongue == "ru":
        root, end = draw.early(cast.ROOTS_RU), draw.early(cast.ENDS_RU)
        return _feminine(root + end) if woman else root + end
    root, end = draw.early(cast.ROOTS_UK), draw.early(cast.ENDS_UK)
    return _feminine(root + end) if woman else root + end


def _feminine(surname: str) -> str:
    if surname.endswith(("ський", "ский")):
        return surname[:-2] + ("а" if surname.endswith("ський") else "ая")
    return surname + "а" if surname.endswith(("ов", "ев", "ёв", "ин", "ишин")) else surname


def _brother(draw: Draw, one: Made) -> Made:
    given = one.given
    while given.uk == one.given.uk:
        given = draw.early(cast.WOMEN if one.woman else cast.MEN) if one.tongue != "en" else _english_father(draw)
    twin = draw.chance(0.25)
    apart = timedelta(days=400 + draw.below(3_000))
    born = one.born if twin else one.born + (apart if one.born + apart < _LAST_BIRTH else -apart)
    latin = (one.latin[0], given.en) if one.latin else ()
    return replace(one, given=given, latin=latin, born=born, service_number=_service(draw))


def _son(draw: Draw, one: Made) -> Made:
    if one.woman or one.tongue == "en":
        return _brother(draw, one)
    own = draw.chance(0.3)  # some are called like their fathers
    given = one.given if own else draw.early(cast.MEN)
    younger = timedelta(days=8_000 + draw.below(2_000))
    if one.born + younger > _LAST_BIRTH:
        return _brother(draw, one)
    born = one.born + younger
    mother = _surname(draw, one.tongue, woman=True)
    return replace(one, given=given, father=one.given, born=born, mother=mother, service_number=_service(draw))


def _namesake(draw: Draw, one: Made) -> Made:
    other = _person(draw)
    near = draw.chance(0.3)
    born = one.born - timedelta(days=1 + draw.below(350)) if near else other.born
    father = one.father if draw.chance(0.4) or one.tongue == "en" else other.father
    if not father.patronymics and one.tongue != "en":
        father = one.father
    return replace(
        one,
        father=father,
        born=born,
        mother=_surname(draw, "uk", woman=True),
        place=other.place,
        service_number=_service(draw),
    )


def _service(draw: Draw) -> str:
    side = "ARD" if draw.chance(0.5) else "VLM"
    return f"{side}-{100_000 + draw.below(900_000)}"


def _in_tongue(surname: str, own: str, tongue: str) -> str:
    if own == tongue:
        return surname
    return in_russian(surname) if tongue == "ru" else in_ukrainian(surname)


def _rest(draw: Draw, made: Made) -> dict[str, Any]:
    return {
        "mother_maiden_name": "" if draw.chance(0.15) else made.mother,
        "birth_date": made.born,
        "birth_place": made.place[2] if draw.chance(0.8) else made.place[0],
        "rank": draw.one(cast.RANKS),
        "service_number": made.service_number,
    }


def main() -> None:
    """Write both files."""
    register, pairs = make()
    (FOLDER / "register.jsonl").write_text(lines(register), encoding="utf-8")
    (FOLDER / "pairs.jsonl").write_text(lines(pairs), encoding="utf-8")


if __name__ == "__main__":
    main()
