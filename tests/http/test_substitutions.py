"""
A relay that attacks: it is real, but every answer passes through somebody who may put another in its place.

One lie for each key of DESIGN.md §3, told to an honest client, which has to refuse it under a code of its own. What no
client can find out stands in docs/threat-model.md, "What it cannot do", and the last test asks for it there.
"""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keys.codes import staff_code_identity
from keys.directory import sign_trust
from keys.errors import RelayError
from keys.keyrings import new_desk_key, new_staff_root, seal_keyring, staff_reader
from keys.notes import Signer
from keys.sealed import part_digest
from relay.client.answers import PartSize
from relay.client.ceremony import enrol, new_directory_key, new_root_key, seal_for
from relay.client.desks import DeskMember
from relay.client.operators import Operator, fetch_keyring, unlock
from relay.client.register import Record, Registrar, encode_page
from relay.client.reviewers import Reviewer
from relay.custody.checkpoint import Checkpoint, sign_checkpoint
from relay.domain.register import Status
from tests.http.attacker import Scene, a_scene
from tests.http.client_world import TOKEN
from tests.http.test_life import claim_all

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """Put the attacker before a relay that an honest client has seen as it is, once."""
    async with a_scene(tmp_path) as ready:
        yield ready


# ---------------------------------------------------------------- trust and log


async def another_root(scene: Scene) -> None:
    """Let the relay sign trust itself."""
    own = new_root_key(scene.world.relay)
    trust = (await scene.looks()).trust
    scene.attacker.says("/trust", sign_trust(replace(trust, root=str(own.vkey)), own.signer))
    await scene.looks()


async def a_log_key_of_its_own(scene: Scene) -> None:
    """Let it write another log key into what the root has signed."""
    trust = (await scene.looks()).trust
    own = str(Signer.ed25519(trust.origin, bytes(32)).vkey).encode()
    scene.attacker.lies["/trust"] = lambda body: body.replace(trust.log[0].encode(), own)
    await scene.looks()


async def an_older_trust(scene: Scene) -> None:
    """Show it to a client that has seen a newer one."""
    trust, older = (await scene.looks()).trust, (await scene.attacker.get("/trust")).body
    newer = sign_trust(replace(trust, version=2), scene.world.root.signer)
    await Operator(scene.attacker, TOKEN).publish_trust(newer)
    assert (await scene.looks()).trust.version == 2
    scene.attacker.says("/trust", older)
    await scene.looks()


async def another_logs_checkpoint(scene: Scene) -> None:
    """Have it signed by a key that the root does not name."""
    origin = (await scene.looks()).trust.origin
    own = sign_checkpoint(Checkpoint(origin, 3, bytes(32)), Signer.ed25519(origin, bytes(32)))
    scene.attacker.says("/log/1/checkpoint", own)
    await (await scene.looks()).verified_trust(scene.attacker)


async def a_root_that_no_entries_come_to(scene: Scene) -> None:
    """Have it signed by the log's own key, as only the relay can."""
    await scene.world.publish()
    book = await scene.looks()
    seen = await book.verified_trust(scene.attacker)
    key = scene.world.served.publisher._key.signer
    scene.attacker.says("/log/1/checkpoint", sign_checkpoint(replace(seen, root=bytes(32)), key))
    await book.verified_trust(scene.attacker)


# ---------------------------------------------------------------- directory


async def a_recipient_in_the_directory(scene: Scene) -> None:
    """Show the relay's own key for the review desk, under the note of the operators."""
    scene.shows(scene.world.note, scene.with_own_key)
    await scene.looks()


async def a_directory_of_one_operator(scene: Scene) -> None:
    """Bribe one of three; two are needed."""
    directory = replace(scene.with_own_key, version=2)
    scene.shows(scene.signed(directory, scene.world.directory_keys[:1], previous=scene.world.note), directory)
    await scene.looks()


async def a_directory_that_nobody_signed(scene: Scene) -> None:
    """Have it signed by keys that the trust does not name."""
    own = [new_directory_key(scene.world.relay, n) for n in (1, 2)]
    directory = replace(scene.with_own_key, version=2)
    scene.shows(scene.signed(directory, own, previous=scene.world.note), directory)
    await scene.looks()


async def a_directory_rolled_back(scene: Scene) -> None:
    """Show the one before, whose keys may be broken."""
    older = (await scene.attacker.get("/directory")).body
    await scene.world.publish_directory()
    await scene.looks()
    scene.attacker.says("/directory", older)
    await scene.looks()


async def another_directory_of_the_same_version(scene: Scene) -> None:
    """Let two operators sign a second one."""
    scene.shows(scene.signed(scene.with_own_key, scene.world.directory_keys[:2]), scene.with_own_key)
    await scene.looks()


async def a_gap_in_the_directories(scene: Scene) -> None:
    """Show version 3 to somebody who has seen version 1, and a log without version 2."""
    await scene.world.publish()
    checkpoint = (await scene.attacker.get("/log/1/checkpoint")).body
    await scene.world.publish_directory()
    await scene.world.publish_directory()
    scene.attacker.says("/log/1/checkpoint", checkpoint)
    await scene.looks()


