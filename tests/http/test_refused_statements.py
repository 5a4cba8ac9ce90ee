"""Statements and sign-ins that the relay refuses over HTTP: each with its status, its code, and what staff do next."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from keys.notes import Signer
from keys.statements import Statement, sign_statement
from relay.custody.bagfile import manifest_digest
from relay.domain.states import State
from relay.http.services import NOTE, SEALED
from relay.ledger.authority import DirectoryIn, TrustIn
from tests.http.relay_world import THE_MACHINE, ServedWorld, a_checked_world
from tests.ledger.cast import CAMP, REVIEW, a_cast, secret
from tests.ledger.world import as_it_is


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay."""
    async with a_checked_world(tmp_path) as served:
        yield served


# ---------------------------------------------------------------- replayed and stale


async def test_a_statement_sent_again_gets_the_same_answer(world: ServedWorld):
    """A reviewer whose line broke learns what became of the claim, byte for byte."""
    letter = await world.send()
    claim = world.statement("ann", "claim", [as_it_is(await world.item(letter))], desk=REVIEW)
    first = await world.submit(claim)
    await world.submit(await world.passing("ann", letter))

    assert await world.submit(claim) == first


async def test_a_statement_over_an_older_event_is_stale(world: ServedWorld):
    """It was signed over what the item was, and the item has moved on."""
    letter = await world.send()
    before = as_it_is(await world.item(letter))
    await world.claim("ann", letter)
    await world.by_staff("ann", "release", letter)

    late = world.statement("ben", "claim", [before], desk=REVIEW)

    await world.refuses(late, 409, "stale_statement")


async def test_one_stale_subject_refuses_them_all(world: ServedWorld):
    """All subjects or none: the other letter stays in the line."""
    moved, other = await world.send(), await world.send()
    subjects = [as_it_is(item) for item in await world.items([moved, other])]
    await world.by_family("withdraw", moved)

    await world.refuses(world.statement("ann", "claim", subjects, desk=REVIEW), 409, "stale_statement")

    assert (await world.item(other)).state is State.QUEUED


# ---------------------------------------------------------------- role, desk, key


async def test_a_role_that_does_not_open_the_address(world: ServedWorld):
    """An officer has nothing to do at the review desk's addresses."""
    letter = await world.send()
    statement = world.statement("ole", "claim", [as_it_is(await world.item(letter))], desk=REVIEW)

    await world.refuses(statement, 403, "wrong_role")


async def test_a_role_that_does_not_allow_the_move(world: ServedWorld):
    """A dispatcher may use the address, but does not claim."""
    letter = await world.send()
    statement = world.statement("dan", "claim", [as_it_is(await world.item(letter))], desk=REVIEW)

    await world.refuses(statement, 403, "wrong_role")


async def test_the_desk_of_another_place(world: ServedWorld):
    """A bureau's officer cannot receive what was packed for the camp."""
    letter = await world.send()
    await world.claim("ann", letter)
    await world.submit(await world.passing("ann", letter))
    bag = await world.bag(letter)
    statement = world.statement("bea", "receive", [as_it_is(await world.item(letter))], bag=bag)

    await world.refuses(statement, 403, "wrong_desk")


async def test_a_suspended_key_loses_its_session_and_its_statements(world: ServedWorld):
    """At once, on every device; and no new session can be begun with it."""
    letter = await world.send()
    await world.bearer("ann")
    claim = world.statement("ann", "claim", [as_it_is(await world.item(letter))], desk=REVIEW)
    await world.submit(world.office("opal", "suspend", staff=world.cast.staff["ann"].id, reason="DEVICE_LOST"))

    await world.refuses(claim, 401, "session_over")
    await world.refused(await world.ask("GET", "/staff/session", by="ann"), 401, "session_over")
    await world.refused(await world.sign_in("ann"), 403, "key_suspended")
    again = world.office("opal", "suspend", staff=world.cast.staff["ann"].id, reason="AGAIN")
    await world.refuses(again, 409, "already_suspended")


