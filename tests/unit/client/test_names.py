"""Names across alphabets: romanising, readings, and what two spellings of one name have in common."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.client import givennames
from relay.client.names import (
    SYSTEMS,
    SystemUnknown,
    consonants,
    distance,
    is_cyrillic,
    is_latin,
    read_word,
    romanise,
    sound,
    stem,
    words,
)

#: From the resolution's own table of examples (KMU, 27 January 2010, no. 55).
KMU_EXAMPLES = {
    "Алушта": "Alushta",
    "Борщагівка": "Borshchahivka",
    "Вінниця": "Vinnytsia",
    "Гадяч": "Hadiach",
    "Згорани": "Zghorany",
    "Ґалаґан": "Galagan",
    "Єнакієве": "Yenakiieve",
    "Короп'є": "Koropie",
    "Житомир": "Zhytomyr",
    "Їжакевич": "Yizhakevych",
    "Кадиївка": "Kadyivka",
    "Йосипівка": "Yosypivka",
    "Стрий": "Stryi",
    "Харків": "Kharkiv",
    "Щербухи": "Shcherbukhy",
    "Юрій": "Yurii",
    "Крюківка": "Kriukivka",
    "Яготин": "Yahotyn",
    "Костянтин": "Kostiantyn",
    "Знам'янка": "Znamianka",
}


@pytest.mark.parametrize(("cyrillic", "latin"), KMU_EXAMPLES.items())
def test_ukrainian_is_romanised_as_the_resolution_shows(cyrillic, latin):
    """Each example that the resolution prints comes out as it is printed there."""
    assert romanise(cyrillic, "kmu-2010") == latin


@pytest.mark.parametrize(
    ("system", "cyrillic", "latin"),
    [
        ("icao-ru", "Щукин Юрий", "Shchukin Iurii"),
        ("icao-ru", "Подъячев", "Podieiachev"),
        ("gost-52535", "Цыбулин", "Tcybulin"),
        ("mvd-1997", "Алексеев", "Alekseyev"),
        ("bgn-ru", "Ельцов-Юрьев", "Yeltsov-Yuryev"),
        ("bgn-uk", "Зорянчук", "Zoryanchuk"),
        ("gost-1983", "Щербаков", "Shherbakov"),
        ("soviet-french", "Щукин Сергей", "Chtchoukine Sergueï".replace("ï", "i")),
        ("press-ru", "Александр Ветринский", "Alexandr Vetrinsky"),
        ("press-uk", "Вишнецький", "Vyshnetsky"),
    ],
)
def test_other_systems_are_known_too(system, cyrillic, latin):
    """Passports, map makers and newspapers each have their own spelling."""
    assert romanise(cyrillic, system) == latin


def test_romanising_keeps_capitals_and_what_is_not_cyrillic():
    """A name in capitals stays in capitals, and Latin letters stay as they are."""
    assert romanise("ЩУКІН ABC-7", "kmu-2010") == "SHCHUKIN ABC-7"


def test_a_system_nobody_knows_is_refused():
    """There is no silent default."""
    with pytest.raises(SystemUnknown):
        romanise("Щукін", "klingon")


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_romanisation_of_every_known_name_reads_as_the_name(system):
    """Whatever table a passport was printed by, the name has a reading in common with its Cyrillic."""
    names = [name for entry in givennames.load_given() for name in entry["names"] if is_cyrillic(name)]

    strangers = [name for name in names if not _meet(name, romanise(name, system))]

    assert len(names) > 200
    assert strangers == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Вишнецький", "Вишнецкий"),
        ("Вишнецький", "Wyszniecki"),
        ("Соловйов", "Solovyov"),
        ("Соловьёв", "Soloviev"),
        ("Кисельов", "Киселёв"),
        ("Щербань", "Scherban"),
        ("Щербань", "Chtcherban"),
        ("Фёдор", "Fyodor"),
        ("Марія", "Maria"),
        ("В'ячеслав", "Viacheslav"),
        ("Пір’їн", "Пирьин"),
        ("Zorjančuk", "Зорянчук"),
        ("Łysenko", "Лысенко"),
        ("Гоменко", "Homenko"),
        ("Хоменко", "Homenko"),
    ],
)
def test_spellings_of_one_name_have_a_reading_in_common(one, other):
    """Across alphabets, languages and habits."""
    assert _meet(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("Гоменко", "Хоменко"), ("Гоменко", "Khomenko"), ("Яринієнко", "Яриненко"), ("Щукін", "Шукін")]
)
def test_two_names_that_only_sound_alike_are_two(one, other):
    """Ears may take them for one; they have no reading in common, but one sound."""
    assert not _meet(one, other)
    assert read_word(one).sounds & read_word(other).sounds


@pytest.mark.parametrize("written", ["Олексiй", "Oлeкcій", "Олексій"])
def test_letters_from_the_other_keyboard_are_mended(written):
    """A Latin i among Cyrillic letters is a Cyrillic one."""
    assert read_word(written).readings == read_word("Олексій").readings


def test_letters_of_the_other_keyboard_are_mended_towards_what_has_no_double():
    """More letters of «Bepбoлoз» are Latin, but б, л and з can only be Cyrillic; and the other way round."""
    assert read_word("Bepбoлoз").readings == read_word("Верболоз").readings
    assert read_word("Ноrrоw").readings == read_word("Horrow").readings


@pytest.mark.parametrize(
    ("bare", "inflected"),
    [("Барвінчук", "Барвінчука"), ("Барвінчук", "Барвінчукові"), ("Осокин", "Осокиной"), ("Вишнецький", "Вишнецького")],
)
def test_case_and_gender_leave_the_stem(bare, inflected):
    """«Шукаю Барвінчука» asks for Барвінчук."""
    assert read_word(bare).stems & read_word(inflected).stems


def test_a_short_name_keeps_its_ending():
    """Of three letters, none is taken off."""
    assert stem("яна") == "яна"
    assert stem("оом") == "оом"


def test_sound_and_consonants():
    """The ear loses г against х; dictation loses vowels."""
    assert sound("хомяк") == sound("гомак")
    assert consonants("тихомолов") == "тхмлв"


def test_words_are_split_everywhere_but_at_apostrophes():
    """Hyphens, dots and brackets separate; В'ячеслав is one word."""
    assert words("Сойка-Дубровський В'ячеслав (Л.)") == ["Сойка", "Дубровський", "В'ячеслав", "Л"]


