"""Where sessions and challenges rest: rows in the relay's database, without any token in the clear."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from sqlalchemy import Row

from relay.http.sessions import Challenge, Session
from relay.storage import staff as rows
from relay.storage.engine import Storage

_REMEMBERED_SECONDS: Final = 2.0
_MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class SessionRows:
    """
    Sessions as rows, each remembered for two seconds, because a reviewer at work asks many times a second.

    What ends a session here forgets it here at once; a second node may let it live those two seconds longer.
    """

    storage: Storage
    clock: Callable[[], float] = monotonic
    _recent: dict[str, tuple[float, Session]] = field(default_factory=dict, repr=False)

    async def get(self, session_id: str) -> Session | None:
        """Read one session."""
        found = self._recent.get(session_id)
        if found is not None and self.clock() - found[0] < _REMEMBERED_SECONDS:
            return found[1]
        async with self.storage.read() as connection:
            row = await rows.load_session(connection, session_id)
        if row is None:
            self._recent.pop(session_id, None)
            return None
        session = _session_of(row)
        self._remember(session)
        return session

    def _remember(self, session: Session) -> None:
        if len(self._recent) >= _MOST_REMEMBERED:
            self._recent.clear()
        self._recent[session.id] = (self.clock(), session)

    async def put(self, session: Session) -> None:
        """Write one session, new or touched."""
        self._recent.pop(session.id, None)
        if session.seen_at != session.created_at:
            # Only updated: one that was ended while this request was under way must not come back.
            async with self.storage.write() as connection:
                await rows.touch_session(connection, session.id, used_at=session.seen_at)
            return
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
        self._recent.pop(session_id, None)
        async with self.storage.write() as connection:
            await rows.delete_session(connection, session_id)
        self._recent.pop(session_id, None)

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
