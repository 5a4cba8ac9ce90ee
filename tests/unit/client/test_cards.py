"""Address cards: what stands on them, and what must not."""

import hashlib
import re
from html.parser import HTMLParser

import pytest

from keys.codes import NumberMistyped, new_number
from relay.client.cards import (
    AddressUnfit,
    Card,
    FingerprintUnfit,
    LanguageUnknown,
    card_link,
    cards_html,
)
from relay.client.cardwords import WORDS

NUMBER = new_number(bytes)
FINGERPRINT = hashlib.sha256(b"trust").hexdigest()


def laid_out(
    *cards: Card, language: str = "uk", url: str = "https://relay.example", name: str = "relay.example"
) -> str:
    """Lay cards out for an invented relay."""
    return cards_html(cards, relay_name=name, relay_url=url, fingerprint=FINGERPRINT, language=language)


@pytest.mark.parametrize("language", WORDS)
def test_a_card_says_all_that_a_family_needs(language):
    """Number and fingerprint grouped for reading, address, how to write, what not to, in one's own language."""
    page = laid_out(Card(NUMBER), language=language)
    words = WORDS[language]

    assert f'<html lang="{language}">' in page
    assert f"{NUMBER[:4]} {NUMBER[4:8]} {NUMBER[8:]}" in page
    assert "".join(f"<span>{FINGERPRINT[at : at + 4]}</span>" for at in range(0, 64, 4)) in page
    assert "relay.example" in page
    for sentence in (words.title, *words.write, *words.leave_out, words.compare, words.free):
        assert sentence in page


def test_the_languages_say_equally_much():
    """The same number of steps and warnings in each."""
    assert {(len(words.write), len(words.leave_out)) for words in WORDS.values()} == {(4, 3)}


def test_a_phone_never_sends_the_number():
    """It stands after the #, which browsers keep to themselves."""
    assert (
        card_link("https://relay.example/post", f"{NUMBER[:4]} {NUMBER[4:]}")
        == f"https://relay.example/post/#to={NUMBER}"
    )
    assert card_link("http://relayexample.onion", NUMBER) == f"http://relayexample.onion/#to={NUMBER}"


def test_each_card_has_its_own_code():
    """Two numbers, two drawings; the same number twice, the same drawing."""
    other = new_number(lambda size: b"\1" * size)
    drawings = re.findall(r"<svg.*?</svg>", laid_out(Card(NUMBER), Card(other), Card(NUMBER)), re.DOTALL)

    assert len(drawings) == 3
    assert drawings[0] == drawings[2] != drawings[1]


def test_four_cards_stand_on_a_sheet():
    """Five cards need two sheets; no cards need none."""
    assert laid_out(*[Card(NUMBER)] * 5).count('<section class="sheet">') == 2
    assert laid_out().count('<section class="sheet">') == 0


def test_the_name_stands_only_on_the_strip_that_is_torn_off():
    """A card that is lost says that somebody has a number, not who."""
    page = laid_out(Card(NUMBER, "Барвінчук Остап"))

    card, strip = page.split('<div class="stub">')
    assert "Барвінчук" not in card
    assert "Барвінчук Остап" in strip


def test_nothing_is_fetched_and_nothing_runs():
    """No address but the one in words, no script: the sheet is opened where there may be no network."""
    page = laid_out(Card(NUMBER))
    tags: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.append((tag, dict(attrs)))

    Reader().feed(page)

    assert {"script", "link", "img", "iframe"}.isdisjoint(tag for tag, _ in tags)
    assert not any({"src", "href"} & set(attributes) for _, attributes in tags)
    assert "url(" not in page
    assert "@import" not in page


def test_strange_names_are_shown_and_not_obeyed():
    """Names come from files that others wrote."""
    page = laid_out(Card(NUMBER, "<script>Бум</script>"), name="<b>relay</b>")

    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;Бум" in page


def test_a_number_that_leads_nowhere_is_not_printed():
    """The check digits are wrong."""
    with pytest.raises(NumberMistyped):
        laid_out(Card("123456789012"))


@pytest.mark.parametrize(
    "url",
    [
        "http://relay.example",
        "relay.example",
        "https://",
        "https://user@relay.example",
        "https://relay.example/?n=1",
        "https://relay.example/#x",
        "https://relay.example/a b",
        "https://relay.example/\u202e",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_is_not_fit_for_paper_is_refused(url):
    """In the clear, incomplete, with a user name, or with a query or fragment of its own."""
    with pytest.raises(AddressUnfit):
        laid_out(Card(NUMBER), url=url)


def test_other_languages_and_fingerprints_are_refused():
    """There is no silent default on paper."""
    with pytest.raises(LanguageUnknown):
        laid_out(Card(NUMBER), language="la")
    for wrong in (FINGERPRINT[:-1], FINGERPRINT.upper()):
        with pytest.raises(FingerprintUnfit):
            cards_html([], relay_name="x", relay_url="https://relay.example", fingerprint=wrong, language="en")
