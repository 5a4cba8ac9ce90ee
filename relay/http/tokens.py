"""
Tokens of other programs: less than a person's power, for one purpose each, until a day that was set beforehand.

A nightly audit must not need a staff code in a file. A token is hashed at rest, opens only addresses that name its
scope, and acts with the power that its owner has now: with the owner's suspension or leaving it is worth nothing.
"""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from keys.errors import Refused
from relay.domain.states import Role
from relay.http.sessions import session_id
from relay.storage import tokens as rows
from relay.storage.engine import Storage
from relay.storage.tokens import ApiToken

PREFIX: Final = "lrt_"
_TOKEN: Final = re.compile(r"lrt_[0-9a-f]{64}")
#: A token in use is written back at most this often.
_TOUCH_SECONDS: Final = 3_600
_DAY_SECONDS: Final = 86_400
#: How long a token that has ended is still listed.
_KEPT_DAYS: Final = 30


class Scope(StrEnum):
    """What a token may be for."""

    AUDIT = "audit"
    METRICS = "metrics"


#: Whose power a scope is part of; nobody makes a token that could do more than they themselves.
SCOPE_ROLES: Final[Mapping[Scope, Role]] = {Scope.AUDIT: Role.AUDITOR, Scope.METRICS: Role.OPERATOR}


class TokenOver(Refused):
    """This token is unknown, has expired or was revoked."""

    code = "token_over"
    cure = "Make a new one with `letter-relay staff token new`, and revoke the old one if it may be in other hands."


class WrongScope(Refused):
    """This token is not for this address."""

    code = "wrong_scope"
    cure = "Use a token with the scope that /docs names for this address, or sign in."


@dataclass(frozen=True, slots=True)
class ApiTokens:
    """The life of tokens: make, find, list, revoke. Times are POSIX seconds."""

    storage: Storage

    async def make(
        self, staff: str, name: str, scopes: Sequence[Scope], *, days: int, now: int
    ) -> tuple[str, ApiToken]:
        """
        Make a token for a member's own use.

        Returns:
            The token, ``lrt_`` and 64 hex digits, which is shown once; and what is kept of it.
        """
        token = PREFIX + secrets.token_hex(32)
        kept = ApiToken(session_id(token), name, staff, tuple(scopes), now, now + days * _DAY_SECONDS)
        async with self.storage.write() as connection:
            await rows.delete_old_tokens(connection, before=now - _KEPT_DAYS * _DAY_SECONDS)
            await rows.save_token(connection, kept)
        return token, kept

    async def find(self, token: str, scope: Scope, *, now: int) -> ApiToken:
        """
        Find what a token may do, and note that it is in use.

        Raises:
            TokenOver: There is none, or no longer.
            WrongScope: It is for something else.
        """
        if _TOKEN.fullmatch(token) is None:
            raise TokenOver
        async with self.storage.read() as connection:
            found = await rows.load_token(connection, session_id(token))
        if found is None or found.revoked_at is not None or now >= found.expires_at:
            raise TokenOver
        if scope not in found.scopes:
            raise WrongScope
        if now - (found.used_at or 0) >= _TOUCH_SECONDS:
            async with self.storage.write() as connection:
                await rows.touch_token(connection, found.digest, at=now)
        return found

    async def list(self, staff: str) -> Sequence[ApiToken]:
        """List a member's tokens, those that have ended lately among them."""
        async with self.storage.read() as connection:
            return await rows.tokens_of(connection, staff)

    async def revoke(self, staff: str, *, now: int, digest: str | None = None) -> None:
        """Take one of a member's tokens out of use, or all of them; another member's is left alone."""
        async with self.storage.write() as connection:
            await rows.revoke_tokens(connection, staff, at=now, digest=digest)


def is_api_token(token: str | None) -> bool:
    """Say whether a bearer is a program's, so that it is not looked for among sessions."""
    return token is not None and token.startswith(PREFIX)
