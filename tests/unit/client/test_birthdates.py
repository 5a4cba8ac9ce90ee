"""Birth dates as relatives write them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.client.agreement import Agreement
from relay.client.birthdates import Birth, compare_birth, read_birth

LISTED = date(1990, 3, 7)


@pytest.mark.parametrize(
    "text",
    [
        "1990-03-07",
        "07.03.1990",
        "7.3.1990 р.н.",
        "7/3/1990",
        "07031990",
        "19900307",
        "7 березня 1990 р.",
        "7 марта 1990 года",
        "March 7, 1990",
        "7 Mar 1990",
        "7.III.1990",
        "1990, 7 березня",
    ],
)
def test_a_whole_date_is_read_however_it_is_written(text):
    """Words or digits, in three languages."""
    assert read_birth(text) == Birth(1990, 3, 7)
    assert compare_birth(read_birth(text), LISTED) is Agreement.SAME


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("07.03.90", Birth(90, 3, 7)),
        ("7 березня 90", Birth(90, 3, 7)),
        ("березень 1990", Birth(1990, 3)),
        ("03.1990", Birth(1990, 3)),
        ("7 марта", Birth(None, 3, 7)),
        ("1990 р.н.", Birth(1990)),
        ("десь 1990", Birth(1990)),
        ("3/25/1990", Birth(1990, 3, 25)),
        ("1990-25-03", Birth(1990, 3, 25)),
        ("травень 1990", Birth(1990, 5)),
        ("12 червня 1990", Birth(1990, 6, 12)),
        ("12 липня 1990", Birth(1990, 7, 12)),
    ],
)
def test_what_is_not_said_stays_unknown(text, birth):
    """Two digits of a year, a month, a year alone."""
    assert read_birth(text) == birth


@pytest.mark.parametrize(
    "text",
    ["", "не знаю", "березень", "30.30.1990", "7 березня 3090", "1.2.3000", "99999999", "13.1990", "12345", "07.03"],
)
def test_what_is_no_date_is_none(text):
    """Nothing is guessed."""
    assert read_birth(text) is None


@pytest.mark.parametrize(
    ("text", "agreement"),
    [
        ("07.03.90", Agreement.SAME),
        ("03.07.1990", Agreement.TURNED),
        ("07.03.1991", Agreement.NEAR),
        ("07.03.1970", Agreement.NEAR),
        ("07.03.1909", Agreement.NEAR),
        ("07.03.1956", Agreement.PART),
        ("08.03.1990", Agreement.NEAR),
        ("17.03.1990", Agreement.NEAR),
        ("07.04.1990", Agreement.NEAR),
        ("25.03.1990", Agreement.PART),
        ("07.11.1990", Agreement.PART),
        ("25.11.1990", Agreement.AROUND),
        ("25.11.1985", Agreement.DIFFERENT),
        ("березень 1990", Agreement.PART),
        ("7 березня", Agreement.PART),
        ("8 березня", Agreement.DIFFERENT),
        ("квітень 1990", Agreement.AROUND),
        ("квітень 1985", Agreement.DIFFERENT),
        ("1990", Agreement.YEAR),
        ("1991", Agreement.AROUND),
        ("1993", Agreement.DIFFERENT),
        ("", Agreement.MISSING),
    ],
)
def test_how_far_a_date_agrees(text, agreement):
    """Slips of memory and of the pen are told from another date."""
    assert compare_birth(read_birth(text), LISTED) is agreement


def test_a_register_without_a_date_neither_agrees_nor_differs():
    """Nothing can be said."""
    assert compare_birth(Birth(1990), None) is Agreement.MISSING


@given(st.dates(date(1920, 1, 1), date(2020, 12, 31)))
def test_every_date_is_found_again(born):
    """The four commonest spellings of any date agree with it."""
    for text in (born.isoformat(), f"{born:%d.%m.%Y}", f"{born:%d.%m.%y}", f"{born:%d %B %Y}"):
        assert compare_birth(read_birth(text), born) is Agreement.SAME


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading(text):
    """Whatever stands in the field, there is a date or there is none."""
    read_birth(text)
