"""
How an item is opened by whoever reads it: the letter, who wrote it, its pictures, and as whom the desk knows them.

Plain synchronous functions: a decapsulation and some signatures a letter. What cannot be opened or is not believed is
named as such beside the rest, so that one bad letter does not keep a reviewer from the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from keys.errors import Malformed, Refused, RelayError
from keys.firstlines import NEW_CORRESPONDENCE, UNKNOWN_DETAINEE, split_first_line
from keys.hybrid import HybridIdentity
from keys.sealed import FamilyAuthor, LetterLine, OpenedLetter, check_document, open_document, open_letter, parse_line
from relay.client.answers import Row
from relay.client.authors import (
    BRINGERS,
    READERS,
    Authenticity,
    Signers,
    judge_family_letter,
    judge_staff_letter,
    require_document,
)
from relay.client.contacts import Contact, parse_contact
from relay.client.families import open_enclosures
from relay.client.sealing import Enclosure
from relay.client.staff import DeskKeys
from relay.domain.states import Kind

#: On which legs a desk is given an item of some kind. Anybody can seal to a desk, so a letter that a family sealed to a
#: place of detention would go past every reviewer; and one that was sealed for a place is nothing to be reviewed.
Legs = Mapping[Kind, frozenset[str]]
_FROM_FAMILY: Final = frozenset({"family>review", "review>review"})
TO_REVIEW: Final[Legs] = MappingProxyType(
    {
        Kind.LETTER: _FROM_FAMILY,
        Kind.PARCEL: _FROM_FAMILY,
        Kind.REPLY: frozenset({"facility>review", "bureau>review", "review>review"}),
    }
)
TO_PLACES: Final[Legs] = MappingProxyType(
    {
        Kind.LETTER: frozenset({"review>facility"}),
        Kind.PARCEL: frozenset({"review>facility"}),
        Kind.REPLY: frozenset({"review>bureau"}),
    }
)


#: The contact has not seen the letter that a reply answers.
LETTER_NOT_ITS: Final = "letter_not_in_contact"


class LetterDiffers(Malformed):
    """This sealed letter is of another item, leg or addressee than the relay says, or has other enclosures."""

    code = "letter_differs"
    cure = "Sign nothing about this item; reload, and tell the operators if it happens again."


@dataclass(frozen=True, slots=True)
class OpenedItem:
    """
    A letter or reply as a reader sees it.

    Attributes:
        row: As the relay listed it.
        letter: What was sealed to this desk.
        authenticity: What the signature inside says; show it beside the text.
        enclosures: Those that were not left out before.
        contact: Who the mailbox is known to be; None for a first letter, and outside the review desk.
        contact_refused: Why the contact that the relay gave is not believed, as a code. With `LETTER_NOT_ITS` it is a
            contact of the desk's own, but maybe of another family than the one that this reply is for.
    """

    row: Row
    letter: OpenedLetter
    authenticity: Authenticity
    enclosures: tuple[Enclosure, ...] = field(default=(), repr=False)
    contact: Contact | None = None
    contact_refused: str | None = None

    @property
    def item(self) -> str:
        """The item's id."""
        return self.row.item

    @property
    def text(self) -> str:
        """What was written."""
        return self.letter.manifest.text

    @property
    def readdressed(self) -> str | None:
        """
        The number that the family wrote, if the relay says that the letter is for another one.

        That is so once a letter has been matched; a relay that lies would say it too.
        """
        typed = self.letter.line.detainee
        return None if typed in (self.row.detainee, UNKNOWN_DETAINEE) else typed

    @property
    def proven(self) -> bool:
        """Whether the text may be taken for its author's, and the contact for the desk's own."""
        return self.authenticity.trustworthy and self.contact_refused is None

    @property
    def reply_to(self) -> str | None:
        """
        Where a note or a reply goes: what the desk has recorded before what a letter says of itself.

        A letter that nobody has proved gives no address, nor does a contact beside it: the relay chose which.
        """
        if not self.proven:
            return None
        return self.letter.manifest.reply_to if self.contact is None else self.contact.reply_to


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An item that could not be opened, and why, as a code; a reviewer returns it with that reason alone."""

    row: Row
    code: str


@dataclass(frozen=True, slots=True)
class OpenedBatch:
    """What came of opening some items: those that can be read, and those that cannot."""

    letters: tuple[OpenedItem, ...]
    unreadable: tuple[Unreadable, ...] = ()


def open_item(
    row: Row, files: Mapping[str, bytes], keys: DeskKeys, signers: Signers, *, legs: Legs = TO_REVIEW
) -> OpenedItem:
    """
    Open one item, judge who wrote it, and open its enclosures.

    Args:
        row: As the relay listed it.
        files: Sealed files by digest: the item's parts, and its contact if it has one.
        keys: The desk's.
        signers: Whose signatures count.
        legs: What may come here: `TO_REVIEW`, or `TO_PLACES`.

    Raises:
        LetterDiffers: The file is another item's, is on its way to somebody else, or names other enclosures or another
            addressee.
        Malformed, WrongKey: It cannot be opened.
    """
    data = files[row.digests[0]]
    letter = open_letter(data, _fitting(keys, parse_line(split_first_line(data)).to))
    if (letter.line.item, letter.line.kind, letter.line.enclosures) != (row.item, row.kind, row.digests[1:]):
        raise LetterDiffers
    _check_leg(row, letter.line, legs)
    enclosures = open_enclosures(letter, [files[digest] for digest in row.digests[1:]])
    contact, refused = _contact_of(row, files, keys, signers)
    if contact is not None and refused is None and not _is_answered(letter.line, contact):
        refused = LETTER_NOT_ITS
    authenticity = _judged(row, letter, signers, contact)
    return OpenedItem(row, letter, authenticity, enclosures, contact, refused)


def open_items(
    rows: Sequence[Row], files: Mapping[str, bytes], keys: DeskKeys, signers: Signers, *, legs: Legs = TO_REVIEW
) -> OpenedBatch:
    """Open many items; one that cannot be opened does not keep the others from being read."""
    letters: list[OpenedItem] = []
    unreadable: list[Unreadable] = []
    for row in rows:
        try:
            letters.append(open_item(row, files, keys, signers, legs=legs))
        except (Malformed, Refused) as fault:
            unreadable.append(Unreadable(row, fault.code))
    return OpenedBatch(tuple(letters), tuple(unreadable))


def _is_answered(line: LetterLine, contact: Contact) -> bool:
    """
    Say whether a reply answers a letter of the family that a contact is about; one to nobody yet, a reviewer matches.

    The relay says from which mailbox a letter came. It could name the mailbox of a stranger whom reviewers know too,
    and have every reply sealed to that stranger.
    """
    return line.kind != Kind.REPLY or line.re == NEW_CORRESPONDENCE or line.re in contact.letters


def _check_leg(row: Row, line: LetterLine, legs: Legs) -> None:
    """
    Require that an item comes here from where it should, and is addressed to whom the relay says.

    Only a letter straight from its family may name another number than the relay does: it may have been matched since.
    """
    if line.hop not in legs[row.kind]:
        raise LetterDiffers("the letter is on its way to somebody else")
    if line.detainee != row.detainee and line.hop != "family>review":
        raise LetterDiffers("the letter is addressed to somebody else")


def _fitting(keys: DeskKeys, to: Sequence[str]) -> tuple[HybridIdentity, ...]:
    """Give the identities that a line names; if it names none of this desk's, all, and opening says so."""
    return keys.for_line(to) or keys.identities


