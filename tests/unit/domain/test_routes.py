"""Where an item may go: review desks in order, places, epochs of keys, and the first line of what was resealed."""

from dataclasses import replace
from typing import Any

import pytest

from keys.directory import Directory, UnknownDesk, encode_directory, parse_directory
from keys.sealed import LetterLine
from relay.domain.events import parse_detail
from relay.domain.refusals import EpochOver, IllegalMove, PartsDiffer, WrongDesk, WrongDestination
from relay.domain.route import action_of, check_leg
from relay.domain.states import Action, Kind, State
from tests.unit.domain.world import (
    ANN,
    BUREAU,
    CAMP,
    DIRECTORY,
    EVA,
    FAMILY,
    FARM,
    FURTHER,
    NUMBER,
    OTHER_NUMBER,
    QUARRY,
    RELAY,
    REVIEW,
    ROTATED,
    TO_BUREAU,
    TO_CAMP,
    TO_FAMILY,
    TO_FARM,
    TO_FURTHER,
    TO_REVIEW,
    Story,
    a_digest,
    a_letter,
    a_reply,
    a_statement,
    an_id,
    to_the_bureau,
    to_the_quarry,
)


def of_two_desks(**changed) -> Story:
    """Let a letter in that two review desks have to read."""
    return a_letter(route=(REVIEW, FURTHER), **changed)


# ---------------------------------------------------------------- what a statement means


def test_a_pass_means_where_it_is_sealed_to():
    """To the family it is made ready, to a place it is passed, and without a place it is forwarded."""
    letter, reply = a_letter().claimed(), a_reply().claimed()

    assert letter.passed().steps[-1].decision.action is Action.PASS
    assert reply.readied().steps[-1].decision.action is Action.READY
    assert of_two_desks().claimed().forwarded().steps[-1].decision.action is Action.FORWARD


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("reply-accept", {}),
        ("audited", {"size": 1, "root": a_digest("root")}),
        ("suspend", {"staff": ANN.id, "reason": "LOST"}),
        ("sign-in", {"challenge": a_digest("challenge")}),
    ],
)
def test_a_statement_of_another_kind_moves_nothing(kind, fields):
    """Sign-ins, suspensions, audits and acceptances are about no item that exists."""
    letter = a_letter()
    subjects = (letter.subject()._replace(prev=None),) if kind == "reply-accept" else ()

    with pytest.raises(IllegalMove, match=f"of kind {kind} moves no item"):
        action_of(letter.item, a_statement(kind, *subjects, **fields))


# ---------------------------------------------------------------- review desks


def test_every_review_desk_reads_in_turn():
    """Ann forwards, Eva passes; the item waits at the further desk in between."""
    forwarded = of_two_desks().claimed().forwarded()

    assert (forwarded.item.desk, forwarded.item.state) == (FURTHER, State.QUEUED)
    assert parse_detail(forwarded.detail_json)["desk"] == FURTHER
    with pytest.raises(WrongDesk):
        forwarded.claimed(ANN)
    assert forwarded.claimed(EVA).passed(EVA).item.destination == CAMP


def test_no_review_desk_is_skipped():
    """Neither to a place, nor to a family, before the last desk has read it."""
    with pytest.raises(WrongDestination, match="further review desk"):
        of_two_desks().claimed().passed()
    with pytest.raises(WrongDestination, match="further review desk"):
        a_reply(route=(REVIEW, FURTHER)).claimed().readied()


def test_nothing_is_forwarded_beyond_the_route():
    """A State reads an item once at most: neither a desk off the route, nor one behind its end, nor the same again."""
    for to in (TO_CAMP, TO_REVIEW):
        with pytest.raises(WrongDestination, match="next review desk"):
            of_two_desks().claimed().forwarded(to=to)
    with pytest.raises(WrongDestination, match="next review desk"):
        a_letter().claimed().forwarded(to=TO_FURTHER)
    at_the_end = of_two_desks().claimed().forwarded().claimed(EVA)
    with pytest.raises(WrongDestination, match="next review desk"):
        at_the_end.forwarded(EVA, to=TO_FURTHER)


# ---------------------------------------------------------------- places


def test_a_passed_letter_names_its_place_in_the_detail_only():
    """The family's event says `mediator`; the camp is the desks' and auditors' to know."""
    passed = a_letter().claimed().passed(reasons=("MIL",))
    detail = parse_detail(passed.detail_json)

    assert (passed.item.destination, detail["desk"], detail["reasons"]) == (CAMP, CAMP, ["MIL"])
    assert CAMP not in passed.steps[-1].decision.event_json


