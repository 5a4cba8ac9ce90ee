"""
The life of staff: they come, leave, lose their codes and their desk's key, are suspended; the letters stay readable.

Each story ends with who can read the old letters, and who cannot.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from keys.agefile import WrongKey, decrypt
from keys.codes import new_code, staff_code_identity
from keys.directory import Desk, StaffMember, parse_directory
from keys.errors import EvidenceBroken
from keys.hybrid import HybridIdentity
from keys.ids import format_time, parse_time
from keys.keyrings import KeyNotInDirectory, open_keyring, seal_keyring
from keys.sealed import RecipientsDiffer, open_letter
from relay.client.answers import Row
from relay.client.authors import Authenticity
from relay.client.ceremony import Enrolled, draft_directory, enrol, sign_draft
from relay.client.clock import now
from relay.client.desks import DeskMember, EpochPending, NotAtDesk, OldDeskKey, RecipientUnknown
from relay.client.families import Family
from relay.client.faults import ProblemAnswered
from relay.client.operators import Operator, suspend
from relay.client.reviewers import Reviewer
from relay.client.staff import NoDeskKey, NotSignedIn, StaffSession
from relay.custody.verify import verify
from relay.storage import tables
from relay.storage.desk_keys import save_recipient
from relay.storage.parts import load_parts
from relay.storage.staff import save_keyring
from tests.http.client_world import TOKEN, ClientWorld, a_client_world

TEXT = "Любий, яблуня зацвіла.\nМама"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ClientWorld]:
    """Serve a relay whose ceremony was run through the client."""
    async with a_client_world(tmp_path / "relay") as served:
        yield served


# ---------------------------------------------------------------- what operators do between two directories


async def publish(
    world: ClientWorld, *, without: str | None = None, joining: Enrolled | None = None, desk: Desk | None = None
) -> None:
    """Publish the next directory: without somebody, with somebody new, with a desk's new epoch."""
    before = world.directory
    staff: list[StaffMember] = [one for one in before.staff if without is None or one.id != without]
    if joining is not None:
        staff.append(joining.member)
        await Operator(world.connection, TOKEN).put_keyring(joining)
    draft = draft_directory(
        intake=before.intake,
        sides=before.sides,
        desks=[desk if desk is not None and one.id == desk.id else one for one in before.desks],
        staff=staff,
        at=now(),
        version=before.version + 1,
        previous=world.note,
    )
    world.note = sign_draft(draft, world.directory_keys[1:])
    world.directory = parse_directory(draft.document)
    await Operator(world.connection, TOKEN).publish_directory(world.note, draft.document)


async def signed_in(world: ClientWorld, who: Enrolled) -> StaffSession:
    """Sign somebody in, who shows their colleagues what to seal to, as the commands do."""
    session = StaffSession(world.connection, await world.book(), who.root)
    await session.sign_in()
    await session.show_recipient()
    await session.open_desks()
    return session


async def member(world: ClientWorld, name: str = "ann") -> DeskMember:
    """Sign a member of the review desk in, to look after its key."""
    return DeskMember(await signed_in(world, world.staff[name]), world.review.desk.id)


async def everybody_shows_themselves(world: ClientWorld) -> None:
    """Everybody has run a command once."""
    for who in world.staff.values():
        await signed_in(world, who)


# ---------------------------------------------------------------- who can read


async def write(world: ClientWorld, family: Family | None = None) -> str:
    """Let a family write; gives the item."""
    family = family or await world.family()
    return (await family.write(TEXT, about=world.number, lang="uk")).item


async def reads(world: ClientWorld, who: Enrolled, item: str) -> bool:
    """Let a reviewer claim a letter, try to read it, and put it back."""
    reviewer = Reviewer(await signed_in(world, who), world.review.desk.id)
    rows = [row for line in await reviewer.lines() for row in await reviewer.offers(line.detainee)]
    (row,) = await reviewer.claim([row for row in rows if row.item == item])
    batch = await reviewer.open([row])
    await reviewer.release([row])
    return [letter.text for letter in batch.letters] == [TEXT]


async def opens(world: ClientWorld, item: str, *identities: HybridIdentity) -> bool:
    """Try keys on the very bytes that the relay has: what a thief of its database could do with them."""
    async with world.served.services.storage.read() as connection:
        found = await connection.execute(select(tables.parts.c.digest).where(tables.parts.c.item == item))
        parts = await load_parts(connection, [row.digest for row in found])
    results = []
    for part in parts.values():
        for identity in identities:
            try:
                results.append(open_letter(part.sealed, [identity]).manifest.text == TEXT)
            except (WrongKey, RecipientsDiffer):
                results.append(False)
    assert results
    return any(results)


