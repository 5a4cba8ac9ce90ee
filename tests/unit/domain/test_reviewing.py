"""What reviewers may do: claims and their end, second persons, seniors, and letters without a number."""

import pytest

from relay.domain.commands import ActByRelay
from relay.domain.events import parse_detail
from relay.domain.refusals import (
    AlreadyClaimed,
    Barred,
    ClaimLost,
    IllegalMove,
    PartsDiffer,
    SecondPersonRequired,
    SeniorRequired,
    StaleStatement,
    WrongDesk,
    WrongDestination,
    WrongRole,
)
from relay.domain.states import BY_RELAY, Action, Custodian, Role, State
from tests.unit.domain.world import (
    ANN,
    ANN_AGAIN,
    BEN,
    CYD,
    DAN,
    EVA,
    FAMILY,
    FURTHER,
    MAILBOX,
    NUMBER,
    OLE,
    OTHER_NUMBER,
    REVIEW,
    TO_CAMP,
    ZOE,
    Story,
    a_digest,
    a_held_letter,
    a_letter,
    a_reply,
)

# ---------------------------------------------------------------- replies that answer no letter


def test_what_a_detainee_wrote_first_is_matched_to_a_mailbox():
    """It goes back to the queue with the mailbox, its key stands in the detail, and the number is not touched."""
    matched = a_reply(re="new", mailbox=None).claimed().matched_to()

    assert (matched.item.state, matched.item.mailbox, matched.item.signer) == (State.QUEUED, MAILBOX, FAMILY)
    assert parse_detail(matched.detail_json)["signer"] == FAMILY
    assert "detainee" not in parse_detail(matched.detail_json)
    assert matched.item.detainee == NUMBER
    assert matched.claimed().readied().item.state is State.READY


def test_a_wrong_match_can_be_mended():
    """As long as nobody could have collected it."""
    other = a_digest("another mailbox")

    assert a_reply(re="new", mailbox=None).claimed().matched_to().claimed().matched_to(other).item.mailbox == other


@pytest.mark.parametrize(
    "claimed", [a_reply().claimed(), a_letter().claimed(), a_held_letter().claimed()], ids=["reply", "letter", "held"]
)
def test_nothing_else_is_matched_to_a_mailbox(claimed):
    """Whoever answers a letter is given to its writer, and a letter is for a detainee."""
    with pytest.raises(IllegalMove, match="wrote first"):
        claimed.matched_to()


def test_a_mailbox_that_is_not_there_takes_nothing():
    """The relay has no key of it, so nobody could collect the reply."""
    claimed = a_reply(re="new", mailbox=None).claimed()
    command = claimed.signed("match", ANN, mailbox=MAILBOX)

    with pytest.raises(WrongDestination, match="no such mailbox"):
        claimed.then(command._replace(signer=None))


def test_a_recall_may_name_another_mailbox():
    """The family has lost its code, and has been given another; without one the reply stays with its mailbox."""
    other = a_digest("another mailbox")
    ready = a_reply().claimed().readied()
    moved, kept = ready.recalled(mailbox=other), ready.recalled()

    assert (moved.item.mailbox, moved.item.signer, moved.item.state) == (other, FAMILY, State.QUEUED)
    assert parse_detail(moved.detail_json)["signer"] == FAMILY
    assert (kept.item.mailbox, "signer" in parse_detail(kept.detail_json)) == (ready.item.mailbox, False)


# ---------------------------------------------------------------- claims


def test_a_claim_says_who_and_until_when():
    """The item and the detail name Ann, and the end of her half hour."""
    claimed = a_letter().claimed()
    detail = parse_detail(claimed.detail_json)

    assert (claimed.item.claimant, claimed.item.until) == (ANN.id, "2026-03-01T08:32:00Z")
    assert (detail["staff"], detail["until"], detail["desk"]) == (ANN.id, "2026-03-01T08:32:00Z", REVIEW)


@pytest.mark.parametrize("by", [BEN, ANN, CYD], ids=["another", "the same", "a senior"])
def test_a_claim_that_runs_is_not_taken_over(by):
    """Not even by the same reviewer, and not a second before its end."""
    claimed = a_letter().claimed()

    with pytest.raises(AlreadyClaimed):
        claimed.later(minutes=29, seconds=59).claimed(by)


