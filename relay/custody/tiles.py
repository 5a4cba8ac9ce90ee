"""
Tiles: how the tree lies in files that never change, and how hashes are read back from them (C2SP tlog-tiles).

A full tile holds 256 hashes of one level; the tile above holds the roots of 256 such tiles. What is not yet full is a
*partial* tile, named by its width. Entries lie beside them in bundles, 256 to a bundle. The writer's side, which
fills tiles, is edge.py.
"""

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from keys.errors import Malformed
from relay.custody.merkle import HASH_BYTES, MAX_SIZE, Node, pair_up

TILE_WIDTH: Final = 256
#: Levels of the binary tree between one tile and the tile above it.
TILE_HEIGHT: Final = 8
FULL_TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
MAX_LEVEL: Final = 63
MAX_ENTRY_BYTES: Final = 65_535
#: Stands in `TileId.level` for a bundle of entries.
ENTRIES: Final = -1

_PATH = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([0-9]{1,3}))?")


class TilePathMalformed(Malformed):
    """This is not the path of a tile."""

    code = "tile_path_malformed"
    cure = "Ask for tile/<level>/<index> or tile/entries/<index> as C2SP tlog-tiles writes them."


class TileMalformed(Malformed):
    """A tile does not have the hashes that its path promises."""

    code = "tile_malformed"


class BundleMalformed(Malformed):
    """A bundle does not have the entries that its path promises."""

    code = "bundle_malformed"


@dataclass(frozen=True, slots=True, order=True)
class TileId:
    """
    Which tile, or which bundle of entries.

    Attributes:
        level: 0 for leaf hashes, one more for each tile above; `ENTRIES` for a bundle.
        index: Its place in the level, counted from 0.
        width: How many hashes or entries it holds: 256 if full.
    """

    level: int
    index: int
    width: int = TILE_WIDTH


def tile_path(tile: TileId) -> str:
    """Write where a tile is served, below the log's prefix: ``tile/1/x001/234.p/17``."""
    groups = [f"{tile.index % 1000:03d}"]
    rest = tile.index // 1000
    while rest:
        groups.insert(0, f"x{rest % 1000:03d}")
        rest //= 1000
    level = "entries" if tile.level == ENTRIES else str(tile.level)
    partial = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def parse_tile_path(path: str) -> TileId:
    """
    Read a tile's path.

    Raises:
        TilePathMalformed: It is anything but the one spelling that `tile_path` writes, or no log can be that large.
    """
    match = _PATH.fullmatch(path)
    if not match:
        raise TilePathMalformed
    level, groups, width = match.groups()
    tile = TileId(
        ENTRIES if level == "entries" else int(level),
        int(groups.replace("/", "").replace("x", "")),
        int(width) if width else TILE_WIDTH,
    )
    # Leading zeros, ``x000`` in front and ``.p/256`` fall to the comparison.
    in_range = tile.level <= MAX_LEVEL and 1 <= tile.width <= TILE_WIDTH and tile.index <= MAX_SIZE // TILE_WIDTH
    if not in_range or tile_path(tile) != path:
        raise TilePathMalformed
    return tile


def tile_width(size: int, level: int, index: int) -> int:
    """
    Return how wide a tile is in a log of this size: 256, less for the last of its level, 0 if there is none.

    Args:
        size: The number of entries.
        level: The tile's level; `ENTRIES` for bundles, which lie as level 0 does.
        index: The tile's place in its level.
    """
    hashes = size >> TILE_HEIGHT * max(level, 0)
    return min(max(hashes - index * TILE_WIDTH, 0), TILE_WIDTH)


def hash_tiles(size: int) -> Iterator[TileId]:
    """List every tile of hashes that a log of this size has, level by level: full ones first, then the partial one."""
    level = 0
    while hashes := size >> TILE_HEIGHT * level:
        yield from _row_of_tiles(level, hashes)
        level += 1


def entry_bundles(size: int) -> Iterator[TileId]:
    """List every bundle of entries that a log of this size has."""
    return _row_of_tiles(ENTRIES, size)


