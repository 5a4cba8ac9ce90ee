"""Where tiles lie, how wide they are, and what a tile or a bundle must not be."""

import pytest

from relay.custody.merkle import leaf_hash, tree_root
from relay.custody.tiles import (
    ENTRIES,
    FULL_TILE_BYTES,
    MAX_ENTRY_BYTES,
    BundleMalformed,
    TileHashes,
    TileId,
    TileMalformed,
    TilePathMalformed,
    encode_bundle,
    entry_bundles,
    hash_tiles,
    parse_bundle,
    parse_tile_path,
    split_tile,
    tile_path,
    tile_width,
    tiles_for,
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TileId(0, 0), "tile/0/000"),
        (TileId(0, 1234067), "tile/0/x001/x234/067"),
        (TileId(1, 0, 1), "tile/1/000.p/1"),
        (TileId(63, 999, 255), "tile/63/999.p/255"),
        (TileId(ENTRIES, 1000, 17), "tile/entries/x001/000.p/17"),
        (TileId(0, 2**55 - 1), "tile/0/x036/x028/x797/x018/x963/967"),
    ],
)
def test_paths_are_those_of_tlog_tiles(tile, path):
    """Both directions agree; the index of 1,234,067 is the specification's own example."""
    assert tile_path(tile) == path
    assert parse_tile_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "checkpoint",
        "/tile/0/000",
        "tile/0/000/",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/x000/000",
        "tile/0/x001",
        "tile/0/001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000\n",
        "tile/0/x036/x028/x797/x018/x963/968",
        "tile/0/٠٠٠",
        "tile/entries/x001/../000",
        "tile/Entries/000",
    ],
)
def test_every_other_spelling_of_a_path_is_refused(path):
    """One tile has one path, so caches and bundles cannot hold it twice."""
    with pytest.raises(TilePathMalformed):
        parse_tile_path(path)


def test_a_log_of_256_entries_has_a_full_tile_and_a_partial_one_above():
    """The first example of tlog-tiles."""
    assert list(hash_tiles(256)) == [TileId(0, 0), TileId(1, 0, 1)]
    assert list(entry_bundles(256)) == [TileId(ENTRIES, 0)]


def test_a_log_of_70_000_entries_has_the_tiles_that_tlog_tiles_counts():
    """273 full and 112 hashes, 1 full and 17, and 1."""
    tiles = list(hash_tiles(70_000))

    assert len(tiles) == 274 + 2 + 1
    assert tiles[272:274] == [TileId(0, 272), TileId(0, 273, 112)]
    assert tiles[274:] == [TileId(1, 0), TileId(1, 1, 17), TileId(2, 0, 1)]


def test_a_log_without_entries_has_no_tiles():
    """Empty tiles are never served."""
    assert list(hash_tiles(0)) == []
    assert list(entry_bundles(0)) == []


def test_the_width_of_a_tile_follows_from_the_size():
    """Full, partial, and none."""
    assert tile_width(70_000, 0, 272) == 256
    assert tile_width(70_000, 0, 273) == 112
    assert tile_width(70_000, ENTRIES, 273) == 112
    assert tile_width(70_000, 0, 274) == 0
    assert tile_width(70_000, 2, 0) == 1
    assert tile_width(70_000, 3, 0) == 0


def test_entries_lie_in_a_bundle_with_their_lengths_before_them():
    """Empty entries and the longest too."""
    entries = [b"", b"ab", bytes(MAX_ENTRY_BYTES)]
    bundle = encode_bundle(entries)

    assert bundle[:6] == b"\x00\x00\x00\x02ab"
    assert parse_bundle(bundle, 3) == entries


@pytest.mark.parametrize("entries", [[], [b""] * 257, [bytes(MAX_ENTRY_BYTES + 1)]])
def test_no_bundle_is_written_that_could_not_be_read(entries):
    """None, too many, too long."""
    with pytest.raises(BundleMalformed):
        encode_bundle(entries)


@pytest.mark.parametrize(
    ("data", "width"),
    [
        (b"", 1),
        (b"\x00", 1),
        (b"\x00\x02a", 1),
        (b"\x00\x01a\x00", 1),
        (b"\x00\x01a", 2),
        (b"\x00\x01a\x00\x00", 1),
        (b"\x00\x09a\x00\x00", 2),
    ],
)
def test_a_bundle_of_another_length_is_refused(data, width):
    """Cut short, or with bytes that belong to no entry."""
    with pytest.raises(BundleMalformed):
        parse_bundle(data, width)


def test_the_full_tile_may_stand_in_for_a_partial_one():
    """A log may delete partial tiles once the full one is there."""
    full = bytes(range(256)) * 32

    assert len(full) == FULL_TILE_BYTES
    assert split_tile(full, 3) == split_tile(full[:96], 3) == [full[:32], full[32:64], full[64:96]]


@pytest.mark.parametrize("data", [bytes(64), bytes(97), bytes(FULL_TILE_BYTES + 32)])
def test_a_tile_that_is_too_short_too_long_or_uneven_is_refused(data):
    """Three hashes were asked for."""
    with pytest.raises(TileMalformed):
        split_tile(data, 3)


def test_hashes_are_read_from_the_tiles_that_were_named_and_each_only_once():
    """So a caller may fetch them all first, and together."""
    leaves = [leaf_hash(bytes([number])) for number in range(5)]
    asked = []

    def read_tile(tile):
        asked.append(tile)
        return b"".join(leaves)

    reader = TileHashes(5, read_tile)

    assert reader([(2, 0), (0, 4), (1, 1)]) == [tree_root(leaves[:4]), leaves[4], tree_root(leaves[2:4])]
    assert asked == [TileId(0, 0, 5)]
    assert tiles_for([(2, 0), (0, 4), (1, 1)], 5) == {TileId(0, 0, 5)}


def test_a_subtree_past_the_end_is_in_no_tile():
    """A perfect subtree whose last leaf is not there yet does not exist."""
    with pytest.raises(ValueError, match="not in the log"):
        tiles_for([(1, 2)], 5)