def test_a_claim_that_has_ended_is_free():
    """At its very end another may claim."""
    again = a_letter().claimed().later(minutes=30).claimed(BEN)

    assert again.item.claimant == BEN.id


def test_a_decision_after_the_end_stands():
    """Ann was slow, but nobody has claimed it since."""
    assert a_letter().claimed().later(days=2).passed(ANN).item.state is State.PASSED


@pytest.mark.parametrize(
    "decide",
    [
        Story.released,
        Story.passed,
        Story.returned,
        Story.proposed_to_withhold,
        Story.escalated,
    ],
)
def test_only_the_last_claimant_decides(decide):
    """Ben claimed it after Ann's claim had ended, so every decision of Ann's is lost, and each of Ben's stands."""
    taken = a_letter().claimed(ANN).later(minutes=30).claimed(BEN)

    with pytest.raises(ClaimLost):
        decide(taken, ANN)
    assert decide(taken, BEN).item.claimant is None


def test_matching_and_forwarding_are_the_claimants_too():
    """Neither can be done for another."""
    with pytest.raises(ClaimLost):
        a_held_letter().claimed(BEN).matched(ANN)
    with pytest.raises(ClaimLost):
        a_letter(route=(REVIEW, FURTHER)).claimed(BEN).forwarded(ANN)
    with pytest.raises(ClaimLost):
        a_reply().claimed(BEN).readied(ANN)


def test_a_second_key_is_not_the_claimant():
    """A claim belongs to the key that signed it."""
    with pytest.raises(ClaimLost):
        a_letter().claimed(ANN).passed(ANN_AGAIN)


def test_a_claim_without_an_end_is_none():
    """The relay has to say when it lapses."""
    letter = a_letter()

    with pytest.raises(IllegalMove, match="lapses"):
        letter.then(letter.signed("claim", ANN, desk=REVIEW)._replace(until=None))


def test_what_the_relay_gives_to_claims_and_replies_stands_in_no_other_detail():
    """An end or a signer that does not belong there is not written, so an auditor who decides again finds it."""
    claimed = a_letter().claimed()
    command = claimed.signed("escalate", ANN)._replace(until="2030-01-01T00:00:00Z", signer=a_digest("a signer"))

    assert claimed.then(command).detail_json == claimed.then(claimed.signed("escalate", ANN)).detail_json


def test_a_claim_at_another_desk_is_refused():
    """The statement names the desk; the item is elsewhere."""
    with pytest.raises(WrongDesk):
        a_letter().claimed(ANN, desk=FURTHER)


@pytest.mark.parametrize("by", [DAN, OLE, ZOE], ids=["a dispatcher", "an officer", "an auditor"])
def test_only_reviewers_claim(by):
    """No other role reads letters."""
    with pytest.raises(WrongRole):
        a_letter().claimed(by)


def test_a_reviewer_of_another_desk_does_not_claim():
    """Eva reads at the further desk only."""
    with pytest.raises(WrongDesk):
        a_letter().claimed(EVA)


def test_a_release_keeps_the_last_hint():
    """The language that one reviewer noted stays until another notes a better one."""
    noted = a_letter().claimed().released(hint="uk")
    again = noted.claimed().released()

    assert (noted.item.hint, again.item.hint) == ("uk", "uk")
    assert again.claimed().released(hint="ru").item.hint == "ru"
    assert parse_detail(noted.detail_json)["hint"] == "uk"


# ---------------------------------------------------------------- statements


def test_a_statement_over_an_older_event_is_stale():
    """Ann signed before Ben's claim; her statement does nothing any more, and cannot be used twice either."""
    letter = a_letter()
    claim = letter.signed("claim", ANN, desk=REVIEW)

    with pytest.raises(StaleStatement):
        letter.claimed(BEN).then(claim)
    with pytest.raises(StaleStatement):
        letter.then(claim).then(claim)


def test_a_move_that_the_table_does_not_have_is_refused():
    """A letter that is not claimed cannot be passed, and one that is passed cannot be claimed."""
    with pytest.raises(IllegalMove, match="queued cannot be moved by pass"):
        a_letter().passed()
    with pytest.raises(IllegalMove, match="passed cannot be moved by claim"):
        a_letter().claimed().passed().claimed()


