"""Opening at a desk: who wrote it, whose contact it is, and what is done with what cannot be opened."""

from dataclasses import replace

import pytest

from keys.documents import seal_document
from keys.envelope import seal_envelope
from keys.manifests import encode_manifest
from keys.sealed import DocumentLine, FamilyAuthor, Manifest, StaffAuthor, encode_line, open_letter, seal_letter
from keys.signedcontent import plaintext_of
from relay.client.authors import Authenticity, Former, Signers
from relay.client.contacts import Contact, encode_contact
from relay.client.opening import LETTER_NOT_ITS, TO_PLACES, LetterDiffers, OpenedItem, open_item, open_items
from relay.client.resealing import leg_to_place, reseal_letter
from relay.client.sealing import Draft, Enclosure, Letter, Reply, Sealer, seal_reply, signing_key
from relay.domain.states import Kind
from tests.unit.client.people import (
    MAILBOX,
    NUMBER,
    RELAY,
    TEXT,
    a_draft,
    a_row,
    family,
    files_of,
    opened,
    people,
    stranger,
)

OTHER_NUMBER = "955649349939"
PICTURE = Enclosure("house.png", "image/png", b"\x89PNG a small house " * 30)


def sealed_contact(
    contact: Contact, *, by: Sealer | None = None, mailbox: str = MAILBOX, kind: str = "contact"
) -> bytes:
    """Seal a contact to the review desk."""
    sealer = by or people().sealer
    line = DocumentLine(RELAY, kind, mailbox, None, (f"{people().review.desk.id}/1",), 1, contact.version)
    recipients = [people().review.key.identity.recipient()]
    return seal_document(
        line, encode_contact(contact), author=StaffAuthor(sealer.staff), signer=sealer.key, recipients=recipients
    )


def open_with(draft: Draft, contact: bytes) -> OpenedItem:
    """Open a letter beside a contact that the relay gives."""
    row = a_row(draft, contact=contact)
    return open_item(row, files_of(draft, contact), people().review_keys(), people().signers)


def known() -> Contact:
    """Give the family's contact."""
    return Contact(MAILBOX, NUMBER, family().vkey.hex(), str(family().identity.recipient()), version=3)


def test_a_first_letter_is_its_authors_by_its_own_word():
    """Nobody has heard of the key before, and the reviewer is told so."""
    letter = opened(a_draft(Letter(TEXT, NUMBER, "uk", (PICTURE,))))
    assert (letter.text, letter.enclosures) == (TEXT, (PICTURE,))
    assert letter.authenticity is Authenticity.FIRST_CONTACT
    assert letter.proven
    assert letter.reply_to == str(family().identity.recipient())


def test_a_later_letter_is_known_by_the_contact():
    """The desk's own record has the key."""
    letter = open_with(a_draft(), sealed_contact(known()))
    assert letter.authenticity is Authenticity.KNOWN
    assert letter.contact == known()


def test_a_letter_in_another_key_than_the_contacts_is_forged():
    """No address for an answer is believed then: the letter may be false, or the relay may have chosen the contact."""
    draft = a_draft(keys=stranger())
    contact = sealed_contact(known())
    row = replace(a_row(draft, contact=contact), signer=None)
    letter = open_item(row, files_of(draft, contact), people().review_keys(), people().signers)
    assert letter.authenticity is Authenticity.FORGED
    assert not letter.proven
    assert letter.reply_to is None


def test_a_letter_in_somebody_elses_mailbox_is_forged():
    """The relay knows the mailbox by another key."""
    letter = opened(a_draft(keys=stranger()))
    assert letter.authenticity is Authenticity.FORGED
    assert letter.reply_to is None


def test_an_unsigned_letter_is_shown_as_such():
    """It opens, because silence would hide it."""
    draft = a_draft()
    line = draft.line
    manifest = encode_manifest(Manifest(by=opened(draft).letter.author, lang="uk", text=TEXT))
    recipients = [people().review.key.identity.recipient()]
    sealed = seal_envelope(encode_line(line), plaintext_of(manifest, b""), recipients)
    letter = opened(Draft(line, (sealed,)))
    assert letter.authenticity is Authenticity.UNSIGNED


