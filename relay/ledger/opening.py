"""What the door takes over from the database when it opens: the tree's right edge, and who has authority."""

from sqlalchemy.ext.asyncio import AsyncConnection

from keys.directory import parse_directory, read_directory_note
from keys.errors import Fatal
from keys.notes import parse_note
from keys.statements import read_statement
from keys.trust import parse_trust
from relay.custody.edge import Edge
from relay.custody.merkle import leaf_hash
from relay.custody.tiles import TILE_WIDTH, TileMalformed
from relay.domain.in_force import InForce
from relay.storage import custody_log
from relay.storage.parts import load_document


class TreeDamaged(Fatal):
    """The stored log is not the one that was signed."""

    code = "tree_damaged"
    cure = "Keep a copy of the data folder, do not start the relay, and restore the last backup whose log verifies."


async def load_edge(connection: AsyncConnection, head: custody_log.Head) -> Edge:
    """Rebuild the right edge of the tree from full tiles and the entries that do not fill one yet."""
    return await load_edge_at(connection, head, head.size)


async def load_edge_at(connection: AsyncConnection, head: custody_log.Head, size: int) -> Edge:
    """
    Rebuild the right edge that the tree had at some size.

    Raises:
        TreeDamaged: Entries or tiles are missing.
    """
    full = size - size % TILE_WIDTH
    entries = await custody_log.load_entries(connection, head.generation, start=full, stop=size)
    partial = b"".join(map(leaf_hash, entries))
    stored: dict[tuple[int, int], bytes] = {}
    for level, (start, stop) in enumerate(_needed(size)):
        tiles = await custody_log.load_tiles(connection, head.generation, level=level, start=start, stop=stop)
        stored |= {(level, number): hashes for number, hashes in tiles.items()}

    def read(level: int, index: int, width: int) -> bytes:
        return partial if width < TILE_WIDTH else stored[level, index]

    try:
        return Edge.load(size, read)
    except (KeyError, TileMalformed):
        raise TreeDamaged("entries or tiles of the log are missing") from None


def _needed(size: int) -> list[tuple[int, int]]:
    """Return, for each level of tiles, the range of full tiles below the incomplete tile of the level above."""
    ranges = []
    hashes = size // TILE_WIDTH
    while hashes:
        ranges.append((hashes - hashes % TILE_WIDTH, hashes))
        hashes //= TILE_WIDTH
    return ranges


async def load_in_force(connection: AsyncConnection) -> InForce:
    """
    Replay trusts, directories and suspensions, in log order.

    Raises:
        TreeDamaged: One of them is missing.
    """
    in_force = InForce()
    for row in await custody_log.load_authority(connection):
        if row.kind == "site":
            continue  # it gives nobody any power
        note = await _document(connection, row.note)
        if row.kind == "trust":
            in_force = in_force.with_trust(parse_trust(parse_note(note).text))
        elif row.kind == "directory":
            document = await _document(connection, row.document or "")
            fields = read_directory_note(note)
            in_force = in_force.with_directory(note, fields, parse_directory(document))
        else:
            statement = read_statement(note).statement
            in_force = in_force.with_suspension(statement.fields["staff"])
    return in_force


async def _document(connection: AsyncConnection, digest: str) -> bytes:
    found = await load_document(connection, digest)
    if found is None:
        raise TreeDamaged("a trust, a directory or a suspension that the log has is missing")
    return found[1]
