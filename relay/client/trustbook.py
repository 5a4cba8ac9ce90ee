"""
What a client has seen of a relay's trust and directory, and will not see taken back.

The fingerprint comes from paper, once. From then on the client remembers the newest trust, the newest directory and the
last checkpoint it saw, and refuses whatever does not follow them. Without this memory a relay could show an old
directory, with a key it has broken since, to one family alone. DESIGN.md §3; FORMATS.md, "Trust and directory".
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from keys.canonical import encode_json, parse_json
from keys.directory import (
    Directory,
    DirectoryForked,
    DirectoryGap,
    DirectoryNote,
    StaffMember,
    Trust,
    read_directory_note,
    verify_directory,
    verify_trust,
)
from keys.errors import Malformed, Refused
from keys.ids import is_digest, is_id, is_integer, is_time
from keys.notes import note_digest, parse_note
from relay.client import clock
from relay.client.authors import Former, Signers, Suspension
from relay.client.faults import AnswerMalformed, ProblemAnswered
from relay.client.keyfiles import replace_private
from relay.client.logreader import LogReader
from relay.client.suspensions import fetch_suspensions, verified_suspensions
from relay.client.transport import Connection
from relay.custody.checkpoint import Checkpoint
from relay.custody.entry import ClearEntry, ClearKind, parse_entry
from relay.custody.merkle import ConsistencyInvalid, InclusionInvalid

_VERSION: Final = 4
_KEYS: Final = ("v", "fingerprint", "trust", "directory", "checkpoint", "staff", "documents", "suspended", "register")
#: What older versions of this file did not have yet, by their number.
#: The third had one memory of the register, without saying whose; each desk begins its own.
_ADDED_SINCE: Final[Mapping[int, Mapping[str, Any]]] = {
    1: {"suspended": {}, "register": {}},
    2: {"register": {}},
    3: {"register": {}},
}


class NothingSeen(Refused):
    """This client has not fetched the relay's trust and directory yet."""

    code = "nothing_seen"
    cure = "Call `refresh` first; the commands do it by themselves."


class OtherRelaySeen(Refused):
    """What this client remembers is of another relay than the fingerprint names."""

    code = "other_relay_seen"
    cure = "Compare the fingerprint with the paper; for another relay, let the client remember in another file."


class MemoryMalformed(Malformed):
    """The file in which this client remembers what it saw is damaged."""

    code = "memory_malformed"
    cure = "Move the file away and keep it; the client starts again from the fingerprint on paper."


class DocumentRolledBack(Refused):
    """This sealed document is older than one seen before."""

    code = "document_rolled_back"
    cure = "Reload; if the older one comes again, keep both and tell the operators."


class RegisterCut(Refused):
    """The relay leaves out pages of the register that were seen before, or has changed their order."""

    code = "register_cut"
    cure = "Ask again; if they are still missing, pass nothing by this register and tell the operators."


class TrustNotLogged(InclusionInvalid):
    """The log does not begin with this relay's trust."""

    code = "trust_not_logged"


class LogShrunk(ConsistencyInvalid):
    """The log is smaller than it was when it was seen last."""

    code = "log_shrunk"

    def __init__(self) -> None:
        """Say so."""
        super().__init__("the log is smaller than it was, and the relay no longer has what was seen")


@dataclass(frozen=True, slots=True)
class Memory:
    """
    What a client keeps between two runs.

    Attributes:
        trust: The newest trust note.
        directory: The newest directory note.
        checkpoint: The last checkpoint of the log, as a note.
        staff: Everybody whom a directory seen here has listed, as the last one had them.
        documents: The newest version seen of each sealed document, by its id; of the register, by the desk's id.
        suspended: Keys that operators have suspended, by staff id; none comes back.
        register: By review desk, how many pages of the register were seen there, and one digest over them in order.
    """

    trust: bytes | None = None
    directory: bytes | None = None
    checkpoint: bytes | None = None
    staff: dict[str, Former] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    suspended: dict[str, Suspension] = field(default_factory=dict)
    register: dict[str, tuple[int, str]] = field(default_factory=dict)


