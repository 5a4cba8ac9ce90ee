"""Becoming staff over HTTP: once, in time, with one's own keys, and with no power before a directory says so."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from keys.codes import desk_code_identity
from keys.directory import Desk, Directory, Epoch, FingerprintDiffers
from keys.errors import RelayError
from keys.hybrid import HybridIdentity
from keys.keyrings import open_desk_key
from relay.client.ceremony import new_root_key
from relay.client.drafting import read_applicants, read_pending
from relay.client.enrolling import (
    Enrolling,
    Invite,
    InviteDiffers,
    check_relay,
    desks_to_open,
    make_member,
    member_print,
    send_enrolment,
)
from relay.client.faults import ProblemAnswered
from relay.client.operators import Operator, unlock
from relay.client.transport import Connection
from relay.storage import tables
from relay.storage.desk_keys import recipients_of
from relay.storage.enrolments import load_invites
from relay.storage.staff import load_desk_keys, load_keyring
from tests.http.client_world import TOKEN, a_client_world
from tests.http.relay_world import MACHINE, ServedWorld, a_founded_world, a_served_world, no_bugs

CAMP_TWO = "c2" * 16
FINGERPRINT = "f0" * 32


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay that nobody has opened yet."""
    with no_bugs():
        async with a_founded_world(tmp_path) as served:
            yield served


@pytest.fixture
async def connection(world: ServedWorld) -> AsyncIterator[Connection]:
    """Connect to it as a client does."""
    async with Connection(str(world.client.make_url("/")), attempts=1) as opened:
        yield opened


async def invited(world: ServedWorld, connection: Connection, *desks: str, days: int = 7) -> Invite:
    """Let the operator invite an officer."""
    made = await Operator(connection, MACHINE).invite(desks=desks, roles=["officer"], days=days)
    return an_invite(world.founded.head.relay, made, *desks)


def an_invite(relay: str, made: dict[str, Any], *desks: str) -> Invite:
    """Write the invite of what the relay has answered."""
    return Invite(
        url="https://relay.example",
        relay=relay,
        fingerprint=FINGERPRINT,
        staff=made["staff"],
        person=made["person"],
        desks=desks,
        roles=("officer",),
        expires=made["expires_at"],
        secret=made["secret"],
    )


async def enrolled(connection: Connection, invite: Invite) -> Enrolling:
    """Let somebody take an invite up."""
    made = make_member(invite, await desks_to_open(connection, invite))
    assert await send_enrolment(connection, invite.secret, made.request()) == invite.staff
    return made


async def refused(coroutine: Any) -> str:
    """Require that the relay refuses; gives the code."""
    with pytest.raises(ProblemAnswered) as problem:
        await coroutine
    return problem.value.code


async def test_the_first_member_of_a_desk_opens_it(world: ServedWorld, connection: Connection):
    """Keyring and desk key lie sealed on the relay before there is any directory; the code and the member open them."""
    invite = await invited(world, connection, CAMP_TWO)

    made = await enrolled(connection, invite)

    (applicant,) = read_applicants(await Operator(connection, MACHINE).enrolments())
    keyring = await kept_keyring(world, invite)
    assert applicant.fingerprint == made.fingerprint == member_print(made.member)
    assert [(one.desk, one.epoch, one.recipient) for one in applicant.proposals] == [
        (CAMP_TWO, 1, made.opened[0].recipient)
    ]
    assert unlock(keyring, made.code, invite.relay, directory=None) == made.root
    code = desk_code_identity(made.opened[0].code, bytes.fromhex(invite.relay))
    for holder, identity in ((f"staff/{invite.staff}", made.root.keys.identity), (f"desk-code/{CAMP_TWO}", code)):
        assert await desk_recipient(world, holder, identity, made) == made.opened[0].recipient


async def kept_keyring(world: ServedWorld, invite: Invite) -> bytes:
    """Read the keyring that the relay keeps for a member; it is given out once the relay is open."""
    async with world.storage.read() as rows:
        return await load_keyring(rows, invite.staff) or b""


