"""What all staff call: sign in by a signed statement, open desk keys, upload and fetch sealed files."""

from base64 import b64encode
from typing import Annotated

from pydantic import Field

from keys.ageheader import HeaderMalformed, parse_header
from keys.directory import UnknownStaff
from keys.errors import Malformed
from keys.hybrid import HYBRID_STANZA
from keys.notes import NoteMalformed, NoteUnsigned
from keys.sealed import ForeignStanza, parse_document_line, part_digest
from keys.statements import StatementMalformed, read_statement
from keys.vkeys import SignatureInvalid
from relay.domain.in_force import DirectoryOver, DirectoryUnknown, WrongRelay
from relay.domain.items import Item
from relay.domain.refusals import SuspendedKey
from relay.domain.states import Role, State
from relay.http.calls import Audience, Call, StaffCaller, Strict
from relay.http.endpoints import BodyTooLarge, Endpoint, Json, Media, NotFound, Raw
from relay.http.frames import MOST_PARTS, FramesMalformed, join_frames, split_frames
from relay.http.services import (
    NOTE,
    PARTS,
    SEALED,
    DigestDiffers,
    Services,
    UnknownPart,
    WrongKind,
    checked_part,
)
from relay.http.sessions import ChallengeSpent, SessionOver, issue_challenge, spend_challenge
from relay.http.shapes import SEALED_FAULTS, DigestPath, StaffPath
from relay.storage.engine import StorageUnavailable
from relay.storage.items import load_items
from relay.storage.parts import Part, load_parts, store_parts
from relay.storage.staff import load_desk_keys, load_keyring, save_keyring

EVERYBODY = frozenset(role.value for role in Role)
#: Whoever handles letters.
HANDLERS = frozenset({Role.REVIEWER, Role.SENIOR, Role.DISPATCHER, Role.OFFICER})
_UPLOADERS = frozenset({*HANDLERS, Role.REGISTRAR})
#: From the bag on. What has only been passed may still be sent elsewhere.
_AT_DESTINATION = frozenset(
    {State.BAGGED, State.MISSING, State.RECEIVED, State.DELIVERED, State.REFUSED, State.UNDELIVERABLE}
)
_FRAMED_BYTES = 8 * 1_048_576


class SessionPath(Strict):
    """Which session: its id, 64 hexadecimal digits."""

    session: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Who(Strict):
    """Who wants to sign in."""

    staff: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class ChallengeAnswer(Strict):
    """What a sign-in statement has to name, and until when (POSIX seconds)."""

    challenge: str
    expires_at: int


class SignedIn(Strict):
    """A session's token, which is shown only now, and when the session ends at the latest (POSIX seconds)."""

    token: str
    staff: str
    ends_at: int


class Me(Strict):
    """
    Who is signed in, with the power that the directory in force gives to them.

    `ends_at` is when the session ends if it is not used again (POSIX seconds).
    """

    staff: str
    person: str
    roles: list[str]
    desks: list[str]
    ends_at: int


class SessionAnswer(Strict):
    """One session, by its id; its token is known to nobody but the device it was given to."""

    id: str
    created_at: int
    seen_at: int


class SessionsAnswer(Strict):
    """All sessions of one member."""

    sessions: list[SessionAnswer]


class DeskKeyAnswer(Strict):
    """A desk's key of one epoch, sealed to whoever asks."""

    desk: str
    epoch: int
    sealed: str


class DeskKeysAnswer(Strict):
    """All desk keys sealed to whoever asks."""

    keys: list[DeskKeyAnswer]


class Digests(Strict):
    """Sealed files by their digests."""

    digests: Annotated[list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]], Field(max_length=MOST_PARTS)]


