"""Bags, facilities, bureaux, and desks without computers: who signs, for which bag, and with what paper."""

import pytest

from relay.domain.events import parse_detail
from relay.domain.refusals import PaperRequired, WrongBag, WrongDesk, WrongDestination, WrongRole
from relay.domain.states import Custodian, State
from tests.unit.domain.world import (
    ANN,
    BAG,
    BEA,
    BUREAU,
    CAMP,
    DAN,
    FARM,
    FAY,
    FURTHER,
    IDA,
    LOU,
    OLE,
    PAPER,
    QUARRY,
    REVIEW,
    ZOE,
    Story,
    a_letter,
    a_reply,
    an_id,
    to_the_bureau,
    to_the_quarry,
)


def bagged() -> Story:
    """Bring a letter into its bag for the camp."""
    return a_letter().claimed().passed().bagged()


def bagged_for_the_quarry() -> Story:
    """Bring a letter into its bag for the place without computers."""
    return to_the_quarry(a_letter().claimed()).bagged(to=QUARRY)


# ---------------------------------------------------------------- bags


def test_the_dispatcher_packs_a_bag_for_one_desk():
    """The item knows its bag, and the detail whom it goes to."""
    packed = bagged()
    detail = parse_detail(packed.detail_json)

    assert (packed.item.bag, detail["bag"], detail["desk"]) == (BAG, BAG, CAMP)


@pytest.mark.parametrize("to", [FARM, REVIEW, QUARRY])
def test_a_bag_goes_where_its_letters_go(to):
    """A letter for the camp is not packed for the farm, nor for the mediator itself."""
    with pytest.raises(WrongDestination, match="the bag goes"):
        a_letter().claimed().passed().bagged(to=to)


def test_a_bag_for_a_place_without_computers_names_that_place():
    """Two such places never share a bag, though the mediator's key opens what goes to both."""
    assert bagged_for_the_quarry().event.taker == Custodian.FACILITY
    with pytest.raises(WrongDestination):
        to_the_quarry(a_letter().claimed()).bagged(to=REVIEW)


def test_a_bag_for_a_bureau_holds_replies():
    """It is the bureau that shall have them."""
    assert to_the_bureau(a_reply().claimed()).bagged(to=BUREAU).event.taker == Custodian.BUREAU


@pytest.mark.parametrize("by", [ANN, OLE, ZOE], ids=["a reviewer", "an officer", "an auditor"])
def test_only_dispatchers_pack(by):
    """Nobody else gives letters away."""
    with pytest.raises(WrongRole):
        a_letter().claimed().passed().bagged(by)


def test_a_dispatcher_of_another_desk_does_not_pack():
    """Fay packs what her desk has passed."""
    with pytest.raises(WrongDesk):
        a_letter().claimed().passed().bagged(FAY)
    assert a_letter(route=(FURTHER,)).item.desk == FURTHER


@pytest.mark.parametrize("move", [Story.received, Story.missed])
def test_a_letter_is_in_one_bag(move):
    """Whoever signs for another bag has not got this letter."""
    with pytest.raises(WrongBag):
        move(bagged(), bag=an_id("another bag"))


@pytest.mark.parametrize("move", [Story.found, Story.declared_lost])
def test_a_missing_letter_is_missing_from_its_bag(move):
    """Finding it and giving it up name the same bag."""
    missed = bagged().missed()

    with pytest.raises(WrongBag):
        move(missed, bag=an_id("another bag"))
    assert move(missed).item.bag == BAG


# ---------------------------------------------------------------- officers


def test_the_acceptance_names_its_release():
    """Received is signed over the `bagged` event, so both halves of the handover are one chain."""
    packed = bagged()

    assert packed.received().event.prev == packed.item.head
    assert packed.received().statement.subject.prev == packed.item.head


