"""Whole lives of letters through the client: everything goes over HTTP, and every signature is somebody's own."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from keys.codes import new_code, show_code
from keys.directory import DirectoryGap
from keys.sealed import Excision
from relay.client.answers import Row
from relay.client.authors import Authenticity
from relay.client.contacts import ContactKeyDiffers, renew_contact
from relay.client.facilities import Officer
from relay.client.faults import ProblemAnswered
from relay.client.operators import fetch_keyring, suspend, unlock
from relay.client.register import NumberUnknown, Record, Registrar
from relay.client.resealing import Edit, NoAddress
from relay.client.reviewers import AuthorUnproven, Reviewer
from relay.client.sealing import Enclosure, encode_draft, parse_draft
from relay.client.staff import StaffSession
from relay.custody.verify import verify
from relay.domain.register import Status
from relay.domain.states import State
from tests.http.client_world import ClientWorld, a_client_world

TEXT = "Любий, у нас усе добре. Яблуня зацвіла.\nМама"
PICTURE = Enclosure("house.png", "image/png", b"\x89PNG a small house with a big sun " * 40)
SCAN = Enclosure("sheet.jpeg", "image/jpeg", b"\xff\xd8 a sheet of paper, signed " * 40)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ClientWorld]:
    """Serve a relay whose ceremony was run through the client."""
    async with a_client_world(tmp_path / "relay") as served:
        yield served


async def claim_all(reviewer: Reviewer) -> list[Row]:
    """Claim whatever waits."""
    rows: list[Row] = []
    for line in await reviewer.lines():
        rows += await reviewer.claim(await reviewer.offers(line.detainee))
    return rows


async def pass_all(reviewer: Reviewer) -> list[Row]:
    """Claim, open and pass whatever waits."""
    batch = await reviewer.open(await claim_all(reviewer))
    assert batch.unreadable == ()
    return await reviewer.pass_(batch.letters)


async def test_a_letter_goes_the_whole_way_and_its_reply_comes_back(world, tmp_path):
    """A family writes with a picture, the detainee gets both, the family reads the answer, and the audit passes."""
    family = await world.family()
    accepted = await family.write(TEXT, about=world.number, lang="uk", enclosures=[PICTURE])
    assert family.verify(accepted.receipt) == accepted.verified
    assert await family.receipt(accepted.item) == accepted.receipt

    reviewer = await world.reviewer()
    batch = await reviewer.open(await claim_all(reviewer))
    (letter,) = batch.letters
    assert (letter.text, letter.enclosures) == (TEXT, (PICTURE,))
    assert letter.authenticity is Authenticity.FIRST_CONTACT
    edit = Edit(excisions=(Excision(0, 5, "MIL"),), names="Ivan Example and his mother")
    await reviewer.pass_([letter], edits={letter.item: edit})

    (bag,) = await (await world.dispatcher()).pack_all()
    assert bag.place == world.facility.desk.id
    officer = await world.officer()
    (arriving,) = await officer.bags()
    assert arriving.bag == bag.bag
    received = await officer.receive(arriving, remarks={letter.item: "DAMAGED"})
    (printed,) = (await officer.open(received)).letters
    assert printed.authenticity is Authenticity.KNOWN
    assert printed.text == "█" * 5 + TEXT[5:]
    assert printed.enclosures == (PICTURE,)
    assert printed.letter.manifest.reply_to is None
    await officer.deliver(received, paper=await officer.upload_scan(b"\xff\xd8 a signed sheet"))

    await officer.reply("Я живий.", about=world.number, re=letter.item, lang="uk", enclosures=[SCAN])
    (answer,) = (await reviewer.open(await claim_all(reviewer))).letters
    assert answer.authenticity is Authenticity.KNOWN
    assert answer.contact is not None
    assert answer.contact.names == "Ivan Example and his mother"
    await reviewer.pass_([answer])

    items = {item.item: item for item in await family.status()}
    assert items[letter.item].word == "delivered"
    assert items[answer.item].word == "ready"
    reading = await family.read(items[answer.item])
    assert (reading.letter.manifest.text, reading.enclosures) == ("Я живий.", (SCAN,))
    assert reading.authenticity is Authenticity.KNOWN
    await family.collect([items[answer.item]])
    assert {item.word for item in await family.status()} == {"delivered", "collected"}

    await world.publish()
    assert await family.prove(await family.status()) >= 7
    bundle = await (await world.auditor()).download(tmp_path / "bundle")
    found = verify(bundle, fingerprint=world.fingerprint, receipt=accepted.receipt)
    assert found.checkpoint.size == world.served.services.ledger.head.size
    in_memory = await (await world.auditor()).fetch()
    assert verify(in_memory, fingerprint=world.fingerprint).checkpoint == found.checkpoint


async def test_a_place_without_computers_is_served_on_signed_paper(world):
    """The dispatcher receives and delivers with scans; without one the relay refuses."""
    family = await world.family()
    await family.write(TEXT, about=world.keyless_number, lang="uk")
    await pass_all(await world.reviewer())
    (bag,) = await (await world.dispatcher()).pack_all()
    officer = await world.keyless_officer()
    (arriving,) = await officer.bags()
    assert arriving.bag == bag.bag
    with pytest.raises(ProblemAnswered, match="scan") as refusal:
        await officer.receive(arriving)
    assert refusal.value.code == "paper_required"

    sheet = await officer.upload_scan(b"\xff\xd8 a signed sheet")
    received = await officer.receive(arriving, paper=sheet)
    (printed,) = (await officer.open(received)).letters
    assert printed.text == TEXT
    await officer.deliver(received, paper=sheet)
    await officer.reply("Живий", about=world.keyless_number, re=printed.item, lang="uk", paper=sheet)
    assert [item.word for item in await family.status()] == ["delivered"]


async def test_a_draft_that_was_kept_is_sent_twice_and_taken_once(world):
    """A family that lost the network sends the same bytes again and gets the same receipt."""
    family = await world.family()
    draft = parse_draft(encode_draft(family.prepare(TEXT, about=world.number, lang="uk", enclosures=[PICTURE])))
    first = await family.send(draft)
    assert (await family.send(draft)).receipt == first.receipt
    assert len(await family.status()) == 1


async def test_a_proof_of_work_is_done_when_the_relay_wants_one(tmp_path):
    """The client solves the challenge by itself, and the letter is taken."""
    work = {"required": True, "cost": 1, "counter_max": 5}
    async with a_client_world(tmp_path / "relay", work=work) as world:
        family = await world.family()
        accepted = await family.write(TEXT, about=world.number, lang="uk")
        assert (await family.status())[0].item == accepted.item


async def test_a_letter_can_be_withdrawn_while_it_is_shown_as_accepted(world):
    """Withdrawing is signed with the family's key; once passed, it is too late."""
    family = await world.family()
    await family.write(TEXT, about=world.number, lang="uk")
    (item,) = await family.status()
    await family.withdraw([item])
    (item,) = await family.status()
    assert item.word == "withdrawn"
    assert item.tag_key is not None
    await world.publish()
    assert await family.prove([item]) == 2