async def test_a_member_who_left_the_directory(world: ServedWorld):
    """The next directory does not have them: their session is over, and there will be no other."""
    await world.bearer("ben")
    note, _ = world.cast.directory()
    await world.submit(DirectoryIn(*world.cast.directory(version=2, previous=note, without=["ben"])))

    await world.refused(await world.ask("GET", "/staff/session", by="ben"), 401, "session_over")
    await world.refused(await world.sign_in("ben"), 404, "unknown_staff")


async def test_a_statement_signed_by_somebody_else(world: ServedWorld):
    """Ann is signed in, and Ben's signature is under the statement."""
    letter = await world.send()
    claim = world.statement("ben", "claim", [as_it_is(await world.item(letter))], desk=REVIEW)

    response = await world.ask("POST", "/review/statements", claim.note, by="ann", media_type=NOTE)

    await world.refused(response, 403, "not_the_signer")


async def test_a_statement_with_a_forged_signature(world: ServedWorld):
    """Signed in Ann's name, with her key's id, by nobody."""
    letter = await world.send()
    claim = world.statement("ann", "claim", [as_it_is(await world.item(letter))], desk=REVIEW)
    forged = claim.note.replace(b'"signed_at":"2026', b'"signed_at":"2025', 1)

    response = await world.ask("POST", "/review/statements", forged, by="ann", media_type=NOTE)

    await world.refused(response, 422, "signature_invalid")


# ---------------------------------------------------------------- claims


async def test_a_claim_that_another_has(world: ServedWorld):
    """Ben comes too late, and takes other letters."""
    letter = await world.send()
    await world.claim("ann", letter)
    claim = world.statement("ben", "claim", [as_it_is(await world.item(letter))], desk=REVIEW)

    await world.refuses(claim, 409, "already_claimed")


async def test_an_expired_claim_that_another_has_taken(world: ServedWorld):
    """Ann slept over her letter; Ben has claimed it since, and decides it."""
    letter = await world.send()
    await world.claim("ann", letter)
    late = await world.passing("ann", letter)
    world.clock.advance(minutes=31)
    await world.claim("ben", letter)

    await world.refuses(late, 409, "stale_statement")
    over_the_newest = await world.passing("ann", letter)
    await world.refuses(over_the_newest, 409, "claim_lost")

    await world.submit(await world.passing("ben", letter))


async def test_a_decision_after_its_claim_expired_stands_if_nobody_claimed_since(world: ServedWorld):
    """Work that is done is not thrown away for a minute."""
    letter = await world.send()
    await world.claim("ann", letter)
    world.clock.advance(minutes=31)

    await world.submit(await world.passing("ann", letter))

    assert (await world.item(letter)).state is State.PASSED


async def test_a_decision_without_a_claim(world: ServedWorld):
    """Nobody passes a letter that still waits in the line."""
    letter = await world.send()

    await world.refuses(await world.passing("ann", letter), 409, "illegal_move")


async def test_a_letter_out_of_its_turn(world: ServedWorld):
    """The family's earlier letter is read first."""
    await world.send()
    later = await world.send()
    claim = world.statement("ann", "claim", [as_it_is(await world.item(later))], desk=REVIEW)

    await world.refuses(claim, 409, "out_of_turn")


# ---------------------------------------------------------------- what a statement names


async def test_an_item_that_does_not_exist(world: ServedWorld):
    """Typed wrongly from a sheet, or of another relay."""
    subject = world.subject("ab" * 16, "cd" * 32, prev="ef" * 32)

    await world.refuses(world.statement("ann", "claim", [subject], desk=REVIEW), 404, "unknown_item")


async def test_a_resealed_letter_that_was_not_uploaded(world: ServedWorld):
    """The statement names a file that the relay does not have."""
    letter = await world.send()
    await world.claim("ann", letter)
    item = await world.item(letter)
    subject = world.subject(letter, "cd" * 32, prev=item.head)

    await world.refuses(world.statement("ann", "pass", [subject], to=(f"{CAMP}/1",), place=CAMP), 422, "missing_part")