async def desk_recipient(world: ServedWorld, holder: str, identity: HybridIdentity, made: Enrolling) -> str:
    """Open the desk key that lies on the relay for a holder, and give its public half."""
    async with world.storage.read() as rows:
        ((_, _, sealed),) = await load_desk_keys(rows, holder=holder)
    epoch = Epoch(1, made.opened[0].recipient, "2026-01-01T00:00:00Z")
    desk = Desk(CAMP_TWO, "facility", "north", keyless=False, epochs=(epoch,))
    directory = Directory(1, CAMP_TWO, ("north", "south"), (desk,), (made.member,))
    return str(open_desk_key(sealed, [identity], directory=directory).identity.recipient())


async def test_the_second_member_of_a_desk_makes_no_second_key(world: ServedWorld, connection: Connection):
    """Colleagues admit them; two keys of one epoch would split the desk."""
    first, second = [await invited(world, connection, CAMP_TWO) for _ in range(2)]
    early = make_member(second, await desks_to_open(connection, second))
    await enrolled(connection, first)

    assert await desks_to_open(connection, second) == ()
    assert await refused(send_enrolment(connection, second.secret, early.request())) == "desk_opened"
    assert (await enrolled(connection, second)).opened == ()


async def test_of_two_who_open_a_desk_at_the_same_moment_one_does(world: ServedWorld, connection: Connection):
    """The other is told, and its invite is as good as before."""
    invites = [await invited(world, connection, CAMP_TWO) for _ in range(2)]
    requests = [make_member(one, await desks_to_open(connection, one)).request() for one in invites]

    sent = (send_enrolment(connection, one.secret, made) for one, made in zip(invites, requests, strict=True))
    answers = await asyncio.gather(*sent, return_exceptions=True)

    (loser,) = [one for one, answer in zip(invites, answers, strict=True) if isinstance(answer, RelayError)]
    assert [answer.code for answer in answers if isinstance(answer, RelayError)] == ["desk_opened"]
    assert (await enrolled(connection, loser)).opened == ()


async def test_an_invite_is_good_once(world: ServedWorld, connection: Connection):
    """The same keys sent again get the same answer, since an answer can be lost; other keys come too late."""
    invite = await invited(world, connection)
    made = await enrolled(connection, invite)

    assert await send_enrolment(connection, invite.secret, made.request()) == invite.staff
    assert await refused(send_enrolment(connection, invite.secret, make_member(invite).request())) == "invite_used"
    assert await refused(desks_to_open(connection, invite)) == "invite_used"
    assert unlock(await kept_keyring(world, invite), made.code, invite.relay, directory=None) == made.root


async def test_an_invite_expires(world: ServedWorld, connection: Connection):
    """At the very second, and it is no longer listed as open."""
    invite = await invited(world, connection, days=2)
    assert [one.staff for one in read_pending(await Operator(connection, MACHINE).enrolments())] == [invite.staff]
    world.clock.advance(days=2)

    assert await refused(desks_to_open(connection, invite)) == "invite_expired"
    assert await refused(send_enrolment(connection, invite.secret, make_member(invite).request())) == "invite_expired"
    assert read_pending(await Operator(connection, MACHINE).enrolments()) == []


async def test_a_dismissed_enrolment_leaves_nothing(world: ServedWorld, connection: Connection):
    """Not the keyring, and not the key that it would have given the desk: the next one opens it."""
    invite = await invited(world, connection, CAMP_TWO)
    await enrolled(connection, invite)

    await Operator(connection, MACHINE).dismiss(invite.staff)

    assert await Operator(connection, MACHINE).enrolments() == {"enrolments": [], "invites": []}
    assert await refused(desks_to_open(connection, invite)) == "invite_unknown"
    assert await kept_keyring(world, invite) == b""
    assert len((await enrolled(connection, await invited(world, connection, CAMP_TWO))).opened) == 1