async def test_a_returned_letter_carries_a_note_that_only_its_family_can_open(world):
    """The reviewer's note is sealed to the family's own key."""
    family = await world.family()
    await family.write(TEXT, about=world.number, lang="uk")
    reviewer = await world.reviewer()
    batch = await reviewer.open(await claim_all(reviewer))
    await reviewer.return_(batch.letters, reasons=["OVER_LENGTH"], note="Write it a little shorter, please.")
    (item,) = await family.status()
    assert item.word == "returned"
    assert await family.read_note(item) == "Write it a little shorter, please."


async def test_withholding_takes_a_second_person(world):
    """Ann proposes; Ann cannot confirm; Ben overturns, and another letter he confirms."""
    family = await world.family()
    for _ in range(2):
        await family.write(TEXT, about=world.number, lang="uk")
    ann, ben = await world.reviewer("ann"), await world.reviewer("ben")
    await ann.propose_withhold(await claim_all(ann), reasons=["MIL"])
    first, second = await ann.contested()
    with pytest.raises(ProblemAnswered) as refusal:
        await ann.confirm([first])
    assert refusal.value.code == "second_person_required"
    await ben.overturn([first])
    opened = (await ben.open([second])).letters
    await ben.confirm(opened, reasons=["MIL"], note="It tells where people are held.")
    words = {item.item: item.word for item in await family.status()}
    assert words == {first.item: "accepted", second.item: "withheld"}


