"""Trust, directories, suspensions, the register and audits, as they are brought to the door."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from keys.canonical import encode_json
from keys.directory import DirectoryGap, parse_trust, read_directory_note, verify_directory, verify_trust
from keys.errors import Refused
from keys.notes import note_digest, parse_note
from keys.sealed import parse_document_line
from keys.statements import Statement
from relay.custody.entry import ClearKind, CommittedKind, commitment, encode_clear, encode_committed
from relay.custody.policy import parse_policy
from relay.domain.refusals import OtherKey, PartsDiffer, WrongRole
from relay.domain.register import parse_rows
from relay.domain.states import Role
from relay.ledger.batch import Answer, Draft, Needs, Settled
from relay.storage.custody_log import Authority, Commitment

#: Who may sign the statements that move no item.
_ROLES: Mapping[str, Role] = {"register": Role.REGISTRAR, "suspend": Role.OPERATOR, "audited": Role.AUDITOR}


class TrustRequired(Refused):
    """The log begins with a trust, and every later one is under the same root."""

    code = "trust_required"
    cure = "Publish the trust note that the root key signed, before anything else."


class OtherLog(Refused):
    """This trust names another log than this relay's."""

    code = "other_log"
    cure = "Draft the trust again from this relay's own log key, have the root sign that, and publish it."


class AlreadySuspended(Refused):
    """This key has been suspended already."""

    code = "already_suspended"
    cure = "Nothing more is to be done; leave the member out of the next directory to make it last."


@dataclass(frozen=True, slots=True)
class TrustIn:
    """A trust note, signed by the root."""

    note: bytes

    @property
    def key(self) -> str:
        """The note's SHA-256."""
        return note_digest(self.note)

    @property
    def request(self) -> str:
        """The note's SHA-256."""
        return self.key

    def needs(self) -> Needs:
        """Need nothing."""
        return Needs()

    def apply(self, draft: Draft) -> Answer:
        """Put it in force from its log index on; the first one is entry 0."""
        before = draft.in_force.trust
        if before is None:
            if draft.index != 0:
                raise TrustRequired
            named = parse_trust(parse_note(self.note).text)
            trust = verify_trust(self.note, relay=draft.relay, fingerprint=named.fingerprint)
        else:
            newer = before.version + 1
            trust = verify_trust(self.note, relay=draft.relay, fingerprint=before.fingerprint, seen_version=newer)
        if trust.origin != draft.origin:
            raise OtherLog
        # Published, a policy that nobody can read would make every audit fail.
        parse_policy(trust.policy)
        row = Authority(draft.index, "trust", trust.version, None, self.key, None)
        answer = _clear(draft, ClearKind.TRUST, self.note, row)
        draft.changes.in_force = draft.in_force.with_trust(trust)
        return answer


@dataclass(frozen=True, slots=True)
class DirectoryIn:
    """A directory: its note, signed by k directory keys, and its document."""

    note: bytes
    document: bytes

    @property
    def key(self) -> str:
        """The note's SHA-256."""
        return note_digest(self.note)

    @property
    def request(self) -> str:
        """The note's SHA-256: it names the document."""
        return self.key

    def needs(self) -> Needs:
        """Need nothing."""
        return Needs()

    def apply(self, draft: Draft) -> Answer:
        """Put it in force from its log index on."""
        in_force = draft.in_force
        if in_force.trust is None:
            raise TrustRequired
        previous = None
        if in_force.note is not None and in_force.note_bytes is not None:
            previous = (in_force.note_bytes, in_force.note)
        directory = verify_directory(self.note, self.document, in_force.trust, previous=previous, at=draft.at)
        if in_force.note is not None and directory.version == in_force.note.version:
            # One signature more makes another note of it, and the next version could not name both as its `prev`.
            raise DirectoryGap("this version of the directory is in force already")
        digest = hashlib.sha256(self.document).hexdigest()
        row = Authority(draft.index, "directory", directory.version, None, self.key, digest)
        answer = _clear(draft, ClearKind.DIRECTORY, self.note, row)
        draft.changes.documents.append((digest, "directory", self.document))
        draft.changes.in_force = in_force.with_directory(self.note, read_directory_note(self.note), directory)
        return answer


@dataclass(frozen=True, slots=True)
class OfficeIn:
    """
    A statement that moves no item: a suspension, a page of the register, an audit. Its signature is already verified.

    Attributes:
        rows: For a register page, the rows of number, status and place that the statement names by their SHA-256.
    """

    note: bytes
    digest: str
    statement: Statement
    staff: str
    vkey: str
    rows: bytes | None = None

    @property
    def key(self) -> str:
        """The statement's SHA-256."""
        return self.digest

    @property
    def request(self) -> str:
        """The statement's SHA-256: it names all that it does."""
        return self.digest

    def needs(self) -> Needs:
        """Name the sealed document, if any."""
        document = self.statement.fields.get("document")
        return Needs(parts=(document,) if document else ())

    def apply(self, draft: Draft) -> Answer:
        """Log it, and do what it says."""
        kind = self.statement.kind
        member = draft.in_force.signer_of(self.statement, self.staff, at=draft.at)
        if member.vkey != self.vkey:
            raise OtherKey
        if kind not in _ROLES or _ROLES[kind] not in member.roles:
            raise WrongRole
        if kind == "suspend":
            return self._suspend(draft)
        if kind == "register":
            self._set_rows(draft)
        return self._commit(draft, CommittedKind(kind))

    def _suspend(self, draft: Draft) -> Answer:
        staff = self.statement.fields["staff"]
        if staff in draft.in_force.suspended:
            raise AlreadySuspended
        suspended = draft.in_force.with_suspension(staff)
        row = Authority(draft.index, "suspend", None, staff, self.digest, None)
        answer = _clear(draft, ClearKind.SUSPEND, self.note, row)
        draft.changes.in_force = suspended
        return answer

    def _set_rows(self, draft: Draft) -> None:
        if parse_document_line(draft.part_line(self.statement.fields["document"]).encode()).kind != "register":
            raise PartsDiffer
        if self.rows is None or hashlib.sha256(self.rows).hexdigest() != self.statement.fields["rows"]:
            raise PartsDiffer("the rows are not those that the statement names")
        directory = draft.in_force.opened(at=draft.at)
        for row in parse_rows(self.rows.decode()):
            if row.place is not None:
                directory.desk(row.place)
            draft.changes.rows[row.number] = row

    def _commit(self, draft: Draft, kind: CommittedKind) -> Answer:
        nonce = draft.fresh()
        index = draft.index
        draft.changes.entries.append(encode_committed(kind, commitment(nonce, self.note)))
        draft.changes.documents.append((self.digest, "statement", self.note))
        fields = self.statement.fields
        if self.rows is not None:
            draft.changes.documents.append((fields["rows"], "rows", self.rows))
        draft.changes.commitments.append(
            Commitment(index, kind.value, nonce, self.digest, fields.get("document"), fields.get("rows"))
        )
        return _logged(index)


def _clear(draft: Draft, kind: ClearKind, note: bytes, row: Authority) -> Answer:
    index = draft.index
    draft.changes.entries.append(encode_clear(kind, note))
    draft.changes.documents.append((row.note, kind.value, note))
    draft.changes.authority.append(row)
    return _logged(index)


def _logged(index: int) -> Answer:
    """Answer with where the entry stands."""

    def answer(settled: Settled) -> bytes:
        return encode_json({"v": 1, "size": settled.checkpoint.size, "index": index}).encode()

    return answer