@pytest.mark.parametrize(
    "claimed",
    [lambda: people().otto.member.id, lambda: people().ann.member.id, lambda: "ee" * 16],
    ids=["an officer", "an officer as a reviewer", "nobody"],
)
def test_a_contact_that_no_reviewer_signed_is_not_believed(claimed):
    """Otherwise the relay could send a family's replies elsewhere."""
    officer = Sealer(claimed(), signing_key(people().otto.root))
    letter = open_with(a_draft(), sealed_contact(known(), by=officer))
    assert (letter.contact, letter.contact_refused) == (None, "document_not_authentic")
    assert not letter.proven


def test_a_contact_of_another_mailbox_is_not_believed():
    """Both its line and its inside name the mailbox."""
    inside = replace(known(), mailbox="c1" * 32)
    assert open_with(a_draft(), sealed_contact(inside)).contact_refused == "letter_differs"
    assert open_with(a_draft(), sealed_contact(known(), mailbox="c1" * 32)).contact_refused == "letter_differs"
    assert open_with(a_draft(), sealed_contact(known(), kind="declaration")).contact_refused == "letter_differs"


def test_a_reply_is_known_by_the_officer_who_brought_it():
    """A reviewer's signature would not do."""
    reply = Reply("Я живий.", NUMBER, "new", "uk")
    draft = seal_reply(people().otto.root, people().directory, reply)
    assert _judged(draft) is Authenticity.KNOWN
    assert _judged(seal_reply(people().ann.root, people().directory, reply)) is Authenticity.STRANGER


def test_a_reply_is_for_a_family_only_if_its_contact_has_seen_the_letter():
    """The relay says from which mailbox the letter came; it could name that of a stranger who is known here too."""
    letter = "0e" * 16
    draft = seal_reply(people().otto.root, people().directory, Reply("Я живий.", NUMBER, letter, "uk"))

    def opened_beside(contact: Contact) -> OpenedItem:
        data = sealed_contact(contact)
        row = a_row(draft, kind=Kind.REPLY, contact=data)
        return open_item(row, files_of(draft, data), people().review_keys(), people().signers)

    strangers = opened_beside(known())
    assert (strangers.contact_refused, strangers.proven, strangers.reply_to) == (LETTER_NOT_ITS, False, None)
    own = opened_beside(replace(known(), letters=("0f" * 16, letter)))
    assert (own.contact_refused, own.proven, own.reply_to) == (None, True, known().reply_to)


def _judged(draft: Draft, signers: Signers | None = None) -> Authenticity:
    row = a_row(draft, kind=Kind.REPLY)
    return open_item(row, files_of(draft), people().review_keys(), signers or people().signers).authenticity


def test_former_staff_count_for_what_they_sealed_while_they_were_there():
    """Not for a later directory, nor in another role."""
    draft = seal_reply(people().otto.root, people().directory, Reply("Я живий.", NUMBER, "new", "uk"))
    otto = people().otto.member
    without = replace(people().directory, staff=(people().ann.member,))
    vkey = otto.verifier.public.hex()
    assert _judged(draft, Signers(without)) is Authenticity.STRANGER
    assert _judged(draft, Signers(without, {otto.id: Former(vkey, ("officer",), 1)})) is Authenticity.KNOWN
    assert _judged(draft, Signers(without, {otto.id: Former(vkey, ("officer",), 0)})) is Authenticity.STRANGER
    assert _judged(draft, Signers(without, {otto.id: Former(vkey, ("auditor",), 1)})) is Authenticity.STRANGER
    assert _judged(draft, Signers(without, {otto.id: Former("ab" * 32, ("officer",), 1)})) is Authenticity.FORGED


