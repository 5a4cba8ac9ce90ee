"""The tokens of a member's programs, each with some of the member's own power, made and revoked in a session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keys.canonical import encode_json
from relay.client.answers import integer_of, objects_of, text_of
from relay.client.faults import AnswerMalformed
from relay.client.staff import StaffSession
from relay.client.transport import JSON


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token of another program; `token` itself only when it has just been made. Times in POSIX seconds."""

    id: str
    name: str
    scopes: tuple[str, ...]
    expires_at: int
    used_at: int | None
    revoked_at: int | None
    token: str | None = field(default=None, repr=False)


async def make_token(session: StaffSession, name: str, scopes: Sequence[str], *, days: int) -> TokenInfo:
    """
    Make a token for a program of this member's.

    Args:
        name: What to call it: lower-case letters, digits, dots and dashes.
        scopes: ``audit``, ``metrics``: some of this member's own power.
        days: For how long.
    """
    members = {"label": name, "scopes": list(scopes), "days": days}
    # Not sent twice: each request makes a token, and one whose answer was lost would stay.
    answer = await session.connection.send(
        "POST",
        "/staff/tokens",
        encode_json(members).encode(),
        media_type=JSON,
        bearer=session.bearer,
        repeat=False,
    )
    return _token_info(answer.json())


async def list_tokens(session: StaffSession) -> list[TokenInfo]:
    """List this member's tokens."""
    return [_token_info(one) for one in objects_of(await session.get("/staff/tokens"), "tokens")]


async def revoke_token(session: StaffSession, token: str) -> None:
    """Take a token of this member's out of use, by its id."""
    await session.connection.send("DELETE", f"/staff/tokens/{token}", bearer=session.bearer)


def _token_info(members: Mapping[str, Any]) -> TokenInfo:
    scopes = members.get("scopes")
    if not isinstance(scopes, list) or not all(isinstance(one, str) for one in scopes):
        raise AnswerMalformed
    return TokenInfo(
        id=text_of(members, "id"),
        name=text_of(members, "label"),
        scopes=tuple(scopes),
        expires_at=integer_of(members, "expires_at"),
        used_at=integer_of(members, "used_at") if "used_at" in members else None,
        revoked_at=integer_of(members, "revoked_at") if "revoked_at" in members else None,
        token=text_of(members, "token") if "token" in members else None,
    )
