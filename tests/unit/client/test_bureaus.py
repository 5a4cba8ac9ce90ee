"""A bureau's cards and sheets: one number or none, the right relay or none, and a code that is on paper alone."""

import pytest

from keys.codes import NumberMistyped, new_code, show_code
from relay.client.bureaus import CardOfAnotherRelay, CardUnreadable, Sheet, read_card, sheet_html
from relay.client.cards import FingerprintUnfit, LanguageUnknown, card_link
from relay.client.sheetwords import SHEET_WORDS

NUMBER, OTHER = "123456789092", "000000000195"
PRINT = "0123456789abcdef" * 4
SHOWN = " ".join(PRINT[start : start + 4] for start in range(0, 64, 4))


@pytest.mark.parametrize(
    "card",
    [
        NUMBER,
        "1234 5678 9092\n",
        f"Number: 1234 5678 9092\nTrust: {SHOWN}\n",
        f"{PRINT}\n{NUMBER}",
        card_link("https://relay.example/", NUMBER),
        f"https://relay2026.example/#to={NUMBER}",
    ],
)
def test_a_card_is_read_however_it_was_copied(card):
    """Typed with spaces or without, with the fingerprint or without, or scanned."""
    assert read_card(card, fingerprint=PRINT) == NUMBER


@pytest.mark.parametrize("card", ["", "Ostap", "12345678", f"{NUMBER}\n{OTHER}", f"{NUMBER}7", SHOWN])
def test_a_card_without_one_number_is_not_guessed(card):
    """None, two, too short or too long."""
    with pytest.raises(CardUnreadable):
        read_card(card, fingerprint=PRINT)


def test_a_mistyped_number_is_refused():
    """Two digits in each other's places."""
    with pytest.raises(NumberMistyped):
        read_card("1324 5678 9092", fingerprint=PRINT)


def test_a_card_of_another_relay_is_refused():
    """Its families write to somebody else, and its number means nothing here."""
    with pytest.raises(CardOfAnotherRelay):
        read_card(f"{NUMBER}\n{'ab' * 32}", fingerprint=PRINT)


@pytest.mark.parametrize("language", sorted(SHEET_WORDS))
def test_a_sheet_has_all_that_a_family_needs(language):
    """Code, number, letter, fingerprint; the code for phones does not have the receipt code."""
    code = new_code()
    page = sheet_html(Sheet(code, NUMBER, "ab" * 16, "relay.example", PRINT), language=language)

    for text in (show_code(code), "1234 5678 9092", "ab" * 16, SHOWN, SHEET_WORDS[language].title):
        assert text in page
    assert code not in page
    assert f'lang="{language}"' in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_a_sheet_says_that_a_number_is_not_known_yet():
    """A letter to somebody who still has to be found."""
    page = sheet_html(Sheet(new_code(), None, "ab" * 16, "relay.example", PRINT), language="en")

    assert SHEET_WORDS["en"].unknown in page


def test_a_sheet_that_could_not_be_read_is_not_printed():
    """No words for the language, or a fingerprint that nobody could compare."""
    sheet = Sheet(new_code(), NUMBER, "ab" * 16, "relay.example", PRINT)
    with pytest.raises(LanguageUnknown):
        sheet_html(sheet, language="tlh")
    with pytest.raises(FingerprintUnfit):
        sheet_html(Sheet(sheet.code, NUMBER, sheet.item, "relay.example", "ab"), language="en")
    assert sheet.code not in repr(sheet)
    assert NUMBER not in repr(sheet)
