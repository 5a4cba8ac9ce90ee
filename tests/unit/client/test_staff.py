"""Staff at work: keys that the directory vouches for, files that were asked for, statements that say what is meant."""

import base64
import json
from dataclasses import replace

import pytest

from keys.keyrings import KeyNotInDirectory, new_desk_key, staff_reader
from keys.sealed import part_digest
from keys.statements import StatementMalformed, verify_statement
from relay.client.answers import PartSize
from relay.client.ceremony import Enrolled, OpenedDesk, enrol, seal_for
from relay.client.dispatchers import Dispatcher
from relay.client.facilities import ArrivingBag, Officer
from relay.client.faults import AnswerMalformed
from relay.client.framing import encode_parts, parse_parts
from relay.client.reviewers import NoEarlierLetter, Reviewer
from relay.client.staff import DeskKeys, NoDeskKey, NotSignedIn, PartsDiffer, StaffSession
from relay.client.trustbook import TrustBook
from relay.custody.bagfile import manifest_digest
from relay.domain.events import encode_event
from relay.domain.states import State
from tests.unit.client.people import AT, RELAY, a_draft, a_row, an_event, people
from tests.unit.client.played import PlayedConnection, a_relay

TOKEN = "lrs_" + "5e" * 32


def desk_key_answer(desk: OpenedDesk, sealed: bytes, *, epoch: int = 1) -> dict[str, object]:
    """Answer with a sealed desk key."""
    return {"keys": [{"desk": desk.desk.id, "epoch": epoch, "sealed": base64.b64encode(sealed).decode()}]}


async def signed_in(who: Enrolled, relay: PlayedConnection | None = None) -> tuple[StaffSession, PlayedConnection]:
    """Sign a member in at a played relay."""
    relay = relay or a_relay()
    relay.answers["/sign-in/challenges"] = {"challenge": "c4" * 32, "expires_at": 1}
    relay.answers["/sign-in"] = {"token": TOKEN, "staff": who.member.id, "ends_at": 1}
    book = TrustBook(people().trust.fingerprint, clock=lambda: AT)
    await book.refresh(relay)
    session = StaffSession(relay, book, who.root)
    await session.sign_in()
    return session, relay


async def at_desk(who: Enrolled) -> tuple[StaffSession, PlayedConnection]:
    """Sign a member in, with the key of their desk opened."""
    session, relay = await signed_in(who)
    desk = people().review if who is not people().otto else people().facility
    sealed = seal_for(
        desk.key, staff_reader(who.member.id), who.recipient, by=who.root, directory=people().directory
    ).sealed
    relay.answers["/staff/desk-keys"] = desk_key_answer(desk, sealed)
    await session.open_desks()
    return session, relay


def moved(body: bytes) -> bytes:
    """Move whatever a statement names, as a relay would."""
    members = json.loads(body.decode().split("\n")[1])
    items = []
    for place, subject in enumerate(members["subjects"]):
        seq = 0 if subject["prev"] is None else 1
        event = an_event(subject["item"], tuple(subject["parts"]), seq=seq, prev=subject["prev"])
        items.append({"item": subject["item"], "index": place, "event": encode_event(event)})
    return json.dumps({"v": 1, "size": 9, "items": items}).encode()


async def test_signing_in_is_a_statement_over_the_challenge():
    """The token comes back, and is used from then on."""
    session, relay = await signed_in(people().ann)
    note = relay.asked[-1].body
    assert note is not None
    statement = verify_statement(note, people().ann.member.verifier)
    assert (statement.kind, statement.fields["challenge"]) == ("sign-in", "c4" * 32)
    assert session.bearer == TOKEN
    assert session.member == people().ann.member


async def test_nothing_is_asked_without_a_token():
    """A session begins with signing in."""
    relay = a_relay()
    book = TrustBook(people().trust.fingerprint, clock=lambda: AT)
    await book.refresh(relay)
    with pytest.raises(NotSignedIn):
        await StaffSession(relay, book, people().ann.root).open_desks()


