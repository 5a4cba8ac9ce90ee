"""
Contacts: the review desk's own sealed record of who a mailbox is, so that replies find their family.

A later letter may change a contact only under the vkey that the contact has; otherwise whoever learned a number could
have a detainee's replies sent to themselves. DESIGN.md §5.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from keys.canonical import encode_json, parse_json
from keys.errors import Malformed, Refused
from keys.ids import is_digest, is_id
from keys.sealed import FamilyAuthor, OpenedLetter

_VERSION: Final = 1
_KEYS: Final = ("v", "mailbox", "detainee", "names", "reply_to", "vkey", "letters")
#: Older ones are forgotten; a reply to one of them goes on only knowingly.
_MOST_LETTERS: Final = 500


class ContactMalformed(Malformed):
    """This document is no contact."""

    code = "contact_malformed"


class ContactKeyDiffers(Refused):
    """This letter is signed with another key than the family's earlier ones."""

    code = "contact_key_differs"
    cure = "Do not change the contact; return the letter, and ask the family through the bureau."


@dataclass(frozen=True, slots=True)
class Contact:
    """
    Who writes to whom.

    Attributes:
        mailbox: Its id.
        detainee: The number of whoever they wrote to last.
        vkey: The family's Ed25519 key, hex.
        reply_to: The family's ``age1pq1…`` recipient; None if it wants no answer.
        names: Whatever the reviewer noted about the people, in words.
        letters: The ids of the letters that were passed from this mailbox, the newest last. A reply is for this family
            only if it answers one of them: which mailbox a letter came from, the relay alone says.
        version: Of the sealed document; one more each time.
    """

    mailbox: str
    detainee: str
    vkey: str
    reply_to: str | None = None
    names: str | None = field(default=None, repr=False)
    version: int = 1
    letters: tuple[str, ...] = ()


def encode_contact(contact: Contact) -> bytes:
    """Write a contact as the content of its sealed document; the version stands in the document's first line."""
    fields: dict[str, Any] = {
        "v": _VERSION,
        "mailbox": contact.mailbox,
        "detainee": contact.detainee,
        "names": contact.names,
        "reply_to": contact.reply_to,
        "vkey": contact.vkey,
        "letters": list(contact.letters) or None,
    }
    return encode_json({key: value for key, value in fields.items() if value is not None}).encode()


def parse_contact(content: bytes, *, version: int) -> Contact:
    """
    Read a contact.

    Args:
        content: What was sealed.
        version: From the document's first line.

    Raises:
        ContactMalformed, NotCanonical: It is none, or not in its one encoding.
    """
    try:
        fields = parse_json(content.decode(), what="contact")
    except UnicodeDecodeError:
        raise ContactMalformed from None
    known = tuple(key for key in _KEYS if key in fields)
    texts = all(isinstance(value, str) for key, value in fields.items() if key not in ("v", "letters"))
    letters = fields.get("letters", [])
    if tuple(fields) != known or not texts or type(fields.get("v")) is not int or fields["v"] != _VERSION:
        raise ContactMalformed
    if not is_digest(fields.get("mailbox")) or not is_digest(fields.get("vkey")) or "detainee" not in fields:
        raise ContactMalformed
    if not isinstance(letters, list) or not all(map(is_id, letters)) or (not letters and "letters" in fields):
        raise ContactMalformed
    return Contact(
        mailbox=fields["mailbox"],
        detainee=fields["detainee"],
        vkey=fields["vkey"],
        reply_to=fields.get("reply_to"),
        names=fields.get("names"),
        version=version,
        letters=tuple(letters),
    )


def renew_contact(
    previous: Contact | None, letter: OpenedLetter, *, mailbox: str, detainee: str, names: str | None = None
) -> Contact:
    """
    Make the contact as it stands after a letter was passed.

    Args:
        previous: The newest one there is.
        letter: As opened and judged.
        mailbox: Its id.
        detainee: The number the letter goes to.
        names: What the reviewer noted; None keeps what was noted before.

    Raises:
        ContactKeyDiffers: The letter is not signed in the key that the contact has.
    """
    author = letter.author
    if not isinstance(author, FamilyAuthor) or (previous is not None and author.vkey != previous.vkey):
        raise ContactKeyDiffers
    return Contact(
        mailbox=mailbox,
        detainee=detainee,
        vkey=author.vkey,
        reply_to=letter.manifest.reply_to or (previous.reply_to if previous else None),
        names=names or (previous.names if previous else None),
        version=previous.version + 1 if previous else 1,
        letters=tuple(dict.fromkeys((*(previous.letters if previous else ()), letter.line.item)))[-_MOST_LETTERS:],
    )
