"""What the public sees of the log: checkpoints now and then, and the tiles below them."""

import asyncio

import pytest

from keys.notes import Vkey
from relay.custody.checkpoint import verify_checkpoint
from relay.custody.merkle import leaf_hash, tree_root
from relay.custody.tiles import ENTRIES, TileId, entry_bundles, hash_tiles, parse_bundle, split_tile
from relay.ledger.publishing import Publisher, read_bundle, read_tile
from relay.storage.custody_log import load_published
from tests.ledger.world import World


def a_publisher(world: World, *, seconds: float = 3600) -> Publisher:
    """Set up a publisher on the clock of the world."""
    return Publisher(world.storage, world.ledger, world.founded.key, seconds=seconds, clock=world.clock)


async def published(world: World) -> tuple[bytes, int]:
    """Read what is published."""
    async with world.storage.read() as connection:
        found = await load_published(connection)
    assert found is not None
    return found


async def test_a_published_checkpoint_is_signed_with_both_keys(world: World):
    """Ed25519 for every client there is, ML-DSA-44 for those who come after quantum computers."""
    await a_publisher(world).publish()

    note, size = await published(world)
    vkeys = [Vkey.parse(vkey) for vkey in world.founded.key.vkeys]
    verified = verify_checkpoint(note, vkeys, origin=world.cast.origin)
    assert set(verified.by) == set(vkeys)
    assert verified.checkpoint.size == size == world.ledger.head.size


async def test_what_comes_later_is_published_later(world: World):
    """A letter is answered at once and published with the next checkpoint, never by itself."""
    publisher = a_publisher(world)
    before = await publisher.publish()
    await world.send()

    assert (await published(world))[1] == before
    assert await publisher.publish() == before + 1


async def test_nothing_new_leaves_the_checkpoint_as_it_is(world: World):
    """A checkpoint is signed again only when the log has grown."""
    publisher = a_publisher(world)
    await publisher.publish()
    first = await published(world)
    world.clock.advance(seconds=60)
    await publisher.publish()

    assert await published(world) == first


async def test_a_publisher_publishes_by_itself_and_once_more_at_the_end(world: World):
    """Whoever stops a relay leaves the whole log published."""
    publisher = a_publisher(world, seconds=0.01)
    await publisher.start()
    await world.send()
    async with asyncio.timeout(5):
        while (await published(world))[1] < world.ledger.head.size:  # noqa: ASYNC110 - the database tells no events
            await asyncio.sleep(0.01)

    await world.send()
    await publisher.stop()
    assert (await published(world))[1] == world.ledger.head.size


async def grown(world: World, size: int) -> None:
    """Let the log grow to a size."""
    letters = [world.hollow_letter(world.family(f"family {n % 7}")) for n in range(size - world.ledger.head.size)]
    await asyncio.gather(*map(world.submit, letters))
    assert world.ledger.head.size == size


async def test_every_tile_and_bundle_of_the_published_size_can_be_read(world: World):
    """The tiles read back have the root that the checkpoint signed, the partial ones of two levels included."""
    await grown(world, 300)
    await a_publisher(world).publish()
    generation = world.ledger.head.generation

    async with world.storage.read() as connection:
        tiles = {tile: await read_tile(connection, generation, tile) for tile in hash_tiles(300)}
        bundles = [await read_bundle(connection, generation, bundle) or b"" for bundle in entry_bundles(300)]

    assert sorted((tile.level, tile.width) for tile in tiles) == [(0, 44), (0, 256), (1, 1)]
    entries = [entry for bundle, width in zip(bundles, (256, 44), strict=True) for entry in parse_bundle(bundle, width)]
    leaves = [leaf_hash(entry) for entry in entries]
    assert tree_root(leaves) == world.ledger.edge.root()
    assert b"".join(tiles[tile] or b"" for tile in sorted(tiles) if tile.level == 0) == b"".join(leaves)
    assert tiles[TileId(1, 0, 1)] == tree_root(leaves[:256])


async def test_a_partial_tile_of_an_older_size_can_still_be_read(world: World):
    """Somebody who holds an older checkpoint may ask for its tiles; they are the beginning of today's."""
    await grown(world, 260)
    await a_publisher(world).publish()

    async with world.storage.read() as connection:
        older = await read_tile(connection, 1, TileId(0, 0, 7))
        newer = await read_tile(connection, 1, TileId(0, 0))

    assert older is not None
    assert older == (newer or b"")[: 7 * 32]
    assert len(split_tile(older, 7)) == 7


@pytest.mark.parametrize(
    "tile",
    [TileId(0, 0, 6), TileId(0, 1, 1), TileId(1, 0, 1), TileId(63, 0, 1), TileId(ENTRIES, 0, 6)],
)
async def test_what_is_not_published_yet_cannot_be_read(world: World, tile: TileId):
    """The log has six entries and the fifth is the last published one."""
    await world.send()
    await world.send()
    await a_publisher(world).publish()
    await world.send()
    assert world.ledger.head.size == 6

    read = read_bundle if tile.level == ENTRIES else read_tile
    async with world.storage.read() as connection:
        assert await read(connection, 1, tile) is None
        assert await read_tile(connection, 1, TileId(0, 0, 5)) is not None


async def test_another_generation_has_no_tiles_here(world: World):
    """A log that was lost is not shown under the name of the one that follows it."""
    await a_publisher(world).publish()

    async with world.storage.read() as connection:
        assert await read_tile(connection, 2, TileId(0, 0, 1)) is None
        assert await read_bundle(connection, 2, TileId(ENTRIES, 0, 1)) is None
