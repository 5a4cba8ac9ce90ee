"""Sealed files and signed documents, by their SHA-256."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from sqlalchemy import Exists, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from keys.firstlines import ENCLOSURE_PREFIX, parse_document_line
from relay.domain.events import parse_event
from relay.storage import tables
from relay.storage.bulk import inserting

_ENCLOSURE: Final = ENCLOSURE_PREFIX.decode()


@dataclass(frozen=True, slots=True)
class Part:
    """
    A sealed file.

    Attributes:
        digest: SHA-256 (hex) of the whole file with its first line.
        item: The item its first line names, or None for a document of no item.
        line: Its first line, without the newline.
        sealed: The whole file.
    """

    digest: str
    item: str | None
    line: str
    sealed: bytes


_STORE_PARTS = inserting(tables.parts, keep=True)
_STORE_DOCUMENTS = inserting(tables.documents, keep=True)


async def store_parts(connection: AsyncConnection, parts: Iterable[Part], *, at: str) -> None:
    """Keep sealed files; one that is there already stays, so that a retry is no error."""
    rows = ((part.digest, part.item, part.line, len(part.sealed), at, part.sealed) for part in parts)
    await _STORE_PARTS.execute(connection, rows)


async def load_lines_of_parts(connection: AsyncConnection, digests: Collection[str]) -> dict[str, str]:
    """Load the first lines of sealed files, by digest; those that are not there are absent."""
    if not digests:
        return {}
    columns = tables.parts.c
    rows = await connection.execute(select(columns.digest, columns.line).where(columns.digest.in_(list(digests))))
    return {row.digest: row.line for row in rows}


async def load_parts(connection: AsyncConnection, digests: Collection[str]) -> dict[str, Part]:
    """Load sealed files whole, by digest."""
    if not digests:
        return {}
    columns = tables.parts.c
    rows = await connection.execute(
        select(columns.digest, columns.item, columns.line, columns.sealed).where(columns.digest.in_(list(digests)))
    )
    return {row.digest: Part(row.digest, row.item, row.line, row.sealed) for row in rows}


async def sizes_of_parts(connection: AsyncConnection, digests: Collection[str]) -> dict[str, int]:
    """Load the sizes, in bytes, of sealed files by digest."""
    columns = tables.parts.c
    rows = await connection.execute(select(columns.digest, columns.size_bytes).where(columns.digest.in_(list(digests))))
    return {row.digest: row.size_bytes for row in rows}


async def part_zeros_of(connection: AsyncConnection, item: str) -> list[tuple[str, str]]:
    """
    List (digest, first line) of every part 0 that an item has had and that is kept, in the order of its events.

    Others may lie beside them: any member of staff can upload a file that names any item.
    """
    events, parts = tables.events.c, tables.parts.c
    told = await connection.execute(select(events.event).where(events.item == item).order_by(events.seq))
    had = dict.fromkeys(parse_event(row.event).parts[0] for row in told)
    rows = await connection.execute(select(parts.digest, parts.line).where(parts.digest.in_(list(had))))
    lines = {row.digest: row.line for row in rows}
    return [(digest, lines[digest]) for digest in had if digest in lines]


async def store_documents(connection: AsyncConnection, documents: Iterable[tuple[str, str, bytes]]) -> None:
    """Keep signed evidence, as (digest, kind, bytes)."""
    await _STORE_DOCUMENTS.execute(connection, documents)


async def load_document(connection: AsyncConnection, digest: str) -> tuple[str, bytes] | None:
    """Load signed evidence as (kind, bytes)."""
    columns = tables.documents.c
    row = (await connection.execute(select(columns.kind, columns.document).where(columns.digest == digest))).first()
    return None if row is None else (row.kind, row.document)


async def load_mailbox(connection: AsyncConnection, mailbox: str) -> str | None:
    """Load the signer (Ed25519, hex) of a mailbox, or None if there is no such mailbox."""
    columns = tables.mailboxes.c
    return (await connection.execute(select(columns.signer).where(columns.mailbox == mailbox))).scalar()


async def load_contacts(
    connection: AsyncConnection, mailboxes: Collection[str]
) -> dict[str, tuple[str, frozenset[str]]]:
    """Load the digest of the newest contact of each of some mailboxes, and the desks that it is sealed to."""
    columns, parts = tables.mailboxes.c, tables.parts.c
    rows = await connection.execute(
        select(columns.mailbox, columns.contact, parts.line)
        .join(tables.parts, parts.digest == columns.contact)
        .where(columns.mailbox.in_(list(mailboxes)))
    )
    return {row.mailbox: (row.contact, parse_document_line(row.line.encode()).desks) for row in rows}


async def contacts_of(connection: AsyncConnection, *, desk: str, detainee: str, limit: int) -> dict[str, str]:
    """
    Load the newest contacts of those who have written to a detainee, as far as they are sealed to a review desk.

    Not by where their letters are: from the first desk of a route they have gone on to the next.
    """
    items, mailboxes, parts = tables.items.c, tables.mailboxes.c, tables.parts.c
    writers = select(items.mailbox).where(items.detainee == detainee, items.mailbox.is_not(None))
    rows = await connection.execute(
        select(mailboxes.mailbox, mailboxes.contact, parts.line)
        .join(tables.parts, parts.digest == mailboxes.contact)
        .where(mailboxes.mailbox.in_(writers))
        .order_by(mailboxes.mailbox)
    )
    theirs = (row for row in rows if desk in parse_document_line(row.line.encode()).desks)
    return {row.mailbox: row.contact for row in islice(theirs, limit)}


async def load_mailboxes(connection: AsyncConnection, mailboxes: Collection[str]) -> dict[str, str]:
    """Load the signers (Ed25519, hex) of mailboxes."""
    if not mailboxes:
        return {}
    columns = tables.mailboxes.c
    rows = await connection.execute(select(columns.mailbox, columns.signer).where(columns.mailbox.in_(list(mailboxes))))
    return {row.mailbox: row.signer for row in rows}


async def save_mailboxes(connection: AsyncConnection, *, new: dict[str, str], contacts: dict[str, str]) -> None:
    """Write new mailboxes with their signers, and the newest contact of others. Called by the door alone."""
    if new:
        rows = [{"mailbox": mailbox, "signer": signer} for mailbox, signer in new.items()]
        await connection.execute(insert(tables.mailboxes), rows)
    for mailbox, contact in contacts.items():
        await connection.execute(
            update(tables.mailboxes).where(tables.mailboxes.c.mailbox == mailbox).values(contact=contact)
        )


async def unused_parts(connection: AsyncConnection, *, since: str, before: str) -> list[str]:
    """List the digests of sealed files stored in a span of time for an item that never came, or came without them."""
    columns = tables.parts.c
    query = select(columns.digest).where(
        columns.stored_at >= since, columns.stored_at < before, columns.item.is_not(None), ~_came_with()
    )
    return list((await connection.execute(query)).scalars())


async def sweep_parts(connection: AsyncConnection, digests: Collection[str]) -> int:
    """Delete some sealed files, unless their item has come with them meanwhile; returns how many."""
    columns = tables.parts.c
    result = await connection.execute(delete(tables.parts).where(columns.digest.in_(list(digests)), ~_came_with()))
    return result.rowcount


def _came_with() -> Exists:
    """
    Say of a sealed file whether its item has come, and names it if it is an enclosure.

    Otherwise whoever has sent one letter could fill the disk with pictures for it that no letter names. Of letters and
    documents every version is kept.
    """
    columns, items = tables.parts.c, tables.items.c
    named = items.parts.contains(columns.digest) | ~columns.line.startswith(_ENCLOSURE)
    return select(items.item).where(items.item == columns.item, named).exists()


async def register_pages(connection: AsyncConnection, *, desks: Collection[str]) -> Sequence[str]:
    """List the digests of the register's pages that are sealed to any of these desks, in the order of the log."""
    columns, parts = tables.commitments.c, tables.parts.c
    rows = await connection.execute(
        select(columns.document, parts.line)
        .join(tables.parts, parts.digest == columns.document)
        .where(columns.kind == "register")
        .order_by(columns.log_index)
    )
    return [row.document for row in rows if not parse_document_line(row.line.encode()).desks.isdisjoint(desks)]
