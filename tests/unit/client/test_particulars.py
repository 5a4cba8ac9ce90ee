"""The form of whoever does not know the number: labels in three languages, one encoding, words kept as words."""

from dataclasses import fields

import pytest

from relay.client.particulars import LABELS, Sought, encode_address, parse_form, read_address, show_address
from relay.client.persons import Particulars

FORM = "Прізвище: Барвінчук\nІм’я: Остап\nнародився: 14.03.1997\nВін мій брат: шукаємо з березня.\nprізвище: x\n"
SOUGHT = Sought(
    Particulars(surname="Барвінчук", given="Остап", birth_date="14.03.1997"),
    "Він мій брат: шукаємо з березня.\nprізвище: x",
)


def test_a_form_is_read_and_what_it_does_not_ask_is_kept():
    """A line with a strange label is the family's own words; nothing is refused."""
    assert parse_form(FORM) == SOUGHT
    assert parse_form("Surname:  Harrow \nsurname: Larkfield") == Sought(
        Particulars(surname="Harrow"), "surname: Larkfield"
    )
    assert parse_form("") == Sought()


def test_every_label_names_a_particular():
    """None of them leads nowhere, none is missing, and capitals make no difference."""
    assert set(LABELS.values()) == {one.name for one in fields(Particulars)}
    assert all(label == label.casefold() for label in LABELS)


def test_what_is_sealed_comes_back_as_it_was():
    """As JSON in one encoding, with absent what was not said."""
    address = encode_address(SOUGHT)

    assert read_address(address) == SOUGHT
    assert address.startswith('{"v":1,"surname":"Барвінчук","given":"Остап","birth_date":"14.03.1997","words":')
    assert show_address(SOUGHT).splitlines()[:2] == ["surname: Барвінчук", "given: Остап"]
    assert show_address(Sought(words="x")) == "x"


def test_words_alone_are_sealed_as_they_are():
    """An older client, or a family that fills no form in, writes what it likes."""
    assert encode_address(Sought(words="Том, зі шрамом")) == "Том, зі шрамом"
    assert read_address("Том, зі шрамом") == Sought(words="Том, зі шрамом")
    assert read_address(None) == Sought()
    assert not read_address(None).is_told


@pytest.mark.parametrize(
    "address",
    [
        '{"v":2,"surname":"x"}',
        '{"v":1,"surname":7}',
        '{"v":1,"surname":"x","words":7}',
        '{"v":1,"nickname":"x"}',
        '{"v":1,"given":"y","surname":"x"}',
        '{"v":1}',
        '{"v":1,"surname":""}',
        "[]",
    ],
)
def test_another_json_is_words(address):
    """A stranger wrote it; it is shown to a reader and compared with nothing."""
    assert read_address(address) == Sought(words=address)


def test_nothing_of_it_is_shown_by_accident():
    """Not in a trace, not in a log."""
    assert "Барвінчук" not in repr(SOUGHT)