def test_a_letter_goes_to_facilities_and_a_reply_to_bureaux():
    """Not the other way round, and neither to a review desk."""
    for place, to in ((BUREAU, TO_BUREAU), (REVIEW, TO_REVIEW)):
        with pytest.raises(WrongDestination):
            a_letter().claimed().passed(place=place, to=to)
    with pytest.raises(WrongDestination):
        a_reply().claimed().passed(place=CAMP, to=TO_CAMP)
    assert to_the_bureau(a_reply().claimed()).item.destination == BUREAU
    assert a_letter(kind=Kind.PARCEL).claimed().passed().item.destination == CAMP


def test_only_a_reply_becomes_ready_for_a_family():
    """A letter sealed to a family would never leave."""
    with pytest.raises(WrongDestination, match="only a reply"):
        a_letter().claimed().readied()


def test_a_reply_becomes_ready_for_the_family_that_the_relay_names():
    """The key that will collect it stands in the detail; without one the reply is not matched yet."""
    claimed = a_reply(signer=None).claimed()
    command = claimed.signed("pass", ANN, resealed=True, to=TO_FAMILY)

    ready = claimed.then(command)
    assert (ready.item.signer, parse_detail(ready.detail_json)["signer"]) == (FAMILY, FAMILY)
    assert "desk" not in parse_detail(ready.detail_json)
    with pytest.raises(WrongDestination, match="not been matched"):
        claimed.then(command._replace(signer=None))


def test_the_seal_and_the_place_agree():
    """Sealed to the farm and sent to the camp would be a letter that nobody opens."""
    with pytest.raises(WrongDestination, match="another desk than the place"):
        a_letter().claimed().passed(place=CAMP, to=TO_FARM)


def test_a_seal_for_two_desks_is_refused():
    """A second reader is none of the route's."""
    with pytest.raises(WrongDestination, match="more than one desk"):
        a_letter().claimed().passed(to=TO_CAMP + TO_FARM)


def test_a_place_that_the_directory_does_not_have_is_refused():
    """Nor does a redirection go to no place at all."""
    with pytest.raises(UnknownDesk):
        a_letter().claimed().passed(place=an_id("nowhere"))
    with pytest.raises(UnknownDesk):
        a_letter().claimed().passed().by_staff("redirect", ANN, resealed=True, to=TO_FARM)


def test_what_goes_to_a_place_without_computers_is_sealed_to_the_mediator():
    """The quarry has no key of its own."""
    assert to_the_quarry(a_letter().claimed()).item.destination == QUARRY
    with pytest.raises(WrongDestination, match="another desk than the place"):
        a_letter().claimed().passed(place=QUARRY, to=TO_CAMP)


def test_a_redirected_letter_leaves_its_bag_behind():
    """It lies at the mediator's again, for another place."""
    redirected = a_letter().claimed().passed().bagged().missed().redirected()

    assert (redirected.item.destination, redirected.item.bag, redirected.item.state) == (FARM, None, State.PASSED)
    assert parse_detail(redirected.detail_json)["desk"] == FARM


# ---------------------------------------------------------------- epochs


def rotated(since: str) -> Directory:
    """Say that the camp has changed its key at this moment."""
    camp = DIRECTORY.desk(CAMP)
    epochs = (camp.epochs[0], replace(camp.epochs[1], since=since))
    desks = tuple(replace(desk, epochs=epochs) if desk is camp else desk for desk in DIRECTORY.desks)
    return parse_directory(encode_directory(replace(DIRECTORY, desks=desks)))


@pytest.mark.parametrize("place", [CAMP, QUARRY], ids=["at the camp", "at the mediator's"])
def test_the_epoch_before_is_accepted_for_fourteen_days(place):
    """To the second; the current one always."""
    desk, before, current = (CAMP, 1, 2) if place == CAMP else (REVIEW, 2, 3)
    claimed = replace(a_letter(), directory=rotated(ROTATED), at=ROTATED).claimed()
    last, over = claimed.later(days=14, minutes=-1, seconds=-1), claimed.later(days=14, minutes=-1)

    assert last.passed(place=place, to=(f"{desk}/{before}",)).at == "2026-03-14T23:59:59Z"
    with pytest.raises(EpochOver):
        over.passed(place=place, to=(f"{desk}/{before}",))
    assert over.passed(place=place, to=(f"{desk}/{current}",)).item.state is State.PASSED


@pytest.mark.parametrize("to", [(f"{REVIEW}/1",), (f"{REVIEW}/4",), (f"{CAMP}/9",)])
def test_no_other_epoch_is_accepted(to):
    """Neither the one before the last, nor one that does not exist."""
    with pytest.raises(EpochOver):
        a_letter().claimed().passed(place=QUARRY, to=to)


