"""The log as rows: head, entries, tiles, openings, answers, and who had authority from which index on."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relay.custody.edge import PublishedTile
from relay.domain.events import parse_detail, parse_event
from relay.domain.states import RULES, Action
from relay.storage import tables
from relay.storage.bulk import inserting

#: The events of moves that seal a letter on to a place.
_SEALED_ON = frozenset({RULES[Action.PASS].event, RULES[Action.REDIRECT].event})
_APPEND_ENTRIES = inserting(tables.log_entries)
_APPEND_TILES = inserting(tables.tiles)
_STORE_OPENINGS = inserting(tables.events)
_STORE_ANSWERS = inserting(tables.answers)


@dataclass(frozen=True, slots=True)
class Head:
    """
    The end of the log.

    Attributes:
        relay: The relay id, 16 bytes as hex.
        origin: ``<name>/log/<generation>``.
        size: How many entries there are.
        checkpoint: The last signed checkpoint, as a note.
        at: When it was signed (UTC); never decreases.
        authority: The size just after the last trust, directory or suspension.
    """

    relay: str
    origin: str
    generation: int
    size: int
    checkpoint: bytes
    at: str
    authority: int


@dataclass(frozen=True, slots=True)
class Opening:
    """What one custody entry of the log opens to."""

    log_index: int
    item: str
    seq: int
    shown: bool
    event: str
    event_nonce: bytes
    detail: str
    detail_nonce: bytes


@dataclass(frozen=True, slots=True)
class Authority:
    """One trust, directory or suspension, as it stands in the log."""

    log_index: int
    kind: str
    version: int | None
    subject: str | None
    note: str
    document: str | None


@dataclass(frozen=True, slots=True)
class Commitment:
    """
    What one register, run or audited entry of the log opens to.

    Attributes:
        nonce: Of the entry's commitment.
        note: Digest of the statement.
        document: Digest of the sealed document that it names, if it names one.
        rows: Digest of the register's rows that it set, if it set some.
    """

    log_index: int
    kind: str
    nonce: bytes
    note: str
    document: str | None
    rows: str | None


async def create_head(connection: AsyncConnection, head: Head) -> None:
    """Write the head of an empty log. Called once, by `init`."""
    await connection.execute(
        insert(tables.head).values(
            one=1,
            relay=head.relay,
            origin=head.origin,
            generation=head.generation,
            size=head.size,
            checkpoint=head.checkpoint,
            at=head.at,
            authority=head.authority,
            published=None,
            published_size=0,
        )
    )


_SELECT_HEAD = select(tables.head).where(tables.head.c.one == 1)


async def load_head(connection: AsyncConnection, *, lock: bool = False) -> Head | None:
    """Read the head; with `lock`, nobody else moves it before this transaction ends."""
    statement = _SELECT_HEAD.with_for_update() if lock and connection.dialect.name != "sqlite" else _SELECT_HEAD
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    return Head(
        relay=row.relay,
        origin=row.origin,
        generation=row.generation,
        size=row.size,
        checkpoint=row.checkpoint,
        at=row.at,
        authority=row.authority,
    )


async def move_head(connection: AsyncConnection, before: Head, after: Head) -> bool:
    """Move the head on, if it still stands where it was read; False if another writer moved it."""
    columns = tables.head.c
    result = await connection.execute(
        update(tables.head)
        .where(columns.one == 1, columns.size == before.size, columns.generation == before.generation)
        .values(size=after.size, checkpoint=after.checkpoint, at=after.at, authority=after.authority)
    )
    return result.rowcount == 1


async def append_entries(
    connection: AsyncConnection, head: Head, entries: Iterable[bytes], tiles: Iterable[PublishedTile]
) -> None:
    """Write the entries that follow the head, and the tiles they completed."""
    generation = head.generation
    rows = ((generation, index, entry) for index, entry in enumerate(entries, start=head.size))
    await _APPEND_ENTRIES.execute(connection, rows)
    full = ((generation, tile.tile.level, tile.tile.index, tile.data) for tile in tiles)
    await _APPEND_TILES.execute(connection, full)


async def load_entries(connection: AsyncConnection, generation: int, *, start: int, stop: int) -> list[bytes]:
    """Read the entries from `start` to before `stop`."""
    columns = tables.log_entries.c
    rows = await connection.execute(
        select(columns.entry)
        .where(columns.generation == generation, columns.log_index >= start, columns.log_index < stop)
        .order_by(columns.log_index)
    )
    return [bytes(row.entry) for row in rows]


async def load_tiles(
    connection: AsyncConnection, generation: int, *, level: int, start: int, stop: int
) -> dict[int, bytes]:
    """Read full tiles of one level, by number."""
    columns = tables.tiles.c
    rows = await connection.execute(
        select(columns.number, columns.hashes).where(
            columns.generation == generation, columns.level == level, columns.number >= start, columns.number < stop
        )
    )
    return {row.number: bytes(row.hashes) for row in rows}


async def store_openings(connection: AsyncConnection, openings: Iterable[Opening]) -> None:
    """Keep what custody entries open to."""
    rows = (
        (
            opening.log_index,
            opening.item,
            opening.seq,
            int(opening.shown),
            opening.event,
            opening.event_nonce,
            opening.detail,
            opening.detail_nonce,
        )
        for opening in openings
    )
    await _STORE_OPENINGS.execute(connection, rows)


def _opening_of(row: Row[Any]) -> Opening:
    return Opening(
        log_index=row.log_index,
        item=row.item,
        seq=row.seq,
        shown=bool(row.shown),
        event=row.event,
        event_nonce=row.event_nonce,
        detail=row.detail,
        detail_nonce=row.detail_nonce,
    )


async def load_openings(connection: AsyncConnection, *, start: int, stop: int) -> list[tuple[Opening, bytes | None]]:
    """Read openings of log indexes from `start` to before `stop`, each with its item's tag key."""
    columns = tables.events.c
    rows = await connection.execute(
        select(tables.events, tables.items.c.tag_key)
        .join(tables.items, tables.items.c.item == columns.item)
        .where(columns.log_index >= start, columns.log_index < stop)
        .order_by(columns.log_index)
    )
    return [(_opening_of(row), row.tag_key) for row in rows]


