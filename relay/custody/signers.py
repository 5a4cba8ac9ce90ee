"""
Who signed for each move, and that each statement was carried out once, whole and in its order (docs/spec/audit.md, 8).

The door carries a statement out in one batch, so its events stand side by side in the log, in the order of its
subjects. At any time one statement is walked through; it is read and its signature verified once, however many items
it names.
"""

from dataclasses import dataclass
from typing import Final

from keys.codes import family_name
from keys.directory import StaffMember
from keys.notes import Vkey
from keys.statements import Statement, UnverifiedStatement, read_statement
from relay.custody.bagfile import manifest_digest
from relay.custody.bundle import Documents
from relay.custody.steps import broken, step
from relay.domain.in_force import InForce, WrongRelay

#: Keys of a statement that name sealed files, which a bundle may hold and an audit does not need.
_SEALED: Final = ("paper", "note", "contact")


@dataclass(frozen=True, slots=True)
class Occasion:
    """The first event under a statement, as far as the judgement of its signer goes; as in `Statements.take`."""

    item: str
    index: int
    at: str
    in_force: InForce
    signer: str | None


@dataclass(slots=True)
class Walked:
    """
    A statement whose subjects the log walks through.

    Attributes:
        digest: SHA-256 (hex) of the note.
        member: Who signed, as the directory in force has them; None for a family.
        signer: The family's key (hex) that signed; None for staff.
        at: When it was carried out.
        base: The log index of its first subject.
        reached: How many subjects have been passed, erased ones among them.
    """

    digest: str
    statement: Statement
    member: StaffMember | None
    signer: str | None
    at: str
    base: int
    reached: int

    @property
    def position(self) -> int:
        """Which subject was reached last."""
        return self.reached - 1


class Statements:
    """The statements of a log, in the order in which it names them."""

    def __init__(self, documents: Documents, erased: frozenset[int]) -> None:
        """Take the documents, and the indexes of entries that can no longer be opened."""
        self._documents = documents
        self._erased = erased
        self._used: set[bytes] = set()
        self._walked: Walked | None = None

    def take(self, digest: str, item: str, *, index: int, at: str, in_force: InForce, signer: str | None) -> Walked:
        """
        Find and verify the statement that an event names, and walk on to the event's subject.

        Args:
            digest: SHA-256 (hex) of the statement, from the event's detail.
            item: The item's id.
            index: The entry's index.
            at: The event's time, UTC.
            in_force: Who has authority at that index.
            signer: The family's key (hex) that the item has, None if it has none.

        Raises:
            EvidenceBroken: 8.1 to 8.4, 8.6 or 9.1.
        """
        walked = self._walked
        if walked is None or walked.digest != digest:
            self.finish()
            walked = self._walked = self._begin(digest, Occasion(item, index, at, in_force, signer))
        position = index - walked.base
        subjects = walked.statement.subjects
        if position >= len(subjects) or subjects[position].item != item or at != walked.at:
            raise broken("8.4", item=item)
        if walked.signer is not None and walked.signer != signer:
            raise broken("8.3", item=item)
        if position != walked.reached:
            self._skip(walked, position, item=item)
        walked.reached = position + 1
        return walked

    def finish(self) -> None:
        """
        Require that the statement reached last has been carried out whole.

        Raises:
            EvidenceBroken: 8.4.
        """
        if self._walked is not None:
            subjects = self._walked.statement.subjects
            self._skip(self._walked, len(subjects), item=subjects[self._walked.position].item)
            self._walked = None

    def _skip(self, walked: Walked, position: int, *, item: str) -> None:
        """Pass subjects whose items have been erased since, and no others."""
        between = range(walked.base + walked.reached, walked.base + position)
        if not self._erased.issuperset(between):
            raise broken("8.4", item=item)

    def _begin(self, digest: str, occasion: Occasion) -> Walked:
        item = occasion.item
        used = bytes.fromhex(digest)
        if used in self._used:
            raise broken("8.4", item=item)
        self._used.add(used)
        note = self._documents.require(digest, item=item)
        with step("8.1", item=item):
            read = read_statement(note)
        position = _position(read.statement, item)
        member, signer = self._verify(read, occasion)
        self._check_fields(read.statement, item)
        return Walked(digest, read.statement, member, signer, occasion.at, occasion.index - position, 0)

    def _verify(self, read: UnverifiedStatement, occasion: Occasion) -> tuple[StaffMember | None, str | None]:
        """Verify the signature, by the directory in force or by the item's own family."""
        if read.staff is None:
            return None, _verify_family(read, occasion)
        with step("8.2", item=occasion.item):
            member = occasion.in_force.signer_of(read.statement, read.staff, at=occasion.at)
        with step("8.3", item=occasion.item):
            read.verified_by(member.verifier)
        return member, None

    def _check_fields(self, statement: Statement, item: str) -> None:
        if statement.kind == "bag" and statement.fields["manifest"] != manifest_digest(statement):
            raise broken("8.6", item=item)
        for key in _SEALED:
            named = statement.fields.get(key)
            if named is not None:
                every = named if isinstance(named, tuple) else (named,)
                self._documents.allow([digest for digest in every if digest is not None], item=item)


def _position(statement: Statement, item: str) -> int:
    for position, subject in enumerate(statement.subjects):
        if subject.item == item:
            return position
    raise broken("8.1", item=item)


def _verify_family(read: UnverifiedStatement, occasion: Occasion) -> str:
    trust, signer = occasion.in_force.trust, occasion.signer
    with step("8.2", item=occasion.item):
        if trust is None or read.statement.relay != trust.relay:
            raise WrongRelay
    if signer is None:
        raise broken("8.3", item=occasion.item)
    with step("8.3", item=occasion.item):
        read.verified_by(Vkey.ed25519(family_name(trust.relay), bytes.fromhex(signer)))
    return signer
