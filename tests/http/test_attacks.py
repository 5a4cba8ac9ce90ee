"""What a relay that lies, or one member of staff who cheats, could try against the clients of honest people."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.web import TCPSite

from keys.sealed import LetterLine, Manifest, StaffAuthor, part_digest, seal_letter
from relay.client.ceremony import seal_for
from relay.client.desks import DeskMember
from relay.client.faults import ProblemAnswered
from relay.client.reviewers import STATEMENTS, AddresseeDiffers, AuthorUnproven, Reviewer
from relay.client.sealing import current_epoch
from relay.custody.checkpoint import Checkpoint
from relay.custody.verify import verify
from relay.http.app import _run
from relay.http.auditors import Auditors
from tests.http.client_world import ClientWorld, a_client_world
from tests.http.test_life import PICTURE, claim_all, pass_all

TEXT = "Любий, у нас усе добре.\nМама"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ClientWorld]:
    """Serve a relay whose ceremony was run through the client."""
    async with a_client_world(tmp_path / "relay") as served:
        yield served


async def test_a_letter_to_one_known_person_is_not_passed_to_another(world):
    """The relay says that it was matched since; the register has both people, so the reviewer is asked to look."""
    await (await world.family()).write(TEXT, about=world.number, lang="uk")
    reviewer = await world.reviewer()
    (row,) = await claim_all(reviewer)
    lied = replace(row, detainee=world.keyless_number)
    (letter,) = (await reviewer.open([lied])).letters
    with pytest.raises(AddresseeDiffers):
        await reviewer.pass_([letter])


async def upload_forged(world: ClientWorld, item: str, *, kind: str, hop: str, re: str | None = None) -> str:
    """Let an officer upload another part 0 of an item, sealed to the review desk and signed by the officer."""
    officer = await world.officer()
    session, directory = officer.session, world.directory
    to = current_epoch(directory, directory.intake)
    line = LetterLine(world.relay, item, kind, hop, world.number, (to,), directory.version, re, ())
    manifest = Manifest(by=StaffAuthor(session.sealer.staff), lang="uk", text="Не пиши мені більше.")
    forged = seal_letter(line, manifest, signer=session.sealer.key, recipients=[directory.recipient(to)])
    (digest,) = await session.upload([forged])
    assert digest == part_digest(forged)
    return digest


async def test_an_officer_cannot_slip_another_letter_under_a_redirect(world, monkeypatch):
    """The relay lists only what stood in the item's own events; and a reviewer seals on only what is proved."""
    accepted = await (await world.family()).write(TEXT, about=world.number, lang="uk")
    reviewer, officer = await world.reviewer(), await world.officer()
    await pass_all(reviewer)
    await (await world.dispatcher()).pack_all()
    (arriving,) = await officer.bags()
    await officer.fail(await officer.receive(arriving), reasons=["TRANSFERRED"])
    forged = await upload_forged(world, accepted.item, kind="letter", hop="family>review")

    listed = await reviewer.session.get(f"/review/items/{accepted.item}/parts")
    assert forged not in {part["digest"] for part in listed["parts"]}
    assert len(listed["parts"]) == 2

    async def lied(self: Reviewer, row: object) -> tuple[str, tuple[str, ...]]:
        return forged, ()

    rows = await reviewer.passed()
    monkeypatch.setattr(Reviewer, "_earlier_part", lied)
    with pytest.raises(AuthorUnproven):
        await reviewer.redirect(rows, place=world.keyless.id)


async def test_nobody_puts_another_reply_in_the_place_of_one_that_was_read(world):
    """A recall takes back what the detainee wrote, not what some officer has uploaded since under its id."""
    letter = await (await world.family()).write(TEXT, about=world.number, lang="uk")
    reviewer, officer = await world.reviewer(), await world.officer()
    await pass_all(reviewer)
    reply = await officer.reply("Я живий.", about=world.number, re=letter.item, lang="uk")
    (row,) = await pass_all(reviewer)
    forged = await upload_forged(world, reply.item, kind="reply", hop="facility>review", re=letter.item)
    with pytest.raises(ProblemAnswered) as refusal:
        await reviewer.session.submit(STATEMENTS, "recall", [row.subject(part_zero=forged)])
    assert refusal.value.code == "wrong_destination"
    await reviewer.recall([row])
    (again,) = (await reviewer.open(await claim_all(reviewer))).letters
    assert again.text == "Я живий."


async def test_pictures_leave_room_on_the_disk_for_letters_and_their_evidence(world, monkeypatch):
    """Anybody may upload a picture before its letter; whoever fills the disk so must not stop the log."""
    family = await world.family()
    draft = family.prepare(TEXT, about=world.number, lang="uk", enclosures=[PICTURE])
    monkeypatch.setattr("relay.http.app._free_bytes", lambda _: 900 * 1_048_576)
    with pytest.raises(ProblemAnswered) as refusal:
        await family.send(draft)
    assert (refusal.value.status, refusal.value.code) == (503, "disk_full")
    await family.write(TEXT, about=world.number, lang="uk")
    monkeypatch.undo()
    await family.send(draft)


