"""
The right edge of the log: all that its one writer must hold to append, to sign, and to prove what it appended.

Reading the tree back for each batch would cost the relay more than hashing it. The edge holds, for each level, what the
incomplete tile at the right end has so far: at most 255 hashes, with the rows above them inside that tile. Every value
here is immutable: an append that is not committed leaves the edge before it as it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from relay.custody.merkle import EMPTY_ROOT, HASH_BYTES, node_hash, pair_up, tree_root
from relay.custody.tiles import TILE_HEIGHT, TILE_WIDTH, TileId, TileMalformed, split_tile, tile_rows

#: Returns the bytes of the tile (level, index, width): full tiles of any level, and level 0's partial one.
ReadTile = Callable[[int, int, int], bytes]

_NO_HASHES: Final[tuple[bytes, ...]] = ()


@dataclass(frozen=True, slots=True)
class PublishedTile:
    """A tile and its bytes: what is stored once it is full, or published while it is not."""

    tile: TileId
    data: bytes


@dataclass(frozen=True, slots=True)
class Edge:
    """
    The right edge of a log.

    Attributes:
        size: How many entries the log has.
        rows: For each level of the binary tree, the hashes of the perfect subtrees that lie within the incomplete tile;
            eight rows to a level of tiles. `Edge.empty`, `Edge.load` and `append` make them agree with the size.
    """

    size: int
    rows: tuple[tuple[bytes, ...], ...]

    @classmethod
    def empty(cls) -> Self:
        """Return the edge of a log without entries."""
        return cls(0, ())

    @classmethod
    def load(cls, size: int, read: ReadTile) -> Self:
        """
        Rebuild an edge from what is stored: full tiles, and the leaf hashes that do not fill one yet.

        Compare `root()` with the stored checkpoint afterwards: a tile that is not the log's own shows there.

        Args:
            size: How many entries the log has.
            read: Asked for level 0's partial tile, and for the full tiles below each incomplete one: at most 255 of
                each level.

        Raises:
            TileMalformed: A tile does not have the hashes it should have.
        """
        rows: list[tuple[bytes, ...]] = []
        for level in range(_tile_levels(size)):
            hashes = _incomplete(size, level, read)
            rows += map(tuple, tile_rows(hashes))
        return cls(size, tuple(rows))

    def root(self) -> bytes:
        """Return the root of the whole tree."""
        return _ragged(self)[-1] or EMPTY_ROOT

    def partials(self) -> list[PublishedTile]:
        """Return the incomplete tile of each level that has one, as it is published with a checkpoint of this size."""
        partials = []
        for level in range(0, len(self.rows), TILE_HEIGHT):
            hashes = self.rows[level]
            if hashes:
                tile = TileId(level // TILE_HEIGHT, self.size >> level + TILE_HEIGHT, len(hashes))
                partials.append(PublishedTile(tile, b"".join(hashes)))
        return partials


@dataclass(frozen=True, slots=True)
class Appended:
    """
    What an append has made.

    Attributes:
        first: The index of the first new entry.
        edge: The edge after it.
        tiles: Every tile that the new entries have filled, of all levels, 8,192 bytes each; to be stored.
        nodes: For each level, the index of the first hash and the hashes from there on: enough to prove each entry.
    """

    first: int
    edge: Edge
    tiles: tuple[PublishedTile, ...]
    nodes: tuple[tuple[int, list[bytes]], ...]


def append(edge: Edge, leaf_hashes: Sequence[bytes]) -> Appended:
    """
    Append entries by their leaf hashes.

    Args:
        edge: The edge before.
        leaf_hashes: 32-byte hashes (`merkle.leaf_hash`), in the order of the entries.
    """
    size = edge.size + len(leaf_hashes)
    fresh = list(leaf_hashes)
    rows: list[tuple[bytes, ...]] = []
    nodes: list[tuple[int, list[bytes]]] = []
    tiles: list[PublishedTile] = []
    for level in range(_tile_levels(size) * TILE_HEIGHT):
        kept = edge.rows[level] if level < len(edge.rows) else _NO_HASHES
        first = (edge.size >> level) - len(kept)
        row = [*kept, *fresh]
        width = TILE_WIDTH >> level % TILE_HEIGHT
        incomplete = len(row) // width * width
        if width == TILE_WIDTH and incomplete:
            tiles += _full_tiles(level // TILE_HEIGHT, first // TILE_WIDTH, row[:incomplete])
        rows.append(tuple(row[incomplete:]))
        nodes.append((first, row))
        fresh = pair_up(row[len(kept) // 2 * 2 :])
    return Appended(edge.size, Edge(size, tuple(rows)), tuple(tiles), tuple(nodes))


def prove_batch(appended: Appended) -> list[tuple[bytes, ...]]:
    """
    Prove the inclusion of every entry just appended, in the tree as it is after them.

    The paths of a batch run together after a few steps, so each level is looked up once and shared by all below it.

    Returns:
        For each new entry, in order, its proof as `merkle.verify_inclusion` takes it.
    """
    size = appended.edge.size
    if size == appended.first:
        return []
    ragged = _ragged(appended.edge)
    top = (size - 1).bit_length()
    paths: list[tuple[bytes, ...]] = [()]
    for level in reversed(range(top)):
        paths = _paths_below(appended, level, ragged[level], paths)
    return paths


def _paths_below(
    appended: Appended, level: int, ragged: bytes | None, above: Sequence[tuple[bytes, ...]]
) -> list[tuple[bytes, ...]]:
    """Extend the paths of the level above to every subtree of this level that has a new entry in it."""
    perfect = appended.edge.size >> level
    start, last = appended.first >> level, appended.edge.size - 1 >> level
    offset = start >> 1
    first, hashes = appended.nodes[level]
    paths = []
    for index in range(start, last + 1):
        sibling = index ^ 1
        path = above[(index >> 1) - offset]
        if sibling < perfect:
            path = (hashes[sibling - first], *path)
        elif sibling == perfect and ragged is not None:
            path = (ragged, *path)
        paths.append(path)
    return paths


def _ragged(edge: Edge) -> list[bytes | None]:
    """
    Return, for each level, the root of the leaves right of the last perfect subtree, None if there are none.

    The last one is the root of the whole tree.
    """
    ragged: bytes | None = None
    ends = [ragged]
    for level, row in enumerate(edge.rows):
        if edge.size >> level & 1:
            ragged = row[-1] if ragged is None else node_hash(row[-1], ragged)
        ends.append(ragged)
    return ends


def _full_tiles(level: int, index: int, hashes: Sequence[bytes]) -> list[PublishedTile]:
    starts = range(0, len(hashes), TILE_WIDTH)
    return [
        PublishedTile(TileId(level, index + number), b"".join(hashes[start : start + TILE_WIDTH]))
        for number, start in enumerate(starts)
    ]


def _incomplete(size: int, level: int, read: ReadTile) -> list[bytes]:
    """Return the hashes of one level's incomplete tile; above level 0 they are the roots of the full tiles below."""
    hashes = size >> TILE_HEIGHT * level
    index, width = divmod(hashes, TILE_WIDTH)
    if level == 0:
        return _exactly(read(0, index, width), width) if width else []
    below = range(index * TILE_WIDTH, index * TILE_WIDTH + width)
    return [tree_root(_exactly(read(level - 1, child, TILE_WIDTH), TILE_WIDTH)) for child in below]


def _exactly(data: bytes, width: int) -> list[bytes]:
    if len(data) != width * HASH_BYTES:
        raise TileMalformed("a stored tile does not have the hashes that the log's size asks for")
    return split_tile(data, width)


def _tile_levels(size: int) -> int:
    """Return how many levels of tiles a log of this size has."""
    return -(-size.bit_length() // TILE_HEIGHT)
