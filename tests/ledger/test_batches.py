"""Many at once: what waits is committed together, the door keeps its measure, and everyone gets their own answer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from relay.custody.checkpoint import parse_checkpoint
from relay.custody.proof import parse_proof
from relay.domain.refusals import PartsDiffer, StaleStatement, SuspendedKey
from relay.domain.states import State
from relay.ledger.append import load
from relay.ledger.batch import Answer, Draft, Loaded, Needs
from relay.ledger.door import Capacity, Closed, Conflict, Ledger, NotInitialised, OtherLogKey, Overloaded
from relay.ledger.founding import AlreadyFounded, found
from relay.ledger.letters import LetterIn
from relay.ledger.logkey import LogKey, LogKeyExists, LogKeyMissing, create_log_key, load_log_key
from relay.storage.engine import Storage
from relay.storage.migrations import migrate
from tests.ledger.cast import secret
from tests.ledger.checks import check_log
from tests.ledger.world import REVIEW, World, a_door, a_world, as_it_is, url_of


def sizes(receipts: list[bytes]) -> list[int]:
    """Read from receipts the size of the log after the batch that each was in."""
    texts = [parse_proof(receipt).checkpoint.decode().partition("\n\n")[0] + "\n" for receipt in receipts]
    return [parse_checkpoint(text).size for text in texts]


@pytest.fixture
async def narrow(tmp_path: Path) -> AsyncIterator[World]:
    """Open a relay that takes two commands or four items in a batch, and lets eight wait."""
    async with a_world(tmp_path, capacity=Capacity(commands=2, items=4, waiting=8)) as world:
        yield world
        await check_log(world.storage, world.founded.key)


async def test_a_batch_takes_no_more_commands_than_it_may(narrow: World):
    """Five letters at two a batch are three batches; nobody is left behind."""
    before = narrow.ledger.head.size

    receipts = await asyncio.gather(*(narrow.submit(narrow.hollow_letter()) for _ in range(5)))

    assert sizes(list(receipts)) == [before + 2, before + 2, before + 4, before + 4, before + 5]


async def test_a_batch_takes_no_more_items_than_it_may(narrow: World):
    """A statement about three letters and one about two do not fit into one batch of four; each is done."""
    letters = [await narrow.send(narrow.family(f"family {n}")) for n in range(5)]
    items = [as_it_is(item) for item in await narrow.items(letters)]
    claims = [
        narrow.statement(name, "claim", chosen, desk=REVIEW)
        for name, chosen in (("ann", items[:3]), ("ben", items[3:]))
    ]
    before = narrow.ledger.head.size

    answers = await asyncio.gather(*map(narrow.submit, claims))

    assert b'"size":%d' % (before + 3) in answers[0]
    assert b'"size":%d' % (before + 5) in answers[1]


async def test_a_statement_larger_than_a_batch_is_done_alone(narrow: World):
    """The limit is for what is put together; what one person signed is never torn apart."""
    letters = [await narrow.send(narrow.family(f"family {n}")) for n in range(6)]

    await narrow.claim("ann", *letters)

    assert {item.state for item in await narrow.items(letters)} == {State.CLAIMED}


async def test_more_than_may_wait_is_refused_and_can_be_sent_again(narrow: World):
    """The ninth of those who come at once hears that too much is waiting; later it is accepted."""
    letters = [narrow.hollow_letter() for _ in range(9)]

    answers = await asyncio.gather(*map(narrow.submit, letters), return_exceptions=True)

    assert [type(answer) for answer in answers] == [bytes] * 8 + [Overloaded]
    assert await narrow.submit(letters[-1])


async def test_of_two_claims_for_one_letter_one_wins(world: World):
    """Both name the letter as it was queued; the second is told that it has moved."""
    letter = as_it_is(await world.item(await world.send()))
    claims = [world.statement(name, "claim", [letter], desk=REVIEW) for name in ("ann", "ben")]

    answers = await asyncio.gather(*map(world.submit, claims), return_exceptions=True)

    assert [type(answer) for answer in answers] == [bytes, StaleStatement]
    assert (await world.item(letter.item)).claimant == world.cast.staff["ann"].id


async def test_the_same_id_with_other_bytes_in_one_batch_is_a_conflict(world: World):
    """Whoever is first has the id; the other hears what a later one would have heard."""
    first = world.hollow_letter()
    second = world.hollow_letter(item=first.line.item)

    answers = await asyncio.gather(world.submit(first), world.submit(second), return_exceptions=True)

    assert [type(answer) for answer in answers] == [bytes, Conflict]


async def test_a_twin_of_a_refused_letter_is_judged_by_itself(world: World):
    """Nothing is remembered of the first, so the second gets the same refusal and not its answer."""
    bad = world.hollow_letter(dir=7)

    answers = await asyncio.gather(world.submit(bad), world.submit(bad), return_exceptions=True)

    assert [type(answer).__name__ for answer in answers] == ["DirectoryUnknown"] * 2


async def test_a_suspension_holds_from_the_next_entry_on(world: World):
    """What Ben signed comes right behind it in the same batch, and is refused."""
    letter = as_it_is(await world.item(await world.send()))
    suspension = world.office("opal", "suspend", staff=world.cast.staff["ben"].id, reason="LEFT")
    claim = world.statement("ben", "claim", [letter], desk=REVIEW)

    answers = await asyncio.gather(world.submit(suspension), world.submit(claim), return_exceptions=True)

    assert [type(answer) for answer in answers] == [bytes, SuspendedKey]
    assert world.cast.staff["ben"].id in world.ledger.in_force.suspended


async def test_two_families_and_two_reviewers_share_a_batch(world: World):
    """A withdrawal before a claim in the same batch wins; the other letters are claimed."""
    mine, theirs = await world.send(), await world.send(world.family("the Kovals"))
    items = {item.id: item for item in await world.items([mine, theirs])}
    note = world.sign("withdraw", (as_it_is(items[mine]),), world.family().signer(world.relay), directory=None)
    claims = [world.statement("ann", "claim", [as_it_is(items[name])], desk=REVIEW) for name in (mine, theirs)]

    answers = await asyncio.gather(
        world.submit(world.of_family(note, world.family())), *map(world.submit, claims), return_exceptions=True
    )

    assert [type(answer) for answer in answers] == [bytes, StaleStatement, bytes]


@dataclass(frozen=True, slots=True)
class Faulty:
    """A submission with a bug in it."""

    key: str = "a" * 64
    request: str = "b" * 64

    def needs(self) -> Needs:
        """Need nothing."""
        return Needs()

    def apply(self, draft: Draft) -> Answer:
        """Change something, then fail as no rule would."""
        draft.changes.entries.append(b"half done")
        raise ZeroDivisionError


async def test_a_bug_in_one_submission_costs_its_neighbours_nothing(world: World):
    """Its half-done draft is thrown away; the door stays open."""
    size = world.ledger.head.size

    answers = await asyncio.gather(
        world.submit(world.hollow_letter()),
        world.submit(Faulty()),
        world.submit(world.hollow_letter()),
        return_exceptions=True,
    )

    assert [type(answer) for answer in answers] == [bytes, ZeroDivisionError, bytes]
    assert world.ledger.head.size == size + 2
    assert world.ledger.broken is None


async def test_whoever_stops_waiting_is_answered_when_they_come_back(world: World):
    """A family hangs up before the answer; the letter may be in, and the retry tells."""
    letter = world.hollow_letter()
    task = asyncio.create_task(world.submit(letter))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert parse_proof(await world.submit(letter)).extra


async def test_what_waits_when_the_door_closes_is_finished(world: World):
    """A relay that is told to stop answers whom it has let in, and nobody who comes later."""
    waiting = [asyncio.create_task(world.submit(world.hollow_letter())) for _ in range(3)]
    await asyncio.sleep(0)

    await world.ledger.stop()

    assert all([await task for task in waiting])
    with pytest.raises(Closed):
        await world.submit(world.hollow_letter())


async def reopened(world: World, storage: Storage | None = None) -> Ledger:
    """Open a second door over the same database, as another process would."""
    ledger = a_door(storage or world.storage, world.folder, world.cast.origin, clock=world.clock)
    await ledger.start()
    return ledger


async def test_a_door_that_opens_again_goes_on_where_it_stopped(world: World):
    """Head, tree and authority come from the database alone; a retry after the restart gets its old receipt."""
    letters = [world.hollow_letter() for _ in range(300)]
    receipts = await asyncio.gather(*map(world.submit, letters))
    await world.ledger.stop()

    again = await reopened(world)

    assert again.head == world.ledger.head
    assert again.edge == world.ledger.edge
    assert again.in_force == world.ledger.in_force
    assert await again.submit(letters[7]) == receipts[7]
    await again.submit(world.hollow_letter())
    await again.stop()


async def test_two_nodes_share_one_log(world: World):
    """Each notices that the other has moved the head, and goes on from there; no entry is lost or doubled."""
    storage = Storage(url_of(world.folder))
    other = await reopened(world, storage)
    before = world.ledger.head.size
    letters = [world.hollow_letter() for _ in range(40)]

    nodes = (world.ledger, other) * 20
    await asyncio.gather(*(node.submit(letter) for node, letter in zip(nodes, letters, strict=True)))
    receipt = await world.submit(letters[1])

    assert await other.submit(letters[1]) == receipt
    assert max(world.ledger.head.size, other.head.size) == before + 40
    await other.stop()
    await storage.close()


async def test_a_database_without_a_relay_opens_no_door(tmp_path: Path):
    """`serve` before `init` says what to do first."""
    await migrate(url_of(tmp_path))
    create_log_key(tmp_path / "log.key", "relay.example/log/1", random=lambda n: b"\x07" * n)
    storage = Storage(url_of(tmp_path))

    with pytest.raises(NotInitialised):
        await a_door(storage, tmp_path, "relay.example/log/1", clock=lambda: datetime.now(UTC)).start()
    await storage.close()


async def test_another_log_key_opens_no_door(world: World, tmp_path: Path):
    """A key that was mixed up would sign a log that no client believes."""
    await world.ledger.stop()
    path = tmp_path / "elsewhere.key"
    key = create_log_key(path, world.cast.origin, random=world.random)
    (world.folder / "log.key").rename(tmp_path / "kept.key")
    path.rename(world.folder / "log.key")

    with pytest.raises(OtherLogKey):
        await reopened(world)
    assert key.vkeys != world.founded.key.vkeys


def test_a_log_key_is_never_overwritten(tmp_path: Path):
    """It can be read by its owner alone, and a second one does not replace it."""
    path = tmp_path / "log.key"
    key = create_log_key(path, "relay.example/log/1", random=lambda n: b"\x07" * n)

    with pytest.raises(LogKeyExists):
        create_log_key(path, "relay.example/log/1", random=lambda n: b"\x08" * n)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_log_key(path, "relay.example/log/1").vkeys == key.vkeys


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff", b'{"v":1,"ed25519":"00","mldsa44":"00"}\n'])
def test_a_damaged_log_key_is_refused(tmp_path: Path, content: bytes | None):
    """Whatever it was, the relay does not make a new one in its place."""
    path = tmp_path / "log.key"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(LogKeyMissing):
        load_log_key(path, "relay.example/log/1")


async def test_a_relay_is_founded_once(world: World, tmp_path: Path):
    """A second `init` would begin another log under the same name."""
    with pytest.raises(AlreadyFounded):
        await found(world.storage, world.folder, name="relay.example", random=world.random)

    empty = Storage(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(AlreadyFounded):
        await found(empty, world.folder, name="relay.example", random=world.random)
    with pytest.raises(AlreadyFounded):
        await found(world.storage, tmp_path / "elsewhere", name="relay.example", random=world.random)
    await empty.close()


async def test_an_interrupted_founding_is_made_again_with_its_key(tmp_path: Path):
    """The key that was written first is kept: nothing has been signed with it for anybody."""
    (tmp_path / "data").mkdir()
    key: LogKey = create_log_key(tmp_path / "data" / "log.key", "relay.example/log/1", random=lambda n: b"\x07" * n)
    storage = Storage(f"sqlite+aiosqlite:///{tmp_path / 'relay.db'}")

    founded = await found(storage, tmp_path / "data", name="relay.example", random=lambda n: b"\x09" * n)

    assert founded.key.vkeys == key.vkeys
    assert founded.head.size == 0
    await storage.close()


async def test_the_clock_of_the_log_never_goes_back(world: World):
    """A machine whose clock was set back writes the time of the last batch until it has caught up."""
    first = world.hollow_letter()
    await world.submit(first)
    world.clock.advance(days=-3)
    second = world.hollow_letter()
    await world.submit(second)

    items = await world.items([first.line.item, second.line.item])
    assert items[0].accepted_at == items[1].accepted_at


async def test_a_retry_with_another_proof_of_work_is_the_same_letter(world: World):
    """The work paid for the first try; the letter's bytes decide."""
    letter = world.hollow_letter()
    receipt = await world.submit(replace(letter, work=("a" * 64, 2_000_000_000)))

    again: LetterIn = replace(letter, work=("b" * 64, 2_000_000_000))
    assert await world.submit(again) == receipt


