"""
Who has authority, as the log itself says (docs/spec/audit.md, steps 1, 2, 3 and 5).

Trusts, the checkpoint that they vouch for, directories, suspensions, erasures, and statements about no item.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from keys.directory import Trust, read_directory_note, verify_directory, verify_trust
from keys.notes import parse_note
from keys.statements import Statement, StatementMalformed, read_statement
from relay.custody.bundle import Documents, StatementOpening
from relay.custody.checkpoint import Checkpoint, parse_checkpoint, verify_checkpoint
from relay.custody.entry import (
    ClearEntry,
    ClearKind,
    CommittedEntry,
    CommittedKind,
    Entry,
    ErasureEntry,
    SiteEntry,
    commitment,
)
from relay.custody.policy import parse_policy
from relay.custody.steps import broken, step
from relay.custody.tree import Tree
from relay.domain.in_force import InForce
from relay.domain.refusals import WrongRole
from relay.domain.states import Role

#: Who signs the statements about no item. A run has no rule yet, so that its entry can only stay closed.
_ROLES: Final[Mapping[str, Role]] = {
    CommittedKind.REGISTER: Role.REGISTRAR,
    ClearKind.SUSPEND: Role.OPERATOR,
    CommittedKind.AUDITED: Role.AUDITOR,
}


@dataclass(frozen=True, slots=True)
class Trusts:
    """Every trust of a log, by its index, ascending; the first one is entry 0."""

    by_index: Mapping[int, Trust]

    def at(self, size: int) -> Trust:
        """Return the trust that a checkpoint of this size is verified under: the last one below it, or the first."""
        below = [trust for index, trust in self.by_index.items() if index < size]
        return below[-1] if below else self.by_index[0]


def verify_trusts(tree: Tree, fingerprint: str) -> Trusts:
    """
    Verify every trust of a log.

    Args:
        tree: The log.
        fingerprint: From paper, hex.

    Raises:
        EvidenceBroken: 1.1, 1.2 or 1.3.
    """
    first = tree.others.get(0)
    if not isinstance(first, ClearEntry) or first.kind is not ClearKind.TRUST:
        raise broken("1.1")
    with step("1.1"):
        trust = verify_trust(first.note, relay=None, fingerprint=fingerprint)
    trusts = {0: trust}
    for index, entry in tree.others.items():
        if index and isinstance(entry, ClearEntry) and entry.kind is ClearKind.TRUST:
            newer = trust.version + 1
            with step("1.2"):
                trust = verify_trust(entry.note, relay=trust.relay, fingerprint=fingerprint, seen_version=newer)
            trusts[index] = trust
    if len({each.origin for each in trusts.values()}) != 1:
        raise broken("1.3")
    return Trusts(trusts)


def read_size(note: bytes | None) -> int:
    """
    Read which size a checkpoint claims, before anybody can say whether it is signed.

    Raises:
        EvidenceBroken: 2.1.
    """
    if note is None:
        raise broken("2.1")
    with step("2.1"):
        return parse_checkpoint(parse_note(note).text).size


def verify_head(note: bytes, trusts: Trusts) -> Checkpoint:
    """
    Verify the checkpoint and its cosignatures under the last trust below its size.

    Raises:
        EvidenceBroken: 1.4, 2.2 or 2.3.
    """
    trust = trusts.at(read_size(note))
    with step("1.4"):
        policy = parse_policy(trust.policy)
    with step("2.2"):
        witnesses = policy.witnesses.values()
        head = verify_checkpoint(note, trust.log_vkeys, origin=trust.origin, witnesses=witnesses)
    if not policy.is_met(head.by):
        raise broken("2.3")
    return head.checkpoint


def check_seen(seen: bytes, tree: Tree, trusts: Trusts) -> None:
    """
    Require that the log begins with the one that was seen before.

    Raises:
        EvidenceBroken: 3.1, 3.2 or 3.3.
    """
    with step("3.1"):
        trust = trusts.at(parse_checkpoint(parse_note(seen).text).size)
        before = verify_checkpoint(seen, trust.log_vkeys, origin=trust.origin).checkpoint
    if before.size > tree.size:
        raise broken("3.2")
    if tree.root_at(before.size) != before.root:
        raise broken("3.3")


@dataclass(slots=True)
class Powers:
    """
    Authority while the log is walked from its first entry to its last.

    Attributes:
        in_force: Who has authority at the index reached.
        differing_audits: How many auditors have signed a root that this log never had.
    """

    trusts: Trusts
    documents: Documents
    in_force: InForce = field(default_factory=InForce)
    differing_audits: int = 0

    def pass_over(self, index: int, entry: Entry, *, at: str) -> None:
        """
        Take over what an entry that is not about an item changes.

        Args:
            index: Its place in the log.
            entry: What it is.
            at: The time of the last event below it. The entry itself has none, and cannot be older.

        Raises:
            EvidenceBroken: 5.2, 5.3, 5.5 or 9.1.
        """
        opens = isinstance(entry, ClearEntry) and entry.kind in (ClearKind.TRUST, ClearKind.DIRECTORY)
        if not opens and self.in_force.directory is None:
            raise broken("5.5")
        if not isinstance(entry, ClearEntry):
            return
        if entry.kind is ClearKind.TRUST:
            self.in_force = self.in_force.with_trust(self.trusts.by_index[index])
        elif entry.kind is ClearKind.DIRECTORY:
            self._direct(index, entry.note)
        else:
            self._suspend(entry.note, at=at)

    def open_statement(self, opening: StatementOpening, entry: CommittedEntry, tree: Tree, *, at: str) -> Statement:
        """
        Verify the statement that a register or audited entry commits to, and return it.

        An auditor's root that differs is counted, not judged: it may be a second view of the log, or a mistake.

        Raises:
            EvidenceBroken: 5.6 or 9.1.
        """
        note = self.documents.require(opening.statement)
        if commitment(opening.nonce, note) != entry.commitment:
            raise broken("5.6")
        with step("5.6"):
            statement = self._statement(note, entry.kind, at=at)
        fields = statement.fields
        self.documents.allow([fields[key] for key in ("document", "rows") if key in fields])
        if statement.kind == CommittedKind.AUDITED:
            agrees = fields["size"] <= tree.size and tree.root_at(fields["size"]).hex() == fields["root"]
            self.differing_audits += not agrees
        return statement

    def _direct(self, index: int, note: bytes) -> None:
        before = self.in_force
        previous = None
        if before.note is not None and before.note_bytes is not None:
            previous = (before.note_bytes, before.note)
        with step("5.2"):
            read = read_directory_note(note)
            document = self.documents.require(read.sha256)
            directory = verify_directory(note, document, self.trusts.at(index), previous=previous, at=None)
        self.in_force = before.with_directory(note, read, directory)

    def _suspend(self, note: bytes, *, at: str) -> None:
        with step("5.3"):
            statement = self._statement(note, ClearKind.SUSPEND, at=at)
        staff = statement.fields["staff"]
        if staff in self.in_force.suspended:
            raise broken("5.3")
        self.in_force = self.in_force.with_suspension(staff)

    def _statement(self, note: bytes, kind: str, *, at: str) -> Statement:
        """Verify a statement about no item: its kind, its signer's power and role, and the signature."""
        read = read_statement(note)
        if read.statement.kind != kind or read.staff is None:
            raise StatementMalformed("it is of another kind")
        member = self.in_force.signer_of(read.statement, read.staff, at=at)
        if kind not in _ROLES or _ROLES[kind] not in member.roles:
            raise WrongRole
        return read.verified_by(member.verifier)


def erased_indexes(tree: Tree) -> frozenset[int]:
    """
    Collect what the erasures of a log list.

    Raises:
        EvidenceBroken: 5.4, if one lists an entry that is not below it, that has nothing to erase, or that was erased
            before.
    """
    erased: set[int] = set()
    for at, entry in tree.others.items():
        if not isinstance(entry, ErasureEntry):
            continue
        if entry.size > at:
            raise broken("5.4")
        for index in entry.indexes:
            if index in erased or isinstance(tree.others.get(index), (ClearEntry, ErasureEntry, SiteEntry)):
                raise broken("5.4", because=f"entry {index}")
            erased.add(index)
    return frozenset(erased)
