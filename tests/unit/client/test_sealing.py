"""Sealing on the sender's machine: what leaves it, and what may lie on a disk."""

import pytest

from keys.codes import NumberMistyped
from keys.directory import UnknownEpoch
from keys.errors import Malformed
from keys.sealed import check_enclosure, check_letter, open_letter
from relay.client.sealing import (
    DraftDamaged,
    Enclosure,
    Letter,
    Reply,
    TooManyEnclosures,
    current_epoch,
    encode_draft,
    parse_draft,
    seal_reply,
)
from tests.unit.client.people import NUMBER, RELAY, TEXT, a_draft, family, people

PICTURE = Enclosure("house.png", "image/png", b"\x89PNG a small house " * 30)


def test_a_letter_goes_to_the_intake_desk_and_says_where_the_answer_goes():
    """The line names the number and nobody; the family's recipient stands inside."""
    draft = a_draft(Letter(TEXT, " 1234 5678 9092 ", "uk", (PICTURE,), address="Ivan"))
    line = check_letter(draft.parts[0])
    assert (line.detainee, line.to, line.hop) == (NUMBER, (f"{people().review.desk.id}/1",), "family>review")
    letter = open_letter(draft.parts[0], [people().review.key.identity])
    assert letter.authentic(family().vkey)
    assert letter.manifest.reply_to == str(family().identity.recipient())
    assert letter.manifest.address == "Ivan"
    assert letter.open_enclosure(1, draft.parts[1]) == PICTURE.content
    assert TEXT.encode() not in b"".join(draft.parts)


def test_each_enclosure_belongs_to_its_item_and_place():
    """The relay checks that, and so does the reader."""
    draft = a_draft(Letter(TEXT, NUMBER, "uk", (PICTURE, PICTURE)))
    lines = [check_enclosure(part) for part in draft.parts[1:]]
    assert [(line.item, line.part) for line in lines] == [(draft.item, 1), (draft.item, 2)]


def test_a_family_may_want_no_answer():
    """Then the letter has no recipient for one."""
    letter = open_letter(a_draft(Letter(TEXT, NUMBER, "uk", reply=False)).parts[0], [people().review.key.identity])
    assert letter.manifest.reply_to is None


def test_a_letter_may_be_about_somebody_unknown():
    """Whoever has no number says so."""
    assert a_draft(Letter(TEXT, "unknown", "uk")).line.detainee == "unknown"


def test_a_mistyped_number_is_refused_before_anything_is_sealed():
    """The check digits tell."""
    with pytest.raises(NumberMistyped):
        a_draft(Letter(TEXT, "1234 5678 9093", "uk"))


def test_a_fourth_enclosure_is_refused():
    """Three is the most that a first line holds."""
    with pytest.raises(TooManyEnclosures):
        a_draft(Letter(TEXT, NUMBER, "uk", (PICTURE,) * 4))


@pytest.mark.parametrize(("bureau", "hop"), [(False, "facility>review"), (True, "bureau>review")])
def test_a_reply_names_what_it_answers(bureau, hop):
    """It is signed by whoever brings it in."""
    reply = Reply("Я живий.", NUMBER, "0b" * 16, "uk", note="typed off the sheet")
    draft = seal_reply(people().otto.root, people().directory, reply, bureau=bureau)
    assert (draft.line.kind, draft.line.hop, draft.line.re, draft.line.relay) == ("reply", hop, "0b" * 16, RELAY)
    letter = open_letter(draft.parts[0], [people().review.key.identity])
    assert letter.authentic(people().otto.member.verifier.public)
    assert letter.manifest.note == "typed off the sheet"


def test_a_draft_is_kept_and_read_back_as_the_same_bytes():
    """Whoever finds it on a disk finds nothing to read."""
    draft = a_draft(Letter(TEXT, NUMBER, "uk", (PICTURE,)))
    kept = encode_draft(draft)
    assert parse_draft(kept) == draft
    assert TEXT.encode() not in kept


def test_a_draft_with_another_enclosure_is_refused():
    """It would be refused at the door, with the letter's own words."""
    draft, other = (a_draft(Letter(TEXT, NUMBER, "uk", (PICTURE,))) for _ in range(2))
    mixed = encode_draft(type(draft)(draft.line, (draft.parts[0], other.parts[1])))
    with pytest.raises(DraftDamaged):
        parse_draft(mixed)


@pytest.mark.parametrize("cut", [0, 3, 200])
def test_a_draft_that_was_cut_short_is_refused(cut):
    """Half a letter is no letter."""
    with pytest.raises(Malformed):
        parse_draft(encode_draft(a_draft())[:cut])


def test_nothing_is_sealed_to_a_desk_without_computers():
    """It has no key; the mediator's desk opens what goes there."""
    with pytest.raises(UnknownEpoch):
        current_epoch(people().directory, people().keyless.id)