class TrustBook:
    """The pinned trust and directory of one relay; `refresh` brings it up to date, and nothing goes back."""

    def __init__(self, fingerprint: str, path: Path | None = None, *, clock: clock.Clock = clock.now) -> None:
        """
        Begin with the fingerprint from paper and with what was remembered.

        Args:
            fingerprint: 64 hex digits.
            path: The file to remember in; None to forget at the end, as a benchmark does.
            clock: Judges whether a directory has expired.

        Raises:
            MemoryMalformed, OtherRelaySeen: What was remembered is damaged, or of another relay.
        """
        self.fingerprint: Final = fingerprint
        self.clock: Final = clock
        self._path = path
        self._memory = _load(path, fingerprint)
        self._saved = _encode(self._memory, fingerprint)
        self._trust: Trust | None = None
        self._directory: Directory | None = None

    @property
    def trust(self) -> Trust:
        """
        The trust in force, as last fetched.

        Raises:
            NothingSeen: Before `refresh`.
        """
        if self._trust is None:
            raise NothingSeen
        return self._trust

    @property
    def directory(self) -> Directory:
        """
        The directory in force, as last fetched.

        Raises:
            NothingSeen: Before `refresh`.
        """
        if self._directory is None:
            raise NothingSeen
        return self._directory

    @property
    def signers(self) -> Signers:
        """Whose signatures count: the present staff, and those whom this client saw before; raises as `directory`."""
        return Signers(self.directory, self._memory.staff, self._memory.suspended)

    @property
    def suspended(self) -> Mapping[str, Suspension]:
        """Which keys have been suspended, by staff id, as far as this client has heard."""
        return self._memory.suspended

    @property
    def relay(self) -> str:
        """The relay's id; raises as `trust`."""
        return self.trust.relay

    async def refresh(self, connection: Connection) -> None:
        """
        Fetch trust and directory, verify that they follow what was seen, and remember them.

        Raises:
            FingerprintDiffers, TrustRolledBack: The trust is another root's, or older than one seen.
            DirectoryUnsigned, DirectoryRolledBack, DirectoryForked, DirectoryGap, DirectoryExpired,
                DirectoryAltered: The directory does not follow.
            AnswerMalformed, Unreachable, ProblemAnswered: See `Connection.send`.
        """
        trust_note = (await connection.get("/trust")).body
        trust = self._verified_trust(trust_note)
        note, document = await _fetch_directory(connection)
        previous = self._previous()
        try:
            directory = verify_directory(note, document, trust, previous=previous, at=self.clock())
        except DirectoryGap:
            if previous is None or read_directory_note(note).version <= previous[1].version:
                raise
            before = await self._bridge(connection, trust, note, previous)
            directory = verify_directory(note, document, trust, previous=before, at=self.clock())
        self._trust, self._directory = trust, directory
        staff = self._memory.staff | {member.id: _as_listed(member, directory) for member in directory.staff}
        self._memory = replace(self._memory, trust=trust_note, directory=note, staff=staff)
        suspended = verified_suspensions(await fetch_suspensions(connection), self.signers, relay=trust.relay)
        self._memory = replace(self._memory, suspended=suspended)
        self.save()

    async def verified_trust(self, connection: Connection) -> Checkpoint:
        """
        Verify that the log begins with this relay's trust and has only grown since it was last seen.

        The order is that of FORMATS.md, "Trust and directory": trust, log keys, checkpoint, entry 0 in it.

        Returns:
            The checkpoint, for whatever else shall be verified against it.

        Raises:
            TrustNotLogged: Entry 0 is not a trust under the root of the fingerprint.
            InclusionInvalid, ConsistencyInvalid: Entry 0 is not in the tree, or the tree was changed.
            LogShrunk: What was seen before is not there any more.
            NothingSeen: Before `refresh`.
        """
        log = LogReader(connection, self.trust)
        signed = await log.checkpoint()
        if signed.checkpoint.size == 0:
            raise TrustNotLogged("the log is empty")
        first = parse_entry(await log.entry(0, signed.checkpoint))
        if not isinstance(first, ClearEntry) or first.kind is not ClearKind.TRUST:
            raise TrustNotLogged("entry 0 is no trust")
        verify_trust(first.note, relay=self.trust.relay, fingerprint=self.fingerprint)
        if await self._has_grown(log, signed.checkpoint):
            self._memory = replace(self._memory, checkpoint=signed.note)
            self.save()
        return signed.checkpoint

    def has_seen(self, document_id: str) -> bool:
        """Say whether this client has seen some version of a sealed document."""
        return document_id in self._memory.documents

    def check_document(self, document_id: str, version: int) -> None:
        """
        Remember a sealed document's version, and refuse an older one than was seen.

        Raises:
            DocumentRolledBack: It is older.
        """
        if version < self._memory.documents.get(document_id, 0):
            raise DocumentRolledBack
        self._memory.documents[document_id] = version

    def check_register(self, desk: str, pages: Sequence[str]) -> None:
        """
        Remember which pages of the register a desk has, and require that those seen before are their beginning.

        A version alone would not do: a relay could leave out the page that says where somebody was taken, keep a later
        one about somebody else, and have letters sealed to a place that has no business with them any more.

        Args:
            desk: The review desk to which they are sealed; another may have been there for fewer of them.
            pages: Their digests in the order of the log, to which pages are only added.

        Raises:
            RegisterCut: They are not.
        """
        count, digest = self._memory.register.get(desk, (0, _over_pages(())))
        if len(pages) < count or _over_pages(pages[:count]) != digest:
            raise RegisterCut
        self._memory.register[desk] = (len(pages), _over_pages(pages))

    def save(self) -> None:
        """Write down what was seen, if that is more than before."""
        if self._path is None:
            return
        encoded = _encode(self._memory, self.fingerprint)
        if encoded != self._saved:
            replace_private(self._path, encoded)
            self._saved = encoded

    def _verified_trust(self, note: bytes) -> Trust:
        seen_version = 0
        if self._memory.trust is not None:
            seen = verify_trust(self._memory.trust, relay=None, fingerprint=self.fingerprint)
            seen_version = seen.version
        return verify_trust(note, relay=None, fingerprint=self.fingerprint, seen_version=seen_version)

    def _previous(self) -> tuple[bytes, DirectoryNote] | None:
        note = self._memory.directory
        return None if note is None else (note, read_directory_note(note))

    async def _bridge(
        self, connection: Connection, trust: Trust, newest: bytes, seen: tuple[bytes, DirectoryNote]
    ) -> tuple[bytes, DirectoryNote]:
        """
        Follow the newest directory back to the one seen, through the notes that the log has in the clear.

        Each note names the one before it by its hash, so the signatures on the newest vouch for all between.
        """
        log = LogReader(connection, trust)
        size = (await log.checkpoint()).checkpoint.size
        logged = {
            note_digest(entry.note): entry.note
            async for _, entry in log.entries(0, size)
            if isinstance(entry, ClearEntry) and entry.kind is ClearKind.DIRECTORY
        }
        before = _earlier(newest, logged)
        note = before
        while read_directory_note(note).version > seen[1].version:
            note = _earlier(note, logged)
        if read_directory_note(note) != seen[1]:
            raise DirectoryForked
        return before, read_directory_note(before)

    async def _has_grown(self, log: LogReader, checkpoint: Checkpoint) -> bool:
        """
        Require that one of two checkpoints, the one seen last and this one, is a beginning of the other.

        Returns:
            Whether this one is the larger; a smaller one may come from a cache that lags, and is not remembered.
        """
        if self._memory.checkpoint is None:
            return True
        previous = self.trust.previous
        if previous is not None and parse_note(self._memory.checkpoint).text.startswith(f"{previous.origin}\n"):
            # The root has declared a loss and begun a new log; what was seen of the older one cannot be compared.
            return True
        seen = log.verified(self._memory.checkpoint)
        if seen.size <= checkpoint.size:
            await log.prove_grown(seen, checkpoint)
            return True
        try:
            await log.prove_grown(checkpoint, seen)
        except ProblemAnswered:
            raise LogShrunk from None
        return False