def test_a_statement_that_is_the_familys_is_not_for_staff():
    """Nobody withdraws or collects in a family's stead."""
    letter, reply = a_letter(), a_reply().claimed().readied()

    with pytest.raises(IllegalMove, match="moves no item"):
        letter.by_staff("withdraw", ANN)
    with pytest.raises(IllegalMove, match="moves no item"):
        reply.by_staff("collected", ANN)


def test_the_relay_itself_only_lets_lapse_and_expire():
    """Whatever else it tries on its own is refused, wherever the item stands."""
    stories = [a_letter(), a_letter().claimed(), a_letter().claimed().passed().bagged().received()]

    for action in set(Action) - BY_RELAY:
        for story in stories:
            with pytest.raises(IllegalMove, match="the relay itself"):
                story.then(ActByRelay(action))


def test_only_what_is_held_lapses_and_only_what_is_final_expires():
    """The relay's own two moves have their states."""
    with pytest.raises(IllegalMove, match="queued cannot be moved by lapse"):
        a_letter().lapsed()
    with pytest.raises(IllegalMove, match="passed cannot be moved by expire"):
        a_letter().claimed().passed().expired()
    assert a_held_letter().lapsed().expired().item.state is State.EXPIRED


def test_each_move_has_what_its_statement_says():
    """Reasons, the note of this very subject, and the statement's digest stand in the detail."""
    note = a_digest("a sealed note")
    returned = a_letter().claimed().returned(reasons=("MIL", "THIRD_PARTY"), note=(note,))
    detail = parse_detail(returned.detail_json)

    assert detail["reasons"] == ["MIL", "THIRD_PARTY"]
    assert (detail["note"], detail["state"]) == (note, "returned")
    assert detail["statement"] == returned.statement.digest


def test_a_move_changes_parts_only_if_it_reseals():
    """A claim that exchanges part 0, drops the photo or brings another one is refused."""
    letter = a_letter()
    text, photo = letter.item.parts

    for parts in ((a_digest("another text"), photo), (text,), (text, a_digest("another photo")), (text, photo, text)):
        with pytest.raises(PartsDiffer):
            letter.by_staff("claim", ANN, desk=REVIEW, subject=letter.subject()._replace(parts=parts))


# ---------------------------------------------------------------- withholding: two persons


def test_confirming_a_withholding_needs_another_reviewer():
    """Ann proposed it, so Ann cannot confirm it; Ben can."""
    contested = a_letter().claimed(ANN).proposed_to_withhold(ANN)

    with pytest.raises(SecondPersonRequired):
        contested.confirmed(ANN)
    assert contested.confirmed(BEN).item.state is State.WITHHELD


def test_overturning_needs_another_reviewer_too():
    """Ann cannot put it to the front of its line herself."""
    contested = a_letter().claimed(ANN).proposed_to_withhold(ANN)

    with pytest.raises(SecondPersonRequired):
        contested.overturned(ANN)
    assert contested.overturned(BEN).item.state is State.QUEUED


def test_a_second_key_is_not_a_second_person():
    """Persons are compared, not keys."""
    contested = a_letter().claimed(ANN).proposed_to_withhold(ANN)

    with pytest.raises(SecondPersonRequired):
        contested.confirmed(ANN_AGAIN)
    with pytest.raises(SecondPersonRequired):
        contested.overturned(ANN_AGAIN)


def test_an_overturned_letter_stands_at_the_front_without_its_proposer():
    """Its turn comes before every other, and neither of Ann's keys claims it again; Ben does."""
    overturned = a_letter().claimed(ANN).proposed_to_withhold(ANN).overturned(BEN)

    assert (overturned.item.turn, overturned.item.barred, overturned.item.proposer) == (0, (ANN.person,), None)
    for by in (ANN, ANN_AGAIN):
        with pytest.raises(Barred):
            overturned.claimed(by)
    assert overturned.claimed(BEN).item.claimant == BEN.id


@pytest.mark.parametrize("settle", [Story.confirmed, Story.overturned])
def test_whoever_was_overturned_does_not_settle_a_later_proposal(settle):
    """Ben overturned Ann and then proposes it himself: Ann is not the second person, Cyd is."""
    overturned = a_letter().claimed(ANN).proposed_to_withhold(ANN).overturned(BEN)
    contested = overturned.claimed(BEN).proposed_to_withhold(BEN)

    with pytest.raises(Barred):
        settle(contested, ANN)
    assert settle(contested, CYD).item.seq == contested.item.seq + 1