async def test_a_pass_that_reseals_nothing(world: ServedWorld):
    """The part 0 that the family sealed to the mediator does not open at the camp."""
    letter = await world.send()
    await world.claim("ann", letter)
    subject = as_it_is(await world.item(letter))

    await world.refuses(world.statement("ann", "pass", [subject], to=(f"{CAMP}/1",), place=CAMP), 409, "parts_differ")


async def test_a_bag_of_another_number(world: ServedWorld):
    """The officer reads the number from the cover; the list says another."""
    letter = await world.send()
    await world.claim("ann", letter)
    await world.submit(await world.passing("ann", letter))
    await world.bag(letter)
    statement = world.statement("ole", "receive", [as_it_is(await world.item(letter))], bag="ab" * 16)

    await world.refuses(statement, 409, "wrong_bag")


async def test_a_bag_packed_for_another_place(world: ServedWorld):
    """A letter for the camp does not go into the mediator's own bag."""
    letter = await world.send()
    await world.claim("ann", letter)
    await world.submit(await world.passing("ann", letter))
    subjects, to = (as_it_is(await world.item(letter)),), REVIEW
    draft = Statement("bag", world.relay, 1, "2026-04-01T08:30:00Z", subjects, {"bag": "ab" * 16, "to": to})
    statement = world.statement("dan", "bag", subjects, bag="ab" * 16, to=to, manifest=manifest_digest(draft))

    await world.refuses(statement, 409, "wrong_destination")


async def test_a_statement_for_another_relay(world: ServedWorld):
    """Signed for the neighbours, where the same person has the same id."""
    letter, neighbour = await world.send(), a_cast("ab" * 16, "neighbour.example/log/1").staff["ann"]
    subjects = (as_it_is(await world.item(letter)),)
    claim = Statement("claim", "ab" * 16, 1, "2026-04-01T08:30:00Z", subjects, {"desk": REVIEW})
    note = sign_statement(claim, neighbour.signer)

    response = await world.ask("POST", "/review/statements", note, by="ann", media_type=NOTE)

    await world.refused(response, 422, "wrong_relay")


async def test_a_statement_by_a_directory_that_is_not_there(world: ServedWorld):
    """A client with a forged directory, or one that was set back."""
    letter = await world.send()
    claim = world.statement("ann", "claim", [as_it_is(await world.item(letter))], desk=REVIEW, directory=2)

    await world.refuses(claim, 409, "directory_unknown")


async def test_a_kind_of_statement_at_the_wrong_address(world: ServedWorld):
    """Reviewers do not receive, and nobody suspends at the review desk."""
    suspend = world.office("opal", "suspend", staff=world.cast.staff["ann"].id, reason="X")
    receive = world.statement("ole", "receive", [world.subject("ab" * 16, "cd" * 32, prev="ef" * 32)], bag="ab" * 16)

    response = await world.ask("POST", "/facility/replies", receive.note, by="ole", media_type=NOTE)
    await world.refused(response, 422, "wrong_kind")
    response = await world.ask("POST", "/sign-in", suspend.note, media_type=NOTE)
    await world.refused(response, 422, "wrong_kind")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "note_malformed"),
        (b"I pass them all.\n", 400, "note_malformed"),
        (b"letter-relay/statement/v1 claim\n{}\n\n\xe2\x80\x94 x/staff/y AAAAAAAA\n", 400, "statement_malformed"),
    ],
)
async def test_what_is_no_statement(world: ServedWorld, body: bytes, status: int, code: str):
    """Whatever is not a signed note with one line of JSON is not looked at further."""
    response = await world.ask("POST", "/review/statements", body, by="ann", media_type=NOTE)

    await world.refused(response, status, code)


async def test_replies_whose_files_are_not_there(world: ServedWorld):
    """Upload the sealed reply first, then sign for it."""
    line = world.line(kind="reply", hop="facility>review", re="new")

    await world.refuses(world.replies_in("ole", [world.subject(line.item, "cd" * 32)], [line]), 422, "missing_part")