def _judged(row: Row, letter: OpenedLetter, signers: Signers, contact: Contact | None) -> Authenticity:
    hop = letter.line.hop
    if hop.startswith("review>"):
        return judge_staff_letter(letter, signers, READERS, accepted_at=row.accepted_at)
    if row.kind is Kind.REPLY:
        return judge_staff_letter(letter, signers, BRINGERS, accepted_at=row.accepted_at)
    judged = judge_family_letter(letter, known=contact.vkey if contact else None)
    author = letter.author
    if judged.trustworthy and row.signer is not None and author != FamilyAuthor(row.signer):
        # The relay knows the mailbox by another key: somebody's letter was put into somebody else's mailbox.
        return Authenticity.FORGED
    return judged


def open_contact(data: bytes, keys: DeskKeys, signers: Signers, *, mailbox: str | None) -> Contact:
    """
    Open the sealed record of who a mailbox is.

    Raises:
        DocumentNotAuthentic: No reviewer signed it.
        LetterDiffers: It is of another mailbox, or no contact.
        Malformed, WrongKey: It cannot be opened.
    """
    document = open_document(data, _fitting(keys, check_document(data).to))
    require_document(document, signers, READERS)
    contact = parse_contact(document.content, version=document.line.version)
    if (document.line.kind, document.line.id, contact.mailbox) != ("contact", mailbox, mailbox):
        raise LetterDiffers("the contact is of another mailbox")
    return contact


def _contact_of(
    row: Row, files: Mapping[str, bytes], keys: DeskKeys, signers: Signers
) -> tuple[Contact | None, str | None]:
    """Open the contact that the relay gave, or say why it is not believed."""
    data = files.get(row.contact or "")
    if data is None:
        return None, None
    try:
        return open_contact(data, keys, signers, mailbox=row.mailbox), None
    except RelayError as fault:
        return None, fault.code
