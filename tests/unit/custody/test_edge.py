"""The right edge: appending, publishing, loading again, and proving what was appended."""

import pytest

from relay.custody.edge import Edge, append, prove_batch
from relay.custody.merkle import EMPTY_ROOT, leaf_hash, tree_root, verify_inclusion
from relay.custody.tiles import TileId, TileMalformed, hash_tiles

LEAVES = [leaf_hash(number.to_bytes(4)) for number in range(66_100)]


def stored(size):
    """Append entries in one go, and return the edge with every tile, as a store would hold them."""
    appended = append(Edge.empty(), LEAVES[:size])
    published = [*appended.tiles, *appended.edge.partials()]
    return appended.edge, {tile.tile: tile.data for tile in published}


def test_an_empty_log_has_the_empty_root_and_nothing_to_publish():
    """And appending nothing leaves it so."""
    appended = append(Edge.empty(), [])

    assert appended.edge == Edge.empty()
    assert appended.edge.root() == EMPTY_ROOT
    assert appended.tiles == ()
    assert appended.edge.partials() == []
    assert prove_batch(appended) == []


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 66_000])
def test_an_edge_has_the_root_and_the_tiles_of_its_size(size):
    """Around every border that a tile has."""
    edge, tiles = stored(size)

    assert edge.size == size
    assert edge.root() == tree_root(LEAVES[:size])
    assert set(tiles) == set(hash_tiles(size))
    assert all(len(data) == 32 * tile.width for tile, data in tiles.items())
    assert tiles[TileId(0, 0, min(size, 256))] == b"".join(LEAVES[: min(size, 256)])


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 65_536, 66_000])
def test_an_edge_is_loaded_from_full_tiles_and_the_last_leaf_hashes(size):
    """What a restart has to read is what was stored, and never a partial tile above level 0."""
    edge, tiles = stored(size)

    def read(level, index, width):
        assert level == 0 or width == 256
        return tiles[TileId(level, index, width)]

    assert Edge.load(size, read) == edge


@pytest.mark.parametrize("spoil", [lambda data: data[:-1], lambda data: data + bytes(32), lambda _: b""])
def test_a_stored_tile_of_another_length_is_refused(spoil):
    """Half a tile must not become an edge."""
    _, tiles = stored(300)

    with pytest.raises(TileMalformed):
        Edge.load(300, lambda level, index, width: spoil(tiles[TileId(level, index, width)]))


@pytest.mark.parametrize(
    ("before", "count"), [(0, 1), (0, 7), (1, 1), (254, 5), (255, 300), (65_535, 2), (65_530, 500)]
)
def test_every_entry_of_a_batch_is_proven_in_the_tree_after_it(before, count):
    """The proofs are those that go into receipts."""
    edge, _ = stored(before)
    appended = append(edge, LEAVES[before : before + count])
    proofs = prove_batch(appended)
    root = tree_root(LEAVES[: before + count])

    assert appended.first == before
    assert len(proofs) == count
    for offset, proof in enumerate(proofs):
        index = before + offset
        verify_inclusion(proof, index=index, size=before + count, leaf=LEAVES[index], root=root)


def test_an_append_that_is_dropped_leaves_the_edge_as_it_was():
    """A transaction that fails must not have changed what the next one starts from."""
    edge, _ = stored(1000)
    rows = tuple(edge.rows)
    append(edge, LEAVES[1000:2000])

    assert edge.rows == rows
    assert edge.root() == tree_root(LEAVES[:1000])
