"""Comparing particulars with the register, ranking, and judging when there is nothing left to decide."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.client import comparing
from relay.client.agreement import Agreement, Field
from relay.client.matching import LEAST_LEAD, WEIGHTS, Index, Judgement, judge, rank
from relay.client.persons import Listed, Particulars, Person

OSTAP = Person(
    surname_cyr="Барвінчук",
    given_cyr="Остап",
    patronymic_cyr="Миколайович",
    surname_lat="Barvinchuk",
    given_lat="Ostap",
    father_name="Микола",
    mother_maiden_name="Криничанська",
    birth_date=date(1997, 3, 14),
    birth_place="Klenovody",
    service_number="ARD-204117",
)
PETRO = Person(surname_cyr="Щебетун", given_cyr="Пётр", birth_date=date(1980, 1, 2))
REGISTER = [Listed("481523984512", OSTAP), Listed("102030405020", PETRO)]


def agreements(person: Person = OSTAP, **said: str) -> dict[Field, Agreement]:
    """Rank one person and say how each field agrees."""
    (match,) = rank(Particulars(**said), [Listed("481523984512", person)])
    return {reason.field: reason.agreement for reason in match.reasons}


@pytest.mark.parametrize(
    ("surname", "agreement"),
    [
        ("Барвинчук", Agreement.SAME),
        ("Barvintchouk", Agreement.SAME),
        ("Барвінчука", Agreement.FORM),
        ("Барвінщук", Agreement.SOUNDS),
        ("Барвінжук", Agreement.CLOSE),
        ("Барвичнук", Agreement.CLOSE),
        ("Бравінчку", Agreement.LIKE),
        ("Борвунчек", Agreement.LIKE),
        ("Б.", Agreement.INITIAL),
        ("К.", Agreement.DIFFERENT),
        ("Барвінчук-Вітер", Agreement.PART),
        ("Вітер-Тополя", Agreement.DIFFERENT),
        ("Вітер (Барвінчук)", Agreement.SAME),
        ("Вітер, до шлюбу Барвінчук", Agreement.SAME),
        ("Соломенко", Agreement.DIFFERENT),
    ],
)
def test_how_far_a_surname_agrees(surname, agreement):
    """Spelling and case, slips, initials, halves, and names before marriage."""
    said = agreements(surname=surname, given="Остап", patronymic="Миколайович", birth_date="14.03.1997")

    assert said[Field.SURNAME] is agreement


@pytest.mark.parametrize(
    ("person", "given_name", "agreement"),
    [
        (OSTAP, "Ostap", Agreement.SAME),
        (OSTAP, "Остапко", Agreement.FORM),
        (OSTAP, "Остапові", Agreement.FORM),
        (OSTAP, "Остпа", Agreement.CLOSE),
        (OSTAP, "О", Agreement.INITIAL),
        (OSTAP, "Назар", Agreement.DIFFERENT),
        (PETRO, "Петро", Agreement.SAME),
        (PETRO, "Петрусь", Agreement.FORM),
        (Person("Щебетун", "Олег", birth_date=date(1997, 3, 14)), "Олесь", Agreement.DIFFERENT),
        (Person("Щебетун", "Микола"), "Нколай", Agreement.CLOSE),
        (Person("Щебетун", "Мирон"), "Мирончик", Agreement.FORM),
        (Person("Щебетун", "Гафір"), "Хафір", Agreement.SOUNDS),
        (Person("Щебетун", "Анна-Марія"), "Анна", Agreement.PART),
    ],
)
def test_how_far_a_given_name_agrees(person, given_name, agreement):
    """Across languages; and two known names are two, however alike they sound."""
    said = agreements(person, surname=person.surname_cyr, given=given_name, birth_date="14.03.1997")

    assert said[Field.GIVEN] is agreement


@pytest.mark.parametrize(
    ("father", "agreement"),
    [
        ("Николаевич", Agreement.SAME),
        ("Микола", Agreement.SAME),
        ("Миколаївна", Agreement.FORM),
        ("Миколайовичч", Agreement.SAME),
        ("Никоалевич", Agreement.CLOSE),
        ("М.", Agreement.INITIAL),
        ("П.", Agreement.DIFFERENT),
        ("Михайлович", Agreement.DIFFERENT),
        ("", Agreement.MISSING),
    ],
)
def test_how_far_the_father_agrees(father, agreement):
    """Patronymic against patronymic, against the father's own name, and with a slip."""
    said = agreements(surname="Барвінчук", given="Остап", patronymic=father, birth_date="14.03.1997")

    # The register has the father's own name too, and it is that which a daughter's patronymic agrees with.
    expected = Agreement.SAME if father == "Миколаївна" else agreement
    assert said[Field.FATHER] is expected