async def _fetch_directory(connection: Connection) -> tuple[bytes, bytes]:
    members = (await connection.get("/directory")).json()
    note, document = members.get("note"), members.get("document")
    if not isinstance(note, str) or not isinstance(document, str):
        raise AnswerMalformed
    return note.encode(), document.encode()


def _earlier(note: bytes, logged: dict[str, bytes]) -> bytes:
    before = logged.get(read_directory_note(note).prev or "")
    if before is None:
        raise DirectoryGap("the log does not have every directory between the one seen and the newest")
    return before


def _load(path: Path | None, fingerprint: str) -> Memory:
    if path is None or not path.exists():
        return Memory()
    try:
        fields = parse_json(path.read_bytes().decode(), what="memory")
    except (UnicodeDecodeError, OSError):
        raise MemoryMalformed from None
    if type(fields.get("v")) is int and fields["v"] in _ADDED_SINCE:
        fields |= {**_ADDED_SINCE[fields["v"]], "v": _VERSION}
    if tuple(fields) != _KEYS or fields["v"] != _VERSION or not _are_versions(fields["documents"]):
        raise MemoryMalformed
    if not all(isinstance(fields[key], dict) for key in ("staff", "suspended", "register")):
        raise MemoryMalformed
    if fields["fingerprint"] != fingerprint:
        raise OtherRelaySeen
    return Memory(
        trust=_note(fields["trust"]),
        directory=_note(fields["directory"]),
        checkpoint=_note(fields["checkpoint"]),
        staff={staff: _former(plain) for staff, plain in fields["staff"].items()},
        documents=fields["documents"],
        suspended={staff: _suspension(staff, plain) for staff, plain in fields["suspended"].items()},
        register={desk: _pages(desk, plain) for desk, plain in fields["register"].items()},
    )


