"""Items come in: letters from families, replies from officers, bureaux, and dispatchers with a signed sheet."""

import json
from dataclasses import replace

import pytest

from keys.statements import Subject
from relay.domain.commands import AcceptLetter, AcceptReply
from relay.domain.events import parse_detail, parse_event
from relay.domain.refusals import IllegalMove, PaperRequired, PartsDiffer, WrongDesk, WrongRole
from relay.domain.states import Action, Custodian, Kind, Role, State
from tests.unit.domain.world import (
    BEA,
    DAN,
    DIRECTORY,
    FAMILY,
    FAY,
    FURTHER,
    LOU,
    MAILBOX,
    NUMBER,
    OLE,
    PAPER,
    REVIEW,
    START,
    ZOE,
    Story,
    a_digest,
    a_held_letter,
    a_letter,
    a_reply,
    a_replying,
    a_statement,
    an_acceptance,
    an_id,
    signed,
)


def test_a_letter_waits_at_the_first_desk_of_its_route():
    """It belongs to its mailbox, and its turn in the line is its place in the log."""
    letter = a_letter(route=(REVIEW, FURTHER))
    item = letter.item

    assert (item.state, item.desk, item.holder, item.seq) == (State.QUEUED, REVIEW, Custodian.RELAY, 0)
    assert (item.mailbox, item.signer, item.detainee, item.turn) == (MAILBOX, FAMILY, NUMBER, 2)
    assert (item.waits_in, item.needs, item.barred) == (State.QUEUED, Role.REVIEWER, ())
    assert item.head == item.shown
    assert item.accepted_at == item.changed_at == letter.at
    assert letter.steps[-1].decision.action is Action.ACCEPT


def test_a_held_letter_looks_to_the_family_like_any_other():
    """Both events differ in nothing but the item's own ids and the detail, which the family is not given."""
    known = a_letter("one").event
    held = a_letter("one", detainee="unknown", into=State.HELD).event

    assert held._replace(detail="") == known._replace(detail="")
    assert held.detail != known.detail


def test_the_detail_of_an_acceptance_is_written_in_its_order():
    """What the relay fixes stands in the detail, and nowhere in the event."""
    letter = a_letter(route=(REVIEW, FURTHER))

    assert json.loads(letter.detail_json) == {
        "v": 1,
        "at": "2026-03-01T08:01:00Z",
        "kind": "letter",
        "state": "queued",
        "detainee": NUMBER,
        "desk": REVIEW,
        "route": [REVIEW, FURTHER],
        "tag_key": a_digest("a letter, tag key"),
        "signer": FAMILY,
    }
    assert list(json.loads(letter.detail_json)) == [
        *("v", "at", "kind", "state", "detainee", "desk", "route", "tag_key", "signer")
    ]


def test_the_first_event_has_no_event_before_it():
    """Its chain begins here; its day is the relay's, and its parts are the item's."""
    letter = a_letter()
    event = parse_event(letter.steps[0].decision.event_json)

    assert (event.seq, event.prev, event.day) == (0, None, START[:10])
    assert event.parts == letter.item.parts


def test_a_parcel_comes_in_from_a_family():
    """Goods are accepted as letters are."""
    assert a_letter(kind=Kind.PARCEL).event.giver == Custodian.FAMILY


def test_an_item_comes_in_once():
    """An id that exists already is not accepted again."""
    letter = a_letter()

    with pytest.raises(IllegalMove, match="already"):
        letter.then(AcceptLetter(an_acceptance()))
    with pytest.raises(IllegalMove, match="already"):
        letter.then(a_replying())


def test_nothing_moves_that_never_came_in():
    """A command about no item is refused."""
    with pytest.raises(IllegalMove, match="no such item"):
        Story().then(a_letter().signed("claim", OLE, desk=REVIEW))


@pytest.mark.parametrize("into", [State.PASSED, State.DELIVERED, State.CLAIMED])
def test_nothing_comes_in_but_queued_or_held(into):
    """Any other beginning is refused."""
    with pytest.raises(IllegalMove):
        a_letter(into=into)


