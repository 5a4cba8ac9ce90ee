"""Sealing on: what the next reader sees, what they do not, and how contacts are renewed."""

from dataclasses import replace

import pytest

from keys.errors import Malformed
from keys.sealed import EnclosureExcised, Excision, OpenedLetter, StaffAuthor, check_letter, open_document, open_letter
from relay.client.contacts import Contact
from relay.client.opening import OpenedItem
from relay.client.passing import renewed_contacts
from relay.client.resealing import (
    NO_EDIT,
    Edit,
    NoAddress,
    leg_to_family,
    leg_to_place,
    leg_to_review,
    reseal_letter,
    seal_note,
)
from relay.client.sealing import Enclosure, Letter
from tests.unit.client.people import (
    MAILBOX,
    NUMBER,
    RELAY,
    TEXT,
    a_draft,
    family,
    opened,
    people,
    stranger,
)

PICTURE = Enclosure("house.png", "image/png", b"\x89PNG a small house " * 30)


def passed(item: OpenedItem, edit: Edit = NO_EDIT) -> OpenedLetter:
    """Seal a letter on to the facility and open it there."""
    leg = leg_to_place(people().directory, people().facility.desk.id, review_desk=people().review.desk.id)
    return open_letter(reseal_letter(item, leg, people().sealer, edit), [people().facility.key.identity])


def test_the_facility_reads_the_text_and_not_where_the_answer_goes():
    """The reviewer signs; the enclosure keeps its bytes and its key."""
    draft = a_draft(Letter(TEXT, NUMBER, "uk", (PICTURE,), address="Ivan"))
    letter = passed(opened(draft))
    assert letter.manifest.text == TEXT
    assert letter.manifest.reply_to is None
    assert letter.manifest.address == "Ivan"
    assert letter.author == StaffAuthor(people().ann.member.id)
    assert letter.authentic(people().ann.member.verifier.public)
    assert letter.open_enclosure(1, draft.parts[1]) == PICTURE.content


def test_excised_characters_are_gone_and_the_others_keep_their_place():
    """An earlier desk's excisions stay listed."""
    item = opened()
    once = passed(item, Edit(excisions=(Excision(8, 9, "POL"),)))
    again = replace(item, letter=replace(item.letter, manifest=once.manifest))
    twice = passed(again, Edit(excisions=(Excision(0, 2, "MIL"),)))
    assert [cut.reason for cut in twice.manifest.excised] == ["MIL", "POL"]
    assert twice.manifest.text == "██" + TEXT[2:8] + "█" + TEXT[9:]


def test_excisions_beyond_the_text_are_refused():
    """A mistake in counting must not pass silently."""
    with pytest.raises(Malformed):
        passed(opened(), Edit(excisions=(Excision(0, len(TEXT) + 1, "MIL"),)))


def test_an_enclosure_is_left_out_by_leaving_its_key_out():
    """Its digest stays in the line, so the custody record does not change."""
    draft = a_draft(Letter(TEXT, NUMBER, "uk", (PICTURE,)))
    letter = passed(opened(draft), Edit(left_out=frozenset({1}), note="the picture shows a street"))
    assert letter.line.enclosures == draft.line.enclosures
    assert letter.manifest.note == "the picture shows a street"
    with pytest.raises(EnclosureExcised):
        letter.open_enclosure(1, draft.parts[1])


def test_what_goes_to_a_place_without_computers_is_sealed_to_the_review_desk():
    """The dispatcher prints it."""
    leg = leg_to_place(people().directory, people().keyless.id, review_desk=people().review.desk.id)
    assert (leg.to, leg.place) == ((f"{people().review.desk.id}/1",), people().keyless.id)
    data = reseal_letter(opened(), leg, people().sealer)
    assert open_letter(data, [people().review.key.identity]).line.hop == "review>facility"


