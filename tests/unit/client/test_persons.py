"""Persons and particulars as JSON."""

from dataclasses import replace
from datetime import date

import pytest

from relay.client.persons import Particulars, Person, PersonMalformed, parse_particulars, parse_person, person_fields

OSTAP = Person(surname_cyr="Барвінчук", given_cyr="Остап", patronymic_cyr="Миколайович", birth_date=date(1997, 3, 14))


def test_a_person_goes_there_and_back():
    """What is not known is absent, and comes back as not known."""
    plain = person_fields(OSTAP)

    assert list(plain) == ["surname_cyr", "given_cyr", "patronymic_cyr", "birth_date"]
    assert parse_person(plain) == OSTAP
    assert parse_person({}) == Person()


@pytest.mark.parametrize(
    "plain",
    [
        {"shoe": "44"},
        {"rank": ""},
        {"rank": 7},
        {"birth_date": "14.03.1997"},
        {"birth_date": "19970314"},
        {"birth_date": "no"},
    ],
)
def test_what_is_no_person_is_malformed(plain):
    """An unknown key, an empty or other value, a date in another spelling."""
    with pytest.raises(PersonMalformed):
        parse_person(plain)


def test_next_of_kin_and_their_address_stand_last_in_a_page():
    """What GC III article 122 asks for beside the rest; a page without them is what it was."""
    plain = person_fields(replace(OSTAP, next_of_kin="Mother, Klenovody", correspondence_address="Mill Street 4"))

    assert list(plain)[-2:] == ["next_of_kin", "correspondence_address"]
    assert parse_person(plain).next_of_kin == "Mother, Klenovody"
    assert "Mill" not in repr(parse_person(plain))


def test_a_person_is_called_by_whatever_name_there_is():
    """Cyrillic first, Latin otherwise."""
    assert OSTAP.name == "Барвінчук Остап Миколайович"
    assert Person(surname_lat="Harrow", given_lat="Thomas").name == "Thomas Harrow"


def test_names_do_not_leak_into_messages():
    """The repr of a person or of particulars shows nothing of them."""
    assert "Барвінчук" not in repr(OSTAP)
    assert "Барвінчук" not in repr(Particulars("Барвінчук"))


def test_particulars_are_read_from_a_form():
    """Known keys with texts, nothing else."""
    assert parse_particulars({"surname": "Барвінчук"}) == Particulars("Барвінчук")
    for plain in ({"shoe": "44"}, {"surname": 1}):
        with pytest.raises(PersonMalformed):
            parse_particulars(plain)
