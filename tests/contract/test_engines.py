"""What SQLite and PostgreSQL have to do alike: one suite over both."""

import asyncio

import pytest
from sqlalchemy import text

from relay.domain.refusals import StaleStatement
from relay.domain.states import State
from relay.ledger.publishing import Publisher
from relay.ledger.retention import Kept, Retention, Terms
from relay.storage.engine import Storage, StorageUnavailable
from relay.storage.items import waiting_detainees
from relay.storage.migrations import is_current
from tests.contract.conftest import ENGINES
from tests.ledger.world import NOWHERE, REVIEW, World, a_door, as_it_is


async def test_the_schema_is_current_after_founding(world: World):
    """Readiness asks the same question of both."""
    async with world.storage.read() as connection:
        assert await is_current(connection)


async def test_a_letter_goes_there_and_a_reply_comes_back(world: World):
    """The whole way, with a picture, a contact and a scan."""
    letter = await world.letter_with_picture()
    await world.submit(letter)
    item = letter.line.item
    await world.claim("ann", item)
    contact = await world.document("contact", "ann", id=world.family().mailbox)
    await world.submit(await world.passing("ann", item, contact=(contact,)))
    bag = await world.bag(item)
    await world.by_staff("ole", "receive", item, bag=bag)
    await world.by_staff("ole", "deliver", item, paper=await world.document("scan", "ole"))
    answer = await world.reply(item)
    await world.submit(answer)
    (reply,) = answer.lines
    await world.claim("ben", reply)
    await world.submit(await world.passing_home("ben", reply))
    await world.by_family("collected", reply)

    assert [one.state for one in await world.items([item, reply])] == [State.DELIVERED, State.COLLECTED]


async def test_a_batch_of_many_is_one_transaction(world: World):
    """Three hundred letters and a refusal among them; retries get the same receipts."""
    letters = [world.hollow_letter(world.family(f"family {n % 9}")) for n in range(300)]
    letters[17] = world.hollow_letter(dir=8)

    answers = await asyncio.gather(*map(world.submit, letters), return_exceptions=True)
    again = await asyncio.gather(*map(world.submit, letters), return_exceptions=True)

    assert [type(answer).__name__ for answer in answers].count("DirectoryUnknown") == 1
    assert [one for one in again if isinstance(one, bytes)] == [one for one in answers if isinstance(one, bytes)]


async def test_lines_are_read_in_their_order(world: World):
    """The oldest waiting detainee is first; what is claimed does not count until its claim is over."""
    first = await world.send(detainee=NOWHERE)
    await world.send()
    await world.send(world.family("the Kovals"))
    async with world.storage.read() as connection:
        lines = await waiting_detainees(connection, desk=REVIEW, at="2026-04-01T08:30:00Z", limit=10)
    assert [line.items for line in lines] == [1, 2]

    await world.claim("ann", first)

    async with world.storage.read() as connection:
        lines = await waiting_detainees(connection, desk=REVIEW, at="2026-04-01T08:30:00Z", limit=10)
    assert [line.items for line in lines] == [2]


async def test_two_nodes_write_one_log(world: World, url: str):
    """The lock on the head lets one after the other in; a letter brought to both is accepted once."""
    storage = Storage(url)
    other = a_door(storage, world.folder, world.cast.origin, clock=world.clock)
    await other.start()
    before, letters = world.ledger.head.size, [world.hollow_letter() for _ in range(30)]

    answers = await asyncio.gather(*(node.submit(letter) for letter in letters for node in (world.ledger, other)))

    assert list(answers[::2]) == list(answers[1::2])
    assert max(world.ledger.head.size, other.head.size) == before + 30
    await other.stop()
    await storage.close()


async def test_of_two_claims_at_two_nodes_one_wins(world: World, url: str):
    """Whichever node gets the lock second decides over what the first has written."""
    storage = Storage(url)
    other = a_door(storage, world.folder, world.cast.origin, clock=world.clock)
    await other.start()
    letter = as_it_is(await world.item(await world.send()))
    claims = [world.statement(name, "claim", [letter], desk=REVIEW) for name in ("ann", "ben")]

    answers = await asyncio.gather(world.ledger.submit(claims[0]), other.submit(claims[1]), return_exceptions=True)

    assert sorted(type(answer).__name__ for answer in answers) == ["StaleStatement", "bytes"]
    assert StaleStatement in map(type, answers)
    await other.stop()
    await storage.close()


async def test_retention_and_publishing_work(world: World):
    """Lapse, expire, erase, sweep, publish."""
    await world.send(detainee=NOWHERE)
    await world.letter_with_picture()
    retention = Retention(world.storage, world.ledger, Terms(), clock=world.clock)
    world.clock.advance(days=61)
    assert await retention.run() == Kept(lapsed=1, swept=1)
    world.clock.advance(days=91)
    assert await retention.run() == Kept(expired=1)
    world.clock.advance(days=1_006)
    assert await retention.run() == Kept(erased=1)

    publisher = Publisher(world.storage, world.ledger, world.founded.key, seconds=3600, clock=world.clock)
    assert await publisher.publish() == world.ledger.head.size


async def test_a_database_that_is_out_of_reach_is_told_as_such(tmp_path_factory: pytest.TempPathFactory):
    """Nobody listens there: try again later, and the URL with its password is in no message."""
    nowhere = tmp_path_factory.mktemp("nowhere")
    storage = Storage(f"postgresql+asyncpg://relay:secret@/relay?host={nowhere}")

    with pytest.raises(StorageUnavailable) as refused:
        async with storage.read() as connection:
            await connection.execute(text("SELECT 1"))
    assert "secret" not in str(refused.value)
    await storage.close()


if "postgresql" in ENGINES:

    @pytest.mark.parametrize("url", ["postgresql"], indirect=True)
    async def test_connections_that_were_cut_are_made_again(world: World):
        """The primary was restarted or has moved: the door notices at its next batch, and nobody else does."""
        letter = world.hollow_letter()
        receipt = await world.submit(letter)
        async with world.storage.read() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )

        assert await world.submit(world.hollow_letter())
        assert await world.submit(letter) == receipt
