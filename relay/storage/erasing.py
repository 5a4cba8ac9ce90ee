"""What retention deletes: sealed files when an item expires, and all that opens its evidence when it is erased."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relay.domain.register import Status
from relay.storage import tables
from relay.storage.tokens import delete_old_tokens

#: How long a token of a program is still listed after it has ended: somebody may ask why the nightly audit stopped.
_TOKENS_KEPT_SECONDS: Final = 30 * 86_400


async def delete_parts_of(connection: AsyncConnection, items: Collection[str]) -> None:
    """Delete every sealed file of some items, but no contact that a mailbox still goes by."""
    columns = tables.parts.c
    in_use = select(tables.mailboxes.c.mailbox).where(tables.mailboxes.c.contact == columns.digest)
    await connection.execute(delete(tables.parts).where(columns.item.in_(list(items)), ~exists(in_use)))


async def delete_items(connection: AsyncConnection, items: Collection[str]) -> None:
    """Delete some items with their openings and tag keys; their entries in the log stay, and say nothing any more."""
    await connection.execute(delete(tables.events).where(tables.events.c.item.in_(list(items))))
    await connection.execute(delete(tables.items).where(tables.items.c.item.in_(list(items))))


async def delete_answers(connection: AsyncConnection, keys: Collection[str]) -> None:
    """Delete stored answers: a receipt opens its event as well as the relay's own copy does."""
    await connection.execute(delete(tables.answers).where(tables.answers.c.key.in_(list(keys))))


async def delete_documents(
    connection: AsyncConnection, statements: Collection[str], *, sealed: Collection[str]
) -> None:
    """Delete statements by their digests, and the sealed scans that stood behind them."""
    await connection.execute(delete(tables.documents).where(tables.documents.c.digest.in_(list(statements))))
    if sealed:
        await connection.execute(delete(tables.parts).where(tables.parts.c.digest.in_(list(sealed))))


async def delete_empty_mailboxes(connection: AsyncConnection, mailboxes: Collection[str]) -> list[str]:
    """
    Delete those of some mailboxes that have no item left.

    Returns:
        The digests of the contacts that they went by.
    """
    columns = tables.mailboxes.c
    has_items = exists(select(tables.items.c.item).where(tables.items.c.mailbox == columns.mailbox))
    query = select(columns.mailbox, columns.contact).where(columns.mailbox.in_(list(mailboxes)), ~has_items)
    empty = (await connection.execute(query)).all()
    await connection.execute(delete(tables.mailboxes).where(columns.mailbox.in_([row.mailbox for row in empty])))
    return [row.contact for row in empty if row.contact is not None]


async def delete_unused_contacts(connection: AsyncConnection, contacts: Collection[str]) -> None:
    """Delete those of some sealed contacts that no mailbox goes by any more."""
    columns = tables.parts.c
    in_use = exists(select(tables.mailboxes.c.mailbox).where(tables.mailboxes.c.contact == columns.digest))
    await connection.execute(delete(tables.parts).where(columns.digest.in_(list(contacts)), ~in_use))


async def delete_closed_numbers(connection: AsyncConnection, numbers: Collection[str]) -> None:
    """Delete those of some detainee numbers that are closed and that no item names any more."""
    columns = tables.register.c
    named = exists(select(tables.items.c.item).where(tables.items.c.detainee == columns.number))
    await connection.execute(
        delete(tables.register).where(columns.number.in_(list(numbers)), columns.status == Status.CLOSED.value, ~named)
    )


async def delete_expired(connection: AsyncConnection, *, now_s: int, sessions_before_s: int) -> None:
    """
    Delete what is of no use any more: challenges, proofs of work whose challenge has expired, old sessions and tokens.

    Args:
        now_s: POSIX seconds.
        sessions_before_s: Sessions that began before this are over, however busy.
    """
    await connection.execute(delete(tables.spent_work).where(tables.spent_work.c.expires_at < now_s))
    await connection.execute(delete(tables.challenges).where(tables.challenges.c.expires_at < now_s))
    await connection.execute(delete(tables.sessions).where(tables.sessions.c.created_at < sessions_before_s))
    await delete_old_tokens(connection, before=now_s - _TOKENS_KEPT_SECONDS)


async def items_left(connection: AsyncConnection, items: Collection[str]) -> set[str]:
    """Say which of some items are still there."""
    columns = tables.items.c
    return set((await connection.execute(select(columns.item).where(columns.item.in_(list(items))))).scalars())


async def load_evidence(connection: AsyncConnection, items: Collection[str]) -> list[tuple[str, int, str]]:
    """Read (item, log index, detail) of every event of some items, in log order."""
    columns = tables.events.c
    rows = await connection.execute(
        select(columns.item, columns.log_index, columns.detail)
        .where(columns.item.in_(list(items)))
        .order_by(columns.log_index)
    )
    return [(row.item, row.log_index, row.detail) for row in rows]