async def opens_no_desk_key_from(world: ClientWorld, epoch: int, *identities: HybridIdentity) -> bool:
    """Say whether none of some identities opens any document with the review desk's key from an epoch on."""
    columns = tables.desk_keys.c
    async with world.served.services.storage.read() as connection:
        found = await connection.execute(
            select(columns.sealed).where(columns.desk == world.review.desk.id, columns.epoch >= epoch)
        )
        documents = [bytes(row.sealed) for row in found]
    assert documents
    for document in documents:
        for identity in identities:
            try:
                decrypt(document[document.index(b"\n") + 1 :], [identity])
            except WrongKey:
                continue
            except Exception:  # noqa: BLE001 - it opened, and what came then does not matter
                return False
            return False
    return True


# ---------------------------------------------------------------- coming


async def test_a_newcomer_reads_old_letters_once_a_colleague_has_admitted_them(world):
    """The directory gives the power, a colleague gives the key; an operator's token opens nothing."""
    old = await write(world)
    eve = enrol(world.relay, roles=["reviewer"], desks=[world.review.desk.id])
    ann = await member(world)
    with pytest.raises(NotAtDesk):
        await ann.admit([eve.member.id])
    await publish(world, joining=eve)
    ann = await member(world)
    with pytest.raises(RecipientUnknown):
        await ann.admit([eve.member.id])
    session = await signed_in(world, eve)
    with pytest.raises(NoDeskKey):
        Reviewer(session, world.review.desk.id)
    assert (await ann.standing()).lacking(eve.member.id) == (1,)

    assert await ann.admit([eve.member.id]) == {eve.member.id: (1,)}

    assert await reads(world, eve, old)
    assert (await ann.standing()).lacking(eve.member.id) == ()
    assert await ann.admit([eve.member.id]) == {eve.member.id: ()}
    assert not await opens(world, old, eve.root.keys.identity)


async def test_a_newcomer_is_admitted_from_their_own_folder(world):
    """Before they have run a single command: the file member.json has the recipient, the directory its digest."""
    eve = enrol(world.relay, roles=["reviewer"], desks=[world.review.desk.id])
    await publish(world, joining=eve)
    await (await member(world)).admit([eve.member.id], recipients={eve.member.id: eve.recipient})

    assert await reads(world, eve, await write(world))


async def test_nobody_admits_to_a_desk_that_is_not_theirs(world):
    """Neither by the client nor past it, and nobody is let in whom the directory does not have there."""
    otto, eve = await signed_in(world, world.staff["otto"]), enrol(world.relay, roles=["reviewer"])
    with pytest.raises(NotAtDesk):
        DeskMember(otto, world.review.desk.id)
    for path in (f"/staff/desks/{world.review.desk.id}", f"/staff/desks/{world.review.desk.id}/recovery"):
        with pytest.raises(ProblemAnswered) as refusal:
            await otto.get(path)
        assert refusal.value.code == "wrong_desk"
    ann = await member(world)
    standing = await ann.standing()
    (key, *_) = await ann._keys()
    mine = ann._seal(key, f"staff/{ann.session.root.staff}", ann.session.root.keys.identity.recipient(), standing)
    for session, wrong, code in (
        (otto, mine, "wrong_desk"),
        (ann.session, replace(mine, holder=f"staff/{eve.member.id}"), "not_a_reader"),
        (ann.session, replace(mine, holder=f"staff/{world.staff['ben'].member.id}"), "not_a_reader"),
        (ann.session, replace(mine, epoch=2), "not_a_reader"),
        (ann.session, replace(mine, epoch=3), "epoch_skipped"),
        (ann.session, replace(mine, desk=world.facility.desk.id), "wrong_desk"),
    ):
        sender = ann if session is ann.session else DeskMember(session, world.facility.desk.id)
        with pytest.raises(ProblemAnswered) as refusal:
            await sender._keep([wrong])
        assert refusal.value.code == code