async def test_a_member_whom_the_directory_does_not_have_cannot_begin():
    """Neither a stranger nor a swapped keyring."""
    relay = a_relay()
    book = TrustBook(people().trust.fingerprint, clock=lambda: AT)
    await book.refresh(relay)
    with pytest.raises(KeyNotInDirectory):
        StaffSession(relay, book, enrol(RELAY, roles=["reviewer"]).root)
    with pytest.raises(KeyNotInDirectory):
        StaffSession(relay, book, replace(people().ann.root, root=b"x" * 32))


async def test_a_desk_key_that_is_not_in_the_directory_is_refused():
    """A relay cannot hand out a key of its own making."""
    session, relay = await signed_in(people().ann)
    own = new_desk_key(RELAY, people().review.desk.id, 1)
    reader = staff_reader(people().ann.member.id)
    sealed = seal_for(own, reader, people().ann.recipient, by=people().ann.root, directory=people().directory).sealed
    relay.answers["/staff/desk-keys"] = desk_key_answer(people().review, sealed)
    with pytest.raises(KeyNotInDirectory):
        await session.open_desks()
    with pytest.raises(NoDeskKey):
        session.desk_keys(people().review.desk.id)


async def test_an_epoch_that_no_directory_has_is_left_alone():
    """A colleague has made it, and the operators have not published it: the older ones go on opening letters."""
    session, relay = await signed_in(people().ann)
    pending = new_desk_key(RELAY, people().review.desk.id, 2)
    reader = staff_reader(people().ann.member.id)
    sealed = seal_for(
        pending, reader, people().ann.recipient, by=people().ann.root, directory=people().directory
    ).sealed
    relay.answers["/staff/desk-keys"] = desk_key_answer(people().review, sealed, epoch=2)
    assert await session.open_desks() == {}
    relay.answers["/staff/desk-keys"] = desk_key_answer(people().review, sealed)
    with pytest.raises(KeyNotInDirectory):
        await session.open_desks()


async def test_a_desk_key_that_is_no_base64_is_malformed():
    """Nothing is guessed."""
    session, relay = await signed_in(people().ann)
    desk = people().review.desk.id
    relay.answers["/staff/desk-keys"] = {"keys": [{"desk": desk, "epoch": 1, "sealed": "AA=A"}]}
    with pytest.raises(AnswerMalformed):
        await session.open_desks()


def test_the_epoch_that_a_line_names_is_tried_and_no_other():
    """Each try costs a decapsulation."""
    first, second = people().review.key.identity, people().facility.key.identity
    keys = DeskKeys("0d" * 16, {1: first, 2: second})
    assert keys.identities == (second, first)
    assert keys.for_line(["0d" * 16 + "/1"]) == (first,)
    assert keys.for_line(["0e" * 16 + "/1"]) == ()


async def test_files_are_those_that_were_asked_for():
    """Their digests are reckoned here."""
    session, relay = await signed_in(people().ann)
    draft, other = a_draft(), a_draft()
    wanted = [PartSize(part_digest(draft.parts[0]))]
    relay.answers["/staff/parts/fetch"] = encode_parts(draft.parts)
    assert await session.fetch(wanted) == {wanted[0].digest: draft.parts[0]}
    for answer in ((), other.parts, (*draft.parts, *draft.parts)):
        relay.answers["/staff/parts/fetch"] = encode_parts(answer)
        with pytest.raises(PartsDiffer):
            await session.fetch(wanted)
    assert await session.fetch([]) == {}


async def test_many_files_are_fetched_in_several_answers():
    """By their sizes, and never more than five hundred at once."""
    session, relay = await signed_in(people().ann)
    asked: list[int] = []

    def answer(body: bytes) -> bytes:
        asked.append(len(json.loads(body)["digests"]))
        return b""

    relay.answers["/staff/parts/fetch"] = answer
    for parts, first in (
        ([PartSize(f"{n:064x}", 1) for n in range(501)], 500),
        ([PartSize(f"{n:064x}", 9 << 20) for n in range(2)], 1),
    ):
        with pytest.raises(PartsDiffer):
            await session.fetch(parts)
        assert asked.pop() == first


