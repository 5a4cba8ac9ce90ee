"""How far what a relative wrote agrees with what the register has, field by field."""

from dataclasses import dataclass
from enum import StrEnum


class Field(StrEnum):
    """What is compared."""

    SURNAME = "surname"
    GIVEN = "given"
    FATHER = "father"
    BIRTH_DATE = "birth_date"
    SERVICE_NUMBER = "service_number"
    MOTHER = "mother_maiden_name"
    BIRTH_PLACE = "birth_place"


class Agreement(StrEnum):
    """How far one field agrees; not every one occurs in every field."""

    SAME = "same"  # in whatever alphabet, language or romanisation
    FORM = "form"  # another form of it: «Сашко», «Остапові», «Осокиной»
    SOUNDS = "sounds"  # another name that sounds alike
    CLOSE = "close"  # one slip of the pen
    LIKE = "like"  # two slips, or other vowels
    PART = "part"  # one half of a double name; day and month, or month and year, of a date
    INITIAL = "initial"  # a first letter
    TURNED = "turned"  # day and month change places
    NEAR = "near"  # a date with one part slightly off
    YEAR = "year"  # only the year is known, and it agrees
    AROUND = "around"  # the year is right and the day is not; or the year alone is known, and off by one
    DIFFERENT = "different"
    MISSING = "missing"  # one of the two does not say


@dataclass(frozen=True, slots=True)
class Reason:
    """One field and how far it agrees; what a reviewer is shown beside a match."""

    field: Field
    agreement: Agreement
