"""What the routes work with, and the few checks that all of them share."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from keys.codes import mailbox_id
from keys.errors import Refused
from keys.ids import format_time
from keys.sealed import Line, check_part, part_digest
from keys.statements import Statement, read_statement
from relay.domain.in_force import InForce, WrongRelay
from relay.http.calls import FamilyCaller, InvitedCaller, MachineCaller, NotSignedIn, StaffCaller, bearer
from relay.http.limits import ProofOfWork
from relay.http.sessions import ChallengeStore, SessionOver, Sessions, session_id, token_of
from relay.http.tokens import ApiTokens, Scope, TokenOver, is_api_token
from relay.ledger.door import Ledger
from relay.storage.engine import Storage
from relay.storage.parts import Part

SEALED = "application/vnd.letter-relay.sealed"
NOTE = "application/vnd.letter-relay.note"
PARTS = "application/vnd.letter-relay.parts"
_INVITE_SECRET: Final = re.compile(r"lri_[0-9a-f]{64}")


class DigestDiffers(Refused):
    """These bytes do not have the digest that the address names."""

    code = "digest_differs"
    cure = "The file was damaged on the way; send it again."


class UnknownPart(Refused):
    """There is no such sealed file, or it is not yours to open."""

    code = "unknown_part"
    cure = "Reload the list and take the digests from there."


class WrongKind(Refused):
    """This address does not take statements of that kind."""

    code = "wrong_kind"
    cure = "Send it to the address that /docs names for that kind of statement."


class NotTheSigner(Refused):
    """The statement is signed by somebody else than who is signed in."""

    code = "not_the_signer"
    cure = "Sign the statement with your own key, in your own session."


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A statement whose signature has been verified, with its digest and the key (vkey) that signed it."""

    statement: Statement
    digest: str
    vkey: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes that a request may have, in bytes."""

    part0_bytes: int = 131_072
    enclosure_bytes: int = 4_194_304

    @property
    def sealed_bytes(self) -> int:
        """A sealed enclosure at its largest: the padding and the age format add a little."""
        return self.enclosure_bytes + self.enclosure_bytes // 8 + 65_536


async def _no_figures() -> bytes:
    return b""


@dataclass(frozen=True, slots=True)
class Services:
    """
    What the routes work with.

    Attributes:
        work: The proof of work that a letter has to carry; None where it is switched off.
        has_room: Whether the disk has more room than what custody itself must never be short of.
        operator_token: SHA-256 (hex) of the token that `init` wrote for the operator's commands.
        figures: Takes stock, and writes down the metrics of this process, as Prometheus reads them.
    """

    storage: Storage
    ledger: Ledger
    sessions: Sessions
    challenges: ChallengeStore
    limits: Limits
    work: ProofOfWork | None
    operator_token: str
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    figures: Callable[[], Awaitable[bytes]] = _no_figures
    has_room: Callable[[], bool] = lambda: True

    @property
    def now(self) -> int:
        """Now, in whole POSIX seconds, as sessions, challenges and proofs of work count it."""
        return int(self.clock().timestamp())

    @property
    def at(self) -> str:
        """Now, UTC, as the formats write it."""
        return format_time(self.clock())

    @property
    def tokens(self) -> ApiTokens:
        """The tokens of other programs."""
        return ApiTokens(self.storage)

    async def end_all_of(self, staff: str) -> None:
        """End a member's sessions and revoke the tokens of their programs, at once."""
        await self.sessions.end_all(staff)
        await self.tokens.revoke(staff, now=self.now)

    @property
    def relay(self) -> str:
        """The relay id."""
        return self.ledger.head.relay

    @property
    def in_force(self) -> InForce:
        """Who has authority now."""
        return self.ledger.in_force


@dataclass(frozen=True, slots=True)
class Callers:
    """Says who is calling: a mailbox by its locator, staff by their session, the operator's commands by their token."""

    services: Services

    async def family(self, _request: web.Request, locator: bytes) -> FamilyCaller:
        """Name the mailbox of a locator."""
        return FamilyCaller(mailbox_id(locator))

    async def staff(self, request: web.Request) -> StaffCaller:
        """
        Name the member of staff whose session this is, with the power they have now.

        Raises:
            NotSignedIn, SessionOver: As they say; a suspended member's session is over.
        """
        services = self.services
        session = await services.sessions.find(token_of(request), now=services.now)
        in_force = services.in_force
        if session.staff in in_force.suspended:
            await services.end_all_of(session.staff)
            raise SessionOver
        return self._with_power(session.staff, session.id)

    async def scoped(self, request: web.Request, scope: str) -> StaffCaller:
        """
        Name the member of staff whose session this is, or who made this token for this scope.

        Raises:
            TokenOver, WrongScope: It is a token, and not good for this.
            NotSignedIn, SessionOver: As `staff`.
        """
        token, services = bearer(request), self.services
        if token is None or not is_api_token(token):
            return await self.staff(request)
        found = await services.tokens.find(token, Scope(scope), now=services.now)
        if found.staff in services.in_force.suspended:
            raise TokenOver
        return self._with_power(found.staff, found.digest)

    def _with_power(self, staff: str, session: str) -> StaffCaller:
        services = self.services
        member = services.in_force.opened(at=services.at).member(staff)
        return StaffCaller(
            id=member.id,
            person=member.person,
            roles=frozenset(member.roles),
            desks=frozenset(member.desks),
            session=session,
        )

    async def machine(self, request: web.Request) -> MachineCaller:
        """
        Recognise the operator's commands by the token in the data folder.

        Raises:
            NotSignedIn: It is another token.
        """
        token = bearer(request)
        if token is None or session_id(token) != self.services.operator_token:
            raise NotSignedIn
        return MachineCaller("operator")

    async def invited(self, request: web.Request) -> InvitedCaller:
        """
        Recognise the secret of an invite by its form.

        Raises:
            NotSignedIn: It is none.
        """
        secret = bearer(request)
        if secret is None or _INVITE_SECRET.fullmatch(secret) is None:
            raise NotSignedIn
        return InvitedCaller(session_id(secret))


def checked_part(data: bytes, digest: str, *, relay: str) -> Part:
    """
    Check a sealed file without any key, and make the row it is kept as.

    Raises:
        DigestDiffers: It is not the file that was named.
        WrongRelay: It was sealed for another relay.
        Malformed: It is not a sealed letter, enclosure or document.
    """
    if part_digest(data) != digest:
        raise DigestDiffers
    line = check_part(data)
    if line.relay != relay:
        raise WrongRelay
    return part_of(data, digest, line)


def part_of(data: bytes, digest: str, line: Line) -> Part:
    """Make the row of a sealed file that has been checked."""
    text = data[: data.index(b"\n")].decode("ascii")
    return Part(digest, line.item, text, data)


def signed_by(caller: StaffCaller, note: bytes, kinds: frozenset[str], in_force: InForce, *, at: str) -> SignedNote:
    """
    Read a statement, and verify that the caller signed it with the key the directory in force has.

    Raises:
        WrongKind, WrongRelay, NotTheSigner: As they say.
        NoteMalformed, StatementMalformed, SignatureInvalid, NoteUnsigned: It is no statement by that key.
    """
    unverified = read_statement(note)
    if unverified.statement.kind not in kinds:
        raise WrongKind
    if in_force.trust is None or unverified.statement.relay != in_force.trust.relay:
        raise WrongRelay
    if unverified.staff != caller.id:
        raise NotTheSigner
    member = in_force.opened(at=at).member(caller.id)
    return SignedNote(unverified.verified_by(member.verifier), part_digest(note), member.vkey)
