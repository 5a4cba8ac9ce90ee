"""What belongs to staff and is no custody: keyrings, desk keys, sessions and challenges."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relay.storage import tables
from relay.storage.bulk import upsert


async def load_keyring(connection: AsyncConnection, staff: str) -> bytes | None:
    """Read a member's sealed keyring."""
    columns = tables.keyrings.c
    return (await connection.execute(select(columns.keyring).where(columns.staff == staff))).scalar()


async def save_keyring(connection: AsyncConnection, staff: str, keyring: bytes) -> None:
    """Keep a member's sealed keyring, in place of an older one."""
    statement = upsert(connection, tables.keyrings).values(staff=staff, keyring=keyring)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["staff"], set_={"keyring": statement.excluded.keyring})
    )


async def load_desk_keys(connection: AsyncConnection, *, holder: str) -> Sequence[tuple[str, int, bytes]]:
    """Read the desk keys sealed to a holder, as (desk, epoch, sealed document)."""
    columns = tables.desk_keys.c
    rows = await connection.execute(
        select(columns.desk, columns.epoch, columns.sealed)
        .where(columns.holder == holder)
        .order_by(columns.desk, columns.epoch)
    )
    return [(row.desk, row.epoch, bytes(row.sealed)) for row in rows]


async def save_desk_key(connection: AsyncConnection, *, desk: str, epoch: int, holder: str, sealed: bytes) -> None:
    """Keep a desk key sealed to a holder, in place of an older document."""
    statement = upsert(connection, tables.desk_keys).values(desk=desk, epoch=epoch, holder=holder, sealed=sealed)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["desk", "epoch", "holder"], set_={"sealed": statement.excluded.sealed}
        )
    )


async def load_session(connection: AsyncConnection, digest: str) -> Row[Any] | None:
    """Read a session by the SHA-256 of its token: (digest, staff, created_at, used_at), in POSIX seconds."""
    return (await connection.execute(select(tables.sessions).where(tables.sessions.c.digest == digest))).first()


async def sessions_of(connection: AsyncConnection, staff: str) -> Sequence[Row[Any]]:
    """Read all sessions of one member, newest first."""
    columns = tables.sessions.c
    statement = select(tables.sessions).where(columns.staff == staff).order_by(columns.used_at.desc())
    return list(await connection.execute(statement))


async def save_session(connection: AsyncConnection, *, digest: str, staff: str, created_at: int, used_at: int) -> None:
    """Keep a session, new or used again."""
    statement = upsert(connection, tables.sessions).values(
        digest=digest, staff=staff, created_at=created_at, used_at=used_at
    )
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["digest"], set_={"used_at": statement.excluded.used_at})
    )


async def touch_session(connection: AsyncConnection, digest: str, *, used_at: int) -> None:
    """Note when a session was used, if it is still there."""
    columns = tables.sessions.c
    await connection.execute(update(tables.sessions).where(columns.digest == digest).values(used_at=used_at))


async def delete_session(connection: AsyncConnection, digest: str) -> None:
    """Forget a session."""
    await connection.execute(delete(tables.sessions).where(tables.sessions.c.digest == digest))


async def save_challenge(connection: AsyncConnection, *, value: str, staff: str, expires_at: int) -> None:
    """Keep a challenge, and drop those that have expired an hour ago."""
    columns = tables.challenges.c
    await connection.execute(delete(tables.challenges).where(columns.expires_at < expires_at - 3_600))
    await connection.execute(insert(tables.challenges).values(digest=value, staff=staff, expires_at=expires_at))


async def take_challenge(connection: AsyncConnection, value: str) -> tuple[str, int] | None:
    """Read and delete a challenge, as (staff, expires_at); of two answers at once, one finds nothing."""
    columns = tables.challenges.c
    statement = delete(tables.challenges).where(columns.digest == value).returning(columns.staff, columns.expires_at)
    row = (await connection.execute(statement)).first()
    return None if row is None else (row.staff, row.expires_at)