async def test_a_reply_that_came_in_before(world: ServedWorld):
    """The same file under another statement: it is there already."""
    answer = await world.reply(await world.send())
    await world.submit(answer)
    world.clock.advance(seconds=1)
    (line,) = answer.lines.values()
    (subject,) = answer.statement.subjects

    await world.refuses(world.replies_in("ole", [subject], [line]), 409, "duplicate_item")


# ---------------------------------------------------------------- JSON, media types, sessions


async def test_bad_json(world: ServedWorld):
    """Not JSON at all, JSON of another shape, and a key twice misspelt: each says where, and never what."""
    for body, code, status in (
        (b'{"desk":', "bad_json", 400),
        (b'{"desk":"\xff"}', "bad_json", 400),
        (b'{"desk":"\\ud800"}', "bad_json", 400),
        (b"[]", "invalid_request", 422),
        (b'{"desk":1,"detainee":"unknown","secret":"canary"}', "invalid_request", 422),
    ):
        response = await world.ask("POST", "/review/offers", body, by="ann")
        await world.refused(response, status, code)
        assert "canary" not in await response.text()


async def test_a_wrong_content_type(world: ServedWorld):
    """A form, JSON where a note is taken, a note where JSON is taken."""
    for path, body, media_type in (
        ("/review/offers", b"{}", "application/x-www-form-urlencoded"),
        ("/review/statements", b"{}", "application/json"),
        ("/staff/parts/fetch", b"x", SEALED),
    ):
        response = await world.ask("POST", path, body, by="ann", media_type=media_type)
        await world.refused(response, 415, "wrong_media_type")


async def test_frames_that_do_not_add_up(world: ServedWorld):
    """A length that promises more than there is, and none at all."""
    for body in (b"\0\0\0\x09letter", b"\0\0\0\0", b"\0"):
        response = await world.ask(
            "POST", "/staff/parts", body, by="ann", media_type="application/vnd.letter-relay.parts"
        )
        await world.refused(response, 400, "frames_malformed")


async def test_parts_that_are_not_there(world: ServedWorld):
    """All that were asked for, or none."""
    letter = world.letter()
    await world.submit(letter)
    body = {"digests": [letter.digest, "cd" * 32]}

    response = await world.ask("POST", "/staff/parts/fetch", body, by="ann")

    await world.refused(response, 404, "unknown_part")


async def test_nobody_who_is_not_signed_in(world: ServedWorld):
    """No token, a token of another kind, an invented one."""
    await world.refused(await world.ask("GET", "/staff/session"), 401, "not_signed_in")
    await world.refused(await world.ask("GET", "/family/mailbox"), 401, "not_signed_in")
    for bearer, code in (("canary", "not_signed_in"), ("lrs_" + "0" * 64, "session_over")):
        response = await world.ask("GET", "/staff/session", headers={"Authorization": f"Bearer {bearer}"})
        await world.refused(response, 401, code)


async def test_a_session_ends_when_it_is_idle_and_when_it_is_ended(world: ServedWorld):
    """By time, or from another device."""
    session = (await world.read("/staff/sessions", by="ann"))["sessions"][0]["id"]
    me = await world.read("/staff/session", by="ann")
    assert me["ends_at"] == int(world.clock().timestamp()) + 1_440 * 60

    world.clock.advance(hours=25)
    await world.refused(await world.ask("GET", "/staff/session", by="ann"), 401, "session_over")
    del world.tokens["ann"]
    (newer,) = (await world.read("/staff/sessions", by="ann"))["sessions"]
    assert newer["id"] != session
    assert (await world.ask("DELETE", f"/staff/sessions/{newer['id']}", by="ann")).status == 204
    await world.refused(await world.ask("GET", "/staff/session", by="ann"), 401, "session_over")


