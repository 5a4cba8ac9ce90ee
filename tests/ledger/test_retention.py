"""What must not be kept goes in time, the log says that it has gone, and nothing else goes with it."""

import asyncio
import sqlite3
from dataclasses import replace

import pytest
from sqlalchemy import Table, func, select

from keys.sealed import EnclosureLine, seal_enclosure
from relay.custody.entry import CustodyEntry, ErasureEntry, parse_entry
from relay.domain.register import Row, Status
from relay.domain.states import State
from relay.ledger.erasure import Chain, ErasureIn, NotErasable, chains_of
from relay.ledger.retention import Kept, Retention, Terms
from relay.storage import custody_log, tables
from relay.storage.parts import load_parts
from relay.storage.staff import save_challenge, save_session
from tests.ledger.cast import secret
from tests.ledger.checks import check_log
from tests.ledger.world import AT_CAMP, NOWHERE, World

TERMS = Terms()


def keeping(world: World, terms: Terms = TERMS) -> Retention:
    """Set up retention on the clock of the world."""
    return Retention(world.storage, world.ledger, terms, clock=world.clock)


async def count(world: World, table: Table) -> int:
    """Count the rows of a table."""
    async with world.storage.read() as connection:
        return (await connection.execute(select(func.count()).select_from(table))).scalar_one()


async def delivered(world: World) -> str:
    """Deliver a letter with a picture, its sheet signed on paper."""
    letter = await world.letter_with_picture()
    await world.submit(letter)
    await world.received(letter.line.item)
    scan = await world.document("scan", "ole")
    await world.by_staff("ole", "deliver", letter.line.item, paper=scan)
    return letter.line.item


async def test_a_held_letter_lapses_when_its_days_are_over(world: World):
    """It goes back to its family, and not a day earlier."""
    letter = await world.send(detainee=NOWHERE)
    world.clock.advance(days=59)
    assert await keeping(world).run() == Kept()

    world.clock.advance(days=2)
    assert (await keeping(world).run()).lapsed == 1
    assert (await world.item(letter)).state is State.RETURNED


async def test_an_expired_item_has_no_sealed_bytes_and_its_event_says_so(world: World):
    """Every leg's part 0 and every enclosure goes; the chain goes on by one event."""
    letter = await delivered(world)
    kept = await world.send()
    parts = (await world.item(letter)).parts
    world.clock.advance(days=91)

    assert (await keeping(world).run()).expired == 1

    item = await world.item(letter)
    assert item.state is State.EXPIRED
    async with world.storage.read() as connection:
        assert await load_parts(connection, parts) == {}
        assert await load_parts(connection, (await world.item(kept)).parts)
        of_item = await connection.execute(select(tables.parts.c.digest).where(tables.parts.c.item == letter))
        assert of_item.all() == []


async def test_a_mailboxes_contact_outlives_the_letter_that_renewed_it(world: World):
    """Replies go by the newest contact; it stays for as long as its mailbox has an item."""
    letter = await world.send()
    await world.claim("ann", letter)
    contact = await world.document("contact", "ann", id=world.family().mailbox, item=letter)
    await world.submit(await world.passing("ann", letter, contact=(contact,)))
    await world.bag(letter)
    item = await world.item(letter)
    await world.by_staff("ole", "receive", letter, bag=item.bag)
    await world.by_staff("ole", "deliver", letter)
    world.clock.advance(days=91)

    await keeping(world).run()

    async with world.storage.read() as connection:
        assert list(await load_parts(connection, [contact])) == [contact]


async def test_a_contact_goes_with_the_last_item_of_its_mailbox(world: World):
    """So does an older version of it, with the letter that brought it."""
    contacts = []
    for _ in range(2):
        letter = await world.send()
        await world.claim("ann", letter)
        contacts.append(await world.document("contact", "ann", id=world.family().mailbox))
        await world.submit(await world.passing("ann", letter, contact=(contacts[-1],)))
        await world.by_staff("ann", "return", letter)
        world.clock.advance(days=100)
        assert (await keeping(world).run()).expired == 1
    for days, left in ((905, contacts), (1, contacts[1:]), (99, contacts[1:]), (1, [])):
        world.clock.advance(days=days)
        await keeping(world).run()
        async with world.storage.read() as connection:
            assert sorted(await load_parts(connection, contacts)) == sorted(left)