async def test_what_is_no_desk_key_of_this_relay_is_not_kept(world):
    """Not another relay's, not a torn one."""
    ann = await member(world)
    standing, (key, *_) = await ann.standing(), await ann._keys()
    reader, mine = f"staff/{ann.session.root.staff}", ann.session.root.keys.identity.recipient()
    other = ann._seal(replace(key, relay="0f" * 16), reader, mine, standing)
    with pytest.raises(ProblemAnswered) as refusal:
        await ann._keep([other])
    assert refusal.value.code == "wrong_relay"
    body = {"keys": [{"desk": ann.desk, "epoch": 1, "holder": reader, "sealed": "AA=A"}]}
    with pytest.raises(ProblemAnswered) as refusal:
        await ann.session.connection.put_json("/staff/desk-keys", body, bearer=ann.session.bearer)
    assert refusal.value.code == "malformed"


async def test_an_older_sealing_does_not_replace_a_newer_one(world):
    """Nor does another one of the same version; the very same bytes may be sent twice."""
    ann = await member(world)
    standing = await ann.standing()
    (key, *_) = await ann._keys()
    reader, mine = f"staff/{ann.session.root.staff}", ann.session.root.keys.identity.recipient()
    first, other = (ann._seal(key, reader, mine, standing) for _ in range(2))
    await ann._keep([first])
    await ann._keep([first])
    with pytest.raises(ProblemAnswered) as refusal:
        await ann._keep([other])
    assert refusal.value.code == "desk_key_older"


async def test_a_recipient_that_the_directory_does_not_vouch_for_is_not_kept_and_not_believed(world):
    """The relay cannot swap in a reader of its own; a member cannot by mistake."""
    ann, ben = await member(world), world.staff["ben"]
    stranger = enrol(world.relay, roles=["reviewer"])
    members = {"recipient": str(stranger.recipient)}
    with pytest.raises(ProblemAnswered) as refusal:
        await ann.session.connection.put_json("/staff/recipient", members, bearer=ann.session.bearer)
    assert refusal.value.code == "recipient_differs"
    await signed_in(world, ben)
    async with world.served.services.storage.write() as connection:
        swapped = tables.recipients.update().where(tables.recipients.c.staff == ben.member.id)
        await connection.execute(swapped.values(recipient=str(stranger.recipient)))
    assert ben.member.id not in (await ann.standing()).recipients
    async with world.served.services.storage.write() as connection:
        await connection.execute(swapped.values(recipient="age1pq1rubbish"))
    assert ben.member.id not in (await ann.standing()).recipients


# ---------------------------------------------------------------- leaving


async def test_a_member_who_left_opens_nothing_that_is_sealed_to_the_new_epoch(world):
    """Old letters stay readable for those who stay; what the leaver could open before, they could have kept."""
    await everybody_shows_themselves(world)
    old, ben = await write(world), world.staff["ben"]
    kept_by_ben = (await signed_in(world, ben)).desk_keys(world.review.desk.id).identities
    ann = await member(world)
    rotated = await ann.rotate(since=now(), without=[ben.member.id])
    assert ben.member.id not in rotated.members
    assert await reads(world, world.staff["ann"], old)  # the new epoch waits for its directory, and hinders nobody
    await publish(world, without=ben.member.id, desk=rotated.desk)
    new = await write(world)

    for name in ("ann", "sue"):
        assert await reads(world, world.staff[name], old)
        assert await reads(world, world.staff[name], new)
    with pytest.raises(KeyNotInDirectory):
        await signed_in(world, ben)
    assert not await opens(world, new, ben.root.keys.identity, *kept_by_ben)
    assert await opens_no_desk_key_from(world, 2, ben.root.keys.identity, *kept_by_ben)
    assert not await opens_no_desk_key_from(world, 2, world.staff["sue"].root.keys.identity)
    assert await opens(world, old, *kept_by_ben)  # as the threat model says


async def test_what_is_kept_for_a_leaver_is_deleted(world):
    """Keyring, recipient, sealed keys and sessions go with the directory that does not list them."""
    await everybody_shows_themselves(world)
    ben = world.staff["ben"].member.id
    assert await kept_for(world, ben) == {"keyrings": 1, "recipients": 1, "sessions": 1, "desk_keys": 1}
    await publish(world, without=ben)

    assert await kept_for(world, ben) == {"keyrings": 0, "recipients": 0, "sessions": 0, "desk_keys": 0}
    assert (await kept_for(world, world.staff["ann"].member.id))["desk_keys"] == 1


