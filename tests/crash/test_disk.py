"""Locked, full, damaged: the relay says so, loses nothing that it answered, and goes on when there is room again."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from relay.ledger.door import Ledger
from relay.ledger.highwater import HighWater
from relay.storage.engine import Storage, StorageCorrupt, StorageUnavailable
from tests.ledger.checks import check_log
from tests.ledger.world import World, a_door, a_world, url_of


class ImpatientStorage(Storage):
    """A storage that waits for a lock for the blink of an eye, on a disk whose size can be set."""

    def __init__(self, url: str) -> None:
        super().__init__(url, busy_timeout_ms=20)
        self.most_pages = 2**30

        @event.listens_for(self.writing.sync_engine, "checkout")
        def limit(connection: Any, *_: object) -> None:
            connection.execute(f"PRAGMA max_page_count={self.most_pages}").close()

    def fill_disk(self, folder: Path) -> None:
        """Leave no room for another page."""
        with closing(sqlite3.connect(folder / "relay.db")) as connection:
            (self.most_pages,) = connection.execute("PRAGMA page_count").fetchone()

    def make_room(self) -> None:
        """Give all the room there can be."""
        self.most_pages = 2**30


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Open a relay on such a storage; its log must verify in the end."""
    async with a_world(tmp_path, storage=ImpatientStorage) as opened:
        yield opened
        await check_log(opened.storage, opened.founded.key)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold SQLite's write lock, as a careless backup script would."""
    with closing(sqlite3.connect(folder / "relay.db", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


async def test_a_locked_database_is_told_and_nothing_is_lost(world: World):
    """Retry-After, not an error of the caller's; afterwards the same letter is accepted."""
    first, second = world.hollow_letter(), world.hollow_letter()
    receipt = await world.submit(first)

    with locked(world.folder):
        with pytest.raises(StorageUnavailable):
            await world.submit(second)
        with pytest.raises(StorageUnavailable):
            await world.upload(world.seal(world.line(), world.family(), "Ось наш дім."))
        assert (await world.item(first.line.item)).id == first.line.item, "reading goes on"

    assert await world.submit(second)
    assert await world.submit(first) == receipt


async def test_a_full_disk_is_told_and_the_retry_succeeds_once_there_is_room(world: World):
    """Whatever part of the batch did not fit, none of it is there; with room again it goes in whole."""
    storage = world.storage
    assert isinstance(storage, ImpatientStorage)
    letters = [world.hollow_letter() for _ in range(3)]
    receipt = await world.submit(letters[0])
    storage.fill_disk(world.folder)
    size = world.ledger.head.size

    for _ in range(200):
        try:
            await world.submit(world.hollow_letter())
        except StorageUnavailable:
            break
    else:
        pytest.fail("the disk was never full")
    with pytest.raises(StorageUnavailable):
        await world.upload(world.seal(world.line(), world.family(), "а" * 8_000))
    assert world.ledger.broken is None
    assert world.ledger.head.size >= size

    storage.make_room()
    assert await world.submit(letters[1])
    assert await world.submit(letters[0]) == receipt


class FullHighWater(HighWater):
    """A high-water mark on a disk of its own, which is full for a while."""

    full = False

    def _write(self, checkpoint: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        super()._write(checkpoint)


async def a_door_with_full_mark(world: World) -> tuple[Ledger, FullHighWater]:
    """Open a second door over the same database whose mark can be full."""
    await world.ledger.stop()
    mark = FullHighWater(world.folder / "high-water")
    ledger = Ledger(world.storage, world.founded.key.signer, mark, random=world.random, clock=world.clock)
    await ledger.start()
    return ledger, mark


async def test_no_answer_leaves_before_the_high_water_mark_is_written(world: World):
    """The letter is in the database, but nobody is told or shown so until the mark covers it."""
    ledger, mark = await a_door_with_full_mark(world)
    letter, before = world.hollow_letter(), ledger.head
    mark.full = True
    with pytest.raises(StorageUnavailable):
        await ledger.submit(letter)
    assert ledger.head == before, "a publisher must not sign what the mark does not cover"

    mark.full = False
    receipt = await ledger.submit(letter)

    assert ledger.head.size == before.size + 1
    assert await ledger.submit(letter) == receipt
    marked = mark.read()
    assert marked is not None
    assert marked.size == ledger.head.size
    await ledger.stop()


async def test_a_door_does_not_open_on_a_full_disk(world: World):
    """It could not raise the mark to the head that it is about to answer for."""
    await world.submit(world.hollow_letter())
    await world.ledger.stop()
    mark = FullHighWater(world.folder / "another-mark")
    mark.full = True

    ledger = Ledger(world.storage, world.founded.key.signer, mark, random=world.random, clock=world.clock)
    with pytest.raises(StorageUnavailable):
        await ledger.start()


async def test_a_damaged_database_shuts_the_door(tmp_path: Path):
    """Going on would write evidence over ruins: the operator has to restore."""
    async with a_world(tmp_path) as world:
        await world.send()
        await world.ledger.stop()
        await world.storage.close()
        with closing(sqlite3.connect(tmp_path / "relay.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        data = bytearray((tmp_path / "relay.db").read_bytes())
        data[8_192:] = bytes(len(data) - 8_192)
        (tmp_path / "relay.db").write_bytes(data)
        storage = Storage(url_of(tmp_path))

        with pytest.raises(StorageCorrupt):
            await a_door(storage, tmp_path, world.cast.origin, clock=world.clock).start()
        await storage.close()


async def test_a_file_that_is_no_database_is_told_as_damaged(tmp_path: Path):
    """Not as something to try again in a minute."""
    (tmp_path / "relay.db").write_bytes(b"these are not the letters you are looking for" * 300)
    storage = Storage(url_of(tmp_path))

    with pytest.raises(StorageCorrupt):
        async with storage.read() as connection:
            await connection.exec_driver_sql("SELECT 1 FROM head")
    await storage.close()


async def test_a_mistake_of_the_relays_own_shuts_the_door(world: World):
    """An integrity error is a bug, not the weather: nobody is told to try the same again for ever."""
    async with world.storage.write() as connection:
        await connection.exec_driver_sql("CREATE UNIQUE INDEX wrong ON items (kind)")
    await world.submit(world.hollow_letter())

    with pytest.raises(Exception, match="refused a statement"):
        await world.submit(world.hollow_letter())
    with pytest.raises(Exception, match="refused a statement"):
        await world.submit(world.hollow_letter())
    assert world.ledger.broken is not None
