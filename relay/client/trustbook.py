"""
What a client has seen of a relay's trust and directory, and will not see taken back.

The fingerprint comes from paper, once. From then on the client remembers the newest trust, the newest directory and the
last checkpoint it saw, and refuses whatever does not follow them. Without this memory a relay could show an old
directory, with a key it has broken since, to one family alone. DESIGN.md §3; FORMATS.md, "Trust and directory".
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

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
from keys.errors import Refused
from keys.notes import note_digest, parse_note
from relay.client import clock
from relay.client.authors import Former, Signers, Suspension
from relay.client.faults import AnswerMalformed, ProblemAnswered
from relay.client.keyfiles import replace_private
from relay.client.logreader import LogReader
from relay.client.memory import encode_memory, load_memory
from relay.client.suspensions import fetch_suspensions, verified_suspensions
from relay.client.transport import Connection
from relay.custody.checkpoint import Checkpoint
from relay.custody.entry import ClearEntry, ClearKind, parse_entry
from relay.custody.merkle import ConsistencyInvalid, InclusionInvalid

_NOT_FOUND: Final = 404


class NothingSeen(Refused):
    """This client has not fetched the relay's trust and directory yet."""

    code = "nothing_seen"
    cure = "Call `refresh` first; the commands do it by themselves."


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
        self._memory = load_memory(path, fingerprint)
        self._saved = encode_memory(self._memory, fingerprint)
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
        encoded = encode_memory(self._memory, self.fingerprint)
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
        except ProblemAnswered as problem:
            # A relay that is busy has not lost anything yet.
            if problem.status != _NOT_FOUND:
                raise
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


def _over_pages(pages: Sequence[str]) -> str:
    return hashlib.sha256("".join(pages).encode()).hexdigest()


def _as_listed(member: StaffMember, directory: Directory) -> Former:
    return Former(member.verifier.public.hex(), member.roles, directory.version)