def _encode(memory: Memory, fingerprint: str) -> bytes:
    fields: dict[str, Any] = {"v": _VERSION, "fingerprint": fingerprint}
    for key in ("trust", "directory", "checkpoint"):
        note = getattr(memory, key)
        fields[key] = None if note is None else note.decode()
    fields["staff"] = {staff: [one.vkey, one.roles, one.version] for staff, one in memory.staff.items()}
    suspended = {staff: [one.version, one.at] for staff, one in memory.suspended.items()}
    register = {desk: list(pages) for desk, pages in memory.register.items()}
    fields |= {"documents": memory.documents, "suspended": suspended, "register": register}
    return encode_json(fields).encode()


def _over_pages(pages: Sequence[str]) -> str:
    return hashlib.sha256("".join(pages).encode()).hexdigest()


def _pages(desk: str, plain: object) -> tuple[int, str]:
    match plain:
        case [int(count), str(digest)] if is_id(desk) and is_integer(count) and is_digest(digest):
            return count, digest
    raise MemoryMalformed


def _as_listed(member: StaffMember, directory: Directory) -> Former:
    return Former(member.verifier.public.hex(), member.roles, directory.version)


def _former(plain: object) -> Former:
    match plain:
        case [str(vkey), [*roles], int(version)] if is_digest(vkey):
            return Former(vkey, tuple(map(str, roles)), version)
        case _:
            raise MemoryMalformed


def _suspension(staff: str, plain: object) -> Suspension:
    match plain:
        case [int(version), str(at)] if is_id(staff) and is_time(at):
            return Suspension(staff, version, at)
        case _:
            raise MemoryMalformed


def _note(value: object) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise MemoryMalformed
    return value.encode()


def _are_versions(value: object) -> bool:
    return isinstance(value, dict) and all(
        (is_digest(key) or len(key) == 32) and is_integer(version, least=1) for key, version in value.items()
    )
