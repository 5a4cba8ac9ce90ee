"""
What the public sees of the log: a checkpoint every so often, signed with both keys, and the tiles below it.

The door signs a checkpoint with each batch, for receipts. Only one of them a minute is published, so that nobody can
read from the log in which second a letter came in, and witnesses are asked once a minute and not a hundred times.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from relay.custody.checkpoint import sign_checkpoint, verify_checkpoint
from relay.custody.merkle import leaf_hash, tree_root
from relay.custody.tiles import ENTRIES, TILE_WIDTH, TileId, encode_bundle, split_tile, tile_width
from relay.ledger.door import Ledger
from relay.ledger.logkey import LogKey
from relay.storage import custody_log
from relay.storage.engine import Storage, StorageCorrupt, StorageUnavailable

#: Roots of full tiles by the SHA-256 of the tile, less than a megabyte of them.
_ROOTS: dict[bytes, bytes] = {}
_MAX_ROOTS = 8_192

_log = structlog.get_logger(__name__)


class Publisher:
    """Publishes the head's checkpoint every so many seconds, if the log has grown."""

    def __init__(
        self,
        storage: Storage,
        ledger: Ledger,
        key: LogKey,
        *,
        seconds: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """
        Set up the publisher; `start` publishes for the first time and goes on from there.

        Args:
            seconds: How long to wait between two checkpoints.
        """
        self._storage = storage
        self._ledger = ledger
        self._key = key
        self._seconds = seconds
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """
        Publish what there is, and go on publishing.

        Raises:
            StorageUnavailable: The first checkpoint could not be stored.
        """
        await self.publish()
        self._task = asyncio.create_task(self._run(), name="the publisher")

    async def stop(self) -> None:
        """Publish what has come since, if that can be stored, and stop."""
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        await self._try_to_publish()

    async def publish(self) -> int:
        """
        Publish the head's checkpoint now, unless it is published already.

        The head is one that was committed, and the door has raised the high-water mark to it, so publishing cannot
        show anybody a tree that the log does not go on from.

        Returns:
            The published size.

        Raises:
            StorageUnavailable: It could not be stored; the one before stays published.
        """
        head = self._ledger.head
        async with self._storage.read() as connection:
            published = await custody_log.load_published(connection)
        if published is not None and published[1] >= head.size:
            return published[1]
        signed = verify_checkpoint(head.checkpoint, [self._key.signer.vkey], origin=head.origin).checkpoint
        time_s = int(self._clock().timestamp())
        note = sign_checkpoint(signed, self._key.signer, cosigner=self._key.cosigner, time_s=time_s)
        async with self._storage.write() as connection:
            await custody_log.publish(connection, checkpoint=note, size=signed.size)
        return signed.size

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            await self._try_to_publish()

    async def _try_to_publish(self) -> None:
        try:
            await self.publish()
        except StorageUnavailable as error:
            _log.warning("checkpoint_not_published", code=error.code)
        except Exception as error:  # noqa: BLE001 - ended by a bug, it would leave every receipt unpublished in silence
            _log.error("checkpoint_not_published", error=type(error).__name__)


async def read_tile(connection: AsyncConnection, generation: int, tile: TileId) -> bytes | None:
    """
    Read a tile of hashes as far as the published tree has it.

    Full tiles are stored; partial ones, of the published size or of any before, are made here.

    Returns:
        `tile.width` hashes, or None if the published tree does not have them.
    """
    if not await _is_published(connection, generation, tile):
        return None
    if tile.width == TILE_WIDTH:
        return await _stored(connection, generation, tile)
    if tile.level == 0:
        return b"".join(map(leaf_hash, await _entries(connection, generation, tile)))
    start = tile.index * TILE_WIDTH
    below = await custody_log.load_tiles(
        connection, generation, level=tile.level - 1, start=start, stop=start + tile.width
    )
    if len(below) != tile.width:
        raise StorageCorrupt("a tile of the log is missing")
    return b"".join(_root_of(below[number]) for number in sorted(below))


async def read_bundle(connection: AsyncConnection, generation: int, tile: TileId) -> bytes | None:
    """
    Read a bundle of entries as far as the published tree has it.

    Returns:
        The bundle, uncompressed, or None if the published tree does not have all its entries.
    """
    if tile.level != ENTRIES or not await _is_published(connection, generation, tile):
        return None
    return encode_bundle(await _entries(connection, generation, tile))


def _root_of(tile: bytes) -> bytes:
    """Return the root over a full tile; hashing up the same 255 tiles for every reader would stop all others."""
    digest = hashlib.sha256(tile).digest()
    root = _ROOTS.get(digest)
    if root is None:
        if len(_ROOTS) >= _MAX_ROOTS:
            _ROOTS.clear()
        root = _ROOTS[digest] = tree_root(split_tile(tile, TILE_WIDTH))
    return root


async def _is_published(connection: AsyncConnection, generation: int, tile: TileId) -> bool:
    head = await custody_log.load_head(connection)
    published = await custody_log.load_published(connection)
    if head is None or published is None or generation != head.generation:
        return False
    return tile.width <= tile_width(published[1], tile.level, tile.index)


async def _stored(connection: AsyncConnection, generation: int, tile: TileId) -> bytes:
    found = await custody_log.load_tiles(
        connection, generation, level=tile.level, start=tile.index, stop=tile.index + 1
    )
    if tile.index not in found:
        raise StorageCorrupt("a tile of the log is missing")
    return found[tile.index]


async def _entries(connection: AsyncConnection, generation: int, tile: TileId) -> list[bytes]:
    start = tile.index * TILE_WIDTH
    entries = await custody_log.load_entries(connection, generation, start=start, stop=start + tile.width)
    if len(entries) != tile.width:
        raise StorageCorrupt("entries of the log are missing")
    return entries
