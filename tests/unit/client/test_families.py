"""A family believes its relay in nothing: receipts, replies and notes are judged before they are shown."""

import json
from dataclasses import replace
from typing import Any

import pytest

from keys.codes import show_code
from keys.notes import Signer, Vkey
from keys.sealed import (
    DocumentLine,
    EnclosureKey,
    LetterLine,
    Manifest,
    StaffAuthor,
    part_digest,
    seal_document,
    seal_letter,
)
from keys.statements import verify_statement
from relay.client.answers import MailboxItem, Opening, PartSize
from relay.client.authors import Authenticity, DocumentNotAuthentic
from relay.client.families import Family, NothingToRead, PartDiffers, ReceiptDiffers, StatusNotLogged
from relay.client.sealing import Draft, Sealer, signing_key
from relay.client.trustbook import TrustBook
from relay.custody.checkpoint import Checkpoint, sign_checkpoint
from relay.custody.entry import commitment, encode_custody, tag
from relay.custody.merkle import InclusionInvalid, leaf_hash
from relay.custody.proof import Proof, Receipt, encode_proof, encode_receipt
from relay.domain.events import Event, encode_event, event_digest
from relay.domain.states import Kind
from tests.unit.client.people import AT, NUMBER, ORIGIN, RELAY, TEXT, a_draft, an_event, family, people
from tests.unit.client.played import PlayedConnection, a_relay

TAG_KEY, NONCE = b"t" * 32, b"n" * 32
ITEM = "0b" * 16


async def at_home(relay: PlayedConnection | None = None) -> tuple[Family, PlayedConnection]:
    """Give a family its client, with trust and directory pinned."""
    relay = relay or a_relay()
    book = TrustBook(people().trust.fingerprint, clock=lambda: AT)
    await book.refresh(relay)
    return Family(relay, book, family()), relay


def a_receipt(event: Event, *, signer: Signer | None = None, told: Event | None = None) -> bytes:
    """Make the receipt that a log of one event gives; it may tell another event than it logs."""
    event_json = encode_event(event)
    leaf = leaf_hash(encode_custody(tag(TAG_KEY, 0), commitment(NONCE, event_json.encode())))
    note = sign_checkpoint(Checkpoint(ORIGIN, 1, leaf), signer or people().log)
    receipt = Receipt(tag(TAG_KEY, 0), NONCE, encode_event(told or event))
    return encode_proof(Proof(0, (), note, encode_receipt(receipt)))


async def send(draft: Draft, receipt: bytes):
    """Send a letter to a relay that answers with this receipt."""
    one, relay = await at_home()
    relay.answers[f"/family/letters/{draft.item}"] = receipt
    return await one.send(draft), relay


async def test_a_letter_is_accepted_once_its_receipt_is_proved():
    """The locator and the signer travel beside it, and nothing else."""
    draft = a_draft()
    accepted, relay = await send(draft, a_receipt(an_event(draft.item, draft.digests)))
    assert (accepted.item, accepted.verified.index) == (draft.item, 0)
    request = relay.asked[-1]
    assert (request.bearer, request.body) == (family().locator.hex(), draft.parts[0])
    assert request.headers == {"Letter-Relay-Signer": family().vkey.hex()}


@pytest.mark.parametrize(
    "changed",
    [{"item": "0c" * 16}, {"parts": ("a1" * 32,)}, {"event": "passed"}, {"seq": 1, "prev": "a1" * 32}],
    ids=["another item", "other parts", "another event", "a later event"],
)
async def test_a_receipt_for_something_else_is_refused(changed):
    """The relay may not pass one letter's receipt off as another's."""
    draft = a_draft()
    with pytest.raises(ReceiptDiffers):
        await send(draft, a_receipt(an_event(draft.item, draft.digests)._replace(**changed)))


async def test_a_receipt_that_the_log_does_not_have_is_refused():
    """It tells the right event over a log of another."""
    draft = a_draft()
    event = an_event(draft.item, draft.digests)
    with pytest.raises(InclusionInvalid):
        await send(draft, a_receipt(an_event("0c" * 16, draft.digests), told=event))


async def test_a_receipt_by_another_log_is_refused():
    """Only the pinned trust says whose logs count."""
    draft = a_draft()
    other = Signer.ed25519(ORIGIN, b"another log's key, 32 bytes ....")
    with pytest.raises(Exception, match="signed") as refusal:
        await send(draft, a_receipt(an_event(draft.item, draft.digests), signer=other))
    assert getattr(refusal.value, "code", None) == "note_unsigned"


async def test_a_code_as_typed_opens_the_same_keys():
    """It is derived once."""
    _, relay = await at_home()
    book = TrustBook(people().trust.fingerprint, clock=lambda: AT)
    await book.refresh(relay)
    typed = Family(relay, book, show_code("00000000000000000000000000000098"))
    assert typed.keys.locator == family().locator
    assert typed.keys is typed.keys


def a_reply(*, by: Sealer | None = None, item: str = ITEM, enclosures: tuple[str, ...] = (), **more: Any) -> bytes:
    """Seal a reply to the family."""
    sealer = by or people().sealer
    line = LetterLine(RELAY, item, "reply", "review>family", NUMBER, ("family",), 1, "new", enclosures)
    line = replace(line, **more)
    keys = tuple(EnclosureKey("sheet.png", "image/png", 7, None) for _ in enclosures)
    manifest = Manifest(by=StaffAuthor(sealer.staff), lang="uk", text="Я живий.", enclosures=keys)
    return seal_letter(line, manifest, signer=sealer.key, recipients=[family().identity.recipient()])