async def load_shown(connection: AsyncConnection, items: Collection[str]) -> list[Opening]:
    """Read the openings that the families of some items are given, in log order."""
    columns = tables.events.c
    rows = await connection.execute(
        select(tables.events).where(columns.item.in_(list(items)), columns.shown == 1).order_by(columns.log_index)
    )
    return [_opening_of(row) for row in rows]


async def load_heads(connection: AsyncConnection, heads: Iterable[tuple[str, int]]) -> dict[str, Opening]:
    """Read the last event of some items, as (item, seq), by item."""
    wanted = dict(heads)
    columns = tables.events.c
    rows = await connection.execute(
        select(tables.events).where(columns.item.in_(list(wanted)), columns.seq.in_(set(wanted.values())))
    )
    found = (_opening_of(row) for row in rows)
    return {opening.item: opening for opening in found if wanted[opening.item] == opening.seq}


async def reasons_passed_under(connection: AsyncConnection, item: str) -> tuple[str, ...]:
    """
    Read the reason codes under which an item was passed, and sent elsewhere since: each once, in the order of events.

    They say that something was blocked out or left out, which an earlier part 0 still has.
    """
    columns = tables.events.c
    rows = await connection.execute(
        select(columns.event, columns.detail).where(columns.item == item).order_by(columns.seq)
    )
    details = (parse_detail(row.detail) for row in rows if parse_event(row.event).event in _SEALED_ON)
    return tuple(dict.fromkeys(reason for detail in details for reason in detail.get("reasons", ())))


async def load_answers(connection: AsyncConnection, keys: Collection[str]) -> dict[str, tuple[str, bytes]]:
    """Read what was answered before, as (digest of the request, answer), by idempotency key."""
    if not keys:
        return {}
    columns = tables.answers.c
    rows = await connection.execute(select(tables.answers).where(columns.key.in_(list(keys))))
    return {row.key: (row.request, bytes(row.answer)) for row in rows}


async def store_answers(connection: AsyncConnection, answers: Iterable[tuple[str, str, bytes]], *, at: str) -> None:
    """Keep answers as (key, digest of the request, answer)."""
    await _STORE_ANSWERS.execute(connection, ((*answer, at) for answer in answers))


async def store_authority(connection: AsyncConnection, rows: Iterable[Authority]) -> None:
    """Keep trusts, directories and suspensions with their log indexes."""
    values = [
        {
            "log_index": row.log_index,
            "kind": row.kind,
            "version": row.version,
            "subject": row.subject,
            "note": row.note,
            "document": row.document,
        }
        for row in rows
    ]
    if values:
        await connection.execute(insert(tables.authority), values)


async def load_authority(connection: AsyncConnection) -> list[Authority]:
    """Read all trusts, directories and suspensions, in log order."""
    rows = await connection.execute(select(tables.authority).order_by(tables.authority.c.log_index))
    return [
        Authority(
            log_index=row.log_index,
            kind=row.kind,
            version=row.version,
            subject=row.subject,
            note=row.note,
            document=row.document,
        )
        for row in rows
    ]


async def store_commitments(connection: AsyncConnection, rows: Iterable[Commitment]) -> None:
    """Keep what register, run and audit entries commit to."""
    values = [
        {
            "log_index": row.log_index,
            "kind": row.kind,
            "nonce": row.nonce,
            "note": row.note,
            "document": row.document,
            "rows": row.rows,
        }
        for row in rows
    ]
    if values:
        await connection.execute(insert(tables.commitments), values)


async def load_commitments(connection: AsyncConnection, *, start: int, stop: int) -> list[Commitment]:
    """Read what register, run and audit entries of log indexes from `start` to before `stop` open to, in log order."""
    columns = tables.commitments.c
    rows = await connection.execute(
        select(tables.commitments)
        .where(columns.log_index >= start, columns.log_index < stop)
        .order_by(columns.log_index)
    )
    return [
        Commitment(
            log_index=row.log_index, kind=row.kind, nonce=row.nonce, note=row.note, document=row.document, rows=row.rows
        )
        for row in rows
    ]


async def publish(connection: AsyncConnection, *, checkpoint: bytes, size: int) -> None:
    """Keep the checkpoint that is served, with whatever cosignatures it has."""
    await connection.execute(
        update(tables.head)
        .where(tables.head.c.one == 1, tables.head.c.published_size <= size)
        .values(published=checkpoint, published_size=size)
    )


async def load_published(connection: AsyncConnection) -> tuple[bytes, int] | None:
    """Read the checkpoint that is served, with its size; None before the first."""
    columns = tables.head.c
    row = (await connection.execute(select(columns.published, columns.published_size))).first()
    return None if row is None or row.published is None else (bytes(row.published), row.published_size)
