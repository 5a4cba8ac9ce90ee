"""A desk's keys as they are sealed to its members and to its recovery code, and what can be sealed to whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relay.storage import tables
from relay.storage.bulk import upsert


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A desk's key of one epoch, sealed to one holder: ``staff/<id>`` or ``desk-code/<desk>``."""

    desk: str
    epoch: int
    holder: str
    sealed: bytes


async def keys_of_desk(connection: AsyncConnection, desk: str) -> Sequence[KeptKey]:
    """Read every sealed key of a desk, by epoch and holder."""
    columns = tables.desk_keys.c
    statement = select(tables.desk_keys).where(columns.desk == desk).order_by(columns.epoch, columns.holder)
    return [KeptKey(row.desk, row.epoch, row.holder, bytes(row.sealed)) for row in await connection.execute(statement)]


async def save_recipient(connection: AsyncConnection, staff: str, recipient: str) -> None:
    """Keep what desk keys are sealed to for a member."""
    statement = upsert(connection, tables.recipients).values(staff=staff, recipient=recipient)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["staff"], set_={"recipient": statement.excluded.recipient})
    )


async def recipients_of(connection: AsyncConnection, staff: Collection[str]) -> dict[str, str]:
    """Read the recipients of some members, from their own clients or, before that, from their enrolment."""
    found: dict[str, str] = {}
    for table in (tables.enrolments, tables.recipients):
        columns = table.c
        rows = await connection.execute(select(columns.staff, columns.recipient).where(columns.staff.in_(list(staff))))
        found |= {row.staff: row.recipient for row in rows}
    return found


async def staff_with_recipients(connection: AsyncConnection) -> frozenset[str]:
    """Name everybody whose recipient is kept: members of the directory in force, and of those before it."""
    return frozenset((await connection.execute(select(tables.recipients.c.staff))).scalars())


async def keep_recipients(connection: AsyncConnection, staff: Collection[str]) -> None:
    """Take the recipients of new members over from their enrolments, which are forgotten once they have power."""
    columns = tables.enrolments.c
    rows = await connection.execute(select(columns.staff, columns.recipient).where(columns.staff.in_(list(staff))))
    for row in rows.all():
        await save_recipient(connection, row.staff, row.recipient)


async def forget_members(connection: AsyncConnection, staff: Collection[str]) -> None:
    """Delete all that is kept for members who have left: keyrings, recipients, desk keys sealed to them, sessions."""
    ids = list(staff)
    for table in (tables.keyrings, tables.recipients, tables.sessions, tables.enrolments, tables.invites):
        await connection.execute(delete(table).where(table.c.staff.in_(ids)))
    holders = [f"staff/{one}" for one in ids]
    await connection.execute(delete(tables.desk_keys).where(tables.desk_keys.c.holder.in_(holders)))