def test_a_reply_needs_a_statement_and_a_letter_has_none():
    """A relay that lets a reply in by itself, or a letter under a statement, is refused, at audit too."""
    with pytest.raises(IllegalMove, match="under a statement"):
        a_letter(kind=Kind.REPLY)
    with pytest.raises(IllegalMove, match="only a reply"):
        a_reply(kind=Kind.LETTER, re=None)


def test_a_reply_comes_in_only_under_a_statement_of_its_own_kind():
    """A statement that was signed for something else brings nothing in."""
    acceptance = a_replying().acceptance
    subject = Subject(acceptance.item, a_digest("some event"), acceptance.parts)
    received = a_statement("deliver", subject)

    with pytest.raises(IllegalMove):
        Story().then(AcceptReply(acceptance, signed(received, OLE)))


def test_an_officer_brings_a_reply_in():
    """It comes from a facility, and its detail names who signed what."""
    reply = a_reply(by=OLE)
    detail = parse_detail(reply.detail_json)

    assert (reply.event.giver, reply.event.taker) == (Custodian.FACILITY, Custodian.RELAY)
    assert (detail["staff"], detail["directory"]) == (OLE.id, DIRECTORY.version)
    assert detail["statement"] == reply.statement.digest
    assert (detail["re"], reply.item.re) == (an_id("a letter"), an_id("a letter"))
    assert "paper" not in detail


def test_an_officer_of_a_bureau_brings_a_reply_in():
    """It comes from a bureau; it may bring the scan of the sheet too."""
    reply = a_reply(by=BEA, paper=PAPER)

    assert reply.event.giver == Custodian.BUREAU
    assert parse_detail(reply.detail_json)["paper"] == PAPER


def test_a_dispatcher_brings_a_reply_in_with_a_signed_sheet():
    """For a place without computers the dispatcher of the first review desk acts, on paper."""
    assert a_reply(by=DAN, paper=PAPER).event.giver == Custodian.FACILITY


def test_a_dispatcher_without_the_sheet_is_refused():
    """Paper is the only evidence that such a reply was given."""
    with pytest.raises(PaperRequired):
        a_reply(by=DAN)


def test_a_dispatcher_of_another_desk_brings_no_reply_in():
    """Fay's desk is not the one that reads first."""
    with pytest.raises(WrongDesk):
        a_reply(by=FAY, paper=PAPER)
    assert a_reply(by=FAY, paper=PAPER, route=(FURTHER,)).item.desk == FURTHER


@pytest.mark.parametrize("by", [ZOE, LOU], ids=["an auditor", "an officer of no place"])
def test_nobody_else_brings_a_reply_in(by):
    """Neither an auditor who works everywhere, nor an officer at a review desk."""
    with pytest.raises(WrongRole):
        a_reply(by=by, paper=PAPER)


def test_a_reply_is_the_item_and_the_parts_that_were_signed():
    """What the officer signed and what comes in are the same."""
    command = a_replying()
    others = command.acceptance._replace(parts=(a_digest("another scan"),))
    another = command.acceptance._replace(item=an_id("another item"))

    for acceptance in (others, another):
        with pytest.raises(PartsDiffer):
            Story().then(replace(command, acceptance=acceptance))


def test_a_reply_can_be_signed_for_with_others():
    """One statement brings several replies in; each is its own subject."""
    first, second = an_id("first"), an_id("second")
    parts = {item: (a_digest(f"{item}, part 0"),) for item in (first, second)}
    statement = a_statement("reply-accept", *(Subject(item, None, parts[item]) for item in (first, second)))
    acceptance = an_acceptance(item=second, kind=Kind.REPLY, re="new", parts=parts[second], mailbox=None, signer=None)
    reply = Story().then(AcceptReply(acceptance, signed(statement, OLE, position=1)))

    assert (reply.item.id, reply.item.re, reply.item.mailbox) == (second, "new", None)


def test_a_held_letter_waits_to_be_matched():
    """It goes back to `held`, not to the queue, when it is put down."""
    held = a_held_letter()

    assert (held.item.state, held.item.waits_in) == (State.HELD, State.HELD)
    assert held.steps[0].decision.action is Action.HOLD