def an_item(parts: tuple[str, ...], *, note: str | None = None, kind: Kind = Kind.REPLY) -> MailboxItem:
    """Show a mailbox item."""
    event = an_event(ITEM, parts or ("a1" * 32,))
    head = event_digest(encode_event(event))
    sizes = tuple(PartSize(part, 1) for part in parts)
    opening = Opening(2, NONCE, event, encode_event(event))
    return MailboxItem(ITEM, kind, "ready", AT[:10], event, head, sizes, (opening,), "new", note)


async def reading(sealed: bytes, item: MailboxItem | None = None):
    """Read a reply that the relay gives."""
    one, relay = await at_home()
    digest = part_digest(sealed)
    relay.answers[f"/family/parts/{digest}"] = sealed
    return await one.read(item or an_item((digest,)))


async def test_a_reply_is_read_with_the_code_alone():
    """And is known by the reviewer's key in the directory."""
    read = await reading(a_reply())
    assert (read.letter.manifest.text, read.authenticity) == ("Я живий.", Authenticity.KNOWN)


async def test_a_reply_that_no_reviewer_signed_is_shown_as_such():
    """Anybody can seal to a family; only reviewers pass replies."""
    officer = Sealer(people().otto.member.id, signing_key(people().otto.root))
    assert (await reading(a_reply(by=officer))).authenticity is Authenticity.STRANGER
    posing = Sealer(people().ann.member.id, signing_key(people().otto.root))
    assert (await reading(a_reply(by=posing))).authenticity is Authenticity.FORGED


async def test_a_reply_of_another_item_is_refused():
    """The relay may not swap replies."""
    with pytest.raises(PartDiffers):
        await reading(a_reply(item="0c" * 16))
    with pytest.raises(PartDiffers):
        await reading(a_reply(enclosures=("a1" * 32,)))
    with pytest.raises(PartDiffers):
        await reading(a_reply(re="0c" * 16))
    with pytest.raises(PartDiffers):
        await reading(a_reply(hop="review>bureau", to=(f"{people().facility.desk.id}/1",)))


async def test_a_file_that_is_not_the_one_asked_for_is_refused():
    """Its digest says so."""
    one, relay = await at_home()
    relay.answers["/family/parts/" + "a1" * 32] = a_reply()
    with pytest.raises(PartDiffers):
        await one.read(an_item(("a1" * 32,)))


async def test_what_is_not_ready_cannot_be_read():
    """Nor can one's own letters, which are sealed to the desk."""
    one, _ = await at_home()
    for item in (an_item(()), an_item(("a1" * 32,), kind=Kind.LETTER)):
        with pytest.raises(NothingToRead):
            await one.read(item)
    with pytest.raises(NothingToRead):
        await one.read_note(an_item(()))


def a_note(content: bytes = b"shorter, please", *, item: str | None = ITEM, by: Sealer | None = None) -> bytes:
    """Seal a note to the family."""
    sealer = by or people().sealer
    line = DocumentLine(RELAY, "note", "0f" * 16, item, ("family",), 1, 1)
    recipients = [family().identity.recipient()]
    return seal_document(line, content, author=StaffAuthor(sealer.staff), signer=sealer.key, recipients=recipients)


async def note_read(sealed: bytes) -> str:
    """Read a note that the relay gives."""
    one, relay = await at_home()
    digest = part_digest(sealed)
    relay.answers[f"/family/parts/{digest}"] = sealed
    return await one.read_note(an_item((), note=digest))


async def test_a_note_is_read_if_a_reviewer_signed_it():
    """About this item, in words."""
    assert await note_read(a_note()) == "shorter, please"
    with pytest.raises(PartDiffers):
        await note_read(a_note(item="0c" * 16))
    with pytest.raises(PartDiffers):
        await note_read(a_note(b"\xff"))
    officer = Sealer(people().otto.member.id, signing_key(people().otto.root))
    with pytest.raises(DocumentNotAuthentic):
        await note_read(a_note(by=officer))


async def test_a_statement_names_the_events_that_were_shown():
    """Signed with the family's own key, under no directory."""
    one, _ = await at_home()
    item = an_item((), kind=Kind.LETTER)
    note = one.sign("withdraw", (item.subject,))
    statement = verify_statement(note, Vkey.ed25519(f"{RELAY}/family", family().vkey))
    assert (statement.directory, statement.subjects) == (None, (item.subject,))


async def test_events_that_were_shown_are_found_in_the_log():
    """Or the relay has shown something else than it logged; what is not published yet waits."""
    one, relay = await at_home()
    assert relay.log is not None
    item = an_item((), kind=Kind.LETTER)
    assert await one.prove([item]) == 0
    event_json = item.openings[0].event_json.encode()
    relay.log.entries.append(encode_custody(tag(TAG_KEY, 0), commitment(NONCE, event_json)))
    assert await one.prove([item, replace(item, tag_key=TAG_KEY)]) == 2
    with pytest.raises(StatusNotLogged):
        await one.prove([replace(item, tag_key=b"x" * 32)])
    with pytest.raises(StatusNotLogged):
        await one.prove([replace(item, openings=(replace(item.openings[0], nonce=b"x" * 32),))])
    with pytest.raises(StatusNotLogged):
        await one.prove([replace(item, openings=(replace(item.openings[0], index=1),))])


async def test_the_mailbox_and_the_letters_leave_no_words_on_the_way():
    """Whatever is sent is sealed, signed or a digest."""
    one, relay = await at_home()
    draft = one.prepare(TEXT, about=NUMBER, lang="uk", address="Ivan Example")
    relay.answers[f"/family/letters/{draft.item}"] = a_receipt(an_event(draft.item, draft.digests))
    await one.send(draft)
    sent = b"".join(request.body or b"" for request in relay.asked)
    for word in (TEXT, "Ivan Example", json.dumps(TEXT)):
        assert word.encode() not in sent
