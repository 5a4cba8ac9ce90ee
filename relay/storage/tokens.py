"""Tokens of other programs, by their SHA-256. Times are POSIX seconds; scopes are a JSON list."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from keys.canonical import encode_json
from relay.storage import tables


@dataclass(frozen=True, slots=True)
class ApiToken:
    """
    What another program may do, in whose name, and until when.

    Attributes:
        digest: SHA-256 of the token, hex: its id.
        name: What its owner calls it.
        staff: Who made it, and with whose power it acts.
        scopes: What it is for.
        created_at: POSIX seconds.
        expires_at: POSIX seconds.
        used_at: The last use, to the hour; None before the first.
        revoked_at: None as long as it is good.
    """

    digest: str
    name: str
    staff: str
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int
    used_at: int | None = None
    revoked_at: int | None = None


async def save_token(connection: AsyncConnection, token: ApiToken) -> None:
    """Keep a new token."""
    await connection.execute(
        insert(tables.api_tokens).values(
            digest=token.digest,
            name=token.name,
            staff=token.staff,
            scopes=encode_json(list(token.scopes)),
            created_at=token.created_at,
            expires_at=token.expires_at,
            used_at=token.used_at,
            revoked_at=token.revoked_at,
        )
    )


async def load_token(connection: AsyncConnection, digest: str) -> ApiToken | None:
    """Read a token by its digest."""
    row = (await connection.execute(select(tables.api_tokens).where(tables.api_tokens.c.digest == digest))).first()
    return None if row is None else _token(row)


async def tokens_of(connection: AsyncConnection, staff: str) -> Sequence[ApiToken]:
    """Read all tokens of one member, the oldest first."""
    columns = tables.api_tokens.c
    statement = select(tables.api_tokens).where(columns.staff == staff).order_by(columns.created_at, columns.digest)
    return [_token(row) for row in await connection.execute(statement)]


async def touch_token(connection: AsyncConnection, digest: str, *, at: int) -> None:
    """Note when a token was used."""
    columns = tables.api_tokens.c
    await connection.execute(update(tables.api_tokens).where(columns.digest == digest).values(used_at=at))


async def revoke_tokens(connection: AsyncConnection, staff: str, *, at: int, digest: str | None = None) -> None:
    """Take one of a member's tokens out of use, or all of them; what is revoked stays so."""
    columns = tables.api_tokens.c
    statement = update(tables.api_tokens).where(columns.staff == staff, columns.revoked_at.is_(None))
    if digest is not None:
        statement = statement.where(columns.digest == digest)
    await connection.execute(statement.values(revoked_at=at))


async def delete_old_tokens(connection: AsyncConnection, *, before: int) -> None:
    """Forget tokens that ended or were revoked before this moment."""
    columns = tables.api_tokens.c
    await connection.execute(
        delete(tables.api_tokens).where((columns.expires_at < before) | (columns.revoked_at < before))
    )


def _token(row: Row[Any]) -> ApiToken:
    return ApiToken(
        digest=row.digest,
        name=row.name,
        staff=row.staff,
        scopes=tuple(json.loads(row.scopes)),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        revoked_at=row.revoked_at,
    )