def test_whoever_was_overturned_does_not_return_what_others_passed():
    """Ann would otherwise have the last word after all."""
    passed = a_letter().claimed(ANN).proposed_to_withhold(ANN).overturned(BEN).claimed(BEN).passed(BEN)

    with pytest.raises(Barred):
        passed.returned(ANN)
    assert passed.returned(CYD).item.state is State.RETURNED
    assert passed.redirected(ANN).item.state is State.PASSED


def test_each_proposer_who_was_overturned_is_out():
    """Two proposals, two overturned, two persons barred."""
    once = a_letter().claimed(ANN).proposed_to_withhold(ANN).overturned(BEN)
    twice = once.claimed(BEN).proposed_to_withhold(BEN).overturned(CYD)

    assert twice.item.barred == (ANN.person, BEN.person)
    with pytest.raises(Barred):
        twice.claimed(BEN)


# ---------------------------------------------------------------- escalation


def test_an_escalated_letter_is_a_seniors():
    """Ben cannot claim it, Cyd can; and so it stays, even when Cyd puts it back."""
    escalated = a_letter().claimed(ANN).escalated(ANN)

    assert escalated.item.needs is Role.SENIOR
    with pytest.raises(SeniorRequired):
        escalated.claimed(BEN)
    released = escalated.claimed(CYD).released(CYD)
    with pytest.raises(SeniorRequired):
        released.claimed(BEN)
    assert released.claimed(CYD).passed(CYD).item.state is State.PASSED


def test_an_escalated_letter_is_nobodys_until_a_senior_claims_it():
    """It has no claimant, and the mediator holds it."""
    escalated = a_letter().claimed(ANN).escalated(ANN)

    assert (escalated.item.claimant, escalated.item.until) == (None, None)
    assert escalated.item.holder is Custodian.MEDIATOR


# ---------------------------------------------------------------- letters without a number


def test_a_held_letter_is_matched_and_queued():
    """The item and the detail take the number over; from now on it waits in the queue."""
    matched = a_held_letter().claimed().matched(number=OTHER_NUMBER)

    assert (matched.item.detainee, matched.item.state, matched.item.waits_in) == (
        OTHER_NUMBER,
        State.QUEUED,
        State.QUEUED,
    )
    assert parse_detail(matched.detail_json)["detainee"] == OTHER_NUMBER
    assert matched.claimed().released().item.state is State.QUEUED


def test_a_held_letter_goes_back_to_held():
    """Nobody was found, so it waits where it waited."""
    assert a_held_letter().claimed().released().item.state is State.HELD


def test_a_held_letter_goes_no_further_unmatched():
    """Whom should it go to?"""
    claimed = a_held_letter(route=(REVIEW, FURTHER)).claimed()

    with pytest.raises(IllegalMove, match="addressee has not been found"):
        claimed.forwarded()
    with pytest.raises(IllegalMove, match="addressee has not been found"):
        a_held_letter().claimed().passed()
    assert a_held_letter().claimed().matched().claimed().passed().item.state is State.PASSED


@pytest.mark.parametrize("decide", [Story.returned, Story.proposed_to_withhold, Story.escalated])
def test_a_held_letter_can_be_decided_against_unmatched(decide):
    """One that nobody can read need not be matched first."""
    assert decide(a_held_letter().claimed()).item.waits_in is State.HELD


def test_a_held_letter_that_was_overturned_is_still_to_be_matched():
    """It stands at the front of the queue, and needs its number before it goes on."""
    overturned = a_held_letter().claimed(ANN).proposed_to_withhold(ANN).overturned(BEN)

    with pytest.raises(IllegalMove, match="addressee has not been found"):
        overturned.claimed(BEN).passed(BEN)
    assert overturned.claimed(BEN).matched(BEN).item.turn == 0


def test_a_letter_with_a_number_is_not_matched_again():
    """A reviewer cannot send a letter to somebody else than the family wrote to."""
    with pytest.raises(IllegalMove, match="only a held letter"):
        a_letter().claimed().matched(number=OTHER_NUMBER)
    assert a_letter().claimed().passed(to=TO_CAMP).item.detainee == NUMBER