@pytest.mark.parametrize("by", [ANN, DAN, ZOE], ids=["a reviewer", "a dispatcher", "an auditor"])
def test_only_officers_act_at_a_place(by):
    """Not even the dispatcher who packed it signs for the camp."""
    with pytest.raises(WrongRole):
        bagged().received(by)
    with pytest.raises(WrongRole):
        bagged().received().delivered(by)


@pytest.mark.parametrize("by", [IDA, BEA, LOU], ids=["of the farm", "of the bureau", "of the mediator"])
def test_an_officer_acts_at_the_own_place(by):
    """Nobody signs for another's camp."""
    with pytest.raises(WrongDesk):
        bagged().received(by)
    with pytest.raises(WrongDesk):
        bagged().received().failed(by)


def test_damage_is_remarked_for_the_letter_it_concerns():
    """The remark stands in this letter's detail; a statement without one leaves the key away."""
    packed = bagged()
    remarked = packed.received(remarks=({"item": packed.item.id, "remark": "WET"},))

    assert parse_detail(remarked.detail_json)["remarks"] == ["WET"]
    assert "remarks" not in parse_detail(packed.received().detail_json)


def test_a_sheet_may_be_named_where_it_need_not_be():
    """The camp has computers, and paper as well."""
    delivered = bagged().received().delivered(paper=PAPER)

    assert parse_detail(delivered.detail_json)["paper"] == PAPER


def test_only_the_dispatcher_declares_lost():
    """The officer says that it is missing; whoever gave it away says that it is lost."""
    with pytest.raises(WrongRole):
        bagged().missed().declared_lost(OLE)


def test_a_bureau_hands_a_reply_to_the_family():
    """On paper, with a fresh code: the family has it, and not by way of the relay."""
    delivered = to_the_bureau(a_reply().claimed()).bagged(to=BUREAU).received(BEA).delivered(BEA)

    assert (delivered.event.giver, delivered.event.taker) == (Custodian.BUREAU, Custodian.FAMILY)
    assert delivered.item.destination == BUREAU


# ---------------------------------------------------------------- desks without computers


@pytest.mark.parametrize(
    ("story", "move"),
    [
        (bagged_for_the_quarry, Story.received),
        (lambda: bagged_for_the_quarry().missed(DAN), Story.found),
        (lambda: bagged_for_the_quarry().received(DAN, paper=PAPER), Story.delivered),
        (lambda: bagged_for_the_quarry().received(DAN, paper=PAPER), Story.refused),
        (lambda: bagged_for_the_quarry().received(DAN, paper=PAPER), Story.failed),
    ],
    ids=["receive", "find", "deliver", "refuse", "fail"],
)
def test_the_dispatcher_acts_for_a_place_without_computers_on_paper(story, move):
    """What was signed there on paper is named; without it the dispatcher's word is not enough."""
    with pytest.raises(PaperRequired):
        move(story(), DAN)
    moved = move(story(), DAN, paper=PAPER)

    assert moved.item.destination == QUARRY
    assert parse_detail(moved.detail_json)["paper"] == PAPER
    assert parse_detail(moved.detail_json)["desk"] == QUARRY


def test_one_dispatcher_may_sign_both_halves_there():
    """Dan packed it, and Dan received it for the quarry."""
    received = bagged_for_the_quarry().received(DAN, paper=PAPER)

    assert [step.decision.event.event for step in received.steps[-2:]] == ["bagged", "received"]
    assert received.item.holder is Custodian.FACILITY


def test_what_is_missing_there_needs_no_sheet():
    """Nobody signs on paper for what did not come."""
    assert bagged_for_the_quarry().missed(DAN).item.state is State.MISSING


def test_only_the_dispatcher_of_its_review_desk_acts_there():
    """Neither an officer of another place, nor a dispatcher of another desk."""
    with pytest.raises(WrongRole):
        bagged_for_the_quarry().received(OLE, paper=PAPER)
    with pytest.raises(WrongDesk):
        bagged_for_the_quarry().received(FAY, paper=PAPER)