def test_a_file_of_another_item_is_refused():
    """What the relay lists and what was sealed must be the same item."""
    draft, other = a_draft(), a_draft()
    row = replace(a_row(draft), parts=a_row(other).parts)
    with pytest.raises(LetterDiffers):
        open_item(row, files_of(other), people().review_keys(), people().signers)


def test_one_letter_that_cannot_be_opened_does_not_hide_the_others():
    """A hostile family cannot keep a reviewer from a whole line."""
    draft, broken = a_draft(), a_draft()
    row, bad = a_row(draft), a_row(broken)
    damaged = broken.parts[0][:-1] + bytes([broken.parts[0][-1] ^ 1])
    files = files_of(draft) | {broken.digests[0]: damaged}
    batch = open_items([bad, row], files, people().review_keys(), people().signers)
    assert [letter.item for letter in batch.letters] == [draft.item]
    assert [(one.row.item, one.code) for one in batch.unreadable] == [(broken.item, "age_payload")]


def test_a_letter_that_no_reviewer_has_read_does_not_open_at_a_place():
    """Anybody can seal to a facility's key; signed by any family's key at all, it would look like a first letter."""
    key = people().facility.key
    line = replace(a_draft().line, to=(f"{key.desk}/1",))
    manifest = Manifest(by=FamilyAuthor(family().vkey.hex()), lang="uk", text="Nobody has read this.")
    recipients = [key.identity.recipient()]
    draft = Draft(line, (seal_letter(line, manifest, signer=family().signer, recipients=recipients),))
    with pytest.raises(LetterDiffers, match="on its way to somebody else"):
        open_item(a_row(draft), files_of(draft), people().facility_keys(), people().signers, legs=TO_PLACES)


def test_what_was_sealed_for_a_place_is_nothing_to_review():
    """What goes to a place without computers is sealed to the review desk's own key, but it has been read."""
    letter = opened()
    leg = leg_to_place(people().directory, people().keyless.id, review_desk=people().review.desk.id)
    sealed = reseal_letter(letter, leg, people().sealer)
    draft = Draft(open_letter(sealed, people().review_keys().identities).line, (sealed,))
    args = (a_row(draft), files_of(draft), people().review_keys(), people().signers)
    assert open_item(*args, legs=TO_PLACES).authenticity is Authenticity.KNOWN
    with pytest.raises(LetterDiffers):
        open_item(*args)


def test_the_relay_cannot_say_that_a_reply_or_a_passed_letter_is_for_or_from_another():
    """The number in the first line is under a signature; the one in the relay's row is only the relay's word."""
    reply = seal_reply(people().otto.root, people().directory, Reply("Я живий.", NUMBER, "new", "uk"))
    row = replace(a_row(reply, kind=Kind.REPLY), detainee=OTHER_NUMBER)
    with pytest.raises(LetterDiffers, match="addressed to somebody else"):
        open_item(row, files_of(reply), people().review_keys(), people().signers)
    leg = leg_to_place(people().directory, people().facility.desk.id, review_desk=people().review.desk.id)
    sealed = reseal_letter(opened(), leg, people().sealer)
    passed = Draft(open_letter(sealed, people().facility_keys().identities).line, (sealed,))
    row = replace(a_row(passed), detainee=OTHER_NUMBER)
    with pytest.raises(LetterDiffers, match="addressed to somebody else"):
        open_item(row, files_of(passed), people().facility_keys(), people().signers, legs=TO_PLACES)


def test_a_letter_says_so_if_its_family_wrote_another_number():
    """It may have been matched since, so it opens; a letter to `unknown` has no number to differ from."""
    draft = a_draft()
    row = replace(a_row(draft), detainee=OTHER_NUMBER)
    letter = open_item(row, files_of(draft), people().review_keys(), people().signers)
    assert (letter.readdressed, opened(draft).readdressed) == (NUMBER, None)
    unknown = a_draft(Letter(TEXT, "unknown", "uk"))
    row = replace(a_row(unknown), detainee=OTHER_NUMBER)
    assert open_item(row, files_of(unknown), people().review_keys(), people().signers).readdressed is None