def test_brother_and_sister_have_one_father_and_are_two():
    """Without the father's own name, «Петрівна» is only a form of «Петрович»."""
    person = Person("Щебетун", "Олександр", "Петрович", birth_date=date(1990, 1, 1))

    assert agreements(person, surname="Щебетун", given="Саша", patronymic="Петрівна")[Field.FATHER] is Agreement.FORM


@pytest.mark.parametrize(
    ("number", "agreement"),
    [
        ("ard 204 117", Agreement.SAME),
        ("АRD-204117", Agreement.SAME),
        ("204117", Agreement.CLOSE),
        ("ARD-204171", Agreement.CLOSE),
        ("ARD-999999", Agreement.DIFFERENT),
        ("", Agreement.MISSING),
    ],
)
def test_how_far_a_service_number_agrees(number, agreement):
    """Relatives write digits only, with spaces, and with Cyrillic capitals."""
    assert agreements(surname="Барвінчук", given="Остап", service_number=number)[Field.SERVICE_NUMBER] is agreement


@pytest.mark.parametrize(
    ("place", "agreement"),
    [
        ("Кленоводи", Agreement.SAME),
        ("село Кленоводы", Agreement.SAME),
        ("у Кленоводах", Agreement.LIKE),
        ("м. Зореград", Agreement.DIFFERENT),
        ("с.", Agreement.MISSING),
    ],
)
def test_how_far_a_birth_place_agrees(place, agreement):
    """One word in common is enough; what kind of place it is says nothing."""
    assert agreements(surname="Барвінчук", given="Остап", birth_place=place)[Field.BIRTH_PLACE] is agreement


@pytest.mark.parametrize(
    "said",
    [
        {"surname": "Барвінчук Остап Миколайович"},
        {"surname": "Барвінчук Остап Микола"},
        {"surname": "Барвінчук Остап", "patronymic": "Миколайович"},
        {"surname": "Барвінчук", "given": "Остап Миколайович"},
        {"given": "Остап Миколайович Барвінчук"},
        {"given": "Барвінчук Остап", "patronymic": "Микола"},
    ],
)
def test_names_in_the_wrong_field_are_moved(said):
    """A whole name in one field, or a patronymic beside the given name."""
    found = agreements(**said)

    assert [found[field] for field in (Field.SURNAME, Field.GIVEN, Field.FATHER)] == [Agreement.SAME] * 3


def test_an_unknown_given_name_is_the_second_word():
    """«Щебетун Вігвамір»: people mostly begin with the surname."""
    person = Person("Щебетун", "Вігвамір", birth_date=date(1990, 1, 1))

    found = agreements(person, surname="Щебетун Вігвамір")

    assert found[Field.SURNAME] is found[Field.GIVEN] is Agreement.SAME


def test_a_patronymic_alone_is_not_torn_apart():
    """One word in the field of the given name stays one word, and the whole of what was said."""
    tidy = comparing.read_particulars(Particulars(given="Миколайович"))

    assert [len(words) for words in (tidy.names.surnames, tidy.names.givens, tidy.names.fathers)] == [1, 0, 0]


def test_a_given_name_alone_stays_a_given_name():
    """It is not taken for a whole name that stands in the wrong field."""
    tidy = comparing.read_particulars(Particulars(given="Роман"))

    assert len(tidy.names.givens) == 1
    assert tidy.names.surnames == ()


