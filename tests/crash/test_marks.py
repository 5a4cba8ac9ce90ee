"""The high-water mark: a log that was put back, or was made anew, does not go on under the same name."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from relay.custody.edge import Edge
from relay.ledger.door import Ledger
from relay.ledger.highwater import FILE_NAME, HighWaterAhead, HighWaterUnreadable, LogForked
from relay.ledger.opening import TreeDamaged, load_edge_at
from relay.storage.engine import Storage
from tests.ledger.world import World, a_door, a_world, url_of


async def closed(world: World) -> None:
    """Stop a relay and put its journal into its database."""
    await world.ledger.stop()
    await world.storage.close()
    with closing(sqlite3.connect(world.folder / "relay.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def database(folder: Path) -> Path:
    """Name the database file."""
    return folder / "relay.db"


async def reopened(world: World) -> tuple[Storage, Ledger]:
    """Open the door of another process over what lies in the folder."""
    storage = Storage(url_of(world.folder))
    ledger = a_door(storage, world.folder, world.cast.origin, clock=world.clock)
    try:
        await ledger.start()
    except BaseException:
        await storage.close()
        raise
    return storage, ledger


async def test_an_older_copy_of_the_database_is_refused(tmp_path: Path):
    """A backup that was put back quietly has forgotten letters whose receipts are out there."""
    async with a_world(tmp_path) as world:
        await world.send()
        await closed(world)
        shutil.copy(database(tmp_path), tmp_path / "backup.db")
        storage, ledger = await reopened(world)
        await ledger.submit(world.hollow_letter())
        await ledger.stop()
        await storage.close()
        shutil.copy(tmp_path / "backup.db", database(tmp_path))

        with pytest.raises(HighWaterAhead):
            await reopened(world)


async def test_another_history_of_the_same_length_is_refused(tmp_path: Path):
    """Two letters were accepted at one index; whoever has the receipt of the first can prove the fork."""
    async with a_world(tmp_path) as world:
        await closed(world)
        shutil.copy(database(tmp_path), tmp_path / "backup.db")
        marks = []
        for _ in range(2):
            shutil.copy(tmp_path / "backup.db", database(tmp_path))
            (tmp_path / FILE_NAME).unlink()
            storage, ledger = await reopened(world)
            await ledger.submit(world.hollow_letter())
            await ledger.stop()
            await storage.close()
            with closing(sqlite3.connect(database(tmp_path))) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            marks.append((tmp_path / FILE_NAME).read_bytes())
        (tmp_path / FILE_NAME).write_bytes(marks[0])

        with pytest.raises(LogForked):
            await reopened(world)


async def test_a_mark_that_is_behind_is_raised(tmp_path: Path):
    """The relay was killed between its commit and its mark: the database is ahead, and that is no harm."""
    async with a_world(tmp_path) as world:
        older = (tmp_path / FILE_NAME).read_bytes()
        await world.send()
        await closed(world)
        newest = (tmp_path / FILE_NAME).read_bytes()
        (tmp_path / FILE_NAME).write_bytes(older)

        storage, ledger = await reopened(world)

        assert (tmp_path / FILE_NAME).read_bytes() == newest != older
        await ledger.stop()
        await storage.close()


async def test_a_damaged_mark_opens_no_door(tmp_path: Path):
    """A mark that cannot be read cannot say that all is well."""
    async with a_world(tmp_path) as world:
        await closed(world)
        (tmp_path / FILE_NAME).write_bytes(b"relay.example/log/1\n")

        with pytest.raises(HighWaterUnreadable):
            await reopened(world)


TAMPERINGS: dict[str, str] = {
    "an entry": "UPDATE log_entries SET entry = X'00' WHERE log_index = 4",
    "an entry less": "DELETE FROM log_entries WHERE log_index = 4",
    "the size": "UPDATE head SET size = size - 1",
}


@pytest.mark.parametrize("statement", TAMPERINGS.values(), ids=TAMPERINGS.keys())
async def test_a_tree_that_was_tampered_with_opens_no_door(tmp_path: Path, statement: str):
    """The stored tree must have the root that was signed, or the next signature would cover the forgery."""
    async with a_world(tmp_path) as world:
        await world.send()
        await world.send()
        await closed(world)
        with closing(sqlite3.connect(database(tmp_path))) as connection, connection:
            connection.execute(statement)

        with pytest.raises(TreeDamaged):
            await reopened(world)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 300])
async def test_the_edge_of_every_earlier_size_can_be_loaded(tmp_path: Path, size: int):
    """The mark may be at any size that the log ever had."""
    async with a_world(tmp_path) as world:
        letters = [world.hollow_letter() for _ in range(300 - world.ledger.head.size)]
        await asyncio.gather(*map(world.submit, letters))

        async with world.storage.read() as connection:
            edge = await load_edge_at(connection, world.ledger.head, size)
            whole = await load_edge_at(connection, world.ledger.head, 300)

        assert edge.size == size
        assert whole == world.ledger.edge
        assert (edge == Edge.empty()) == (size == 0)