async def an_expired_directory(scene: Scene) -> None:
    """Keep the next one back."""
    scene.later = timedelta(days=91)
    await scene.looks()


# ---------------------------------------------------------------- keyrings, desk keys, colleagues


async def unlocks(scene: Scene) -> None:
    """Let Ann open her keyring on a new machine."""
    ann = scene.world.staff["ann"]
    keyring = await fetch_keyring(scene.attacker, ann.member.id)
    unlock(keyring, ann.code, scene.world.relay, directory=(await scene.looks()).directory)


async def a_colleagues_keyring(scene: Scene) -> None:
    """Give Ben's in the place of Ann's."""
    scene.attacker.says(f"/keyrings/{scene.world.staff['ann'].member.id}", scene.world.staff["ben"].keyring)
    await unlocks(scene)


async def a_keyring_of_its_own(scene: Scene) -> None:
    """Seal other keys to Ann's code, which somebody has found."""
    ann, relay = scene.world.staff["ann"], scene.world.relay
    reader = staff_code_identity(ann.code, bytes.fromhex(relay)).recipient()
    own = seal_keyring(new_staff_root(relay, ann.member.id), [reader])
    scene.attacker.says(f"/keyrings/{ann.member.id}", own)
    await unlocks(scene)


def gives(scene: Scene, sealed: bytes) -> None:
    """Answer with one desk key."""
    key = {"desk": scene.world.review.desk.id, "epoch": 1, "sealed": base64.b64encode(sealed).decode()}
    scene.attacker.says("/staff/desk-keys", json.dumps({"keys": [key]}).encode())


async def a_desk_key_of_its_own(scene: Scene) -> None:
    """Give Ann a key that the relay can open, too."""
    ann, world = scene.world.staff["ann"], scene.world
    own = new_desk_key(world.relay, world.review.desk.id, 1)
    gives(
        scene, seal_for(own, staff_reader(ann.member.id), ann.recipient, by=ann.root, directory=world.directory).sealed
    )
    await scene.works()


async def a_desk_key_for_a_colleague(scene: Scene) -> None:
    """Give Ann what is sealed to Ben."""
    ben, world = scene.world.staff["ben"], scene.world
    reader = staff_reader(ben.member.id)
    gives(scene, seal_for(world.review.key, reader, ben.recipient, by=ben.root, directory=world.directory).sealed)
    await scene.works()


async def a_colleagues_recipient(scene: Scene) -> None:
    """Let Ann admit Ben, and show another recipient as his."""
    ben, desk = scene.world.staff["ben"].member.id, scene.world.review.desk.id
    own = enrol(scene.world.relay, roles=["reviewer"]).recipient

    def swap(members: dict[str, Any]) -> None:
        for one in members["members"]:
            one["recipient"] = str(own)

    scene.attacker.changes(f"/staff/desks/{desk}", swap)
    await DeskMember(await scene.works(), desk).admit([ben], again=True)


# ---------------------------------------------------------------- register, and what a statement would be signed over


async def a_page_of_the_register_left_out(scene: Scene) -> None:
    """Leave out that of a transfer, between two others."""
    registrar = Registrar(await scene.world.session("reg"))
    for number, place in ((scene.world.number, scene.world.keyless), (scene.world.keyless_number, scene.world.keyless)):
        await registrar.publish([Record(number, Status.CONFIRMED, place.id)])
    await scene.reads_register()
    scene.attacker.changes("/review/register", lambda members: members["pages"].pop(1))
    await scene.reads_register()


async def a_page_of_the_register_by_an_officer(scene: Scene) -> None:
    """Let an officer say that somebody was moved to his place, and list it."""
    world, officer = scene.world, await scene.world.session("otto")
    page = encode_page([Record(world.keyless_number, Status.CONFIRMED, world.facility.desk.id)])
    forged = officer.seal_document("register", page, desk=world.review.desk.id, version=2**40)
    await officer.upload([forged])
    scene.attacker.changes("/review/register", lambda members: members["pages"].append(part_digest(forged)))
    await scene.reads_register()


async def another_sealed_file(scene: Scene) -> None:
    """Give one page in the place of another."""
    await Registrar(await scene.world.session("reg")).publish([Record(scene.world.number, Status.RELEASED)])
    first = (await read_pages(scene))[0]
    scene.attacker.changes("/review/register", lambda members: members["pages"].reverse())
    scene.attacker.says("/staff/parts/fetch", len(first).to_bytes(4) + first + len(first).to_bytes(4) + first)
    await scene.reads_register()


async def read_pages(scene: Scene) -> list[bytes]:
    """Fetch the register's pages as they are."""
    session = await scene.world.session("ann")
    pages = (await session.get("/review/register"))["pages"]
    return list((await session.fetch([PartSize(page) for page in pages])).values())


