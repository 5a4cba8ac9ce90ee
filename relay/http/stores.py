"""Where sessions and challenges rest: rows in the relay's database, without any token in the clear."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row

from relay.http.sessions import Challenge, Session
from relay.storage import staff as rows
from relay.storage.engine import Storage


@dataclass(frozen=True, slots=True)
class SessionRows:
    """Sessions as rows."""

    storage: Storage

    async def get(self, session_id: str) -> Session | None:
        """Read one session."""
        async with self.storage.read() as connection:
            row = await rows.load_session(connection, session_id)
        return None if row is None else _session_of(row)

    async def put(self, session: Session) -> None:
        """Write one session, new or touched."""
        async with self.storage.write() as connection:
            await rows.save_session(
                connection,
                digest=session.id,
                staff=session.staff,
                created_at=session.created_at,
                used_at=session.seen_at,
            )

    async def delete(self, session_id: str) -> None:
        """Forget one session."""
        async with self.storage.write() as connection:
            await rows.delete_session(connection, session_id)

    async def list(self, staff: str) -> Sequence[Session]:
        """Read all sessions of one member."""
        async with self.storage.read() as connection:
            return [_session_of(row) for row in await rows.sessions_of(connection, staff)]


@dataclass(frozen=True, slots=True)
class ChallengeRows:
    """Challenges as rows; only their SHA-256 is kept."""

    storage: Storage

    async def put(self, challenge: Challenge) -> None:
        """Write a new challenge."""
        async with self.storage.write() as connection:
            await rows.save_challenge(
                connection,
                value=_digest(challenge.value),
                staff=challenge.staff,
                expires_at=challenge.expires_at,
            )

    async def take(self, value: str) -> Challenge | None:
        """Read and delete in one step."""
        async with self.storage.write() as connection:
            found = await rows.take_challenge(connection, _digest(value))
        return None if found is None else Challenge(value, found[0], found[1])


def _session_of(row: Row[tuple[str, str, int, int]]) -> Session:
    return Session(row.digest, row.staff, created_at=row.created_at, seen_at=row.used_at)


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