def test_a_further_review_desk_learns_where_the_answer_goes():
    """It may be the one that returns the letter."""
    leg = leg_to_review(people().directory, people().review.desk.id)
    data = reseal_letter(opened(), leg, people().sealer)
    letter = open_letter(data, [people().review.key.identity])
    assert letter.manifest.reply_to == str(family().identity.recipient())


def test_a_letter_that_was_matched_goes_on_under_its_number():
    """The family wrote `unknown`; the facility needs the number."""
    item = opened(a_draft(Letter(TEXT, "unknown", "uk")))
    matched = replace(item, row=replace(item.row, detainee=NUMBER))
    assert passed(matched).line.detainee == NUMBER


def test_a_reply_is_sealed_to_the_family_alone():
    """Its address is for the mediator, not for the family."""
    leg = leg_to_family(people().directory, str(family().identity.recipient()))
    data = reseal_letter(opened(a_draft(Letter(TEXT, NUMBER, "uk", address="Ivan"))), leg, people().sealer)
    assert check_letter(data).to == ("family",)
    letter = open_letter(data, [family().identity])
    assert (letter.manifest.address, letter.manifest.reply_to) == (None, None)


def test_nothing_is_sealed_to_a_family_that_left_no_key():
    """There is nobody to seal it to."""
    with pytest.raises(NoAddress):
        leg_to_family(people().directory, None)


def test_a_note_names_its_item_and_opens_with_the_familys_code():
    """Nobody else can read why a letter came back."""
    reply_to = str(family().identity.recipient())
    data = seal_note(
        "shorter, please", "0b" * 16, reply_to, relay=RELAY, directory=people().directory, by=people().sealer
    )
    note = open_document(data, [family().identity])
    assert (note.line.kind, note.line.item, note.content) == ("note", "0b" * 16, b"shorter, please")
    assert note.authentic(people().ann.member.verifier.public)


def test_each_mailbox_gets_one_new_contact_beside_its_last_letter():
    """Two letters of one family, and one of another."""
    one, two = opened(), opened()
    third = replace(opened(), row=replace(opened().row, mailbox="c1" * 32))
    first, second, other = renewed_contacts([one, two, third], {two.item: Edit(names="the Marchenkos")})
    assert first is None
    assert second is not None
    assert (second.mailbox, second.version, second.names) == (MAILBOX, 2, "the Marchenkos")
    assert other is not None
    assert other.version == 1


def test_what_nobody_has_proved_changes_no_contact():
    """A forged letter may be passed knowingly; it moves no address."""
    forged = opened(a_draft(keys=stranger()))
    unbelieved = replace(opened(), contact_refused="document_not_authentic")
    unmatched = replace(opened(), row=replace(opened().row, mailbox=None))
    assert renewed_contacts([forged, unbelieved, unmatched]) == [None, None, None]


def test_a_contact_keeps_what_a_later_letter_does_not_say():
    """Names and the address for an answer stay; the number is the newest."""
    before = Contact(MAILBOX, "000000000098", family().vkey.hex(), "age1pq1old", "the Marchenkos", version=7)
    silent = opened(a_draft(Letter(TEXT, NUMBER, "uk", reply=False)))
    (renewed,) = renewed_contacts([replace(silent, contact=before)])
    assert renewed == replace(before, detainee=NUMBER, version=8, letters=(silent.item,))


def test_a_contact_remembers_the_letters_it_has_seen():
    """Each once, the newest last, and the oldest of very many no more."""
    many = tuple(f"{n:032x}" for n in range(500))
    before = Contact(MAILBOX, NUMBER, family().vkey.hex(), version=7, letters=many)
    letter = opened()
    (renewed,) = renewed_contacts([replace(letter, contact=before)])
    assert renewed is not None
    assert renewed.letters == (*many[1:], letter.item)
    (again,) = renewed_contacts([replace(letter, contact=renewed)])
    assert again is not None
    assert again.letters == renewed.letters
