"""Who has authority at a log index: the last trust and directory below it, less the keys suspended below it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

from keys.directory import Directory, DirectoryNote, StaffMember, Trust
from keys.errors import Refused
from keys.statements import Statement
from relay.domain.refusals import SuspendedKey


class NotOpen(Refused):
    """The relay has no directory yet, so it accepts nothing."""

    code = "not_open"
    cure = "Wait until the operators have published the first directory, then send the same bytes again."
    #: How long to wait before trying again, in seconds.
    retry_after_seconds: ClassVar[int] = 30


class DirectoryOver(Refused):
    """The directory in force has expired."""

    code = "directory_over"
    #: How long to wait before trying again, in seconds.
    retry_after_seconds: ClassVar[int] = 3_600
    cure = "Keep the letter sealed and send it again once the operators have published a new directory."


class DirectoryUnknown(Refused):
    """This names a directory version that the relay does not have, or that has expired."""

    code = "directory_unknown"
    cure = "Fetch the newest directory, and seal or sign again with it."


class WrongRelay(Refused):
    """This was made for another relay."""

    code = "wrong_relay"
    cure = "Check the address of the relay against the one on the card, and send it there."


@dataclass(frozen=True, slots=True)
class InForce:
    """
    Authority at one log index.

    Attributes:
        trust: The last trust; None before entry 0.
        directory: The document of the last directory; None before entry 1.
        note: Its note's fields.
        note_bytes: Its note, whose hash the next one names.
        expires: Expiry (UTC) of every version so far.
        suspended: Staff ids whose keys have no power any more.
    """

    trust: Trust | None = None
    directory: Directory | None = None
    note: DirectoryNote | None = None
    note_bytes: bytes | None = None
    expires: Mapping[int, str] = field(default_factory=dict)
    suspended: frozenset[str] = frozenset()

    def with_trust(self, trust: Trust) -> "InForce":
        """Put a new trust in force."""
        return replace(self, trust=trust)

    def with_directory(self, note_bytes: bytes, note: DirectoryNote, directory: Directory) -> "InForce":
        """
        Put a new directory in force.

        A suspended key stays suspended, whatever later directories say; a member who is to work again gets a new id.
        """
        expires = {**self.expires, note.version: note.expires}
        return replace(self, note_bytes=note_bytes, note=note, directory=directory, expires=expires)

    def with_suspension(self, staff: str) -> "InForce":
        """Remove a key's power."""
        return replace(self, suspended=self.suspended | {staff})

    def opened(self, *, at: str) -> Directory:
        """
        Return the directory in force.

        Args:
            at: Now, UTC; at the door and at the audit alike, the event's own time.

        Raises:
            NotOpen: There is none yet.
            DirectoryOver: It has expired.
        """
        if self.directory is None or self.note is None:
            raise NotOpen
        if at >= self.note.expires:
            raise DirectoryOver
        return self.directory

    def check_version(self, version: int | None, *, at: str) -> None:
        """
        Require a directory version that exists and has not expired.

        Raises:
            DirectoryUnknown: It does not, or it has.
        """
        if version is None or version not in self.expires or at >= self.expires[version]:
            raise DirectoryUnknown

    def signer_of(self, statement: Statement, staff: str, *, at: str) -> StaffMember:
        """
        Return who signed a statement, if their key has power here.

        Raises:
            WrongRelay: It is a statement for another relay.
            NotOpen, DirectoryOver, DirectoryUnknown: As they say.
            UnknownStaff: The directory in force does not have them.
            SuspendedKey: Their key was suspended.
        """
        directory = self.opened(at=at)
        if self.trust is None or statement.relay != self.trust.relay:
            raise WrongRelay
        self.check_version(statement.directory, at=at)
        if staff in self.suspended:
            raise SuspendedKey
        return directory.member(staff)
