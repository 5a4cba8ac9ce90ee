"""Who is next: lines by mailbox, in turn, and how much one reviewer holds."""

from dataclasses import replace

import pytest

from relay.domain.lines import Waiting, check_load, check_turns, offer
from relay.domain.refusals import OutOfTurn, TooManyClaims
from relay.domain.states import State
from tests.unit.domain.world import ANN, BEN


def waiting(item: str, mailbox: str | None = "mother", turn: int = 1, **changed) -> Waiting:
    """Describe a queued letter to one detainee."""
    plain = Waiting(item, "detainee", mailbox, turn, State.QUEUED, None, free=True)
    return replace(plain, **changed)


def claimed(item: str, by: str, mailbox: str | None = "mother", turn: int = 1, *, over: bool = False) -> Waiting:
    """Describe a letter that a reviewer has claimed, and whether that claim is over."""
    return waiting(item, mailbox, turn, state=State.CLAIMED, claimant=by, free=over)


def offered(*all_waiting: Waiting, staff: str = ANN.id, limit: int = 20) -> list[str]:
    """Say which letters a reviewer is offered, by name."""
    return [one.item for one in offer(all_waiting, staff=staff, limit=limit)]


# ---------------------------------------------------------------- offers


def test_a_line_is_offered_oldest_first():
    """By log index of the acceptance, however the letters are listed."""
    assert offered(waiting("b", turn=5), waiting("c", turn=9), waiting("a", turn=2)) == ["a", "b", "c"]


def test_mailboxes_take_turns():
    """A mother who writes daily does not keep a friend's one letter waiting."""
    mother = [waiting(f"mother {turn}", "mother", turn) for turn in (1, 2, 3)]
    friend = waiting("friend", "friend", 7)
    son = [waiting(f"son {turn}", "son", turn) for turn in (5, 6)]

    assert offered(*mother, friend, *son) == ["mother 1", "son 5", "friend", "mother 2", "son 6", "mother 3"]


def test_no_more_is_offered_than_asked_for():
    """The limit cuts after the turns were taken."""
    mother = [waiting(f"mother {turn}", "mother", turn) for turn in (1, 2, 3)]

    assert offered(*mother, waiting("friend", "friend", 7), limit=2) == ["mother 1", "friend"]


def test_what_was_put_to_the_front_comes_first():
    """An overturned letter has turn 0."""
    assert offered(waiting("older", turn=4), waiting("overturned", turn=0)) == ["overturned", "older"]


def test_anothers_claim_blocks_the_letters_behind_it():
    """Only in its own line: the friend's letter is free."""
    line = [waiting("first", turn=1), claimed("second", BEN.id, turn=2), waiting("third", turn=3)]

    assert offered(*line, waiting("friend", "friend", 9)) == ["first", "friend"]


def test_the_own_claim_blocks_nothing():
    """Who reads the first letter may take the next one of the line; the first is not offered again."""
    assert offered(claimed("first", ANN.id, turn=1), waiting("second", turn=2)) == ["second"]
    assert offered(claimed("first", ANN.id, turn=1), waiting("second", turn=2), staff=BEN.id) == []


@pytest.mark.parametrize("by", [ANN.id, BEN.id])
def test_a_claim_that_is_over_is_offered_again(by):
    """Whoever had it."""
    assert offered(claimed("first", by, turn=1, over=True), waiting("second", turn=2)) == ["first", "second"]


@pytest.mark.parametrize("state", [State.HELD, State.ESCALATED])
def test_what_is_held_or_escalated_is_offered_and_blocks_nothing(state):
    """Only queued and claimed letters block; one of these that is not free would not either."""
    odd = waiting("odd", turn=1, state=state)

    assert offered(odd, waiting("next", turn=2)) == ["odd", "next"]
    assert offered(replace(odd, free=False), waiting("next", turn=2)) == ["next"]


def test_an_unmatched_reply_has_a_line_of_its_own():
    """Two replies without a mailbox do not wait for each other."""
    first, second = claimed("first", BEN.id, None, 1), waiting("second", None, 2)

    assert offered(first, second) == ["second"]
    assert first.line != second.line


# ---------------------------------------------------------------- turns


def test_a_whole_line_can_be_claimed():
    """Nothing is left behind."""
    check_turns({"a", "b"}, [waiting("a", turn=1), waiting("b", turn=2)], staff=ANN.id)


def test_the_front_of_a_line_can_be_claimed():
    """What comes later may wait."""
    check_turns({"a"}, [waiting("a", turn=1), waiting("b", turn=2)], staff=ANN.id)


@pytest.mark.parametrize(
    "first",
    [
        waiting("first", turn=1),
        claimed("first", BEN.id, turn=1),
        claimed("first", BEN.id, turn=1, over=True),
        claimed("first", ANN.id, turn=1, over=True),
    ],
    ids=["waiting", "another's", "another's that is over", "the own that is over"],
)
def test_no_earlier_letter_is_left_behind(first):
    """Not even one whose claim is over: it is claimed again with the later one, or the later one waits."""
    with pytest.raises(OutOfTurn):
        check_turns({"second"}, [waiting("second", turn=2), first], staff=ANN.id)


def test_an_earlier_letter_that_the_claimant_holds_is_not_left_behind():
    """Ann reads it already."""
    check_turns({"second"}, [claimed("first", ANN.id, turn=1), waiting("second", turn=2)], staff=ANN.id)


@pytest.mark.parametrize("state", [State.HELD, State.ESCALATED])
def test_held_and_escalated_letters_are_not_left_behind(state):
    """They do not wait for the same reviewer."""
    check_turns({"second"}, [waiting("first", turn=1, state=state), waiting("second", turn=2)], staff=ANN.id)


def test_two_letters_at_the_front_do_not_wait_for_each_other():
    """Both were overturned: whoever is out of one may still claim the other."""
    check_turns({"second"}, [waiting("first", turn=0), waiting("second", turn=0)], staff=ANN.id)


def test_lines_do_not_wait_for_each_other():
    """A friend's older letter, and one to somebody else, are other lines."""
    others = [waiting("friend", "friend", 0), waiting("elsewhere", turn=1, detainee="somebody else")]

    check_turns({"mother"}, [*others, waiting("mother", turn=5)], staff=ANN.id)


# ---------------------------------------------------------------- load


def test_twenty_letters_of_five_detainees_are_enough():
    """Exactly that many may be held."""
    full = [(f"{detainee}/{letter}", detainee) for detainee in "abcde" for letter in range(20)]

    check_load(full, letters=20, detainees=5)
    check_load([], letters=20, detainees=5)


def test_a_letter_too_many_is_refused():
    """The twenty-first of one detainee."""
    with pytest.raises(TooManyClaims):
        check_load([(str(letter), "a") for letter in range(21)], letters=20, detainees=5)


def test_a_detainee_too_many_is_refused():
    """The sixth, with one letter each."""
    with pytest.raises(TooManyClaims):
        check_load([(detainee, detainee) for detainee in "abcdef"], letters=20, detainees=5)