async def test_a_challenge_serves_once_and_one_member_only(world: ServedWorld):
    """Replayed, too late, or signed by another than asked for it."""
    note = await world.sign_in_statement("ann")
    assert (await world.ask("POST", "/sign-in", note, media_type=NOTE)).status == 200
    await world.refused(await world.ask("POST", "/sign-in", note, media_type=NOTE), 409, "challenge_spent")

    late = await world.sign_in_statement("ann")
    world.clock.advance(minutes=6)
    await world.refused(await world.ask("POST", "/sign-in", late, media_type=NOTE), 409, "challenge_spent")

    answer = await world.ask("POST", "/sign-in/challenges", {"staff": world.cast.staff["ben"].id})
    fields = {"challenge": (await answer.json())["challenge"]}
    stolen = sign_statement(
        Statement("sign-in", world.relay, 1, "2026-04-01T08:30:00Z", (), fields), world.cast.staff["ann"].signer
    )
    await world.refused(await world.ask("POST", "/sign-in", stolen, media_type=NOTE), 409, "challenge_spent")


async def test_a_sign_in_by_a_stranger(world: ServedWorld):
    """Whom the directory does not have cannot sign in, whatever key they made."""
    stranger = a_cast(world.relay, world.cast.origin).staff["ann"]
    note, _ = world.cast.directory()
    await world.submit(DirectoryIn(*world.cast.directory(version=2, previous=note, without=["ann"])))

    assert stranger.id == world.cast.staff["ann"].id
    await world.refused(await world.sign_in("ann", directory=2), 404, "unknown_staff")


async def test_nobody_signs_in_by_an_expired_directory(world: ServedWorld):
    """The operators publish a new one first."""
    world.clock.advance(days=11 * 365)

    await world.refused(await world.sign_in("ann"), 503, "directory_over")


# ---------------------------------------------------------------- offices and operators


async def test_an_office_that_is_not_the_signers(world: ServedWorld):
    """An auditor does not suspend, and an operator keeps no register."""
    suspend = world.office("aud", "suspend", staff=world.cast.staff["ann"].id, reason="X")

    await world.refuses(suspend, 403, "wrong_role")


async def test_register_rows_that_the_statement_does_not_name(world: ServedWorld):
    """The rows travel beside the statement and have to be the ones it signed."""
    document = await world.document("register", "reg")

    await world.refuses(world.office("reg", "register", document=document, rows="cd" * 32), 409, "parts_differ")


async def test_a_trust_that_the_root_did_not_sign(world: ServedWorld):
    """Whoever holds the operator's token cannot change whom the relay trusts."""
    other = a_cast(world.relay, world.cast.origin)
    forged = other.trust(world.founded.key.vkeys, version=2).replace(b'"version":2', b'"version":3', 1)

    await world.refuses(TrustIn(forged), 422, "signature_invalid")


async def test_a_trust_that_names_another_log(world: ServedWorld):
    """Drafted for another relay's log, though signed by the right root."""
    other = a_cast(world.relay, "elsewhere.example/log/1")
    key = Signer.ed25519(other.origin, secret("another log"))

    await world.refuses(TrustIn(other.trust([str(key.vkey)], version=2)), 409, "other_log")


async def test_directories_that_do_not_follow(world: ServedWorld):
    """A gap, another document than the note's, and one that has expired."""
    note, document = world.cast.directory()
    gap = DirectoryIn(*world.cast.directory(version=3, previous=note))
    newer, _ = world.cast.directory(version=2, previous=note)
    expired = DirectoryIn(*world.cast.directory(version=2, previous=note, expires="2026-02-01T00:00:00Z"))

    await world.refuses(gap, 409, "directory_gap")
    await world.refuses(DirectoryIn(newer, document), 409, "directory_altered")
    await world.refuses(expired, 409, "directory_expired")


async def test_a_desk_key_that_is_not_sealed(world: ServedWorld):
    """The relay keeps no key that it could open itself."""
    body = {"desk": REVIEW, "epoch": 1, "holder": f"desk-code/{REVIEW}", "sealed": "AAAA"}

    response = await world.ask("PUT", "/operator/desk-keys", body, by=THE_MACHINE)
    await world.refused(response, 400, "sealed_line")
    response = await world.ask("PUT", "/operator/desk-keys", body | {"sealed": "%"}, by=THE_MACHINE)
    await world.refused(response, 400, "malformed")
