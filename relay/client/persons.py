"""
Who somebody is, in the words of the register, and in those of a relative who does not know the number.

The fields are those of GC III articles 17 and 122. They are decrypted on a reviewer's or a registrar's machine and
never leave it but sealed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Final

from keys.errors import Malformed

#: Keys of a person as a register page writes them, in order.
_KEYS: Final = (
    "surname_cyr",
    "given_cyr",
    "patronymic_cyr",
    "surname_lat",
    "given_lat",
    "father_name",
    "mother_maiden_name",
    "birth_date",
    "birth_place",
    "rank",
    "service_number",
    "next_of_kin",
    "correspondence_address",
)


class PersonMalformed(Malformed):
    """These are not the particulars of a person."""

    code = "person_malformed"


@dataclass(frozen=True, slots=True)
class Person:
    """
    One of the held, as the register describes them; an empty text where it does not say.

    Attributes:
        surname_cyr: In Cyrillic letters, as are `given_cyr` and `patronymic_cyr`.
        surname_lat: In Latin letters, by whatever romanisation the papers have, as is `given_lat`.
        father_name: The father's first name.
        mother_maiden_name: The mother's surname before she married.
        next_of_kin: The person to be informed, and how (GC III article 122), in free words.
        correspondence_address: Where the family is to be written to (the same article), likewise.
    """

    surname_cyr: str = field(default="", repr=False)
    given_cyr: str = field(default="", repr=False)
    patronymic_cyr: str = field(default="", repr=False)
    surname_lat: str = field(default="", repr=False)
    given_lat: str = field(default="", repr=False)
    father_name: str = field(default="", repr=False)
    mother_maiden_name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    birth_place: str = field(default="", repr=False)
    rank: str = field(default="", repr=False)
    service_number: str = field(default="", repr=False)
    next_of_kin: str = field(default="", repr=False)
    correspondence_address: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """The name for reading: in Cyrillic if the register has it so, otherwise in Latin."""
        cyrillic = f"{self.surname_cyr} {self.given_cyr} {self.patronymic_cyr}".strip()
        return cyrillic or f"{self.given_lat} {self.surname_lat}".strip()


@dataclass(frozen=True, slots=True)
class Listed:
    """
    A person under a detainee number, as matching needs them.

    Attributes:
        number: 12 digits.
    """

    number: str
    person: Person


@dataclass(frozen=True, slots=True)
class Particulars:
    """
    What a relative says of whom they look for; an empty text where they do not know.

    Everything is as it was written: in either alphabet, in any case, with a date in any order. A surname may have
    another beside it («Медовик (Чебрецька)»), and names may stand in each other's fields.

    Attributes:
        patronymic: Or the father's first name.
        mother_maiden_name: The mother's surname before she married.
    """

    surname: str = field(default="", repr=False)
    given: str = field(default="", repr=False)
    patronymic: str = field(default="", repr=False)
    birth_date: str = field(default="", repr=False)
    birth_place: str = field(default="", repr=False)
    mother_maiden_name: str = field(default="", repr=False)
    service_number: str = field(default="", repr=False)


def person_fields(person: Person) -> dict[str, str]:
    """Write a person as the JSON object that stands in a register page: keys in order, what is not known absent."""
    return {key: text for key in _KEYS if (text := _text(getattr(person, key)))}


def parse_person(plain: Mapping[str, Any]) -> Person:
    """
    Read a person back from such an object.

    Raises:
        PersonMalformed: A key is none of a person's, a value is no text or an empty one, or the date is no date.
    """
    if not set(plain) <= set(_KEYS) or not all(isinstance(text, str) and text for text in plain.values()):
        raise PersonMalformed
    try:
        born = date.fromisoformat(plain["birth_date"]) if "birth_date" in plain else None
    except ValueError:
        raise PersonMalformed("birth_date") from None
    person = Person(**{**plain, "birth_date": born})
    if person_fields(person) != plain:
        raise PersonMalformed("birth_date")
    return person


def parse_particulars(plain: Mapping[str, Any]) -> Particulars:
    """
    Read particulars from the JSON object that a form sends sealed.

    Raises:
        PersonMalformed: A key is none of theirs, or a value is no text.
    """
    known = {one.name for one in fields(Particulars)}
    if not set(plain) <= known or not all(isinstance(text, str) for text in plain.values()):
        raise PersonMalformed
    return Particulars(**plain)


def _text(value: str | date | None) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""
