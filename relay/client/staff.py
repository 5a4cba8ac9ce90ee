"""
A member of staff at work: signed in by a statement, with the keys of their desks, signing what they decide.

A desk's key is taken only if the pinned directory has its public half, and a statement is signed only over events
whose bytes this client has hashed itself. The session's token opens queues; it cannot decide anything.
"""

import binascii
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from keys.canonical import encode_json
from keys.directory import Directory, StaffMember
from keys.errors import Refused
from keys.hybrid import HybridIdentity
from keys.ids import new_id
from keys.keyrings import DeskKey, StaffRoot, check_staff_root, open_desk_key
from keys.sealed import (
    DocumentLine,
    OpenedDocument,
    StaffAuthor,
    open_document,
    part_digest,
    seal_document,
)
from keys.statements import MAX_SUBJECTS, Statement, Subject, sign_statement
from relay.client.answers import Move, PartSize, Row, integer_of, objects_of, read_moves, read_rows, text_of
from relay.client.faults import AnswerMalformed
from relay.client.framing import MAX_FRAME_BYTES, MEDIA_TYPE, batch_parts, encode_parts, parse_parts
from relay.client.sealing import Sealer, current_epoch, signing_key
from relay.client.transport import JSON, NOTE, SEALED, Connection
from relay.client.trustbook import TrustBook

#: One fetch stays well below what the relay gives at once.
_FETCH_BYTES: Final = 16 * 1024 * 1024
#: What a file weighs whose size nobody has told.
_UNKNOWN_SIZE_BYTES: Final = 64 * 1024


class NotSignedIn(Refused):
    """This session has not been signed in."""

    code = "sign_in_first"
    cure = "Sign in first; the commands do it by themselves."


class NoDeskKey(Refused):
    """None of this desk's keys is sealed to you."""

    code = "no_desk_key"
    cure = "Ask a member of the desk to admit you: `letter-relay desk admit`."


class PartsDiffer(Refused):
    """The relay gave other sealed files than those that were asked for."""

    code = "parts_not_asked_for"
    cure = "Fetch them again; if they differ again, sign nothing about these items and tell the operators."


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One device on which the member is signed in; times in POSIX seconds."""

    id: str
    created_at: int
    seen_at: int


@dataclass(frozen=True, slots=True)
class DeskKeys:
    """A desk's identities by epoch; the newest opens new letters, older ones older letters."""

    desk: str
    by_epoch: Mapping[int, HybridIdentity] = field(repr=False)

    @property
    def identities(self) -> tuple[HybridIdentity, ...]:
        """All of them, newest first."""
        return tuple(self.by_epoch[epoch] for epoch in sorted(self.by_epoch, reverse=True))

    def for_line(self, to: Sequence[str]) -> tuple[HybridIdentity, ...]:
        """
        Give those that open a file sealed to these ``desk/epoch`` names.

        Trying every epoch would cost a decapsulation each; the line says which one fits.
        """
        named = {name.partition("/")[2] for name in to if name.partition("/")[0] == self.desk}
        return tuple(identity for epoch, identity in self.by_epoch.items() if str(epoch) in named)


