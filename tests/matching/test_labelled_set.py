"""The ranking over the labelled set: no wrong automatic match, ever, and those who are held are found."""

import json

import pytest

from relay.client.matching import Index, Judgement, judge
from tests.matching import make
from tests.matching.measuring import FOLDER, HALVES, Pair, load_pairs, load_register, measure

#: What is aimed at is 0.97 and 0.99; what is measured stands in the output of `make bench`.
FLOOR_1 = 0.97
FLOOR_3 = 0.99


@pytest.fixture(scope="module")
def index() -> Index:
    """Make the invented register ready to be searched."""
    return Index(load_register())


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    """Read every labelled pair."""
    return load_pairs()


def test_the_set_is_as_large_as_it_is_said_to_be(pairs):
    """More than 300 pairs, 60 of them by hand, over more than 2,000 people; some of whom nobody holds."""
    assert len(load_register()) >= 2_000
    assert len(pairs) >= 300
    assert sum(bool(pair.why) for pair in pairs) >= 60
    assert sum(not pair.right for pair in pairs) >= 50
    assert {pair.half for pair in pairs} == set(HALVES)


def test_the_set_is_what_its_seed_makes():
    """Nobody has quietly taken a hard case out."""
    register, made = make.make()

    assert make.lines(register) == (FOLDER / "register.jsonl").read_text(encoding="utf-8")
    assert make.lines(made) == (FOLDER / "pairs.jsonl").read_text(encoding="utf-8")


def test_nobody_generated_is_asked_for_in_both_halves(pairs):
    """What was learned from one half says nothing about the people of the other."""
    tune, check = (
        {number for pair in pairs if pair.half == half and not pair.why for number in pair.right} for half in HALVES
    )

    assert tune
    assert check
    assert tune.isdisjoint(check)


@pytest.mark.parametrize("half", HALVES)
def test_no_automatic_match_is_wrong(index, pairs, half):
    """A letter in the hands of a stranger is worse than one that waits; and yet some are matched without a doubt."""
    measured = measure(index, [pair for pair in pairs if pair.half == half])

    assert measured.wrong == ()
    assert measured.matched > 0.2 * measured.held


@pytest.mark.parametrize("half", HALVES)
def test_those_who_are_held_are_found(index, pairs, half):
    """First of all, or among the first three, on either half."""
    measured = measure(index, [pair for pair in pairs if pair.half == half])

    assert measured.recall_1 >= FLOOR_1
    assert measured.recall_3 >= FLOOR_3


def test_where_nobody_could_tell_all_who_can_be_meant_are_shown(index, pairs):
    """Several are right: the machine does not choose, and shows them first."""
    several = [pair for pair in pairs if len(pair.right) > 1]

    assert len(several) >= 5
    for pair in several:
        matches = index.rank(pair.asked)
        assert judge(matches) is Judgement.AMBIGUOUS, pair.why
        assert {match.number for match in matches[: len(pair.right)]} == set(pair.right), pair.why


def test_removing_the_right_one_never_makes_another_certain(pairs):
    """Whoever is meant may not be held at all: then the next best must not be taken for them."""
    everybody = load_register()
    meant = {number for pair in pairs for number in pair.right}
    others = Index([record for record in everybody if record.number not in meant])

    certain = [pair for pair in pairs if judge(others.rank(pair.asked)) is Judgement.MATCHED]

    assert certain == []


def test_measuring_would_notice_a_wrong_match(index, pairs):
    """A label that is changed on purpose is counted as a wrong match, and as one that was not found."""
    right = next(pair for pair in pairs if judge(index.rank(pair.asked)) is Judgement.MATCHED)
    wrong = Pair(right.half, ("000000000000",), right.asked)

    measured = measure(index, [wrong])

    assert measured.wrong == (wrong,)
    assert (measured.found_first, measured.found_third, measured.matched) == (0, 0, 0)


def test_the_files_are_json_lines():
    """One object a line, and nothing else."""
    for name in ("register.jsonl", "pairs.jsonl", "by_hand.jsonl"):
        lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
        assert lines
        assert all(isinstance(json.loads(line), dict) for line in lines)