async def test_a_letter_about_somebody_unknown_is_matched_first(world):
    """A held letter goes nowhere until a reviewer says who is meant; the family sees no difference."""
    family = await world.family()
    await family.write(TEXT, about="unknown", lang="uk", address="Ivan Example, born in spring")
    reviewer = await world.reviewer()
    batch = await reviewer.open(await claim_all(reviewer))
    (letter,) = batch.letters
    with pytest.raises(NumberUnknown):
        await reviewer.pass_([letter])
    (record,) = (await reviewer.register()).search("example ivan")
    await reviewer.match([letter], record.number)
    (row,) = await pass_all(reviewer)
    assert row.event.event == "passed"
    assert [item.word for item in await family.status()] == ["passed"]


async def test_what_cannot_be_delivered_is_redirected_to_another_place(world):
    """The reviewer reopens the family's own letter and seals it to the new place."""
    family = await world.family()
    await family.write(TEXT, about=world.number, lang="uk")
    reviewer, dispatcher, officer = await world.reviewer(), await world.dispatcher(), await world.officer()
    await pass_all(reviewer)
    await dispatcher.pack_all()
    (arriving,) = await officer.bags()
    await officer.fail(await officer.receive(arriving), reasons=["TRANSFERRED"])
    (row,) = await reviewer.passed()
    assert row.state is State.UNDELIVERABLE
    (again,) = await reviewer.redirect([row], place=world.keyless.id, reasons=["TRANSFERRED"])
    assert again.event.event == "redirected"
    (waiting,) = await dispatcher.to_pack(world.keyless.id)
    assert waiting.item == row.item


async def test_what_is_missing_from_a_bag_is_said_found_or_lost(world):
    """Of three letters one is missing and found, one is missing for good, one is there."""
    family = await world.family()
    for _ in range(3):
        await family.write(TEXT, about=world.number, lang="uk")
    await pass_all(await world.reviewer())
    dispatcher, officer = await world.dispatcher(), await world.officer()
    (bag,) = await dispatcher.pack_all()
    (arriving,) = await officer.bags()
    gone = [row.item for row in arriving.rows[:2]]
    assert len(await officer.receive(arriving, missing=gone, reasons=["SHORT"])) == 1
    first, second = await dispatcher.missing()
    await officer.find(bag.bag, [first])
    await dispatcher.declare_lost(bag.bag, [second], reasons=["SHORT"])
    assert sorted(item.word for item in await family.status()) == ["arrived", "arrived", "lost"]


async def test_letters_opened_together_and_passed_one_by_one_are_all_in_the_contact(world):
    """The second renewal goes on from the first, though both letters were opened before either was passed."""
    family = await world.family()
    for number in (world.number, world.keyless_number):
        await family.write(TEXT, about=number, lang="uk")
    reviewer = await world.reviewer()
    batch = await reviewer.open(await claim_all(reviewer))
    assert len(batch.letters) == 2
    for letter in batch.letters:
        await reviewer.pass_([letter])
    await family.write(TEXT, about=world.number, lang="uk")
    (third,) = (await reviewer.open(await claim_all(reviewer))).letters
    assert third.contact is not None
    assert third.contact.version == 2
    assert set(third.contact.letters) == {letter.item for letter in batch.letters}


async def test_another_familys_key_changes_no_contact(world):
    """A second letter renews the contact under the same key; a forged contact key is refused."""
    family = await world.family()
    reviewer = await world.reviewer()
    seen = []
    for _ in range(2):
        await family.write(TEXT, about=world.number, lang="uk")
        seen += (await reviewer.open(await claim_all(reviewer))).letters
        await reviewer.pass_(seen[-1:])
    first, letter = seen
    assert first.contact is None
    assert letter.contact is not None
    assert letter.contact.version == 1
    assert letter.authenticity is Authenticity.KNOWN
    stranger = await world.family()
    await stranger.write(TEXT, about=world.number, lang="uk")
    (foreign,) = (await reviewer.open(await claim_all(reviewer))).letters
    assert foreign.contact is None
    with pytest.raises(ContactKeyDiffers):
        renew_contact(letter.contact, foreign.letter, mailbox=letter.contact.mailbox, detainee=world.number)