class StaffSession:
    """One member of staff, signed in at one relay."""

    def __init__(self, connection: Connection, trustbook: TrustBook, root: StaffRoot) -> None:
        """
        Take the member's secret, as `relay.client.operators.unlock` opened it.

        Raises:
            KeyNotInDirectory: The pinned directory has other keys for this member, or none.
            NothingSeen: The trust book was not refreshed.
        """
        check_staff_root(root, trustbook.directory)
        self.connection: Final = connection
        self.trustbook: Final = trustbook
        self.root: Final = root
        # Deriving signer and identity costs a millisecond; a benchmark signs a thousand statements a second.
        self.signer: Final = root.signer
        self.sealer: Final = Sealer(root.staff, signing_key(root))
        self._identity = root.keys.identity
        self._token: str | None = None
        self._desks: dict[str, DeskKeys] = {}

    @property
    def directory(self) -> Directory:
        """The directory in force, as last fetched."""
        return self.trustbook.directory

    @property
    def member(self) -> StaffMember:
        """This member, as the directory has them."""
        return self.directory.member(self.root.staff)

    @property
    def bearer(self) -> str:
        """
        The session's token.

        Raises:
            NotSignedIn: There is none.
        """
        if self._token is None:
            raise NotSignedIn
        return self._token

    # ---------------------------------------------------------------- sessions

    async def sign_in(self) -> None:
        """
        Sign in: a challenge, a statement over it, a token.

        Raises:
            ProblemAnswered: The relay does not know this member, or the key was suspended.
        """
        members = {"staff": self.root.staff}
        challenge = (await self.connection.post_json("/sign-in/challenges", members)).json()
        note = self.sign("sign-in", (), challenge=text_of(challenge, "challenge"))
        # Not sent twice: the challenge is spent by the first.
        answer = await self.connection.send("POST", "/sign-in", note, media_type=NOTE, repeat=False)
        self._token = text_of(answer.json(), "token")

    async def sessions(self) -> list[SessionInfo]:
        """List where this member is signed in."""
        found = objects_of(await self.get("/staff/sessions"), "sessions")
        return [
            SessionInfo(text_of(one, "id"), integer_of(one, "created_at"), integer_of(one, "seen_at")) for one in found
        ]

    @property
    def session_id(self) -> str:
        """This session's own id, as `sessions` lists it: the SHA-256 of its token."""
        return hashlib.sha256(self.bearer.encode()).hexdigest()

    async def sign_out(self) -> None:
        """End this session."""
        await self.end_session(self.session_id)
        self._token = None

    async def end_session(self, session: str) -> None:
        """End a session, here or on another device."""
        await self.connection.send("DELETE", f"/staff/sessions/{session}", bearer=self.bearer)

    # ---------------------------------------------------------------- desk keys

    async def open_desks(self) -> dict[str, DeskKeys]:
        """
        Fetch the desk keys that are sealed to this member, and open them.

        Raises:
            KeyNotInDirectory: A key's public half is not in the directory; nothing sealed to it is to be believed.
            AnswerMalformed, Malformed, WrongKey: What was given is no desk key of this member's.
        """
        found: dict[str, dict[int, HybridIdentity]] = {}
        for key in await self.fetch_desk_keys():
            found.setdefault(key.desk, {})[key.epoch] = key.identity
        self._desks = {desk: DeskKeys(desk, by_epoch) for desk, by_epoch in found.items()}
        return self._desks

    async def fetch_desk_keys(self) -> list[DeskKey]:
        """
        Fetch the desk keys that are sealed to this member, and give them whole, to be sealed on.

        What the directory does not have yet, or no more, is left alone: a colleague has made a new epoch that the
        operators have not published, or a desk has been closed. Raises as `open_desks`.
        """
        answered = objects_of(await self.get("/staff/desk-keys"), "keys")
        listed = [one for one in answered if _is_listed(self.directory, text_of(one, "desk"), integer_of(one, "epoch"))]
        return [open_desk_key(sealed_of(one), [self._identity], directory=self.directory) for one in listed]

    async def show_recipient(self) -> None:
        """Show colleagues what desk keys are to be sealed to for this member; the directory has its digest."""
        members = {"recipient": str(self._identity.recipient())}
        await self.connection.put_json("/staff/recipient", members, bearer=self.bearer)

    def desk_keys(self, desk: str) -> DeskKeys:
        """
        Give a desk's identities, once `open_desks` was called.

        Raises:
            NoDeskKey: None is sealed to this member.
        """
        try:
            return self._desks[desk]
        except KeyError:
            raise NoDeskKey from None

    # ---------------------------------------------------------------- statements

    def sign(self, kind: str, subjects: Sequence[Subject], **fields: Any) -> bytes:
        """
        Sign a statement of this member's; fields that are None are left out.

        Raises:
            StatementMalformed: It breaks a rule of its kind (`keys.statements.FIELDS`).
        """
        return self.sign_prepared(self.statement(kind, subjects, **fields))

    def sign_prepared(self, statement: Statement) -> bytes:
        """Sign a statement that `statement` made; raises as `sign`."""
        return sign_statement(statement, self.signer)

    def statement(self, kind: str, subjects: Sequence[Subject], **fields: Any) -> Statement:
        """Make a statement of this member's without signing it."""
        return Statement(
            kind=kind,
            relay=self.root.relay,
            directory=self.directory.version,
            signed_at=self.trustbook.clock(),
            subjects=tuple(subjects),
            fields={key: value for key, value in fields.items() if value is not None},
        )

    async def submit(self, path: str, kind: str, subjects: Sequence[Subject], **fields: Any) -> list[Move]:
        """
        Sign a statement over up to 500 items, send it, and require that it moved exactly what was signed.

        Args:
            path: ``/review/statements``, ``/facility/statements`` or ``/facility/replies``.
            kind: See `keys.statements.FIELDS`.
            subjects: The items, in order; `Row.subject` makes them.
            fields: The further keys of the kind.

        Raises:
            StatementMalformed: It breaks a rule of its kind.
            ProblemAnswered: The relay refused it; then none of the items was moved.
            RowDiffers: The answer is about other items.
        """
        note = self.sign(kind, subjects, **fields)
        return await self.send_statement(path, note, subjects)

    async def send_statement(self, path: str, note: bytes, subjects: Sequence[Subject]) -> list[Move]:
        """Send a statement that was signed before; raises as `submit`."""
        answer = await self.connection.send("POST", path, note, media_type=NOTE, bearer=self.bearer)
        return read_moves(answer.json(), subjects)

    async def office(self, kind: str, fields: Mapping[str, Any], *, rows: str | None = None) -> int:
        """
        Sign and send a statement that is about no item, and return its log index.

        Args:
            kind: ``register``, ``suspend`` or ``audited``.
            fields: The further keys of the kind.
            rows: For a register page, what `relay.domain.register.encode_rows` wrote.
        """
        members: dict[str, Any] = {"note": self.sign(kind, (), **fields).decode()}
        if rows is not None:
            members["rows"] = rows
        answer = await self.connection.post_json("/office/statements", members, bearer=self.bearer)
        return integer_of(answer.json(), "index")

    # ---------------------------------------------------------------- sealed files

    async def upload(self, parts: Iterable[bytes]) -> list[str]:
        """
        Upload sealed files, many in one request, and return their digests; sent twice they are kept once.

        Raises:
            PartsDiffer: The relay names other digests.
        """
        digests: list[str] = []
        for batch in batch_parts(tuple(parts)):
            expected = [part_digest(part) for part in batch]
            await self._upload_batch(batch, expected)
            digests += expected
        return digests

    async def _upload_batch(self, batch: Sequence[bytes], expected: Sequence[str]) -> None:
        framed = encode_parts(batch)
        if len(framed) > MAX_FRAME_BYTES:
            path = f"/staff/parts/{expected[0]}"
            await self.connection.send("PUT", path, batch[0], media_type=SEALED, bearer=self.bearer)
            return
        answer = await self.connection.send("POST", "/staff/parts", framed, media_type=MEDIA_TYPE, bearer=self.bearer)
        if answer.json().get("digests") != expected:
            raise PartsDiffer

    async def fetch(self, parts: Iterable[PartSize]) -> dict[str, bytes]:
        """
        Fetch sealed files, many in one request, and give them by digest.

        Args:
            parts: Which; their sizes decide how many are fetched at once.

        Raises:
            PartsDiffer: The relay gave other files.
            ProblemAnswered: One is unknown, or not for any of the member's desks.
        """
        found: dict[str, bytes] = {}
        for digests in _fetches({part.digest: part.bytes for part in parts}):
            answer = await self.connection.send(
                "POST", "/staff/parts/fetch", _digests(digests), media_type=JSON, bearer=self.bearer
            )
            files = parse_parts(answer.body)
            if [part_digest(file) for file in files] != digests:
                raise PartsDiffer
            found |= zip(digests, files, strict=True)
        return found

    def seal_document(
        self,
        kind: str,
        content: bytes,
        *,
        desk: str | Sequence[str],
        item: str | None = None,
        id_: str | None = None,
        version: int = 1,
    ) -> bytes:
        """
        Sign a document and seal it to the current keys of desks: a scan, a contact, a page of the register.

        Args:
            kind: See `keys.firstlines.DOCUMENT_READERS`.
            content: At most 4 MiB.
            desk: Who shall open it; several, if each shall.
            item: The item it belongs to, if it is one.
            id_: Names the document across its versions; random if None.
            version: One more than the last.
        """
        to = tuple(current_epoch(self.directory, one) for one in ([desk] if isinstance(desk, str) else desk))
        line = DocumentLine(
            relay=self.root.relay,
            kind=kind,
            id=id_ or self.new_id(),
            item=item,
            to=to,
            dir=self.directory.version,
            version=version,
        )
        return seal_document(
            line,
            content,
            author=StaffAuthor(self.root.staff),
            signer=self.sealer.key,
            recipients=[self.directory.recipient(one) for one in to],
        )

    def open_document(self, data: bytes, *, desk: str) -> OpenedDocument:
        """
        Open a document that is sealed to one of this member's desks; who signed it is for the caller to judge.

        Raises:
            Malformed, WrongKey, NoDeskKey: It cannot be opened.
        """
        return open_document(data, self.desk_keys(desk).identities)

    def new_id(self) -> str:
        """Make an id for a document or a bag."""
        return new_id(os.urandom)

    # ---------------------------------------------------------------- reading

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """Ask for a JSON object in this session."""
        return (await self.connection.get(path, bearer=self.bearer, query=query or None)).json()

    async def rows(self, path: str, **query: str) -> list[Row]:
        """Ask for a queue in this session; raises as `read_rows`."""
        return read_rows(await self.get(path, **query))


