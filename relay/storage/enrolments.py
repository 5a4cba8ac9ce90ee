"""Invites to become staff, and what new members' machines made of them: the public halves for the next directory."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from keys.canonical import encode_json
from relay.storage import tables
from relay.storage.bulk import upsert


@dataclass(frozen=True, slots=True)
class Invite:
    """
    What an operator decided: whoever has the secret may become this member, once.

    Attributes:
        digest: SHA-256 of the secret, hex.
        staff: The id that the member will have.
        person: The id of the human being.
        desks: Where they will work.
        roles: What they may do there.
        created_at: POSIX seconds.
        expires_at: POSIX seconds.
        used_at: POSIX seconds; None as long as nobody has taken it up.
    """

    digest: str
    staff: str
    person: str
    desks: tuple[str, ...]
    roles: tuple[str, ...]
    created_at: int
    expires_at: int
    used_at: int | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """The public half of a desk's key that a member's machine made, for the next directory."""

    desk: str
    epoch: int
    recipient: str


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The public halves of a new member's keys, and of the desk keys that they made; `enrolled_at` in POSIX seconds."""

    staff: str
    person: str
    desks: tuple[str, ...]
    roles: tuple[str, ...]
    vkey: str
    recipient: str
    proposals: tuple[Proposal, ...]
    enrolled_at: int


async def save_invite(connection: AsyncConnection, invite: Invite) -> None:
    """Keep a new invite."""
    await connection.execute(
        insert(tables.invites).values(
            digest=invite.digest,
            staff=invite.staff,
            person=invite.person,
            desks=_list(invite.desks),
            roles=_list(invite.roles),
            created_at=invite.created_at,
            expires_at=invite.expires_at,
            used_at=invite.used_at,
        )
    )


async def load_invite(connection: AsyncConnection, digest: str) -> Invite | None:
    """Read the invite of a secret."""
    row = (await connection.execute(select(tables.invites).where(tables.invites.c.digest == digest))).first()
    return None if row is None else _invite(row)


async def load_invites(connection: AsyncConnection) -> Sequence[Invite]:
    """Read all invites, the oldest first."""
    columns = tables.invites.c
    rows = await connection.execute(select(tables.invites).order_by(columns.created_at, columns.staff))
    return [_invite(row) for row in rows]


async def spend_invite(connection: AsyncConnection, digest: str, *, at: int) -> bool:
    """Mark an invite as used, unless it is already; of two at the same moment one finds it used."""
    columns = tables.invites.c
    statement = (
        update(tables.invites)
        .where(columns.digest == digest, columns.used_at.is_(None))
        .values(used_at=at)
        .returning(columns.digest)
    )
    return (await connection.execute(statement)).first() is not None


async def save_enrolment(connection: AsyncConnection, enrolment: Enrolment) -> None:
    """Keep what a new member's machine sent."""
    proposals = [{"desk": one.desk, "epoch": one.epoch, "recipient": one.recipient} for one in enrolment.proposals]
    await connection.execute(
        insert(tables.enrolments).values(
            staff=enrolment.staff,
            person=enrolment.person,
            desks=_list(enrolment.desks),
            roles=_list(enrolment.roles),
            vkey=enrolment.vkey,
            recipient=enrolment.recipient,
            proposals=encode_json(proposals) if proposals else None,
            enrolled_at=enrolment.enrolled_at,
        )
    )


async def load_enrolment(connection: AsyncConnection, staff: str) -> Enrolment | None:
    """Read what a member's machine sent."""
    row = (await connection.execute(select(tables.enrolments).where(tables.enrolments.c.staff == staff))).first()
    return None if row is None else _enrolment(row)


async def load_enrolments(connection: AsyncConnection) -> Sequence[Enrolment]:
    """Read all enrolments, the oldest first: the first member of a desk is the one who opened it."""
    columns = tables.enrolments.c
    rows = await connection.execute(select(tables.enrolments).order_by(columns.enrolled_at, columns.staff))
    return [_enrolment(row) for row in rows]


async def forget_enrolment(connection: AsyncConnection, staff: str) -> None:
    """Delete a member's invite and all that came of it: enrolment, keyring, and the desk keys that they opened."""
    enrolment = await load_enrolment(connection, staff)
    for proposal in enrolment.proposals if enrolment else ():
        keys = tables.desk_keys.c
        await connection.execute(
            delete(tables.desk_keys).where(keys.desk == proposal.desk, keys.epoch == proposal.epoch)
        )
    for table in (tables.enrolments, tables.invites, tables.keyrings):
        await connection.execute(delete(table).where(table.c.staff == staff))


async def settle_enrolments(connection: AsyncConnection, listed: Collection[str], *, at: int) -> None:
    """
    Forget the enrolments and invites of members whom a directory lists, and invites that nobody took up in time.

    Args:
        listed: The staff ids of the directory in force.
        at: Now, in POSIX seconds.
    """
    for table in (tables.enrolments, tables.invites):
        await connection.execute(delete(table).where(table.c.staff.in_(list(listed))))
    columns = tables.invites.c
    await connection.execute(delete(tables.invites).where(columns.used_at.is_(None), columns.expires_at <= at))


async def open_desk(connection: AsyncConnection, *, desk: str, epoch: int, holder: str, sealed: bytes) -> bool:
    """Keep a desk key only if the holder has none of this epoch; say whether it was kept."""
    statement = upsert(connection, tables.desk_keys).values(desk=desk, epoch=epoch, holder=holder, sealed=sealed)
    kept = await connection.execute(statement.on_conflict_do_nothing().returning(tables.desk_keys.c.desk))
    return kept.first() is not None


async def has_key(connection: AsyncConnection, desk: str) -> bool:
    """Say whether any key of a desk is kept."""
    columns = tables.desk_keys.c
    found = await connection.execute(select(columns.desk).where(columns.desk == desk).limit(1))
    return found.first() is not None


def _list(values: tuple[str, ...]) -> str:
    return encode_json(list(values))


def _invite(row: Row[Any]) -> Invite:
    return Invite(
        digest=row.digest,
        staff=row.staff,
        person=row.person,
        desks=tuple(json.loads(row.desks)),
        roles=tuple(json.loads(row.roles)),
        created_at=row.created_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
    )


def _enrolment(row: Row[Any]) -> Enrolment:
    return Enrolment(
        staff=row.staff,
        person=row.person,
        desks=tuple(json.loads(row.desks)),
        roles=tuple(json.loads(row.roles)),
        vkey=row.vkey,
        recipient=row.recipient,
        proposals=tuple(Proposal(**one) for one in json.loads(row.proposals or "[]")),
        enrolled_at=row.enrolled_at,
    )