async def test_erasure_destroys_what_opens_an_item_and_the_log_still_verifies(world: World):
    """After three years nothing tells what the entries were; the public list of erased indexes says that on purpose."""
    letter = await delivered(world)
    world.clock.advance(days=91)
    await keeping(world).run()
    async with world.storage.read() as connection:
        (chain,) = await chains_of(connection, [letter])
    world.clock.advance(days=1_006)

    assert (await keeping(world).run()).erased == 1

    head = world.ledger.head
    async with world.storage.read() as connection:
        entries = [parse_entry(entry) for entry in await custody_log.load_entries(connection, 1, start=0, stop=99)]
    assert entries[-1] == ErasureEntry(head.size - 1, chain.indexes)
    assert all(isinstance(entries[index], CustodyEntry) for index in chain.indexes)
    await check_log(world.storage, world.founded.key)


async def test_erasure_leaves_nothing_behind(world: World):
    """Not the item, its openings, its receipt, its statements, its scan, nor the mailbox that has nothing else."""
    before = {table.name: await count(world, table) for table in tables.metadata.sorted_tables}
    await delivered(world)
    assert await count(world, tables.parts) > before["parts"]
    for days in (91, 1_006):
        world.clock.advance(days=days)
        await keeping(world).run()

    after = {table.name: await count(world, table) for table in tables.metadata.sorted_tables}
    grown = {name for name, rows in after.items() if rows != before[name]}
    # The answer that remains is that of the erasure itself, which names no item.
    assert grown == {"log_entries", "answers"}
    assert after["answers"] == before["answers"] + 1


async def test_an_erasure_is_published_at_once(world: World):
    """Auditors would otherwise find openings gone that no published entry accounts for; a lapse can wait."""
    sizes: list[int] = []

    async def publish() -> None:
        sizes.append(world.ledger.head.size)

    await world.send(detainee=NOWHERE)
    kept = Retention(world.storage, world.ledger, TERMS, clock=world.clock, publish=publish)
    for days in (61, 91):
        world.clock.advance(days=days)
        await kept.run()
    assert sizes == []
    world.clock.advance(days=1_006)
    await kept.run()

    assert sizes == [world.ledger.head.size]


async def test_the_database_file_forgets_what_was_erased(world: World):
    """Freed pages are overwritten and the write-ahead log is cut: no file holds the item's id any more."""
    letter = await delivered(world)
    assert any(letter.encode() in path.read_bytes() for path in world.folder.glob("relay.db*"))
    for days in (91, 1_006):
        world.clock.advance(days=days)
        await keeping(world).run()

    assert not any(letter.encode() in path.read_bytes() for path in world.folder.glob("relay.db*"))


async def test_a_statement_about_two_letters_stays_until_both_are_erased(world: World):
    """It is the evidence of the other one, and names the erased one by its id alone."""
    first, second = await world.send(), await world.send()
    bag = await world.received(first, second)
    await world.by_staff("ole", "deliver", first)
    statements = await count(world, tables.documents)
    for days in (91, 1_006):
        world.clock.advance(days=days)
        await keeping(world).run()
    assert bag

    # The statement that delivered the first alone is gone; claim, pass, bag and receive named both.
    assert await count(world, tables.documents) == statements - 1
    assert (await world.item(second)).state is State.RECEIVED
    await check_log(world.storage, world.founded.key)


async def test_a_closed_number_is_forgotten_with_its_last_item(world: World):
    """The register keeps a number for as long as somebody is held under it, or something names it."""
    await world.send()
    await world.by_family("withdraw", await world.send())
    await world.register(Row(AT_CAMP, Status.CLOSED, None))
    for days in (91, 1_006):
        world.clock.advance(days=days)
        await keeping(world).run()
    async with world.storage.read() as connection:
        rows = (await connection.execute(select(tables.register.c.number))).scalars().all()
    assert AT_CAMP in rows, "one letter is still in the line"

    await world.by_family("withdraw", *await all_items(world))
    for days in (91, 1_006):
        world.clock.advance(days=days)
        await keeping(world).run()
    async with world.storage.read() as connection:
        rows = (await connection.execute(select(tables.register.c.number))).scalars().all()
    assert AT_CAMP not in rows


async def all_items(world: World) -> list[str]:
    """List the ids of all items there are."""
    async with world.storage.read() as connection:
        return list((await connection.execute(select(tables.items.c.item))).scalars())