async def test_a_released_letter_waits_with_its_language_hint(world):
    """A reviewer who cannot read it puts it back."""
    family = await world.family()
    await family.write(TEXT, about=world.number, lang="uk")
    reviewer = await world.reviewer()
    await reviewer.release(await claim_all(reviewer), hint="uk")
    (row,) = await reviewer.offers(world.number)
    assert (row.state, row.hint) == (State.QUEUED, "uk")
    (line,) = await reviewer.lines()
    assert line.hints == ("uk",)


async def test_only_a_senior_takes_what_was_escalated(world):
    """An escalated letter is offered to nobody else."""
    family = await world.family()
    await family.write(TEXT, about=world.number, lang="uk")
    reviewer = await world.reviewer()
    await reviewer.escalate(await claim_all(reviewer))
    assert await reviewer.offers(world.number) == []
    assert len(await pass_all(await world.reviewer("sue"))) == 1


async def test_a_keyring_on_the_relay_opens_with_the_printed_code(world):
    """A member at a new machine needs the code, the fingerprint and nothing else."""
    enrolled = world.staff["ben"]
    keyring = await fetch_keyring(world.connection, enrolled.member.id)
    root = unlock(keyring, show_code(enrolled.code), world.relay, directory=world.directory)
    session = StaffSession(world.connection, await world.book(), root)
    await session.sign_in()
    (info,) = await session.sessions()
    await session.end_session(info.id)
    with pytest.raises(ProblemAnswered) as refusal:
        await session.open_desks()
    assert refusal.value.status == 401


async def test_a_trust_book_sees_the_log_begin_with_its_trust(world, tmp_path):
    """Entry 0 is the trust, the log only grows, and a second run of the client remembers both."""
    await world.publish()
    path = tmp_path / "seen.json"
    book = await world.book(path)
    before = await book.verified_trust(world.connection)
    await (await world.family(new_code())).write(TEXT, about=world.number, lang="uk")
    await world.publish()
    again = await world.book(path)
    after = await again.verified_trust(world.connection)
    assert (before.size, after.size) == (3, 4)
    assert path.stat().st_mode & 0o077 == 0


async def test_an_auditor_signs_what_was_found_whole(world, tmp_path):
    """The auditor's own statement stands in the log, and the next audit passes over it."""
    await world.publish()
    auditor = await world.auditor()
    found = verify(await auditor.download(tmp_path / "first"), fingerprint=world.fingerprint)
    assert await auditor.sign_audited(found.checkpoint) == found.checkpoint.size
    await world.publish()
    again = verify(await auditor.download(tmp_path / "second"), fingerprint=world.fingerprint, seen=found.note)
    assert again.checkpoint.size == found.checkpoint.size + 1


async def test_a_log_that_grows_while_it_is_downloaded_is_unbroken(world, tmp_path, monkeypatch):
    """A relay at work publishes a checkpoint a second; what came after the one in hand is for the next audit."""
    await world.publish()
    auditor, family = await world.auditor(), await world.family()
    get, grown = world.connection.get, []

    async def get_while_it_grows(path: str, **options: object) -> object:
        if path == "/audit/openings":
            grown.append(await family.write(TEXT, about=world.number, lang="uk"))
            await world.publish()
        return await get(path, **options)

    monkeypatch.setattr(world.connection, "get", get_while_it_grows)
    before = world.served.services.ledger.head.size
    found = verify(await auditor.download(tmp_path / "bundle"), fingerprint=world.fingerprint)

    assert len(grown) == 1
    assert found.checkpoint.size == before
    assert world.served.services.ledger.head.size == before + 1


async def test_an_unproven_letter_is_passed_only_knowingly(world):
    """A letter put into another family's mailbox is shown as forged, and not passed by itself."""
    family = await world.family()
    await family.write(TEXT, about=world.number, lang="uk")
    reviewer = await world.reviewer()
    (row,) = await claim_all(reviewer)
    (letter,) = (await reviewer.open([replace(row, signer="ab" * 32)])).letters
    assert letter.authenticity is Authenticity.FORGED
    with pytest.raises(AuthorUnproven):
        await reviewer.pass_([letter])
    (passed,) = await reviewer.pass_([letter], although_unproven=True)
    assert passed.event.event == "passed"


