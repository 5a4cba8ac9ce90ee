"""Given names and patronymics that are one name in different languages."""

import json

import pytest

from relay.client.givennames import (
    givens_of,
    is_given,
    is_patronymic,
    load_given,
    patronymics_of,
    read_father,
    read_given,
)


@pytest.mark.parametrize(
    "forms",
    [
        ("Євгеній", "Євген", "Евгений", "Yevhenii", "Evgeny", "Evguéni", "Eugene"),
        ("Дмитро", "Дмитрий", "Dmytro", "Dmitry", "Dmitriy"),
        ("Олександр", "Александр", "Oleksandr", "Aleksandr", "Alexander"),
        ("Микола", "Николай", "Mykola", "Nikolai", "Nikolay"),
        ("Сергій", "Сергей", "Serhii", "Sergey", "Sergueï"),
        ("Пилип", "Филипп", "Philip"),
        ("Йосип", "Иосиф", "Осип", "Joseph"),
        ("Ганна", "Анна", "Hanna", "Anna"),
    ],
)
def test_one_name_in_every_language(forms):
    """Every form of a name is found under one id."""
    assert frozenset.intersection(*(read_given(form).full for form in forms))


def test_brother_and_sister_are_not_one():
    """Олександр and Олександра are twins more often than they are one person."""
    assert not read_given("Олександр").full & read_given("Олександра").full
    assert not read_given("Євгеній").full & read_given("Євгенія").full


def test_short_forms_and_cases_are_told_from_full_names():
    """«Сашко» and «Остапові» point to a name, but no document has them."""
    assert not read_given("Сашко").full
    assert read_given("Сашко").other == read_given("Олександр").full
    assert not read_given("Остапові").full
    assert read_given("Остапові").other == read_given("Остап").full
    assert not is_given("Сашко")
    assert is_given("Остап")
    assert not is_given("Пампушенко")


def test_a_name_that_nobody_listed_is_nobody():
    """An unknown name is compared by its spelling alone."""
    assert read_given("Вігвамір").full == read_given("Вігвамір").other == frozenset()


@pytest.mark.parametrize(
    "written",
    ["Миколайович", "Николаевич", "Mykolaiovych", "Nikolayevich", "Николаевича", "Микола", "Николай", "Mykola"],
)
def test_a_patronymic_is_known_by_the_father(written):
    """Patronymic or the father's own name, in either language: it is Mykola's child."""
    assert read_father(written).known == frozenset({"mykola"})


@pytest.mark.parametrize(
    ("written", "feminine"),
    [("Петрович", False), ("Петрівна", True), ("Ильинична", True), ("Petrovna", True), ("Петро", None)],
)
def test_a_patronymic_says_son_or_daughter(written, feminine):
    """A father's own name does not."""
    assert read_father(written).feminine is feminine


def test_irregular_patronymics_are_known():
    """Ілліч, Кузьмич, Яковлевич and Львович follow no rule."""
    assert [read_father(one).known for one in ("Ілліч", "Кузьмич", "Яковлевич", "Львович")] == [
        frozenset({one}) for one in ("illia", "kuzma", "yakiv", "lev")
    ]


def test_the_patronymic_of_a_rare_name_keeps_its_base():
    """Of «Вігвамірович» the father's name is unknown, and yet it can be compared."""
    father = read_father("Вігвамірович")

    assert father.known == frozenset()
    assert father.bases & read_father("Вігвамір").bases


def test_a_surname_is_no_patronymic():
    """«Калинович» ends like one; there is no father called Калин."""
    assert is_patronymic("Миколайович")
    assert is_patronymic("Николаевной")
    assert not is_patronymic("Калинович")
    assert not is_patronymic("Остап")


def test_other_forms_are_listed_for_comparison():
    """A slip in «Ниоклай» is seen beside Николай, when the register says Микола."""
    known = read_given("Микола").full

    assert "николаи" in givens_of(known)
    assert "николаевич" in patronymics_of(known)
    assert patronymics_of(frozenset({"olena"})) == givens_of(frozenset()) == frozenset()


def test_the_table_is_sound():
    """Ids are unique, no name stands in an entry twice, and every man's name makes a patronymic."""
    entries = load_given()
    ids = [entry["id"] for entry in entries]

    assert len(entries) > 150
    assert len(set(ids)) == len(ids)
    for entry in entries:
        forms = [*entry["names"], *entry.get("familiar", [])]
        assert len(set(forms)) == len(forms), entry["id"]
        assert entry["sex"] in ("m", "f")
        assert entry["sex"] == "f" or patronymics_of(frozenset({entry["id"]})), entry["id"]
        json.dumps(entry)
