"""The demo's letters: as many as were asked for, one of each decision first, and each writer's own order kept."""

import pytest

from relay.demo.cast import FEWEST_LETTERS, HERO, USUAL_LETTERS, read_cast


@pytest.mark.parametrize("count", [FEWEST_LETTERS, USUAL_LETTERS, 26, 300])
def test_there_are_as_many_letters_as_were_asked_for(count):
    """Each with a key of its own, and no two of one writer with the same text."""
    letters = read_cast(count, 0).letters

    assert len(letters) == count
    assert len({letter.key for letter in letters}) == count
    assert len({(letter.writer, letter.text) for letter in letters}) == count
    assert all(len(letter.text) <= 8_000 for letter in letters)


def test_the_shortest_story_has_every_decision():
    """The followed letter, an excision, a return, an unknown number, a swindle, and one to the house on paper."""
    cast = read_cast(FEWEST_LETTERS, 7)
    notes = [letter.note for letter in cast.letters]

    assert cast.letters[0].key == HERO
    assert set(notes) == {"passes", "excise", "return", "unknown", "withhold"}
    keyless = {house.name for house in cast.houses if house.keyless}
    assert keyless & {cast.held[letter.about].facility for letter in cast.letters if letter.note == "passes"}


@pytest.mark.parametrize("seed", range(8))
def test_the_seed_mixes_letters_but_not_the_order_of_one_writer(seed):
    """A mother's first snow comes after her cat, whatever the seed."""
    keys = [letter.key for letter in read_cast(USUAL_LETTERS, seed).letters]

    assert keys.index("01-uk-mother-and-the-cat.txt") < keys.index("21-uk-mother-first-snow.txt")
    assert sorted(keys) == sorted(letter.key for letter in read_cast(USUAL_LETTERS, 0).letters)
    assert keys == [letter.key for letter in read_cast(USUAL_LETTERS, seed).letters]


def test_seeds_differ():
    """Otherwise the option would be a lie."""
    first, second = (read_cast(USUAL_LETTERS, seed).letters for seed in (0, 1))

    assert first != second


def test_excisions_are_words_of_their_letters():
    """A reviewer blocks out what stands there."""
    for letter in read_cast(USUAL_LETTERS, 0).letters:
        assert all(words in letter.text for words, _ in letter.excisions)