async def test_statements_that_name_thousands_of_files_are_not_asked_for_together(world: World, monkeypatch):
    """A database takes 32,767 values in one question; one officer could have had everybody's letters refused."""
    asked: list[int] = []

    async def counting(connection: AsyncConnection, needs: Sequence[Needs]) -> Loaded:
        asked.append(sum(len(need.parts) for need in needs))
        return await load(connection, needs)

    monkeypatch.setattr("relay.ledger.door.load", counting)
    brought: list[Any] = []
    for _ in range(4):
        lines = [world.line(kind="reply", hop="facility>review", re="new") for _ in range(160)]
        digests = tuple(secret(f"no file {n}").hex() for n in range(len(brought) * 63, len(brought) * 63 + 63))
        subjects = [world.subject(line.item, secret(line.item).hex(), *digests) for line in lines]
        fresh = [one._replace(parts=(one.parts[0], *(secret(one.item + d).hex() for d in digests))) for one in subjects]
        brought.append(world.replies_in("ole", fresh, lines))

    answers = await asyncio.gather(
        *map(world.submit, brought), world.submit(world.hollow_letter()), return_exceptions=True
    )

    assert [type(answer) for answer in answers] == [PartsDiffer] * 4 + [bytes]
    assert sum(asked) == 4 * 160 * 64
    assert max(asked) == 160 * 64