async def test_what_a_cut_line_left_behind_goes_with_the_next_directory(world):
    """The door had taken the directory, and the relay fell before it could delete."""
    await everybody_shows_themselves(world)
    ben, services = world.staff["ben"], world.served.services
    await publish(world, without=ben.member.id)
    async with services.storage.write() as connection:
        await save_recipient(connection, ben.member.id, str(ben.recipient))
        await save_keyring(connection, ben.member.id, ben.keyring)
    await publish(world)

    assert await kept_for(world, ben.member.id) == {"keyrings": 0, "recipients": 0, "sessions": 0, "desk_keys": 0}


async def kept_for(world: ClientWorld, staff: str) -> dict[str, int]:
    """Count what the relay keeps for a member."""
    holder = tables.desk_keys.c.holder
    async with world.served.services.storage.read() as connection:
        counts = {
            table.name: len((await connection.execute(select(table).where(table.c.staff == staff))).all())
            for table in (tables.keyrings, tables.recipients, tables.sessions)
        }
        keys = await connection.execute(select(tables.desk_keys).where(holder == f"staff/{staff}"))
        return counts | {"desk_keys": len(keys.all())}


async def test_an_epoch_is_made_once_and_by_somebody_who_has_the_current_key(world):
    """Not twice by accident, not by somebody who would lock the others out, and not without oneself."""
    ann, ben = await member(world), await member(world, "ben")
    with pytest.raises(RecipientUnknown):
        await ann.rotate(since=now())
    await everybody_shows_themselves(world)
    with pytest.raises(NotAtDesk):
        await ann.rotate(since=now(), without=[ann.session.root.staff])
    pending = await ann.rotate(since=now())
    with pytest.raises(EpochPending):
        await ben.rotate(since=now())
    assert await ben.recover(pending.code) == (1,)  # the pending one is nobody's to use yet
    again = await ben.rotate(since=now(), again=True)
    await publish(world, desk=again.desk)
    assert await reads(world, world.staff["ann"], await write(world))

    lone = enrol(world.relay, roles=["reviewer"], desks=[world.review.desk.id])
    await publish(world, joining=lone)
    newcomer = DeskMember(await signed_in(world, lone), world.review.desk.id)
    with pytest.raises(NoDeskKey):
        await newcomer.rotate(since=now())
    ann = await member(world)
    (first, second) = await ann._keys()
    standing = await ann.standing()
    await ann._keep([ann._seal(first, f"staff/{lone.member.id}", lone.recipient, standing)])
    with pytest.raises(OldDeskKey):
        await newcomer.rotate(since=now())
    assert second.epoch == 2


@pytest.mark.parametrize(("days_ago", "accepted"), [(13, True), (15, False)])
async def test_the_epoch_before_is_accepted_for_a_fortnight(world, days_ago, accepted):
    """A family that sealed on the way home is not refused; after 14 days it is told to seal again."""
    await everybody_shows_themselves(world)
    away = await world.family()  # it has the older directory, and is offline for a while
    since = format_time(parse_time(now()) - timedelta(days=days_ago))
    rotated = await (await member(world)).rotate(since=since)
    await publish(world, desk=rotated.desk)

    if accepted:
        assert await reads(world, world.staff["ann"], await write(world, away))
    else:
        with pytest.raises(ProblemAnswered) as refusal:
            await write(world, away)
        assert refusal.value.code == "epoch_over"
    assert await reads(world, world.staff["ann"], await write(world))


async def test_an_epoch_before_the_last_is_over_at_once(world):
    """Two changes in a fortnight leave the current and the previous one."""
    await everybody_shows_themselves(world)
    away = await world.family()
    for days in (3, 2):
        rotated = await (await member(world)).rotate(since=format_time(parse_time(now()) - timedelta(days=days)))
        await publish(world, desk=rotated.desk)
    with pytest.raises(ProblemAnswered) as refusal:
        await write(world, away)
    assert refusal.value.code == "epoch_over"


# ---------------------------------------------------------------- losing


async def test_a_lost_staff_code_costs_nobody_a_letter(world):
    """Ann enrols anew as the same person; her colleagues admit the new id, and the old one has no power any more."""
    await everybody_shows_themselves(world)
    old, ann = await write(world), world.staff["ann"]
    anew = enrol(world.relay, roles=["reviewer"], desks=[world.review.desk.id], person=ann.member.person)
    await publish(world, without=ann.member.id, joining=anew)
    await signed_in(world, anew)
    await (await member(world, "ben")).admit([anew.member.id])

    assert await reads(world, anew, old)
    assert await reads(world, anew, await write(world))
    with pytest.raises(KeyNotInDirectory):
        await signed_in(world, ann)
    assert await opens_no_desk_key_from(world, 1, ann.root.keys.identity)