async def test_what_is_uploaded_is_named_by_its_digest():
    """A relay that names another has not kept it."""
    session, relay = await signed_in(people().ann)
    sealed = a_draft().parts[0]
    relay.answers["/staff/parts"] = lambda body: json.dumps(
        {"digests": [part_digest(part) for part in parse_parts(body)]}
    ).encode()
    assert await session.upload([sealed]) == [part_digest(sealed)]
    relay.answers["/staff/parts"] = {"digests": ["a1" * 32]}
    with pytest.raises(PartsDiffer):
        await session.upload([sealed])
    assert await session.upload([]) == []


async def test_a_file_that_fits_no_frame_is_put_by_itself():
    """Such as a scan of four megabytes, written as base64."""
    session, relay = await signed_in(people().ann)
    large = b"x" * (8 << 20)
    relay.answers[f"/staff/parts/{part_digest(large)}"] = b""
    assert await session.upload([large]) == [part_digest(large)]
    assert relay.asked[-1].method == "PUT"


async def test_a_statement_of_the_wrong_form_is_never_signed():
    """It is found here and not at the relay."""
    session, _ = await signed_in(people().ann)
    with pytest.raises(StatementMalformed):
        session.sign("claim", [a_row(a_draft()).subject()])


async def test_a_bag_is_released_under_the_digest_of_its_manifest():
    """The cover shows what the dispatcher signed; for a place without computers too."""
    session, relay = await at_desk(people().ann)
    relay.answers["/review/statements"] = moved
    dispatcher = Dispatcher(session, people().review.desk.id)
    for place in (people().facility.desk.id, people().keyless.id):
        row = a_row(a_draft())
        bag = await dispatcher.pack([row], place)
        statement = verify_statement(bag.note, people().ann.member.verifier)
        assert statement.fields["manifest"] == manifest_digest(statement) == part_digest(bag.manifest.encode())
        assert (statement.fields["bag"], bag.statement) == (bag.bag, part_digest(bag.note))
        assert statement.subjects == (row.subject(),)
        assert (bag.place, [one.item for one in bag.rows]) == (place, [row.item])


async def test_what_is_missing_from_a_bag_is_said_before_the_rest_is_received():
    """Two statements, each over its own items; what went missing earlier is in neither."""
    session, relay = await at_desk(people().otto)
    notes: list[bytes] = []

    def answer(body: bytes) -> bytes:
        notes.append(body)
        return moved(body)

    relay.answers["/facility/statements"] = answer
    rows = tuple(replace(a_row(a_draft()), state=State.BAGGED) for _ in range(2))
    earlier = replace(a_row(a_draft()), state=State.MISSING)
    bag = ArrivingBag("0f" * 16, (*rows, earlier))
    officer = Officer(session, people().facility.desk.id)
    received = await officer.receive(bag, missing=[rows[0].item], reasons=["SHORT"], remarks={rows[1].item: "DAMAGED"})
    assert [row.item for row in received] == [rows[1].item]
    statements = [verify_statement(note, people().otto.member.verifier) for note in notes]
    assert [(one.kind, [subject.item for subject in one.subjects]) for one in statements] == [
        ("missing", [rows[0].item]),
        ("receive", [rows[1].item]),
    ]
    assert await officer.receive(replace(bag, rows=rows[:1]), missing=[rows[0].item]) == []


async def test_an_item_whose_earlier_parts_are_gone_cannot_be_redirected():
    """Parts of other items, or sealed to others, do not count."""
    session, relay = await at_desk(people().ann)
    row = a_row(a_draft())
    other = a_draft()
    line = other.parts[0][: other.parts[0].index(b"\n")].decode()
    relay.answers[f"/review/items/{row.item}/parts"] = {"parts": [{"digest": other.digests[0], "line": line}]}
    with pytest.raises(NoEarlierLetter):
        await Reviewer(session, people().review.desk.id).redirect([row], place=people().facility.desk.id)


async def test_a_desk_whose_key_one_does_not_hold_is_closed():
    """Belonging to it is not enough."""
    session, _ = await signed_in(people().ann)
    with pytest.raises(NoDeskKey):
        Reviewer(session, people().review.desk.id)
