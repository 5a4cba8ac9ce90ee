"""Trust, directories, suspensions, audits: who has power, from which entry of the log on."""

from dataclasses import replace
from pathlib import Path

import pytest

from keys.directory import DirectoryGap, UnknownStaff
from relay.custody.entry import ClearEntry, ClearKind, CommittedEntry, CommittedKind, parse_entry
from relay.domain.in_force import DirectoryOver, NotOpen
from relay.ledger.authority import DirectoryIn, TrustIn, TrustRequired
from relay.storage.custody_log import load_entries
from tests.ledger.checks import audited
from tests.ledger.world import REVIEW, World, a_world, as_it_is


async def test_the_log_begins_with_trust_and_the_first_directory(tmp_path: Path):
    """Before the one nothing is accepted but it, and before the other no letter."""
    async with a_world(tmp_path, is_open=False) as world:
        directory = DirectoryIn(*world.cast.directory())
        with pytest.raises(TrustRequired):
            await world.submit(directory)
        with pytest.raises(NotOpen):
            await world.submit(world.hollow_letter())

        await world.submit(TrustIn(world.cast.trust(world.founded.key.vkeys)))
        with pytest.raises(NotOpen):
            await world.submit(world.hollow_letter())
        await world.submit(directory)
        await world.submit(world.hollow_letter())

        async with world.storage.read() as connection:
            entries = [parse_entry(entry) for entry in await load_entries(connection, 1, start=0, stop=3)]
        assert [entry.kind for entry in entries[:2] if isinstance(entry, ClearEntry)] == ["trust", "directory"]
        await audited(world, tmp_path / "evidence")


async def test_a_new_directory_is_in_force_from_its_entry_on(world: World):
    """Ben has left: what he signs after it is refused, what he signed before it stands."""
    before, after = await world.send(), await world.send(world.family("the Kovals"))
    await world.claim("ben", before)
    note, document = world.cast.directory(version=2, previous=world.cast.directory()[0], without=["ben"])
    await world.submit(DirectoryIn(note, document))

    item = as_it_is(await world.item(after))
    with pytest.raises(UnknownStaff):
        await world.submit(world.statement("ben", "claim", [item], desk=REVIEW, directory=2))
    await world.submit(world.statement("ann", "claim", [item], desk=REVIEW, directory=2))


async def test_an_expired_directory_lets_nothing_in_until_there_is_a_new_one(world: World):
    """A key that nobody has confirmed for so long is trusted no more; the next directory opens the relay again."""
    last = world.cast.directory()[0]
    note, document = world.cast.directory(version=2, previous=last, expires="2026-05-01T00:00:00Z")
    await world.submit(DirectoryIn(note, document))
    world.clock.advance(days=31)
    letter = world.hollow_letter(dir=2)
    with pytest.raises(DirectoryOver):
        await world.submit(letter)

    await world.submit(DirectoryIn(*world.cast.directory(version=3, previous=note)))
    await world.submit(world.hollow_letter(dir=3))


async def test_a_suspension_outlives_the_next_directory(world: World):
    """A directory that still lists the member does not give the key its power back."""
    await world.submit(world.office("opal", "suspend", staff=world.cast.staff["ben"].id, reason="LOST_KEY"))
    await world.submit(DirectoryIn(*world.cast.directory(version=2, previous=world.cast.directory()[0])))

    assert world.cast.staff["ben"].id in world.ledger.in_force.suspended


async def test_an_audit_is_committed_to_the_log(world: World):
    """That an auditor has verified so much is evidence too; the public sees that there was one, and not by whom."""
    size = world.ledger.head.size
    await world.submit(world.office("aud", "audited", size=size, root=world.ledger.edge.root().hex()))

    async with world.storage.read() as connection:
        (entry,) = await load_entries(connection, 1, start=size, stop=size + 1)
    parsed = parse_entry(entry)
    assert isinstance(parsed, CommittedEntry)
    assert parsed.kind is CommittedKind.AUDITED
    assert ClearKind.SUSPEND.value.encode() not in entry


async def test_a_directory_is_published_once(world: World):
    """The same version with one more signature hashes differently; a second entry for it would fork the next one."""
    more = replace(world.cast, operators=(*world.cast.operators[1:], world.cast.operators[0]))
    again = DirectoryIn(*more.directory())

    with pytest.raises(DirectoryGap):
        await world.submit(again)