@pytest.mark.parametrize("wrong", ["vkey", "holder", "desk", "keyring", "document"])
async def test_what_is_named_for_others_is_refused(world: ServedWorld, connection: Connection, wrong: str):
    """A key in another's name, a desk that the invite does not name, a holder who has no business with it."""
    invite, other = [await invited(world, connection, desk) for desk in (CAMP_TWO, "c3" * 16)]
    request, strange = (make_member(one, one.desks).request() for one in (invite, other))
    sealed = request["proposals"][0]["sealed"]
    match wrong:
        case "vkey":
            request["vkey"] = strange["vkey"]
        case "holder":
            sealed[0]["holder"] = strange["proposals"][0]["sealed"][0]["holder"]
        case "desk":
            request["proposals"] = strange["proposals"]
        case "keyring":
            request["keyring"] = "not base64"
        case _:
            sealed[0]["base64"] = sealed[1]["base64"]

    assert await refused(send_enrolment(connection, invite.secret, request)) == "enrolment_malformed"
    assert await desks_to_open(connection, invite) == (CAMP_TWO,)


async def test_an_invite_names_roles_that_there_are(world: ServedWorld, connection: Connection):
    """A king is not staff."""
    inviting = Operator(connection, MACHINE).invite(desks=[], roles=["king"])

    assert await refused(inviting) == "enrolment_malformed"


async def test_the_member_sends_nothing_to_a_relay_that_the_invite_does_not_name(tmp_path: Path):
    """Another root's trust at this address; or an invite that the relay says is for something else."""
    async with a_served_world(tmp_path) as world, Connection(str(world.client.make_url("/"))) as connection:
        invite = await invited(world, connection)
        assert world.ledger.in_force.trust is not None
        true = replace(invite, fingerprint=world.ledger.in_force.trust.fingerprint)

        assert await check_relay(connection, true)
        with pytest.raises(FingerprintDiffers):
            await check_relay(connection, invite)
        with pytest.raises(InviteDiffers):
            await desks_to_open(connection, replace(true, roles=("operator",)))


async def test_what_led_to_a_member_is_forgotten_once_they_are_listed(tmp_path: Path):
    """Invite and enrolment go, with invites that nobody took up in time; the recipient stays, for colleagues."""
    async with a_client_world(tmp_path) as world:
        operator, served = Operator(world.connection, TOKEN), world.served.services
        joining, waiting, late = [
            await operator.invite(desks=[world.review.desk.id], roles=["reviewer"], days=7) for _ in range(3)
        ]
        made = {one["staff"]: make_member(an_invite(world.relay, one)) for one in (joining, waiting)}
        for one in (joining, waiting):
            await send_enrolment(world.connection, one["secret"], made[one["staff"]].request())
        member = made[joining["staff"]].member
        async with served.storage.write() as rows:
            await rows.execute(
                update(tables.invites).where(tables.invites.c.staff == late["staff"]).values(expires_at=1)
            )

        world.directory = replace(world.directory, staff=(*world.directory.staff, member))
        await world.publish_directory()

        left = await operator.enrolments()
        assert [one["staff"] for one in left["enrolments"]] == [waiting["staff"]]
        async with served.storage.read() as rows:
            assert [one.staff for one in await load_invites(rows)] == [waiting["staff"]]
            assert set(await recipients_of(rows, [member.id])) == {member.id}


async def test_a_member_in_force_is_not_dismissed(tmp_path: Path):
    """Their keyring would be gone, and they could not sign in from another machine."""
    async with a_served_world(tmp_path) as world, Connection(str(world.client.make_url("/"))) as connection:
        dismissing = Operator(connection, MACHINE).dismiss(world.cast.staff["ann"].id)

        assert await refused(dismissing) == "already_in_force"


def test_a_print_is_of_the_whole_line():
    """Whoever swaps a key, or adds a role or a desk to what was decided, changes the 32 digits."""
    relay = "ab" * 16
    invite = Invite("https://relay.example", relay, FINGERPRINT, "5a" * 16, "6b" * 16, (), ("officer",), 1, "lri_")
    member = make_member(invite).member
    changed = [
        replace(member, id="5b" * 16),
        replace(member, vkey=str(new_root_key(relay).vkey)),
        replace(member, recipient_sha256="00" * 32),
        replace(member, person="6c" * 16),
        replace(member, desks=("c3" * 16,)),
        replace(member, roles=("officer", "senior")),
    ]

    assert len({member_print(one) for one in (member, *changed)}) == 7