def test_names_in_each_others_fields_are_found_and_never_certain():
    """«Остап» as the surname: found, but a reviewer has to say so."""
    particulars = Particulars("Остап", "Барвінчук", "Миколайович", "14.03.1997")

    matches = rank(particulars, REGISTER)

    assert matches[0].number == "481523984512"
    assert matches[0].swapped
    assert judge(matches) is Judgement.AMBIGUOUS


def test_all_that_identifies_makes_a_match():
    """Names, birth date and father agree, in another language, and nobody else comes near."""
    matches = rank(Particulars("Барвинчук", "Остап", "Николаевич", "14 марта 1997"), REGISTER)

    assert matches[0].lead >= LEAST_LEAD
    assert matches[0].agreement(Field.FATHER) is Agreement.SAME
    assert judge(matches) is Judgement.MATCHED


@pytest.mark.parametrize(
    "said",
    [
        Particulars("Барвінчук", "Остап", "", "14.03.1997"),
        Particulars("Барвінчук", "Остап", "Миколайович", ""),
        Particulars("Барвінчук", "Остап", "Миколайович", "14.03.1996"),
        Particulars("Барвінщук", "Остап", "Миколайович", "14.03.1997"),
        Particulars("Барвінчук", "Остапко", "Миколайович", "14.03.1997"),
        Particulars("Барвінчук", "Остап", "Миколайович", "14.03.1997", mother_maiden_name="Ожинська"),
        Particulars("Барвінчук", "Остап", "Миколайович", "14.03.1997", service_number="ARD-204118"),
        Particulars("Барвінчук", "Остап", "Миколайович", "14.03.1997", birth_place="Зореград"),
        Particulars("Барвінчук", "Остап", "Михайлович", "14.03.1997", service_number="ARD-204117"),
    ],
)
def test_whatever_is_doubtful_is_left_to_a_reviewer(said):
    """Nothing to confirm, something off by a little, or one thing that contradicts."""
    assert judge(rank(said, REGISTER)) is Judgement.AMBIGUOUS


def test_a_second_who_comes_near_makes_it_ambiguous():
    """A namesake of whom the register has no father might be meant as well."""
    namesake = Person("Барвінчук", "Остап", birth_date=date(1997, 3, 14))
    said = Particulars("Барвінчук", "Остап", "Миколайович", "14.03.1997")

    matches = rank(said, [*REGISTER, Listed("777777777700", namesake)], limit=1)

    assert matches[0].certain
    assert len(matches) == 1
    assert judge(matches) is Judgement.AMBIGUOUS


def test_nobody_is_meant_where_nobody_agrees():
    """No candidates at all, or such as share no more than a first name."""
    assert judge(rank(Particulars("Вигаданий", "Ніхто"), REGISTER)) is Judgement.NONE
    assert judge(rank(Particulars("Вигаданий", "Остап", "Миколайович"), REGISTER)) is Judgement.NONE
    assert rank(Particulars(), REGISTER) == ()


def test_the_first_ones_are_listed_in_order():
    """At most as many as asked for, the likeliest first, and with equal scores by number."""
    twins = [Listed(f"{at}", OSTAP) for at in (3, 1, 2)]

    index = Index(twins)
    matches = index.rank(Particulars("Барвінчук", "Остап"), limit=2)

    assert index.rank(Particulars("Барвінчук", "Остап"), limit=2) == matches
    assert [match.number for match in matches] == ["1", "2"]
    assert [match.lead for match in matches] == [0, -1]


def test_patronymic_and_birth_date_weigh_more_than_spelling():
    """A misspelt surname costs less than another father or another birth date."""
    surname, father, born = WEIGHTS[Field.SURNAME], WEIGHTS[Field.FATHER], WEIGHTS[Field.BIRTH_DATE]
    misspelling = surname[Agreement.SAME] - surname[Agreement.LIKE]

    assert father[Agreement.SAME] - father[Agreement.DIFFERENT] > misspelling
    assert born[Agreement.SAME] - born[Agreement.DIFFERENT] > misspelling


TEXTS = st.text(max_size=25)


@given(st.builds(Particulars, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS))
def test_no_particulars_break_the_ranking(said):
    """Strangers write these fields; whatever stands there, somebody or nobody is found, and never with certainty."""
    assert judge(rank(said, REGISTER)) is not Judgement.MATCHED
