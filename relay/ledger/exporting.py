"""
Write the log of a data folder as a bundle that anyone can verify offline (FORMATS.md, "Receipt and bundle").

It reads the database as it is committed, beside a relay that runs or without one. The checkpoint is the one published,
or, if entries have come since, the one that the door signed with the last of them.
"""

import os
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from keys.canonical import parse_json
from keys.errors import Refused
from relay.custody.bundle import (
    CHECKPOINT,
    DOCUMENTS,
    OPENINGS,
    EventOpening,
    Opening,
    StatementOpening,
    encode_opening,
)
from relay.custody.tiles import TILE_WIDTH, TileId, encode_bundle, entry_bundles, hash_tiles, tile_path
from relay.ledger.door import NotInitialised
from relay.ledger.opening import load_edge_at
from relay.storage import custody_log, tables
from relay.storage.custody_log import Head
from relay.storage.engine import Storage
from relay.storage.parts import load_document

_AT_ONCE: Final = 2_048


class FolderNotEmpty(Refused):
    """This folder is not empty."""

    code = "folder_not_empty"
    cure = "Name a new folder: a bundle with other files in it would not verify."


class DocumentGone(Refused):
    """The database has lost a document that the log refers to."""

    code = "document_gone"
    cure = "Run `letter-relay doctor`, and restore the last backup beside this one to compare them."


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: the log's size, how many entries were opened, how many documents lie beside them."""

    size: int
    openings: int
    documents: int


async def export_log(storage: Storage, folder: Path, *, with_openings: bool) -> Exported:
    """
    Write a bundle.

    Args:
        storage: The relay's database.
        folder: A folder that is not there yet, or is empty.
        with_openings: Whether what auditors are given is written too; without it, only what is public.

    Raises:
        NotInitialised: The database has no relay in it.
        FolderNotEmpty: There is something in the folder.
    """
    _make_empty(folder)
    async with storage.read() as connection:
        head = await custody_log.load_head(connection)
        if head is None:
            raise NotInitialised
        await _write_tiles(connection, head, folder)
        named = await _directories(connection)
        opened = 0
        if with_openings:
            opened = await _write_openings(connection, head, folder / OPENINGS, named)
        for digest in sorted(named):
            await _write_document(connection, folder / DOCUMENTS / digest, digest)
        # The checkpoint is written last: a bundle that was interrupted has none, and says so.
        _write(folder / CHECKPOINT, await _checkpoint(connection, head))
    return Exported(head.size, opened, len(named))


async def _checkpoint(connection: AsyncConnection, head: Head) -> bytes:
    published = await custody_log.load_published(connection)
    return published[0] if published is not None and published[1] == head.size else head.checkpoint


async def _write_tiles(connection: AsyncConnection, head: Head, folder: Path) -> None:
    for bundle in entry_bundles(head.size):
        start = bundle.index * TILE_WIDTH
        entries = await custody_log.load_entries(connection, head.generation, start=start, stop=start + bundle.width)
        _write(folder / tile_path(bundle), encode_bundle(entries))
    edge = await load_edge_at(connection, head, head.size)
    for partial in edge.partials():
        _write(folder / tile_path(partial.tile), partial.data)
    for tile in hash_tiles(head.size):
        if tile.width == TILE_WIDTH:
            _write(folder / tile_path(tile), await _full_tile(connection, head, tile))


async def _full_tile(connection: AsyncConnection, head: Head, tile: TileId) -> bytes:
    found = await custody_log.load_tiles(
        connection, head.generation, level=tile.level, start=tile.index, stop=tile.index + 1
    )
    return found[tile.index]


async def _write_openings(connection: AsyncConnection, head: Head, path: Path, named: set[str]) -> int:
    """Write the lines of all openings, and note which documents they name."""
    commitments = await _commitments(connection)
    named.update(rows for _, rows in commitments if rows is not None)
    others = [opening for opening, _ in commitments]
    count = 0
    with _open_for_owner(path) as file:
        async for opening in _openings(connection, head, others):
            file.write(encode_opening(opening))
            named.update(_documents_named(opening))
            count += 1
    return count


async def _openings(
    connection: AsyncConnection, head: Head, others: Sequence[StatementOpening]
) -> AsyncIterator[Opening]:
    """Give the openings of events, and between them those of statements about no item, in the order of the log."""
    waiting = deque(others)
    for start in range(0, head.size, _AT_ONCE):
        found = await custody_log.load_openings(connection, start=start, stop=min(start + _AT_ONCE, head.size))
        for row, tag_key in found:
            while waiting and waiting[0].index < row.log_index:
                yield waiting.popleft()
            if tag_key is not None:
                yield EventOpening(row.log_index, tag_key, row.event_nonce, row.event, row.detail_nonce, row.detail)
    for opening in waiting:
        yield opening


async def _commitments(connection: AsyncConnection) -> list[tuple[StatementOpening, str | None]]:
    """Read what opens register, run and audited entries, each with the digest of the rows that it set."""
    rows = await connection.execute(select(tables.commitments).order_by(tables.commitments.c.log_index))
    return [(StatementOpening(row.log_index, row.nonce, row.note), row.rows) for row in rows]


def _documents_named(opening: Opening) -> Iterator[str]:
    if isinstance(opening, StatementOpening):
        yield opening.statement
        return
    statement = parse_json(opening.detail, what="detail").get("statement")
    if isinstance(statement, str):
        yield statement


async def _directories(connection: AsyncConnection) -> set[str]:
    """List the documents of all directories, which are public."""
    return {row.document for row in await custody_log.load_authority(connection) if row.document is not None}


async def _write_document(connection: AsyncConnection, path: Path, digest: str) -> None:
    found = await load_document(connection, digest)
    if found is None:
        raise DocumentGone
    _write(path, found[1])


def _open_for_owner(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _make_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderNotEmpty
    # What it will hold opens the custody of every letter.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