async def test_the_person_stays_the_same_under_a_new_id(world):
    """What Ann proposed to withhold before she lost her code she cannot confirm after."""
    ann = world.staff["ann"]
    anew = enrol(world.relay, roles=["reviewer"], desks=[world.review.desk.id], person=ann.member.person)
    item, reviewer = await write(world), await world.reviewer()
    rows = await reviewer.claim(await reviewer.offers(world.number))
    await reviewer.propose_withhold(rows, reasons=["MIL"])
    await publish(world, without=ann.member.id, joining=anew)
    await signed_in(world, anew)
    await (await member(world, "ben")).admit([anew.member.id])
    reviewer = Reviewer(await signed_in(world, anew), world.review.desk.id)
    contested: list[Row] = await reviewer.contested()
    assert [row.item for row in contested] == [item]
    with pytest.raises(ProblemAnswered) as refusal:
        await reviewer.confirm(contested, reasons=["MIL"])
    assert refusal.value.code == "second_person_required"


async def test_a_lost_desk_key_comes_back_from_paper(world):
    """All members lost their codes; whoever is enrolled anew opens the desk with the printed recovery code."""
    old = await write(world)
    eve = enrol(world.relay, roles=["reviewer"], desks=[world.review.desk.id])
    await publish(world, joining=eve)
    for name in ("ann", "ben", "sue", "dora", "reg"):
        await publish(world, without=world.staff[name].member.id)
    desk = DeskMember(await signed_in(world, eve), world.review.desk.id)
    with pytest.raises(NoDeskKey):
        Reviewer(desk.session, world.review.desk.id)
    with pytest.raises(WrongKey):
        await desk.recover(world.facility.code)
    with pytest.raises(WrongKey):
        await desk.recover(new_code())

    assert await desk.recover(world.review.code) == (1,)

    assert await reads(world, eve, old)
    assert await opens_no_desk_key_from(world, 1, *(one.root.keys.identity for one in world.staff.values()))


async def test_a_new_recovery_code_replaces_the_old_one(world):
    """With a new epoch, or because the paper may have been seen: the old paper opens nothing on the relay."""
    await everybody_shows_themselves(world)
    old = await write(world)
    rotated = await (await member(world)).rotate(since=now())
    await publish(world, desk=rotated.desk)
    sue = await member(world, "sue")
    with pytest.raises(WrongKey):
        await sue.recover(world.review.code)
    assert await sue.recover(rotated.code) == (1, 2)
    newest = await sue.renew_code()
    with pytest.raises(WrongKey):
        await sue.recover(rotated.code)
    assert await sue.recover(newest) == (1, 2)
    assert await reads(world, world.staff["sue"], old)


async def test_a_key_that_does_not_open_is_mended_by_a_colleague(world):
    """Whoever sealed rubbish to Ben keeps him from reading, and gains nothing; Ann seals it again."""
    await everybody_shows_themselves(world)
    old, ben, sue = await write(world), world.staff["ben"], await member(world, "sue")
    standing = await sue.standing()
    (key,) = await sue._keys()
    rubbish = sue._seal(replace(key, seed=bytes(32)), f"staff/{ben.member.id}", ben.recipient, standing)
    await sue._keep([rubbish])
    with pytest.raises(KeyNotInDirectory):
        await signed_in(world, ben)

    ann = await member(world)
    assert await ann.admit([ben.member.id]) == {ben.member.id: ()}
    assert await ann.admit([ben.member.id], again=True) == {ben.member.id: (1,)}
    assert await reads(world, ben, old)


async def test_a_member_signs_out_here_and_elsewhere(world):
    """Each session knows its own id; signing out ends that one, and the other is ended by name."""
    here, there = [await signed_in(world, world.staff["ann"]) for _ in range(2)]
    assert {one.id for one in await here.sessions()} == {here.session_id, there.session_id}
    await here.end_session(there.session_id)
    with pytest.raises(ProblemAnswered) as refusal:
        await there.sessions()
    assert refusal.value.code == "session_over"
    await here.sign_out()
    with pytest.raises(NotSignedIn):
        await here.sessions()


# ---------------------------------------------------------------- suspension