def test_alphabets_are_told_apart():
    """A text without a letter is in neither alphabet, and a mixed one neither."""
    assert is_cyrillic("Пір'їн-Юк")
    assert is_latin("O'Harrow Zoë")
    assert not is_cyrillic("Oлег")
    assert not is_latin("Oлег")
    assert not is_cyrillic("- '")
    assert not is_latin("- '")


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("роман", "роман", 0),
        ("роман", "ормна", 2),
        ("роман", "рман", 1),
        ("роман", "роамн", 1),
        ("роман", "остап", 3),
        ("", "аб", 2),
    ],
)
def test_slips_are_counted_up_to_a_limit(one, other, slips):
    """A letter wrong, missing, added or swapped with its neighbour is one slip."""
    assert distance(one, other, 2) == slips
    assert distance(other, one, 2) == slips


def test_very_different_lengths_are_not_counted_out():
    """What cannot be near is not compared."""
    assert distance("роман", "р", 2) == 3


def test_a_word_of_many_doubtful_letters_has_not_too_many_readings():
    """The likeliest stays the first; what is least likely is left out."""
    readings = read_word("Chehovchihscheher").readings

    assert len(readings) <= 24
    assert readings[0] == "чеовчигщер"


@given(st.text(max_size=30))
def test_any_text_can_be_read(text):
    """Nothing that a stranger types into a form breaks the reading, and no word has very many readings."""
    for word in words(text):
        assert len(read_word(word).readings) <= 24
        assert isinstance(read_word(word).key, str)


def _meet(one: str, other: str) -> bool:
    return not set(read_word(one).readings).isdisjoint(read_word(other).readings)