def after(rows: Sequence[Row], moves: Sequence[Move]) -> list[Row]:
    """Give rows as they stand after a statement over exactly them, in the same order."""
    return [row.moved(move) for row, move in zip(rows, moves, strict=True)]


def _fetches(sizes: Mapping[str, int]) -> Iterable[list[str]]:
    """Split what is to be fetched, so that one answer has at most 500 files and about 16 MiB."""
    batch: list[str] = []
    total = 0
    for digest, size in sizes.items():
        weight = size or _UNKNOWN_SIZE_BYTES
        if batch and (total + weight > _FETCH_BYTES or len(batch) == MAX_SUBJECTS):
            yield batch
            batch, total = [], 0
        batch.append(digest)
        total += weight
    if batch:
        yield batch


def _digests(digests: Sequence[str]) -> bytes:
    return encode_json({"digests": list(digests)}).encode()


def sealed_of(answered: Mapping[str, Any]) -> bytes:
    """
    Take a sealed key out of the relay's answer.

    Raises:
        AnswerMalformed: It is not base64.
    """
    try:
        return binascii.a2b_base64(text_of(answered, "sealed"), strict_mode=True)
    except ValueError:
        raise AnswerMalformed("a sealed key is not base64") from None


def _is_listed(directory: Directory, desk: str, epoch: int) -> bool:
    return any(one.id == desk and any(each.epoch == epoch for each in one.epochs) for one in directory.desks)
