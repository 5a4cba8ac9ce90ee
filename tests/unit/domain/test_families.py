"""What a family does itself: it withdraws what it wrote and collects what came for it, by what it has been shown."""

from dataclasses import replace

import pytest

from keys.statements import Statement, Subject
from relay.domain.commands import ActByFamily
from relay.domain.events import parse_detail
from relay.domain.refusals import IllegalMove, MovedSince, PartsDiffer, StaleStatement
from relay.domain.states import UNDECIDED, Custodian, State
from tests.unit.domain.world import (
    ANN,
    BEN,
    BUREAU,
    FURTHER,
    REVIEW,
    Story,
    a_digest,
    a_held_letter,
    a_letter,
    a_reply,
    a_statement,
    to_the_bureau,
)

UNDECIDED_LETTERS = {
    State.HELD: a_held_letter,
    State.QUEUED: a_letter,
    State.CLAIMED: lambda: a_letter().claimed(),
    State.CONTESTED: lambda: a_letter().claimed().proposed_to_withhold(),
    State.ESCALATED: lambda: a_letter().claimed().escalated(),
}


def test_every_undecided_state_has_its_letter():
    """The letters below are all that a family sees as accepted."""
    assert set(UNDECIDED_LETTERS) == UNDECIDED


@pytest.mark.parametrize("state", UNDECIDED_LETTERS)
def test_a_family_withdraws_whatever_it_sees_as_accepted(state):
    """It names the acceptance, the one event it was shown, wherever the letter has got to behind the word."""
    letter = UNDECIDED_LETTERS[state]()
    withdrawn = letter.by_family(
        "withdraw", subject=Subject(letter.item.id, letter.steps[0].decision.item.head, letter.item.parts)
    )

    assert letter.item.state is state
    assert (withdrawn.item.state, withdrawn.item.holder) == (State.WITHDRAWN, Custodian.FAMILY)
    assert withdrawn.event.prev == letter.item.head


def test_a_decision_after_the_withdrawal_is_stale():
    """Ann was reading it; her statement names the claim, which is no longer the head."""
    claimed = a_letter().claimed()
    decision = claimed.signed("return", ANN)

    with pytest.raises(StaleStatement):
        claimed.withdrawn().then(decision)


def test_a_withdrawal_after_the_decision_is_too_late():
    """It was passed meanwhile: the family shall look again."""
    letter = a_letter()
    accepted = letter.subject()
    passed = letter.claimed().passed()

    with pytest.raises(MovedSince):
        passed.by_family("withdraw", subject=accepted)
    with pytest.raises(IllegalMove):
        passed.withdrawn()


def test_a_withdrawal_names_the_letter_as_it_was_shown():
    """Its parts are those that the family sent."""
    letter = a_letter()
    fewer = letter.subject()._replace(parts=letter.item.parts[:1])

    with pytest.raises(PartsDiffer):
        letter.by_family("withdraw", subject=fewer)


def test_what_a_second_desk_has_to_read_can_be_withdrawn_as_it_was_shown():
    """Forwarding is not shown, so the family still names the acceptance, with the part 0 that it sent."""
    letter = a_letter(route=(REVIEW, FURTHER))
    forwarded = letter.claimed().forwarded()

    assert forwarded.item.shown == letter.item.head
    assert forwarded.item.parts[0] != letter.item.parts[0]
    withdrawn = forwarded.by_family("withdraw", subject=letter.subject())
    assert withdrawn.item.state is State.WITHDRAWN
    assert withdrawn.event.parts == forwarded.item.parts


def test_a_reply_is_collected_as_it_is():
    """The family has opened it, so it names the very part 0 that was sealed to it."""
    ready = a_reply().claimed().readied()
    other = ready.subject()._replace(parts=("0f" * 32, *ready.item.parts[1:]))

    with pytest.raises(PartsDiffer):
        ready.by_family("collected", subject=other)


def test_nobody_withdraws_a_reply():
    """It is the detainee's, and the family cannot take it from the queue unread."""
    with pytest.raises(IllegalMove, match="withdraws what it wrote"):
        a_reply().withdrawn()


def test_a_family_collects_its_reply():
    """The event says that the family has it, and its detail names the family's statement."""
    collected = a_reply().claimed().readied().collected()
    command = collected.steps[-1].command

    assert isinstance(command, ActByFamily)
    assert (collected.event.giver, collected.event.taker) == (Custodian.RELAY, Custodian.FAMILY)
    assert parse_detail(collected.detail_json)["statement"] == command.digest
    assert not {"staff", "desk", "directory"} & set(parse_detail(collected.detail_json))


def test_a_family_collects_nothing_that_is_not_ready():
    """Neither before the reviewer made it ready, nor by way of a bureau's bag, nor twice."""
    for story in (a_reply(), a_reply().claimed(), to_the_bureau(a_reply().claimed()).bagged(to=BUREAU)):
        with pytest.raises(IllegalMove):
            story.collected()
    with pytest.raises(IllegalMove):
        a_reply().claimed().readied().collected().collected()
    with pytest.raises(IllegalMove):
        a_letter().collected()


def test_a_recalled_reply_is_reviewed_again():
    """The family lost its code; the reply is ready once more, resealed, and collected with the new key."""
    recalled = a_reply().claimed().readied().recalled(reasons=("CODE_LOST",))

    with pytest.raises(IllegalMove):
        recalled.collected()
    assert recalled.claimed(BEN).readied(BEN).collected().item.state is State.COLLECTED


@pytest.mark.parametrize("kind", ["claim", "sign-in"])
def test_a_family_can_sign_nothing_else(kind):
    """A statement of staff's, with a family's signature under it, does nothing."""
    letter = a_letter()
    foreign: Statement = (
        a_statement("claim", letter.subject(), desk=REVIEW)
        if kind == "claim"
        else a_statement("sign-in", challenge=a_digest("challenge"))
    )
    foreign = replace(foreign, subjects=(letter.subject(),))

    with pytest.raises(IllegalMove, match="nothing else"):
        letter.then(ActByFamily(foreign, a_digest("note"), 0))


def test_one_statement_collects_several_replies():
    """Each is its own subject."""
    replies: list[Story] = [a_reply(name, mailbox=None).claimed().readied() for name in ("first", "second")]
    statement = a_statement("collected", *(Subject(one.item.id, one.item.shown, one.item.parts) for one in replies))

    for position, reply in enumerate(replies):
        assert reply.then(ActByFamily(statement, a_digest("note"), position)).item.state is State.COLLECTED
    with pytest.raises(MovedSince):
        replies[0].then(ActByFamily(statement, a_digest("note"), 1))