class StaffEndpoints:
    """The endpoints that all staff share."""

    def __init__(self, services: Services) -> None:
        """Take what they work with."""
        self._services = services

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Describe them."""
        return (*self._sign_in(), *self._sessions(), *self._files())

    def _sign_in(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/keyrings/{staff}",
                name="keyring",
                summary="A member's keyring, sealed to their staff code",
                audience=Audience.PUBLIC,
                handler=self.keyring,
                path_model=StaffPath,
                answer=Media("application/octet-stream"),
                errors=(NotFound,),
                rate="sign_ins",
            ),
            Endpoint(
                method="POST",
                path="/sign-in/challenges",
                name="sign_in_challenge",
                summary="Ask for a challenge to sign",
                audience=Audience.PUBLIC,
                handler=self.challenge,
                body=Json(Who),
                answer=ChallengeAnswer,
                errors=(StorageUnavailable,),
                rate="sign_ins",
            ),
            Endpoint(
                method="POST",
                path="/sign-in",
                name="sign_in",
                summary="Sign in with a signed challenge",
                audience=Audience.PUBLIC,
                handler=self.sign_in,
                body=Raw(NOTE, 8_192),
                answer=SignedIn,
                errors=(
                    ChallengeSpent,
                    WrongKind,
                    WrongRelay,
                    SuspendedKey,
                    DirectoryOver,
                    DirectoryUnknown,
                    UnknownStaff,
                    NoteMalformed,
                    NoteUnsigned,
                    StatementMalformed,
                    SignatureInvalid,
                    StorageUnavailable,
                    Malformed,
                ),
                rate="sign_ins",
            ),
        )

    def _sessions(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/staff/session",
                name="staff_session",
                summary="Who am I, and what may I do?",
                audience=Audience.STAFF,
                roles=EVERYBODY,
                handler=self.me,
                answer=Me,
                errors=(DirectoryOver, UnknownStaff),
            ),
            Endpoint(
                method="GET",
                path="/staff/sessions",
                name="staff_sessions",
                summary="Where am I signed in?",
                audience=Audience.STAFF,
                roles=EVERYBODY,
                handler=self.list_sessions,
                answer=SessionsAnswer,
                errors=(DirectoryOver, UnknownStaff),
            ),
            Endpoint(
                method="DELETE",
                path="/staff/sessions/{session}",
                name="staff_end_session",
                summary="Sign out, here or on another device",
                audience=Audience.STAFF,
                roles=EVERYBODY,
                handler=self.end_session,
                path_model=SessionPath,
                ok=204,
                errors=(DirectoryOver, UnknownStaff),
            ),
            Endpoint(
                method="PUT",
                path="/staff/keyring",
                name="staff_put_keyring",
                summary="Keep my keyring, sealed anew",
                description="To the staff code and to each passkey: an age file with post-quantum recipients alone.",
                audience=Audience.STAFF,
                roles=EVERYBODY,
                handler=self.put_keyring,
                body=Raw("application/octet-stream", 65_536),
                ok=204,
                errors=(DirectoryOver, UnknownStaff, HeaderMalformed, ForeignStanza),
            ),
            Endpoint(
                method="GET",
                path="/staff/desk-keys",
                name="staff_desk_keys",
                summary="The keys of my desks, sealed to me",
                audience=Audience.STAFF,
                roles=EVERYBODY,
                handler=self.desk_keys,
                answer=DeskKeysAnswer,
                errors=(DirectoryOver, UnknownStaff),
            ),
        )

    def _files(self) -> tuple[Endpoint, ...]:
        limits = self._services.limits
        return (
            Endpoint(
                method="PUT",
                path="/staff/parts/{digest}",
                name="staff_put_part",
                summary="Upload a sealed file",
                audience=Audience.STAFF,
                roles=_UPLOADERS,
                handler=self.put_part,
                path_model=DigestPath,
                body=Raw(SEALED, limits.sealed_bytes),
                ok=204,
                errors=(DigestDiffers, WrongRelay, DirectoryOver, UnknownStaff, *SEALED_FAULTS),
            ),
            Endpoint(
                method="POST",
                path="/staff/parts",
                name="staff_post_parts",
                summary="Upload many sealed files at once, each behind its length (u32, big-endian)",
                audience=Audience.STAFF,
                roles=_UPLOADERS,
                handler=self.put_parts,
                body=Raw(PARTS, _FRAMED_BYTES),
                answer=Digests,
                errors=(FramesMalformed, WrongRelay, DirectoryOver, UnknownStaff, *SEALED_FAULTS),
            ),
            Endpoint(
                method="POST",
                path="/staff/parts/fetch",
                name="staff_fetch_parts",
                summary="Fetch many sealed files at once, each behind its length (u32, big-endian)",
                description="All of them, in the order asked for, or none.",
                audience=Audience.STAFF,
                roles=_UPLOADERS,
                handler=self.fetch_parts,
                body=Json(Digests),
                answer=Media(PARTS),
                errors=(UnknownPart, BodyTooLarge, DirectoryOver, UnknownStaff),
            ),
        )

    async def keyring(self, call: Call[None, None, None, StaffPath]) -> bytes:
        """Give a keyring; without the code it opens to nobody."""
        async with self._services.storage.read() as connection:
            keyring = await load_keyring(connection, call.path.staff)
        if keyring is None:
            raise NotFound
        return keyring

    async def put_keyring(self, call: Call[StaffCaller, bytes]) -> None:
        """Keep the caller's keyring, sealed anew, in place of the one before."""
        header = parse_header(call.body)
        if any(stanza.type != HYBRID_STANZA for stanza in header.stanzas):
            raise ForeignStanza
        async with self._services.storage.write() as connection:
            await save_keyring(connection, call.caller.id, call.body)

    async def challenge(self, call: Call[None, Who]) -> ChallengeAnswer:
        """Make a challenge."""
        challenge = await issue_challenge(self._services.challenges, call.body.staff, now=self._services.now)
        return ChallengeAnswer(challenge=challenge.value, expires_at=challenge.expires_at)

    async def sign_in(self, call: Call[None, bytes]) -> SignedIn:
        """Verify a sign-in statement and begin a session."""
        services, now = self._services, self._services.now
        unverified = read_statement(call.body)
        if unverified.statement.kind != "sign-in" or unverified.staff is None:
            raise WrongKind
        member = services.in_force.signer_of(unverified.statement, unverified.staff, at=services.at)
        statement = unverified.verified_by(member.verifier)
        await spend_challenge(services.challenges, statement.fields["challenge"], member.id, now=now)
        token = await services.sessions.open(member.id, now=now)
        return SignedIn(token=token, staff=member.id, ends_at=now + services.sessions.absolute_seconds)

    async def me(self, call: Call[StaffCaller]) -> Me:
        """Say who is signed in."""
        caller, sessions = call.caller, self._services.sessions
        session = await sessions.store.get(caller.session)
        if session is None:
            raise SessionOver
        return Me(
            staff=caller.id,
            person=caller.person,
            roles=sorted(caller.roles),
            desks=sorted(caller.desks),
            ends_at=sessions.ends_at(session),
        )

    async def list_sessions(self, call: Call[StaffCaller]) -> SessionsAnswer:
        """List the caller's sessions."""
        found = await self._services.sessions.store.list(call.caller.id)
        return SessionsAnswer(
            sessions=[SessionAnswer(id=one.id, created_at=one.created_at, seen_at=one.seen_at) for one in found]
        )

    async def end_session(self, call: Call[StaffCaller, None, None, SessionPath]) -> None:
        """End one of the caller's sessions."""
        await self._services.sessions.end(call.path.session, staff=call.caller.id)

    async def desk_keys(self, call: Call[StaffCaller]) -> DeskKeysAnswer:
        """Give the desk keys that are sealed to the caller."""
        async with self._services.storage.read() as connection:
            rows = await load_desk_keys(connection, holder=f"staff/{call.caller.id}")
        return DeskKeysAnswer(
            keys=[DeskKeyAnswer(desk=desk, epoch=epoch, sealed=b64encode(key).decode()) for desk, epoch, key in rows]
        )

    async def put_part(self, call: Call[StaffCaller, bytes, None, DigestPath]) -> None:
        """Keep a sealed file for a statement to come."""
        part = checked_part(call.body, call.path.digest, relay=self._services.relay)
        async with self._services.storage.write() as connection:
            await store_parts(connection, [part], at=self._services.at)

    async def put_parts(self, call: Call[StaffCaller, bytes]) -> Digests:
        """Keep many sealed files for a statement to come."""
        relay = self._services.relay
        parts = [checked_part(data, part_digest(data), relay=relay) for data in split_frames(call.body)]
        async with self._services.storage.write() as connection:
            await store_parts(connection, parts, at=self._services.at)
        return Digests(digests=[part.digest for part in parts])

    async def fetch_parts(self, call: Call[StaffCaller, Digests]) -> bytes:
        """Give many sealed files, if all of them are the caller's to open."""
        async with self._services.storage.read() as connection:
            found = await load_parts(connection, call.body.digests)
            items = await load_items(connection, {part.item for part in found.values() if part.item is not None})
        if len(found) != len(set(call.body.digests)):
            raise UnknownPart
        for part in found.values():
            item = items.get(part.item or "")
            if not _may_open(call.caller, part, item[0] if item else None):
                raise UnknownPart
        if sum(len(found[digest].sealed) for digest in call.body.digests) > 4 * _FRAMED_BYTES:
            raise BodyTooLarge
        return join_frames(found[digest].sealed for digest in call.body.digests)


def _may_open(caller: StaffCaller, part: Part, item: Item | None) -> bool:
    """
    Say whether a sealed file is for a desk of the caller.

    The seal is what protects it; this keeps even ciphertext from those who have no business with it.
    """
    if item is None:
        if not part.line.startswith("letter-relay/document/v1 "):
            return False
        return not parse_document_line(part.line.encode()).desks.isdisjoint(caller.desks)
    if item.desk in caller.desks:
        return True
    return item.destination in caller.desks and item.state in _AT_DESTINATION and part.digest in item.parts