async def test_a_detainee_who_writes_first_is_answered_for_by_a_bureau(world):
    """A reply that answers nothing goes to a bureau, which finds the family and hands it over."""
    officer, reviewer = await world.officer(), await world.reviewer()
    draft = officer.prepare_reply("Мамо, я тут.", about=world.number, lang="uk", address="Mother, Example Street")
    await officer.send_replies([draft])
    (reply,) = (await reviewer.open(await claim_all(reviewer))).letters
    with pytest.raises(NoAddress):
        await reviewer.pass_([reply])
    await reviewer.pass_([reply], place=world.bureau.desk.id)
    await (await world.dispatcher()).pack_all()
    bureau = await world.bureau_officer()
    (arriving,) = await bureau.bags()
    received = await bureau.receive(arriving)
    (printed,) = (await bureau.open(received)).letters
    assert (printed.text, printed.letter.manifest.address) == ("Мамо, я тут.", "Mother, Example Street")
    await bureau.deliver(received)


async def test_a_reply_whose_code_is_lost_is_recalled(world):
    """The reviewer takes back what the detainee wrote, as it was sealed to the review desk."""
    family = await world.family()
    accepted = await family.write(TEXT, about=world.number, lang="uk")
    reviewer = await world.reviewer()
    await pass_all(reviewer)
    officer = await world.officer()
    await officer.reply("Я живий.", about=world.number, re=accepted.item, lang="uk")
    (row,) = await pass_all(reviewer)
    (recalled,) = await reviewer.recall([row], reasons=["CODE_LOST"])
    assert recalled.event.event == "recalled"
    (again,) = (await reviewer.open(await claim_all(reviewer))).letters
    assert (again.text, again.authenticity) == ("Я живий.", Authenticity.KNOWN)


async def test_a_client_catches_up_over_directories_it_has_not_seen(world, tmp_path):
    """Between the one seen and the newest the log has every note; without them the client refuses."""
    path = tmp_path / "seen.json"
    await world.book(path)
    for _ in range(3):
        await world.publish_directory()
    with pytest.raises(DirectoryGap):
        await world.book(path)
    await world.publish()
    assert (await world.book(path)).directory.version == 4


async def test_what_a_reviewer_sealed_before_leaving_can_still_be_read(world, tmp_path):
    """A desk that knew the reviewer prints the last bag; one that did not is told that the author is a stranger."""
    family = await world.family()
    await family.write(TEXT, about=world.number, lang="uk")
    path = tmp_path / "seen.json"
    await world.book(path)
    await pass_all(await world.reviewer("ben"))
    await (await world.dispatcher()).pack_all()
    await world.publish_directory(without="ben")

    for book, expected in ((await world.book(path), Authenticity.KNOWN), (await world.book(), Authenticity.STRANGER)):
        session = StaffSession(world.connection, book, world.staff["otto"].root)
        await session.sign_in()
        await session.open_desks()
        officer = Officer(session, world.facility.desk.id)
        (arriving,) = await officer.bags()
        (printed,) = (await officer.open(arriving.rows)).letters
        assert printed.authenticity is expected


async def test_a_suspended_key_has_no_power_any_more(world):
    """An operator suspends a reviewer's key; the session it opened is over at once."""
    reviewer = await world.reviewer("ben")
    await suspend(await world.session("ola"), world.staff["ben"].member.id, "KEY_LOST")
    with pytest.raises(ProblemAnswered) as refusal:
        await reviewer.lines()
    assert refusal.value.code == "session_over"


async def test_a_later_page_of_the_register_has_the_last_word(world):
    """A transfer is published; letters then go to the new place, whatever the registrar's clock says."""
    registrar = Registrar(await world.session("reg"))
    await registrar.publish([Record(world.number, Status.TRANSFERRED, world.keyless.id)])
    register = await (await world.reviewer()).register()
    assert register.place_of(world.number) == world.keyless.id
    assert register.find(world.keyless_number).names == "Petro Example"
