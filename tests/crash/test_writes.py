"""Each write x {refused, lost, persisted but errored}: nothing acknowledged is lost, and nothing is done twice."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from relay.domain.states import Action, State
from relay.ledger.authority import DirectoryIn, TrustIn
from relay.ledger.batch import Submission
from relay.ledger.erasure import ErasureIn, chains_of
from relay.ledger.founding import AlreadyFounded, found
from relay.ledger.policy import PolicyIn
from relay.ledger.publishing import Publisher
from relay.ledger.retention import Retention, Terms
from relay.storage.custody_log import load_published
from relay.storage.engine import StorageUnavailable
from tests.crash.faults import Fault, FaultyStorage
from tests.ledger.world import NOWHERE, REVIEW, World, as_it_is, url_of

FAULTS = pytest.mark.parametrize("fault", list(Fault), ids=[fault.name.lower() for fault in Fault])
Making = Callable[[World], Awaitable[Submission]]


async def _a_letter(world: World) -> Submission:
    return await world.letter_with_picture()


async def _a_claim(world: World) -> Submission:
    letter = as_it_is(await world.item(await world.send()))
    return world.statement("ann", "claim", [letter], desk=REVIEW)


async def _a_pass(world: World) -> Submission:
    letter = await world.send()
    await world.claim("ann", letter)
    return await world.passing("ann", letter)


async def _a_reply(world: World) -> Submission:
    letter = await world.send()
    await world.received(letter)
    return await world.reply(letter)


async def _a_withdrawal(world: World) -> Submission:
    item = as_it_is(await world.item(await world.send()))
    note = world.sign("withdraw", (item,), world.family().signer(world.relay), directory=None)
    return world.of_family(note, world.family())


async def _a_trust(world: World) -> Submission:
    return TrustIn(world.cast.trust(world.founded.key.vkeys, version=2))


async def _a_directory(world: World) -> Submission:
    return DirectoryIn(*world.cast.directory(version=2, previous=world.cast.directory()[0]))


async def _a_register_page(world: World) -> Submission:
    return await world.register_page()


async def _a_suspension(world: World) -> Submission:
    return world.office("opal", "suspend", staff=world.cast.staff["ben"].id, reason="LEFT")


async def _an_expiry(world: World) -> Submission:
    letter = await world.send()
    await world.by_family("withdraw", letter)
    return PolicyIn(Action.EXPIRE, letter)


async def _an_erasure(world: World) -> Submission:
    expiry = await _an_expiry(world)
    await world.submit(expiry)
    async with world.storage.read() as connection:
        return ErasureIn(tuple(await chains_of(connection, expiry.needs().items)))


MAKINGS = (
    _a_letter,
    _a_claim,
    _a_pass,
    _a_reply,
    _a_withdrawal,
    _a_trust,
    _a_directory,
    _a_register_page,
    _a_suspension,
    _an_expiry,
    _an_erasure,
)
WRITES = pytest.mark.parametrize("making", MAKINGS, ids=[making.__name__.lstrip("_") for making in MAKINGS])


@WRITES
@FAULTS
async def test_one_fault_goes_by_unnoticed(world: World, storage: FaultyStorage, making: Making, fault: Fault):
    """The door does not know what became of the batch, looks, and answers; one entry is in the log."""
    submission = await making(world)
    size, storage.faults = world.ledger.head.size, [fault]

    answer = await world.submit(submission)

    assert not storage.faults
    assert world.ledger.head.size == size + 1
    assert await world.submit(submission) == answer


@WRITES
@FAULTS
async def test_lasting_faults_are_told_and_the_retry_succeeds(
    world: World, storage: FaultyStorage, making: Making, fault: Fault
):
    """Whoever waits is told to come again; when the database is back, the same bytes are done exactly once."""
    submission = await making(world)
    size, storage.faults = world.ledger.head.size, [fault, fault]
    with pytest.raises(StorageUnavailable):
        await world.submit(submission)

    answer = await world.submit(submission)

    assert world.ledger.head.size == size + 1
    assert await world.submit(submission) == answer


@FAULTS
async def test_a_whole_batch_survives_one_fault(world: World, storage: FaultyStorage, fault: Fault):
    """A hundred letters that met the fault together all get their receipts, and the refused one its refusal."""
    letters = [world.hollow_letter() for _ in range(100)]
    letters[50] = world.hollow_letter(dir=9)
    size, storage.faults = world.ledger.head.size, [fault]

    answers = await asyncio.gather(*map(world.submit, letters), return_exceptions=True)

    assert [type(answer).__name__ for answer in answers] == ["bytes"] * 50 + ["DirectoryUnknown"] + ["bytes"] * 49
    assert world.ledger.head.size == size + 99


@FAULTS
async def test_what_waits_behind_a_fault_is_served_after_it(world: World, storage: FaultyStorage, fault: Fault):
    """A batch that cannot be written does not shut the door on the next one."""
    storage.faults = [fault, fault]
    first = asyncio.create_task(world.submit(world.hollow_letter()))
    await asyncio.sleep(0)
    second = asyncio.create_task(world.submit(world.hollow_letter()))

    answers = await asyncio.gather(first, second, return_exceptions=True)

    assert StorageUnavailable in map(type, answers)
    assert await world.submit(world.hollow_letter())
    assert world.ledger.broken is None


@FAULTS
async def test_an_upload_that_failed_can_be_sent_again(world: World, storage: FaultyStorage, fault: Fault):
    """Parts are named by their digest: the second upload finds the first, or is the first."""
    scan = world.seal(world.line(), world.family(), "Ось наш дім.")
    storage.faults = [fault]
    with pytest.raises(StorageUnavailable):
        await world.upload(scan)

    assert len(await world.upload(scan)) == 1


@FAULTS
async def test_publishing_that_failed_is_made_up_for(world: World, storage: FaultyStorage, fault: Fault):
    """The checkpoint before stays published, or the new one is; the next try publishes the head."""
    publisher = Publisher(storage, world.ledger, world.founded.key, seconds=3600, clock=world.clock)
    storage.faults = [fault]
    with pytest.raises(StorageUnavailable):
        await publisher.publish()
    await world.send()

    assert await publisher.publish() == world.ledger.head.size
    async with storage.read() as connection:
        assert (await load_published(connection) or (b"", 0))[1] == world.ledger.head.size


@FAULTS
async def test_retention_that_failed_goes_on_with_its_next_run(world: World, storage: FaultyStorage, fault: Fault):
    """It waits for the next run as a family would; what was done already is not done twice."""
    letters = [await world.send(detainee=NOWHERE), await world.send(detainee=NOWHERE)]
    retention = Retention(storage, world.ledger, Terms(), clock=world.clock)
    world.clock.advance(days=61)
    storage.faults = [fault, fault]
    assert (await retention.run()).lapsed == 0

    await retention.run()

    items = await world.items(letters)
    assert [(item.state, item.seq) for item in items] == [(State.RETURNED, 1)] * 2


@FAULTS
async def test_founding_that_failed_is_done_again(tmp_path: Path, fault: Fault):
    """`init` meets the fault as it writes the head; running it again finds the relay, or makes it with the same key."""
    storage, folder = FaultyStorage(url_of(tmp_path)), tmp_path / "data"
    storage.faults = [None, fault]
    with pytest.raises(StorageUnavailable):
        await found(storage, folder, name="relay.example", random=os.urandom)
    keys = [path.read_bytes() for path in folder.glob("log.key")]

    if fault is Fault.PERSISTED:
        with pytest.raises(AlreadyFounded):
            await found(storage, folder, name="relay.example", random=os.urandom)
    else:
        await found(storage, folder, name="relay.example", random=os.urandom)

    assert keys in ([], [(folder / "log.key").read_bytes()])
    await storage.close()