async def test_what_a_suspended_key_seals_later_is_not_believed(world):
    """A thief has Ben's key, and the relay lets him in: the officer's client sees it, the audit names the step."""
    before = await write(world)
    await pass_all(world, "ben")
    await suspend(await world.session("ola"), world.staff["ben"].member.id, "KEY_LOST")
    await audit(world)

    forget_suspensions(world)
    await asyncio.sleep(1.1)  # times have seconds
    after = await write(world)
    await pass_all(world, "ben")

    await (await world.dispatcher()).pack_all()
    officer = await world.officer()
    letters = [letter for bag in await officer.bags() for letter in (await officer.open(bag.rows)).letters]
    assert {letter.item: letter.authenticity for letter in letters} == {
        before: Authenticity.KNOWN,
        after: Authenticity.SUSPENDED,
    }
    with pytest.raises(EvidenceBroken) as broken:
        await audit(world)
    assert (broken.value.step, broken.value.item) == ("8.2", after)


async def pass_all(world: ClientWorld, name: str) -> None:
    """Let a reviewer claim and pass whatever waits."""
    reviewer = await world.reviewer(name)
    rows = await reviewer.claim(await reviewer.offers(world.number))
    await reviewer.pass_((await reviewer.open(rows)).letters)


async def audit(world: ClientWorld) -> None:
    """Verify the whole log as an auditor."""
    await world.publish()
    verify(await (await world.auditor()).fetch(), fingerprint=world.fingerprint)


def forget_suspensions(world: ClientWorld) -> None:
    """Make the relay a liar: it has logged the suspension, and works on as if it had not."""
    ledger = world.served.services.ledger
    ledger._in_force = replace(ledger.in_force, suspended=frozenset())


async def test_a_suspension_is_remembered_and_cannot_be_taken_back(world, tmp_path):
    """A relay that stops showing it changes nothing for a client that has seen it."""
    ben, path = world.staff["ben"].member.id, tmp_path / "seen.json"
    await suspend(await world.session("ola"), ben, "KEY_LOST")
    assert set((await world.book(path)).suspended) == {ben}
    async with world.served.services.storage.write() as connection:
        await connection.execute(tables.authority.delete().where(tables.authority.c.kind == "suspend"))

    assert set((await world.book(path)).suspended) == {ben}
    assert (await world.book()).suspended == {}


async def test_a_suspended_member_gets_no_new_keys(world):
    """Nobody admits them, and a new epoch leaves them out by itself."""
    await everybody_shows_themselves(world)
    ben = world.staff["ben"].member.id
    await suspend(await world.session("ola"), ben, "KEY_LOST")
    ann = await member(world)
    with pytest.raises(NotAtDesk):
        await ann.admit([ben])
    rotated = await ann.rotate(since=now())
    assert ben not in rotated.members
    assert await opens_no_desk_key_from(world, 2, world.staff["ben"].root.keys.identity)


# ---------------------------------------------------------------- a keyring is sealed anew


async def put_keyring(session: StaffSession, sealed: bytes) -> None:
    """Store it as the member's pages do."""
    connection, media_type = session.connection, "application/octet-stream"
    await connection.send("PUT", "/staff/keyring", sealed, media_type=media_type, bearer=session.bearer)


async def test_a_passkey_opens_the_keyring_beside_the_code(world: ClientWorld):
    """The member's own client seals it to one recipient more; the code still opens it, and so does the passkey."""
    ann, session = world.staff["ann"], await world.session("ann")
    passkey = HybridIdentity.from_seed(b"p" * 32)
    code = staff_code_identity(ann.code, bytes.fromhex(world.relay))
    sealed = seal_keyring(ann.root, [code.recipient(), passkey.recipient()])
    await put_keyring(session, sealed)

    kept = (await world.connection.get(f"/keyrings/{ann.member.id}")).body
    for identity in (code, passkey):
        assert open_keyring(kept, [identity], directory=world.directory) == ann.root


@pytest.mark.parametrize("sealed", [b"", b"no age file", b"age-encryption.org/v1\n-> X25519 abc\nYWJj\n--- abc\n"])
async def test_what_is_no_sealed_keyring_is_not_kept(world: ClientWorld, sealed: bytes):
    """Nor what is sealed to anything but post-quantum recipients; the one before stays."""
    ann = world.staff["ann"]
    session = await world.session("ann")
    kept = (await world.connection.get(f"/keyrings/{ann.member.id}")).body
    with pytest.raises(ProblemAnswered):
        await put_keyring(session, sealed)
    assert (await world.connection.get(f"/keyrings/{ann.member.id}")).body == kept