async def another_addressee(scene: Scene) -> None:
    """Say that a letter to one person of the register is for another, who is somewhere else."""
    await (await scene.world.family()).write("Любий!", about=scene.world.number, lang="uk")
    reviewer = Reviewer(await scene.works(), scene.world.review.desk.id)
    await claim_all(reviewer)

    def swap(members: dict[str, Any]) -> None:
        members["rows"][0]["detainee"] = scene.world.keyless_number

    scene.attacker.changes("/review/claimed", swap)
    await reviewer.pass_((await reviewer.open(await reviewer.claimed())).letters)


async def another_letters_event(scene: Scene) -> None:
    """Let Ann sign over an item that she was not shown."""
    family = await scene.world.family()
    for _ in range(2):
        await family.write("Любий!", about=scene.world.number, lang="uk")
    reviewer = Reviewer(await scene.works(), scene.world.review.desk.id)
    await claim_all(reviewer)

    def swap(members: dict[str, Any]) -> None:
        one, other = members["rows"]
        one["event"] = other["event"]

    scene.attacker.changes("/review/claimed", swap)
    await reviewer.claimed()


# ---------------------------------------------------------------- families


async def another_letters_receipt(scene: Scene) -> None:
    """Let a family believe that its second letter was taken."""
    family = await scene.world.family()
    first = await family.write("Любий!", about=scene.world.number, lang="uk")
    second = family.prepare("Де ти?", about=scene.world.number, lang="uk")
    scene.attacker.says(f"/family/letters/{second.item}", first.receipt)
    await family.send(second)


async def a_word_that_no_event_bears_out(scene: Scene) -> None:
    """Say *delivered* of a letter that waits."""
    family = await scene.world.family()
    await family.write("Любий!", about=scene.world.number, lang="uk")

    def lie(members: dict[str, Any]) -> None:
        members["items"][0]["word"] = "delivered"

    scene.attacker.changes("/family/mailbox", lie)
    await family.status()


# ---------------------------------------------------------------- each of them is refused

Lie = Callable[[Scene], Awaitable[None]]
#: Written by hand: what DESIGN.md §3 has a key or a word of the relay's for, the lies about it, and their codes.
LIES: dict[str, dict[Lie, str]] = {
    "trust": {
        another_root: "fingerprint_differs",
        a_log_key_of_its_own: "signature_invalid",
        an_older_trust: "trust_rolled_back",
    },
    "log": {another_logs_checkpoint: "note_unsigned", a_root_that_no_entries_come_to: "inclusion_invalid"},
    "directory": {
        a_recipient_in_the_directory: "directory_altered",
        a_directory_of_one_operator: "directory_unsigned",
        a_directory_that_nobody_signed: "directory_unsigned",
        a_directory_rolled_back: "directory_rolled_back",
        another_directory_of_the_same_version: "directory_forked",
        a_gap_in_the_directories: "directory_gap",
        an_expired_directory: "directory_expired",
    },
    "keyring": {a_colleagues_keyring: "wrong_key", a_keyring_of_its_own: "key_not_in_directory"},
    "desk key": {
        a_desk_key_of_its_own: "key_not_in_directory",
        a_desk_key_for_a_colleague: "wrong_key",
        a_colleagues_recipient: "recipient_unknown",
    },
    "register": {
        a_page_of_the_register_left_out: "register_cut",
        a_page_of_the_register_by_an_officer: "document_not_authentic",
        another_sealed_file: "parts_not_asked_for",
    },
    "rows": {another_addressee: "addressee_differs", another_letters_event: "row_differs"},
    "family": {another_letters_receipt: "receipt_differs", a_word_that_no_event_bears_out: "row_differs"},
}
_EACH = [(lie, code) for lies in LIES.values() for lie, code in lies.items()]


@pytest.mark.parametrize(("lie", "code"), _EACH, ids=[lie.__name__ for lie, _ in _EACH])
async def test_the_relay_lies_and_is_caught(scene: Scene, lie: Lie, code: str):
    """Under the code that says which lie it was, and with a cure; the honest client goes on once it is over."""
    with pytest.raises(RelayError) as refusal:
        await lie(scene)
    assert (refusal.value.code, bool(refusal.value.cure)) == (code, True)
    scene.attacker.lies.clear()
    scene.later = timedelta()
    await scene.world.publish()
    await scene.reads_register()


#: Lies that no client can find out by itself, in the words of the threat model.
UNSEEN = (
    "A page cannot protect you against the server that serves it.",
    "The relay can refuse and delay.",
    "The relay can invent a first letter.",
    "The relay can show a newcomer an older directory, or fewer pages of the register,",
    "A suspension that a relay hides from one client",
    "unless the relay helps them: clients do not look their",
)


@pytest.mark.parametrize("words", UNSEEN)
def test_what_cannot_be_caught_is_said(words: str):
    """Somebody who relies on a client must know what it cannot see."""
    assert words in (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
