"""What can be asked of one item: the inputs of `decide`, each of them already parsed and its signature verified."""

from dataclasses import dataclass
from typing import NamedTuple

from keys.directory import StaffMember
from keys.statements import Statement, Subject
from relay.domain.states import Action, Kind, State


class Acceptance(NamedTuple):
    """
    What the relay fixes when an item comes in.

    Attributes:
        item: The id that the client chose, 16 random bytes as hex.
        detainee: The number as typed, or ``unknown``.
        route: The review desks it has to pass, in order; it waits at the first.
        parts: SHA-256 (hex) of each part, part 0 first.
        re: The item it answers, ``new`` for a detainee who writes first, or None.
        mailbox: Id of the family's mailbox; None for a reply that is still to be matched.
        signer: The family's Ed25519 key (hex), which later withdraws or collects.
        tag_key: SHA-256 (hex) of the item's tag key.
        into: QUEUED, or HELD if the number is unknown, unconfirmed or has no place.
    """

    item: str
    kind: Kind
    detainee: str
    route: tuple[str, ...]
    parts: tuple[str, ...]
    re: str | None
    mailbox: str | None
    signer: str | None
    tag_key: str
    into: State


class Signed(NamedTuple):
    """
    A statement by staff, for one of its subjects.

    Attributes:
        digest: SHA-256 (hex) of the whole signed note.
        position: Which subject this is.
        member: Who signed, as the directory in force has them.
    """

    statement: Statement
    digest: str
    position: int
    member: StaffMember

    @property
    def subject(self) -> Subject:
        """The item this is about, with the head of its chain and its parts after the event."""
        return self.statement.subjects[self.position]


@dataclass(frozen=True, slots=True)
class AcceptLetter:
    """A family's letter comes in; being in the relay's log is the relay's signature."""

    acceptance: Acceptance


@dataclass(frozen=True, slots=True)
class AcceptReply:
    """An officer, a bureau, or a dispatcher for a keyless desk, brings a reply in."""

    acceptance: Acceptance
    signed: Signed


class ActByStaff(NamedTuple):
    """
    One subject of a statement by staff.

    Attributes:
        until: When a claim lapses (UTC, as in the detail); None for anything but a claim.
        signer: The Ed25519 key (hex) of the family that a reply becomes ready for, or of the mailbox that a match or a
            recall names; None otherwise.
    """

    signed: Signed
    until: str | None = None
    signer: str | None = None


@dataclass(frozen=True, slots=True)
class ActByFamily:
    """The family withdraws a letter or collects a reply, with the key that its receipt code gives."""

    statement: Statement
    digest: str
    position: int

    @property
    def subject(self) -> Subject:
        """The item this is about."""
        return self.statement.subjects[self.position]


@dataclass(frozen=True, slots=True)
class ActByRelay:
    """The relay's own policy: lapse or expire."""

    action: Action


Command = AcceptLetter | AcceptReply | ActByStaff | ActByFamily | ActByRelay
