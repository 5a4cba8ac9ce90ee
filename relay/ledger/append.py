"""Load what a batch reads in a few queries, and write what it changed in a few more, in the door's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from keys.notes import Signer
from relay.custody.checkpoint import Checkpoint, sign_checkpoint
from relay.custody.edge import Appended, Edge, append, prove_batch
from relay.custody.merkle import leaf_hash
from relay.domain.events import parse_event
from relay.domain.items import Item
from relay.domain.register import Row, Status
from relay.domain.states import Kind
from relay.ledger.batch import Batch, Changes, Loaded, Needs, Settled
from relay.ledger.erasure import carry_out
from relay.storage import custody_log, tables
from relay.storage.bulk import upsert
from relay.storage.erasing import delete_parts_of
from relay.storage.items import load_claimed, load_items, load_lines, save_items
from relay.storage.parts import (
    load_lines_of_parts,
    load_mailboxes,
    save_mailboxes,
    store_documents,
    store_parts,
)


async def load(connection: AsyncConnection, needs: Sequence[Needs]) -> Loaded:
    """Load in bulk what the submissions of a batch read."""
    loaded = Loaded()
    found = await load_items(connection, {item for need in needs for item in need.items})
    for item_id, (item, tag_key) in found.items():
        loaded.items[item_id] = item
        loaded.tag_keys[item_id] = tag_key
    await _load_lines(connection, needs, loaded)
    loaded.part_lines = await load_lines_of_parts(connection, {part for need in needs for part in need.parts})
    mailboxes = {mailbox for need in needs for mailbox in need.mailboxes}
    mailboxes |= {item.mailbox for item in loaded.items.values() if item.kind is Kind.REPLY and item.mailbox}
    loaded.mailboxes = await load_mailboxes(connection, mailboxes)
    numbers = {number for need in needs for number in need.numbers}
    numbers |= {
        loaded.items[item].detainee for need in needs if need.whereabouts for item in need.items if item in loaded.items
    }
    loaded.rows = await load_rows(connection, numbers)
    recalled = {item for need in needs if need.earlier for item in need.items if item in loaded.items}
    if recalled:
        before = await custody_log.load_heads(connection, [(item, loaded.items[item].seq - 1) for item in recalled])
        loaded.earlier_parts = {item: parse_event(opening.event).parts[0] for item, opening in before.items()}
    work = {need.work for need in needs if need.work is not None}
    if work:
        spent = tables.spent_work.c.nonce
        loaded.spent_work = set((await connection.execute(select(spent).where(spent.in_(work)))).scalars())
    return loaded


async def _load_lines(connection: AsyncConnection, needs: Sequence[Needs], loaded: Loaded) -> None:
    """Load the lines that claims have to respect, and what the claimants hold already."""
    by_desk: dict[str, list[Item]] = {}
    for claiming in (need.claiming for need in needs if need.claiming is not None):
        chosen = (loaded.items[item] for item in claiming.items if item in loaded.items)
        by_desk.setdefault(claiming.desk, []).extend(chosen)
    for desk, items in by_desk.items():
        for item in await load_lines(
            connection,
            desk=desk,
            detainees={item.detainee for item in items},
            mailboxes={item.mailbox for item in items if item.mailbox is not None},
            until_turn=max((item.turn for item in items), default=0),
        ):
            loaded.items.setdefault(item.id, item)
    staff = {need.claiming.staff for need in needs if need.claiming is not None}
    if staff:
        for item in await load_claimed(connection, staff=staff):
            loaded.items.setdefault(item.id, item)


async def load_rows(connection: AsyncConnection, numbers: Iterable[str]) -> dict[str, Row]:
    """Load what the register says of some numbers."""
    columns = tables.register.c
    wanted = list(numbers)
    if not wanted:
        return {}
    rows = await connection.execute(select(tables.register).where(columns.number.in_(wanted)))
    return {row.number: Row(row.number, Status(row.status), row.place) for row in rows}


@dataclass(frozen=True, slots=True)
class Appending:
    """A batch as it is about to be committed: its new head, its edge, and what its answers need."""

    head: custody_log.Head
    edge: Edge
    appended: Appended
    settled: Settled


def extend(batch: Batch, head: custody_log.Head, edge: Edge, signer: Signer) -> Appending:
    """
    Append a batch's entries to the tree and sign the new checkpoint.

    The signature must not leave the process before the transaction that holds these entries has been committed.
    """
    leaves = [leaf_hash(entry) for entry in batch.changes.entries]
    appended = append(edge, leaves)
    checkpoint = Checkpoint(head.origin, appended.edge.size, appended.edge.root())
    signed = sign_checkpoint(checkpoint, signer)
    proofs = prove_batch(appended)
    authority = max((row.log_index + 1 for row in batch.changes.authority), default=head.authority)
    after = custody_log.Head(
        relay=head.relay,
        origin=head.origin,
        generation=head.generation,
        size=checkpoint.size,
        checkpoint=signed,
        at=batch.at,
        authority=authority,
    )
    settled = Settled(checkpoint, signed, lambda index: proofs[index - head.size])
    return Appending(after, appended.edge, appended, settled)


async def save(connection: AsyncConnection, changes: Changes, before: custody_log.Head, appending: Appending) -> bool:
    """
    Write a batch. The one place in the relay that writes custody.

    Returns:
        False if another writer has moved the head meanwhile; the transaction must then be thrown away.
    """
    at = appending.head.at
    if not await custody_log.move_head(connection, before, appending.head):
        return False
    await custody_log.append_entries(connection, before, changes.entries, appending.appended.tiles)
    await save_mailboxes(connection, new=changes.mailboxes, contacts={})
    fresh = [(changes.items[item], key) for item, key in changes.tag_keys.items()]
    moved = [item for item_id, item in changes.items.items() if item_id not in changes.tag_keys]
    await save_items(connection, new=fresh, changed=moved)
    await custody_log.store_openings(connection, changes.openings)
    await store_documents(connection, changes.documents)
    await store_parts(connection, changes.parts, at=at)
    await save_mailboxes(connection, new={}, contacts=changes.contacts)
    await custody_log.store_authority(connection, changes.authority)
    await custody_log.store_commitments(connection, changes.commitments)
    await _save_rows(connection, changes.rows.values())
    if changes.expired:
        await delete_parts_of(connection, changes.expired)
    for erasure in changes.erasures:
        await carry_out(connection, erasure)
    if changes.work:
        spent = [{"nonce": nonce, "expires_at": expires_at} for nonce, expires_at in changes.work]
        await connection.execute(insert(tables.spent_work), spent)
    return True


async def _save_rows(connection: AsyncConnection, rows: Iterable[Row]) -> None:
    values = [{"number": row.number, "status": row.status.value, "place": row.place} for row in rows]
    if values:
        statement = upsert(connection, tables.register)
        statement = statement.on_conflict_do_update(
            index_elements=["number"], set_={"status": statement.excluded.status, "place": statement.excluded.place}
        )
        await connection.execute(statement, values)