def test_each_recipient_is_judged():
    """One accepted epoch does not carry another."""
    assert a_letter().claimed().passed(place=QUARRY, to=(f"{REVIEW}/3", f"{REVIEW}/2")).item.state is State.PASSED
    with pytest.raises(EpochOver):
        a_letter().claimed().passed(place=QUARRY, to=(f"{REVIEW}/3", f"{REVIEW}/1"))


def test_a_redirection_to_a_family_is_none():
    """There is no such epoch."""
    with pytest.raises(EpochOver):
        a_letter().claimed().passed().redirected(to=TO_FAMILY)


# ---------------------------------------------------------------- parts and first lines


@pytest.mark.parametrize("kind", ["pass", "redirect"])
def test_what_is_resealed_has_another_part_zero(kind):
    """The old one is sealed to a desk that it has left; the photo stays the same."""
    story = a_letter().claimed() if kind == "pass" else a_letter().claimed().passed()
    text, photo = story.item.parts
    other = a_digest("resealed")
    for parts in ((text, photo), (other,), (other, a_digest("another photo"))):
        with pytest.raises(PartsDiffer):
            story.by_staff(kind, ANN, to=TO_CAMP, place=CAMP, subject=story.subject()._replace(parts=parts))
    resealed = story.subject()._replace(parts=(other, photo))

    assert story.by_staff(kind, ANN, to=TO_CAMP, place=CAMP, subject=resealed).item.parts == (other, photo)


def a_line(story: Story, **changed) -> LetterLine:
    """Write the first line that the last move's part 0 should have."""
    before = story.steps[-2].decision.item
    statement = story.statement.statement
    plain: dict[str, Any] = {
        "relay": RELAY,
        "item": before.id,
        "kind": before.kind.value,
        "hop": "review>facility",
        "detainee": NUMBER,
        "to": statement.fields["to"],
        "dir": DIRECTORY.version,
        "re": before.re,
        "enclosures": before.parts[1:],
    }
    return LetterLine(**(plain | changed))


def check(story: Story, line: LetterLine) -> None:
    """Check a first line against the last move."""
    before, last = story.steps[-2].decision, story.steps[-1].decision
    check_leg(before.item, last.action, story.statement.statement, line)


LEGS = [
    (lambda: of_two_desks().claimed().forwarded(), "review>review"),
    (lambda: a_letter().claimed().passed(), "review>facility"),
    (lambda: to_the_quarry(a_letter().claimed()), "review>facility"),
    (lambda: a_letter().claimed().passed().redirected(), "review>facility"),
    (lambda: to_the_bureau(a_reply().claimed()), "review>bureau"),
    (lambda: to_the_bureau(a_reply().claimed()).redirected(place=BUREAU, to=TO_BUREAU), "review>bureau"),
    (lambda: a_reply().claimed().readied(), "review>family"),
]


@pytest.mark.parametrize(("tell", "hop"), LEGS)
def test_a_resealed_letter_says_where_it_goes(tell, hop):
    """The hop of each move is the one in its first line, and no other hop is."""
    story = tell()
    check(story, a_line(story, hop=hop))
    to_family = hop.endswith(">family")

    others = {"review>review", "review>facility", "review>bureau", "family>review", "facility>review"} - {hop}
    for other in {"review>bureau"} if to_family else others:
        with pytest.raises(WrongDestination, match="another's"):
            check(story, a_line(story, hop=other, **({"to": TO_BUREAU} if to_family else {})))


@pytest.mark.parametrize(
    "changed",
    [
        {"relay": an_id("another relay")},
        {"item": an_id("another item")},
        {"kind": "parcel"},
        {"detainee": OTHER_NUMBER},
    ],
)
def test_a_resealed_letter_is_the_same_item(changed):
    """A part 0 made for another relay, item, kind or detainee is refused."""
    story = a_letter().claimed().passed()

    with pytest.raises(WrongDestination, match="another's"):
        check(story, a_line(story, **changed))


def test_a_resealed_letter_is_sealed_to_whom_the_statement_says():
    """The statement says the camp, the file says the farm."""
    story = a_letter().claimed().passed()

    with pytest.raises(WrongDestination, match="than the statement says"):
        check(story, a_line(story, to=TO_FARM))


def test_a_resealed_reply_answers_the_same_letter():
    """A reply cannot become the answer to another one."""
    story = a_reply().claimed().readied()

    with pytest.raises(WrongDestination, match="than the statement says"):
        check(story, a_line(story, hop="review>family", re=an_id("another letter")))


def test_a_resealed_letter_has_the_same_enclosures():
    """Dropping the photo's digest is not how a photo is left out."""
    story = a_letter().claimed().passed()

    with pytest.raises(PartsDiffer):
        check(story, a_line(story, enclosures=()))