async def test_a_reply_is_not_sealed_to_another_family_whom_the_relay_names(world):
    """Two families write to one man; the relay answers his reply's row with the other's mailbox and contact."""
    mother, stranger = await world.family(), await world.family()
    letter = await mother.write(TEXT, about=world.number, lang="uk")
    other = await stranger.write("Guten Tag", about=world.number, lang="de")
    reviewer, officer = await world.reviewer(), await world.officer()
    await pass_all(reviewer)
    await officer.reply("Мамо!", about=world.number, re=letter.item, lang="uk")
    await officer.reply("Wer da?", about=world.number, re=other.item, lang="de")
    mine, theirs = sorted(await claim_all(reviewer), key=lambda row: row.re != letter.item)
    lied = replace(mine, mailbox=theirs.mailbox, contact=theirs.contact)
    (swapped,) = (await reviewer.open([lied])).letters
    assert swapped.contact_refused == "letter_not_in_contact"
    with pytest.raises(AuthorUnproven):
        await reviewer.pass_([swapped])
    honest = (await reviewer.open([mine, theirs])).letters
    assert len(await reviewer.pass_(honest)) == 2


async def test_a_contact_that_was_seen_cannot_be_hidden(world):
    """Otherwise somebody else's letter would pass for the first one of that mailbox, and take its replies over."""
    family, reviewer = await world.family(), await world.reviewer()
    await family.write(TEXT, about=world.number, lang="uk")
    await pass_all(reviewer)
    await family.write(TEXT, about=world.number, lang="uk")
    (row,) = await claim_all(reviewer)
    (shown,) = (await reviewer.open([row])).letters
    assert shown.proven
    (hidden,) = (await reviewer.open([replace(row, contact=None)])).letters
    assert (hidden.contact_refused, hidden.proven) == ("document_rolled_back", False)


async def test_a_session_that_was_ended_does_not_come_back(world):
    """A request that was under way when its owner signed out everywhere notes its use afterwards."""
    session = await world.session("ann")
    sessions = world.served.services.sessions
    (found,) = await sessions.store.list(session.root.staff)
    await sessions.end_all(session.root.staff)
    await sessions.store.put(replace(found, seen_at=found.seen_at + 60))
    assert await sessions.store.get(found.id) is None
    assert await sessions.store.list(session.root.staff) == []


async def test_no_member_seals_rubbish_to_a_colleague_that_nobody_can_replace(world):
    """A sealing counts on by one, so that there is always a next one."""
    member = DeskMember(await world.session("ann"), world.review.desk.id)
    (key, *_) = await member._keys()
    ben, rubbish = world.staff["ben"].root, replace(key, seed=bytes(32))
    reader, recipient = f"staff/{ben.staff}", ben.keys.identity.recipient()
    last = seal_for(rubbish, reader, recipient, by=member.session.root, directory=world.directory, version=2**53 - 1)
    with pytest.raises(ProblemAnswered) as refusal:
        await member._keep([last])
    assert refusal.value.code == "desk_key_older"
    for again in (rubbish, key):
        version = (await member.standing()).next_version(key.epoch, reader)
        sealed = seal_for(again, reader, recipient, by=member.session.root, directory=world.directory, version=version)
        await member._keep([sealed])
    assert set((await world.session("ben")).desk_keys(member.desk).by_epoch) == {key.epoch}


@pytest.mark.parametrize("sent", [b"", b"GET /tru", b"GET /trust HTTP/1.1\r\nHost: x\r\n"])
async def test_a_connection_without_a_request_is_closed(world, monkeypatch, sent):
    """Silent, or with a request that never ends; a header now and then does not keep it open."""
    monkeypatch.setattr("relay.http.app._IDLE_SECONDS", 0.5)
    async with AsyncExitStack() as stack:
        runner = await _run(stack, world.served.app)
        await TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection(*runner.addresses[0][:2])
        for line in (sent, b"X-Slow: 1\r\n", b"X-Slow: 2\r\n"):
            writer.write(line if sent.endswith(b"\n") or line is sent else b"")
            await asyncio.sleep(0.2)
        assert await asyncio.wait_for(reader.read(), timeout=5) == b""
        writer.close()


async def test_an_auditor_over_http_is_told_what_another_auditor_has_signed(world):
    """A relay that shows two logs must not be able to keep quiet about the one who noticed."""
    auditor = await world.auditor()
    await auditor.sign_audited(Checkpoint(world.served.services.ledger.head.origin, 3, bytes(32)))
    await world.publish()
    report = verify(await auditor.fetch(), fingerprint=world.fingerprint).report
    assert (report.unopened, report.differing_audits) == (0, 1)


async def test_an_audit_over_http_holds_letters_against_the_register(world):
    """The rows that registrars signed come with the evidence, and this relay has done as they say."""
    await (await world.family()).write(TEXT, about=world.number, lang="uk")
    await pass_all(await world.reviewer())
    await (await world.dispatcher()).pack_all()
    await (await world.family()).write(TEXT, about="unknown", lang="uk", address="Ivan Example")
    await world.publish()
    report = verify(await (await world.auditor()).fetch(), fingerprint=world.fingerprint).report
    assert (report.states, report.unlike_register) == ({"bagged": 1, "held": 1}, ())


async def test_an_auditor_who_reads_slowly_holds_nothing_up(world):
    """Twenty downloads that stand still leave every other reader a connection, and the journal free to be cut."""
    await world.publish()
    readers = [Auditors(world.served.services)._lines(0, 10_000) for _ in range(20)]
    for reader in readers:
        await anext(reader)
    await asyncio.wait_for((await world.family()).status(), timeout=10)
    assert world.served.services.storage.reading.pool.checkedout() == 0
    for reader in readers:
        await reader.aclose()
