"""
The whole tree of a bundle, recomputed: every entry, every tile, and the root (docs/spec/audit.md, steps 3 to 5).

Nothing is taken from a tile that was not made from the entries here. A reader that trusts some tiles has been fooled
before (CVE-2026-56865).
"""

from binascii import a2b_base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from relay.custody.bundle import Bundle, item_at
from relay.custody.entry import Entry, encode_custody, parse_entry
from relay.custody.merkle import EMPTY_ROOT, HASH_BYTES, cover, fold, leaf_hash, tree_root
from relay.custody.steps import broken, step
from relay.custody.tiles import (
    TILE_WIDTH,
    TileHashes,
    TileId,
    entry_bundles,
    hash_tiles,
    parse_bundle,
    tile_path,
)

#: How every custody entry begins; the rest of it is two HMACs of one length.
_CUSTODY: Final = encode_custody(b"", b"").rstrip(b"\n") + b"\n"
#: A base64 line of 32 bytes, with its newline: a tag, or a commitment.
MAC_LINE_BYTES: Final = 45


@dataclass(frozen=True, slots=True)
class Tree:
    """
    A log whose entries and tiles agree with each other; whether it is *the* log, a checkpoint says.

    Attributes:
        size: How many entries there are.
        others: What is no custody entry, parsed, by its index, ascending.
    """

    size: int
    others: Mapping[int, Entry]
    _bundles: tuple[bytes, ...]
    _hashes: TileHashes

    def entries(self) -> Iterator[tuple[int, bytes]]:
        """Yield every entry in order, with its index."""
        index = 0
        for number, data in enumerate(self._bundles):
            for entry in parse_bundle(data, min(self.size - number * TILE_WIDTH, TILE_WIDTH)):
                yield index, entry
                index += 1

    def root_at(self, size: int) -> bytes:
        """Return the root that the log had at some size, not above this one."""
        return fold(self._hashes(cover((0, size)))) if size else EMPTY_ROOT


def is_custody(entry: bytes) -> bool:
    """Say whether an entry is one of custody, by its first line."""
    return entry.startswith(_CUSTODY)


def custody_tag(entry: bytes) -> bytes:
    """
    Read the tag of a custody entry that nothing opens any more.

    Raises:
        EvidenceBroken: 5.1, if it is not in its one encoding.
    """
    with step("5.1"):
        parse_entry(entry)
    return a2b_base64(entry[len(_CUSTODY) : len(_CUSTODY) + MAC_LINE_BYTES])


def read_tree(bundle: Bundle, size: int) -> Tree:
    """
    Read a log of this size and recompute all of it.

    Args:
        bundle: The evidence.
        size: What the checkpoint says, which need not be verified yet: a size that is too large fails at the first
            entry that is not there.

    Raises:
        EvidenceBroken: 4.1, 4.2, 4.3 or 5.1.
    """
    bundles: list[bytes] = []
    roots: list[bytes] = []
    others: dict[int, Entry] = {}
    for name in entry_bundles(size):
        data = _read(bundle, name, "4.1")
        with step("4.1"):
            entries = parse_bundle(data, name.width)
        hashes = list(map(leaf_hash, entries))
        _check_leaves(bundle, TileId(0, name.index, name.width), hashes)
        others |= _parse_others(name.index * TILE_WIDTH, entries)
        bundles.append(data)
        if name.width == TILE_WIDTH:
            roots.append(tree_root(hashes))
    _check_upper(bundle, size, roots)
    return Tree(size, others, tuple(bundles), TileHashes(size, lambda tile: _read(bundle, tile, "4.3")))


def check_no_more_tiles(names: Iterable[str], size: int) -> None:
    """
    Require that a bundle has no tile that a log of this size does not need.

    Args:
        names: The paths of all files below ``tile/``.

    Raises:
        EvidenceBroken: 4.5.
    """
    needed = {tile_path(tile) for tile in (*hash_tiles(size), *entry_bundles(size))}
    more = [name for name in names if name not in needed]
    if more:
        raise broken("4.5", because=min(more))


def _check_leaves(bundle: Bundle, tile: TileId, hashes: Sequence[bytes]) -> None:
    found = _read(bundle, tile, "4.2")
    if found == b"".join(hashes):
        return
    if len(found) != len(hashes) * HASH_BYTES:
        raise broken("4.2", because=tile_path(tile))
    offset = next(n for n, leaf in enumerate(hashes) if found[n * HASH_BYTES : (n + 1) * HASH_BYTES] != leaf)
    index = tile.index * TILE_WIDTH + offset
    raise broken("4.2", item=item_at(bundle, index), because=f"entry {index} in {tile_path(tile)}")


def _check_upper(bundle: Bundle, size: int, roots: Sequence[bytes]) -> None:
    """Compare the tiles above level 0, each with the roots of the full tiles below it."""
    above: list[bytes] = []
    level = 1
    for tile in hash_tiles(size):
        if tile.level == 0:
            continue
        if tile.level > level:
            level, roots, above = tile.level, above, []
        hashes = roots[tile.index * TILE_WIDTH : tile.index * TILE_WIDTH + tile.width]
        if _read(bundle, tile, "4.3") != b"".join(hashes):
            raise broken("4.3", because=tile_path(tile))
        if tile.width == TILE_WIDTH:
            above.append(tree_root(hashes))


def _parse_others(first: int, entries: Sequence[bytes]) -> dict[int, Entry]:
    others = {}
    for index, entry in enumerate(entries, start=first):
        if not is_custody(entry):
            with step("5.1"):
                others[index] = parse_entry(entry)
    return others


def _read(bundle: Bundle, tile: TileId, number: str) -> bytes:
    data = bundle.tile(tile)
    if data is None:
        raise broken(number, because=f"{tile_path(tile)} is missing")
    return data
