"""Who wrote a sealed letter or document: the seal says nothing about it, the signature inside does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from keys.directory import Directory, UnknownStaff
from keys.errors import Refused
from keys.sealed import FamilyAuthor, OpenedDocument, OpenedLetter, StaffAuthor

#: Roles whose holders seal what a facility, a bureau or a family opens.
READERS = frozenset({"reviewer", "senior"})
#: Roles whose holders bring in what a detainee writes.
BRINGERS = frozenset({"officer", "dispatcher"})


class Authenticity(StrEnum):
    """What a signature inside a sealed file says of its author; it is always shown, never acted on silently."""

    #: Signed by the key that the author was known by before.
    KNOWN = "known"
    #: Signed by the key that stands in the letter itself, and nobody has heard of that key before.
    FIRST_CONTACT = "first-contact"
    #: Nobody has signed it.
    UNSIGNED = "unsigned"
    #: Signed by another key than the author's, or changed after it was signed.
    FORGED = "forged"
    #: By a member of staff whose key had been suspended before.
    SUSPENDED = "suspended"
    #: By a member of staff whom no directory seen here has listed, or whose roles do not cover it.
    STRANGER = "stranger"

    @property
    def trustworthy(self) -> bool:
        """Whether the text may be taken for its author's."""
        return self in (Authenticity.KNOWN, Authenticity.FIRST_CONTACT)


class DocumentNotAuthentic(Refused):
    """This sealed document was not signed by a member of staff who may make it."""

    code = "document_not_authentic"
    cure = "Do not act on it; keep it and tell the operators, or have a present member make it anew."


@dataclass(frozen=True, slots=True)
class Former:
    """
    A member of staff whom the directory no longer lists, as this client saw them last.

    Attributes:
        vkey: The raw Ed25519 public key, hex.
        roles: What they were.
        version: The last directory this client saw that listed them so.
    """

    vkey: str
    roles: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Suspension:
    """
    A key that an operator has taken out of force.

    Attributes:
        staff: Whose it was.
        version: The directory in force for the operator who signed.
        at: When it was signed, UTC.
    """

    staff: str
    version: int
    at: str

    def covers(self, version: int, *, since: str | None) -> bool:
        """
        Say whether something was surely sealed later: under a later directory, or into an item accepted since.

        What claims to be older may have been made later still; the door took no statement over it, and an audit finds
        a relay that did.
        """
        return version > self.version or (since is not None and since > self.at)


@dataclass(frozen=True, slots=True)
class Signers:
    """
    Whose signatures count: the present staff, and those who have left, for what they sealed while they were there.

    Without the second a reviewer's last bag could not be printed on the day after the reviewer left.
    """

    directory: Directory
    former: Mapping[str, Former] = field(default_factory=dict)
    suspended: Mapping[str, Suspension] = field(default_factory=dict)

    def is_suspended(self, staff: str, *, version: int, since: str | None = None) -> bool:
        """Say whether a member's key had been suspended before it sealed this; arguments as of `Suspension.covers`."""
        suspension = self.suspended.get(staff)
        return suspension is not None and suspension.covers(version, since=since)

    def vkey(self, staff: str, roles: frozenset[str], *, version: int) -> bytes | None:
        """
        Give a member's raw public key, if it counts.

        Args:
            staff: The member's id.
            roles: They need one of these.
            version: The directory that the sealed file names.
        """
        if self.is_suspended(staff, version=version):
            return None
        try:
            member = self.directory.member(staff)
        except UnknownStaff:
            former = self.former.get(staff)
            if former is None or roles.isdisjoint(former.roles) or version > former.version:
                return None
            return bytes.fromhex(former.vkey)
        return None if roles.isdisjoint(member.roles) else member.verifier.public


def judge_family_letter(letter: OpenedLetter, *, known: str | None) -> Authenticity:
    """
    Say whether a family's letter is what it claims to be.

    Args:
        letter: As opened.
        known: The vkey (hex) by which the family is known, from the contact; None if it has never written before.
    """
    if not letter.signature:
        return Authenticity.UNSIGNED
    author = letter.author
    if not isinstance(author, FamilyAuthor) or (known is not None and author.vkey != known):
        return Authenticity.FORGED
    if not letter.authentic(bytes.fromhex(author.vkey)):
        return Authenticity.FORGED
    return Authenticity.FIRST_CONTACT if known is None else Authenticity.KNOWN


def judge_staff_letter(
    letter: OpenedLetter, signers: Signers, roles: frozenset[str], *, accepted_at: str | None = None
) -> Authenticity:
    """
    Say whether a letter that staff sealed is signed by a member who may.

    Args:
        letter: As opened.
        signers: Whose signatures count.
        roles: `READERS` for what a review desk passed on, `BRINGERS` for what came from a place of detention.
        accepted_at: When the relay took the item in, if it says so: no part of it can be older.
    """
    if not letter.signature:
        return Authenticity.UNSIGNED
    author = letter.author
    if not isinstance(author, StaffAuthor):
        return Authenticity.FORGED
    if signers.is_suspended(author.id, version=letter.line.dir, since=accepted_at):
        return Authenticity.SUSPENDED
    vkey = signers.vkey(author.id, roles, version=letter.line.dir)
    if vkey is None:
        return Authenticity.STRANGER
    return Authenticity.KNOWN if letter.authentic(vkey) else Authenticity.FORGED


def require_document(document: OpenedDocument, signers: Signers, roles: frozenset[str]) -> None:
    """
    Require that a document was signed by a member of staff in one of these roles.

    Anybody can seal to a desk; without this the relay could slip in a contact that sends a family's replies elsewhere.

    Raises:
        DocumentNotAuthentic: It was not.
    """
    author = document.author
    version = document.line.dir
    vkey = signers.vkey(author.id, roles, version=version) if isinstance(author, StaffAuthor) else None
    if vkey is None or not document.authentic(vkey):
        raise DocumentNotAuthentic
