"""What other programs need: tokens that operators and auditors make for them, and the figures of the process."""

from typing import Annotated

from pydantic import Field

from keys.directory import UnknownStaff
from relay.domain import in_force
from relay.domain.refusals import WrongRole
from relay.domain.states import Role
from relay.http.calls import Audience, Call, StaffCaller, Strict
from relay.http.endpoints import Endpoint, Json, Media
from relay.http.services import Services
from relay.http.shapes import DigestPath
from relay.http.tokens import SCOPE_ROLES, Scope
from relay.storage.tokens import ApiToken

_MAKERS = frozenset({Role.OPERATOR, Role.AUDITOR})
_FAULTS = (in_force.DirectoryOver, UnknownStaff)


class TokenBody(Strict):
    """A token to be made: what to call it, what it is for, and for how many days."""

    label: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    scopes: Annotated[list[Annotated[str, Field(pattern="^(audit|metrics)$")]], Field(min_length=1, max_length=2)]
    days: Annotated[int, Field(ge=1, le=366)]


class TokenAnswer(Strict):
    """A token by its id, which is its SHA-256; `token` itself is shown only when it is made. POSIX seconds."""

    id: str
    label: str
    scopes: list[str]
    created_at: int
    expires_at: int
    used_at: int | None = None
    revoked_at: int | None = None
    token: str | None = None


class TokensAnswer(Strict):
    """All tokens of one member."""

    tokens: list[TokenAnswer]


class Programs:
    """The endpoints of tokens, and of what only programs read."""

    def __init__(self, services: Services) -> None:
        """Take what they work with."""
        self._services = services

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Describe them."""
        return (
            Endpoint(
                method="POST",
                path="/staff/tokens",
                name="make_token",
                summary="Make a token for a program of mine, with less than my power",
                audience=Audience.STAFF,
                roles=_MAKERS,
                handler=self.make,
                body=Json(TokenBody),
                answer=TokenAnswer,
                errors=_FAULTS,
            ),
            Endpoint(
                method="GET",
                path="/staff/tokens",
                name="tokens",
                summary="Which tokens have I made?",
                audience=Audience.STAFF,
                roles=_MAKERS,
                handler=self.list_tokens,
                answer=TokensAnswer,
                errors=_FAULTS,
            ),
            Endpoint(
                method="DELETE",
                path="/staff/tokens/{digest}",
                name="revoke_token",
                summary="Take a token of mine out of use",
                audience=Audience.STAFF,
                roles=_MAKERS,
                handler=self.revoke,
                path_model=DigestPath,
                ok=204,
                errors=_FAULTS,
            ),
            Endpoint(
                method="GET",
                path="/operator/metrics",
                name="metrics",
                summary="The figures of the process, for Prometheus",
                description=(
                    "The same as on the port that the settings name: calls by route and status, refusals by code, "
                    "items that wait by state, and storage; never by caller, desk or number."
                ),
                audience=Audience.STAFF,
                roles=frozenset({Role.OPERATOR}),
                scope=Scope.METRICS,
                handler=self.metrics,
                answer=Media("text/plain; version=0.0.4; charset=utf-8"),
                errors=_FAULTS,
            ),
        )

    async def make(self, call: Call[StaffCaller, TokenBody]) -> TokenAnswer:
        """Make a token of some of the caller's own power."""
        services, caller, body = self._services, call.caller, call.body
        scopes = [Scope(one) for one in dict.fromkeys(body.scopes)]
        if any(SCOPE_ROLES[scope] not in caller.roles for scope in scopes):
            raise WrongRole
        token, kept = await services.tokens.make(caller.id, body.label, scopes, days=body.days, now=services.now)
        return _answer(kept, token)

    async def list_tokens(self, call: Call[StaffCaller]) -> TokensAnswer:
        """List the caller's tokens."""
        return TokensAnswer(tokens=[_answer(one) for one in await self._services.tokens.list(call.caller.id)])

    async def revoke(self, call: Call[StaffCaller, None, None, DigestPath]) -> None:
        """Revoke one of the caller's tokens."""
        services = self._services
        await services.tokens.revoke(call.caller.id, now=services.now, digest=call.path.digest)

    async def metrics(self, _: Call[StaffCaller]) -> bytes:
        """Give the figures."""
        return await self._services.figures()


def _answer(token: ApiToken, secret: str | None = None) -> TokenAnswer:
    return TokenAnswer(
        id=token.digest,
        label=token.name,
        scopes=list(token.scopes),
        created_at=token.created_at,
        expires_at=token.expires_at,
        used_at=token.used_at,
        revoked_at=token.revoked_at,
        token=secret,
    )
