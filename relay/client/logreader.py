"""
The log, read by a client that believes nothing it has not verified: checkpoints, entries, and proofs from tiles.

C2SP tlog-tiles serves files, not proofs; whoever wants one makes it from the tiles it needs.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from keys.trust import Trust
from relay.client.faults import ProblemAnswered
from relay.client.transport import Connection
from relay.custody.checkpoint import Checkpoint, verify_checkpoint
from relay.custody.entry import Entry, parse_entry
from relay.custody.merkle import (
    HASH_BYTES,
    Node,
    consistency_proof,
    consistency_spans,
    inclusion_proof,
    inclusion_spans,
    leaf_hash,
    span_nodes,
    verify_consistency,
    verify_inclusion,
)
from relay.custody.tiles import (
    ENTRIES,
    TILE_WIDTH,
    TileHashes,
    TileId,
    encode_bundle,
    parse_bundle,
    tile_path,
    tile_width,
    tiles_for,
)

_NOT_FOUND: Final = 404


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint whose log signature was verified, and its note, to keep."""

    checkpoint: Checkpoint
    note: bytes


class LogReader:
    """One generation of one relay's log, under a trust that was verified already."""

    def __init__(self, connection: Connection, trust: Trust) -> None:
        """Read the log that this trust names."""
        self._connection = connection
        self._trust = trust
        self._prefix = f"/log/{trust.origin.rpartition('/')[2]}/"

    async def checkpoint(self) -> SignedCheckpoint:
        """
        Fetch the published checkpoint and verify that this log signed it.

        Raises:
            NoteMalformed, CheckpointMalformed, NoteUnsigned, SignatureInvalid, OriginDiffers: See `verify_checkpoint`.
        """
        note = (await self._connection.get(self._prefix + "checkpoint")).body
        return SignedCheckpoint(self.verified(note), note)

    def verified(self, note: bytes) -> Checkpoint:
        """Verify a checkpoint of this log that was kept; raises as `checkpoint`."""
        return verify_checkpoint(note, self._trust.log_vkeys, origin=self._trust.origin).checkpoint

    async def entry(self, index: int, checkpoint: Checkpoint) -> bytes:
        """
        Fetch one entry and prove that it stands at this index of the checkpoint's tree.

        Raises:
            InclusionInvalid: It does not.
            BundleMalformed, TileMalformed: The relay serves something else than tiles.
        """
        bundle, offset = divmod(index, TILE_WIDTH)
        entry = (await self._bundle(bundle, checkpoint.size))[offset]
        await self.prove(index, entry, checkpoint)
        return entry

    async def entries(self, start: int, size: int) -> AsyncIterator[tuple[int, Entry]]:
        """
        Fetch the entries from an index up to a size, with their indexes; nothing of it is verified.

        Raises:
            EntryMalformed, NotCanonical: One is no entry of ours.
        """
        for bundle in range(start // TILE_WIDTH, -(-size // TILE_WIDTH)):
            first = bundle * TILE_WIDTH
            for index, entry in enumerate(await self._bundle(bundle, size), start=first):
                if index >= start:
                    yield index, parse_entry(entry)

    async def newest(self, kind: type[Entry], checkpoint: Checkpoint) -> tuple[int, Entry] | None:
        """
        Find the last entry of a kind below a checkpoint, from the end on, and prove that it stands there.

        Raises:
            InclusionInvalid, EntryMalformed, NotCanonical: As `entry` and `entries`.
        """
        for bundle in reversed(range(-(-checkpoint.size // TILE_WIDTH))):
            entries = await self._bundle(bundle, checkpoint.size)
            for offset in reversed(range(len(entries))):
                if isinstance(found := parse_entry(entries[offset]), kind):
                    index = bundle * TILE_WIDTH + offset
                    await self.prove(index, entries[offset], checkpoint)
                    return index, found
        return None

    async def prove(self, index: int, entry: bytes, checkpoint: Checkpoint) -> None:
        """
        Prove from tiles that an entry stands at an index.

        Raises:
            InclusionInvalid: It does not.
        """
        size = checkpoint.size
        hashes = await self._hashes(span_nodes(inclusion_spans(index, size)), size)
        proof = inclusion_proof(index, size, hashes)
        verify_inclusion(proof, index=index, size=size, leaf=leaf_hash(entry), root=checkpoint.root)

    async def prove_grown(self, old: Checkpoint, new: Checkpoint) -> None:
        """
        Prove from tiles that the log has only grown between two checkpoints.

        Raises:
            ConsistencyInvalid: Something was taken out, changed or moved.
        """
        proof: Sequence[bytes] = ()
        if 0 < old.size < new.size:
            hashes = await self._hashes(span_nodes(consistency_spans(old.size, new.size)), new.size)
            proof = consistency_proof(old.size, new.size, hashes)
        verify_consistency(proof, old_size=old.size, old_root=old.root, new_size=new.size, new_root=new.root)

    async def tile(self, tile: TileId) -> bytes:
        """Fetch a tile of hashes as it is served; where a partial one is gone, the full one that has replaced it."""
        try:
            return (await self._connection.get(self._prefix + tile_path(tile))).body
        except ProblemAnswered as problem:
            if problem.status != _NOT_FOUND or tile.width == TILE_WIDTH:
                raise
        return (await self._connection.get(self._prefix + tile_path(TileId(tile.level, tile.index)))).body

    async def exact_tile(self, tile: TileId) -> bytes:
        """Fetch a tile or a bundle of entries with exactly the width asked for, as an auditor's bundle has it."""
        data = await self.tile(tile)
        if tile.level == ENTRIES:
            return encode_bundle(_entries_of(data, tile.width))
        return data[: tile.width * HASH_BYTES]

    async def _bundle(self, index: int, size: int) -> list[bytes]:
        width = tile_width(size, ENTRIES, index)
        data = await self.tile(TileId(ENTRIES, index, width))
        return _entries_of(data, width)

    async def _hashes(self, nodes: Sequence[Node], size: int) -> TileHashes:
        tiles = {tile: await self.tile(tile) for tile in tiles_for(nodes, size)}
        return TileHashes(size, tiles.__getitem__)


def _entries_of(data: bytes, width: int) -> list[bytes]:
    """Split a bundle; a full one that stands for a partial one begins with the entries that were asked for."""
    count, start = 0, 0
    while start < len(data):
        start += 2 + int.from_bytes(data[start : start + 2])
        count += 1
    return parse_bundle(data, max(count, width))[:width]