async def test_an_item_is_erased_whole_or_not_at_all(world: World):
    """A chain with a hole would look like evidence that somebody had removed."""
    letter = await delivered(world)
    async with world.storage.read() as connection:
        (chain,) = await chains_of(connection, [letter])
    with pytest.raises(NotErasable):
        await world.submit(ErasureIn((chain,)))

    world.clock.advance(days=91)
    await keeping(world).run()

    with pytest.raises(NotErasable):
        await world.submit(ErasureIn((Chain(letter, chain.indexes[:-1], chain.statements),)))


async def test_terms_of_no_days_keep_everything(world: World):
    """0 is for ever, for each of the three."""
    await delivered(world)
    await world.send(detainee=NOWHERE)
    world.clock.advance(days=3_000)

    for_ever = Terms(held_days=0, sealed_days=0, openings_days=1)
    assert await keeping(world, for_ever).run() == Kept()


async def test_uploads_that_nothing_names_are_swept_after_two_days(world: World):
    """A letter whose sending broke off leaves its picture behind; the pictures of sent letters stay."""
    sent = await world.letter_with_picture()
    await world.submit(sent)
    await world.letter_with_picture()
    parts = await count(world, tables.parts)
    world.clock.advance(hours=47)
    assert (await keeping(world).run()).swept == 0

    world.clock.advance(hours=2)
    assert (await keeping(world).run()).swept == 1
    assert await count(world, tables.parts) == parts - 1


async def test_pictures_that_no_letter_names_do_not_stay_behind_one_that_was_sent(world: World):
    """Whoever has sent one letter may not keep uploading for it; what the letter names stays, on every leg."""
    sent = await world.letter_with_picture()
    await world.submit(sent)
    await world.received(sent.line.item)
    for word in ("one more", "and another"):
        place = EnclosureLine(world.relay, sent.line.item, 1)
        await world.upload(seal_enclosure(place, word.encode(), secret(word)))
    parts = await count(world, tables.parts)

    world.clock.advance(hours=49)
    assert (await keeping(world).run()).swept == 2
    assert await count(world, tables.parts) == parts - 2


async def test_what_has_expired_is_forgotten(world: World):
    """Challenges, proofs of work and sessions are kept for as long as they are of use, and no second longer."""
    now = int(world.clock().timestamp())
    await world.submit(replace(world.hollow_letter(), work=("a" * 64, now + 60)))
    async with world.storage.write() as connection:
        await save_challenge(connection, value="b" * 64, staff="c" * 32, expires_at=now + 300)
        await save_session(connection, digest="d" * 64, staff="c" * 32, created_at=now, used_at=now)
    forgetful = (tables.spent_work, tables.challenges, tables.sessions)
    for seconds, left in ((30, [1, 1, 1]), (60, [0, 1, 1]), (300, [0, 0, 1]), (168 * 3_600, [0, 0, 0])):
        world.clock.advance(seconds=seconds)
        await keeping(world).run()
        assert [await count(world, table) for table in forgetful] == left


async def test_many_items_are_dealt_with_in_one_run(world: World):
    """More than fit into one batch, and more indexes than fit into one entry of the log."""
    family, many = world.family(), 2_100
    letters = [world.hollow_letter(family, detainee=NOWHERE) for _ in range(many)]
    await asyncio.gather(*map(world.submit, letters))
    world.clock.advance(days=61)
    assert (await keeping(world).run()).lapsed == many
    world.clock.advance(days=91)
    assert (await keeping(world).run()).expired == many
    world.clock.advance(days=1_095)

    assert (await keeping(world).run()).erased == many
    assert await all_items(world) == []


async def test_retention_runs_by_itself(world: World):
    """It begins soon after the relay has started, and stops when told to."""
    letter = await world.send(detainee=NOWHERE)
    world.clock.advance(days=61)
    retention = keeping(world)
    await retention.start()
    async with asyncio.timeout(5):
        while (await world.item(letter)).state is not State.RETURNED:  # noqa: ASYNC110 - the database tells no events
            await asyncio.sleep(0.01)
    await retention.stop()


def test_this_sqlite_overwrites_what_it_frees():
    """`secure_delete` can be left out of a build of SQLite; then erasure would be a word."""
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute("PRAGMA secure_delete=ON").fetchone() == (1,)
    connection.close()
