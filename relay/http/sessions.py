"""
Staff sessions: a random token that only the member holds, its hash at rest, two ways to expire, and an end at any time.

Signing in is a signed statement over a single-use challenge; a password could be guessed, and a statement is already
what a member's key is for. Everything here takes the time as an argument, in whole seconds since 1970.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from aiohttp import web

from keys.errors import Refused
from relay.http.calls import NotSignedIn, bearer

#: Makes a leaked token recognisable to secret scanners.
_PREFIX: Final = "lrs_"
_TOKEN: Final = re.compile(r"lrs_[0-9a-f]{64}")
#: ``__Host-``: only this host, only over TLS, only for the path / (RFC 6265bis §4.1.3.2).
COOKIE: Final = "__Host-lrs"
CHALLENGE_SECONDS: Final = 300
#: A session in use is written back at most this often, so that reading a queue does not cost a write each time.
TOUCH_SECONDS: Final = 60

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class SessionOver(Refused):
    """Your session has ended: it was idle or open for too long, or somebody ended it."""

    code = "session_over"
    cure = "Sign in again; nothing you have sent is lost."


class ChallengeSpent(Refused):
    """The sign-in challenge is unknown, used, expired, or was made for somebody else."""

    code = "challenge_spent"
    cure = "Ask for a new challenge and sign that one within five minutes."


class CrossSite(Refused):
    """The browser says that another site sent this request."""

    code = "cross_site"
    cure = "Open the relay's own page and do it there; if you were there, reload it."


@dataclass(frozen=True, slots=True)
class Session:
    """One member of staff, signed in on one device."""

    #: SHA-256 of the token, hex. The token itself is nowhere but with the member.
    id: str
    staff: str
    created_at: int
    seen_at: int


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a member must sign to prove, now, that the key is theirs."""

    #: 32 random bytes, hex.
    value: str
    staff: str
    expires_at: int


class SessionStore(Protocol):
    """Where sessions rest."""

    async def get(self, session_id: str) -> Session | None:
        """Read one session."""
        ...

    async def put(self, session: Session) -> None:
        """Write one session, new or touched."""
        ...

    async def delete(self, session_id: str) -> None:
        """Forget one session; forgetting it twice is no error."""
        ...

    async def list(self, staff: str) -> Sequence[Session]:
        """Read all sessions of one member."""
        ...


class ChallengeStore(Protocol):
    """Where challenges wait for their answer."""

    async def put(self, challenge: Challenge) -> None:
        """Write a new challenge."""
        ...

    async def take(self, value: str) -> Challenge | None:
        """Read and delete in one step, so that of two answers at the same moment one finds nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Sessions:
    """The life of sessions: open, find, end."""

    store: SessionStore
    idle_seconds: int
    absolute_seconds: int

    async def open(self, staff: str, *, now: int) -> str:
        """
        Begin a session for a member who has proved their key.

        Returns:
            The token, ``lrs_`` and 64 hex digits: given out once, and never known to the relay again.
        """
        token = _PREFIX + secrets.token_hex(32)
        await self.store.put(Session(session_id(token), staff, created_at=now, seen_at=now))
        return token

    async def find(self, token: str, *, now: int) -> Session:
        """
        Name the session of a token, and note that it is in use.

        Raises:
            NotSignedIn: This is no token of ours.
            SessionOver: The session is unknown (ended), idle for too long, or too old.
        """
        if not is_token(token):
            raise NotSignedIn
        session = await self.store.get(session_id(token))
        if session is None:
            raise SessionOver
        if now >= self.ends_at(session):
            await self.store.delete(session.id)
            raise SessionOver
        if now - session.seen_at >= TOUCH_SECONDS:
            session = replace(session, seen_at=now)
            await self.store.put(session)
        return session

    def ends_at(self, session: Session) -> int:
        """Say when a session ends if nobody uses it again."""
        return min(session.seen_at + self.idle_seconds, session.created_at + self.absolute_seconds)

    async def end(self, session_id: str, *, staff: str) -> None:
        """End one session of a member; another member's is left alone, without saying whether it exists."""
        session = await self.store.get(session_id)
        if session is not None and session.staff == staff:
            await self.store.delete(session_id)

    async def end_all(self, staff: str) -> int:
        """End every session of a member, who may have lost a device or been suspended; return how many there were."""
        sessions = await self.store.list(staff)
        for session in sessions:
            await self.store.delete(session.id)
        return len(sessions)


async def issue_challenge(store: ChallengeStore, staff: str, *, now: int) -> Challenge:
    """Make a challenge for one member. Staff ids are public in the directory, so asking gives nothing away."""
    challenge = Challenge(secrets.token_hex(32), staff, expires_at=now + CHALLENGE_SECONDS)
    await store.put(challenge)
    return challenge


async def spend_challenge(store: ChallengeStore, value: str, staff: str, *, now: int) -> None:
    """
    Use a challenge up, whatever comes of it.

    Raises:
        ChallengeSpent: It was never issued, has been used, is over five minutes old, or was issued to someone else.
    """
    challenge = await store.take(value)
    if challenge is None or challenge.staff != staff or now >= challenge.expires_at:
        raise ChallengeSpent


def session_id(token: str) -> str:
    """Hash a token for rest: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token(token: str) -> bool:
    """Say whether this has the shape of a token of ours."""
    return _TOKEN.fullmatch(token) is not None


def token_of(request: web.Request) -> str:
    """
    Read the session token: a client's from ``Authorization``, a browser's from the cookie.

    A cookie travels by itself, so with it the request must come from the relay's own page.

    Raises:
        NotSignedIn: The request carries neither.
        CrossSite: It carries the cookie, may change something, and comes from elsewhere.
    """
    if (token := bearer(request)) is not None:
        return token
    if (cookie := request.cookies.get(COOKIE)) is None:
        raise NotSignedIn
    refuse_cross_site(request)
    return cookie


def refuse_cross_site(request: web.Request) -> None:
    """
    Refuse an unsafe request that another site made the browser send.

    The rule of Go 1.25's `http.CrossOriginProtection`, but stricter: a request with our cookie and neither
    ``Sec-Fetch-Site`` nor ``Origin`` is refused, because every browser we support sends one of them.

    Raises:
        CrossSite: The request is not from this very origin.
    """
    if request.method in _SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site != "same-origin":
            raise CrossSite
        return
    origin = request.headers.get("Origin", "")
    _, _, origin_host = origin.partition("://")
    if not origin_host or origin_host != request.headers.get("Host"):
        raise CrossSite


def set_cookie(response: web.StreamResponse, token: str, *, lasts_seconds: int) -> None:
    """Give a browser its token, out of reach of scripts and of other sites."""
    response.set_cookie(COOKIE, token, max_age=lasts_seconds, path="/", secure=True, httponly=True, samesite="Strict")


def clear_cookie(response: web.StreamResponse) -> None:
    """Take the token back from a browser."""
    response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