def _row_of_tiles(level: int, width: int) -> Iterator[TileId]:
    for index in range(width // TILE_WIDTH):
        yield TileId(level, index)
    if width % TILE_WIDTH:
        yield TileId(level, width // TILE_WIDTH, width % TILE_WIDTH)


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """
    Write entries one after the other, each with its length before it as two big-endian bytes.

    Args:
        entries: 1 to 256 entries of at most 65,535 bytes.

    Raises:
        BundleMalformed: There are none, too many, or one is too long.
    """
    if not 1 <= len(entries) <= TILE_WIDTH or max(map(len, entries)) > MAX_ENTRY_BYTES:
        raise BundleMalformed("a bundle holds 1 to 256 entries of at most 65,535 bytes")
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """
    Read the entries of a bundle.

    Args:
        data: The bundle, uncompressed.
        width: How many entries it has, from its path.

    Raises:
        BundleMalformed: It is cut short, or holds more or fewer entries.
    """
    entries, start = [], 0
    for _ in range(width):
        end = start + 2 + int.from_bytes(data[start : start + 2])
        entries.append(data[start + 2 : end])
        start = end
    # An end past the data, wherever it happened, shows here: no later entry can bring it back.
    if start != len(data):
        raise BundleMalformed
    return entries


def split_tile(data: bytes, width: int) -> list[bytes]:
    """
    Split a tile into its hashes.

    Args:
        data: The tile as asked for, or the full one that has replaced it: `width` hashes or more.
        width: How many hashes are wanted.

    Raises:
        TileMalformed: It is shorter, longer than a full tile, or no whole number of hashes.
    """
    if len(data) % HASH_BYTES or not width * HASH_BYTES <= len(data) <= FULL_TILE_BYTES:
        raise TileMalformed
    return [data[start : start + HASH_BYTES] for start in range(0, width * HASH_BYTES, HASH_BYTES)]


def tile_rows(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Hash a tile's hashes up, as far as perfect subtrees go: eight rows, from the tile's own hashes to halves."""
    rows = [list(hashes)]
    while len(rows) < TILE_HEIGHT:
        rows.append(pair_up(rows[-1]))
    return rows


def tiles_for(nodes: Sequence[Node], size: int) -> set[TileId]:
    """
    Name the tiles that `TileHashes` will read for these nodes, so that a caller may fetch them first.

    Args:
        nodes: Perfect subtrees within the log, such as `merkle.span_nodes` lists them.
        size: The number of entries; it decides which tiles are partial.
    """
    return {_tile_of(node, size) for node in nodes}


class TileHashes:
    """
    Reads the hashes of perfect subtrees from a log's tiles: what the proofs of merkle.py are made from.

    Each tile is read and hashed up once. Nothing is authenticated here: the relay reads what it has written itself. An
    audit recomputes every tile instead, since a reader that trusts some tiles has been fooled before
    (CVE-2026-56865).
    """

    __slots__ = ("_read_tile", "_rows", "_size")

    def __init__(self, size: int, read_tile: Callable[[TileId], bytes]) -> None:
        """
        Read from a log of this size.

        Args:
            size: The number of entries.
            read_tile: Returns a tile's bytes; the full tile may stand in for a partial one.
        """
        self._size: Final = size
        self._read_tile: Final = read_tile
        self._rows: Final[dict[TileId, list[list[bytes]]]] = {}

    def __call__(self, nodes: Sequence[Node]) -> list[bytes]:
        """
        Return the hashes of these subtrees, in this order.

        Raises:
            TileMalformed: A tile is too short, or no whole number of hashes.
        """
        return [self._hash(node) for node in nodes]

    def _hash(self, node: Node) -> bytes:
        level, index = node
        tile = _tile_of(node, self._size)
        rows = self._rows.get(tile)
        if rows is None:
            rows = tile_rows(split_tile(self._read_tile(tile), tile.width))
            self._rows[tile] = rows
        height = level % TILE_HEIGHT
        return rows[height][index % (TILE_WIDTH >> height)]


def _tile_of(node: Node, size: int) -> TileId:
    """
    Find the tile that holds a perfect subtree, or the hashes below it.

    Raises:
        ValueError: The subtree is not within the log.
    """
    level, index = node
    if index + 1 > size >> level:
        raise ValueError("a subtree that is not in the log is in no tile")
    tile_level, height = divmod(level, TILE_HEIGHT)
    tile_index = index >> TILE_HEIGHT - height
    return TileId(tile_level, tile_index, tile_width(size, tile_level, tile_index))
