"""
How decided items are sealed on: every part 0 for its next reader, and the contacts of the families they come from.

The result is a statement that only wants to be signed and sent. All the heavy work of passing is here, without a
network, so that it can be done on another core while the next letter is being read.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from keys.firstlines import TO_FAMILY
from keys.sealed import part_digest
from keys.statements import Subject
from relay.client.contacts import Contact, encode_contact, renew_contact
from relay.client.opening import OpenedItem
from relay.client.resealing import NO_EDIT, Edit, Leg, leg_to_family, reseal_letter
from relay.client.staff import StaffSession
from relay.domain.states import Kind

#: What a reviewer has changed, by item.
Edits = Mapping[str, Edit]
NO_EDITS: Final[Edits] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    A decision that is sealed and only wants to be signed and sent.

    Attributes:
        kind: The statement's.
        subjects: The items, in order.
        files: What has to be uploaded first.
        fields: The statement's further keys.
        contacts: The contacts that it renews, as they will stand.
    """

    kind: str
    subjects: tuple[Subject, ...]
    files: tuple[bytes, ...] = field(repr=False)
    fields: Mapping[str, Any]
    contacts: tuple[Contact, ...] = field(default=(), repr=False)


def prepare_pass(
    session: StaffSession,
    desk: str,
    items: Sequence[OpenedItem],
    leg: Leg,
    *,
    edits: Edits = NO_EDITS,
    reasons: Sequence[str] = (),
) -> Prepared:
    """
    Seal items on to one desk, and renew the contacts of the families whose letters they are.

    Args:
        session: The reviewer's; it seals and signs, and is not asked for anything over the network.
        desk: The review desk that has read them, to which contacts are sealed.
        items: As opened.
        leg: Where they go.
        edits: What was blocked out or left out.
        reasons: Codes for the custody record; those of the excisions are added.

    Raises:
        ManifestMalformed: Excisions overlap, are out of order, or reach beyond the text.
    """
    files = [reseal_letter(item, leg, session.sealer, edits.get(item.item, NO_EDIT)) for item in items]
    contacts = renewed_contacts(items, edits)
    sealed = [None if contact is None else _sealed_contact(session, desk, contact) for contact in contacts]
    digests = tuple(None if contact is None else part_digest(contact) for contact in sealed)
    fields = {
        "to": leg.to,
        "place": leg.place,
        "reasons": _reasons(reasons, items, edits),
        "contact": digests if any(digests) else None,
    }
    documents = [contact for contact in sealed if contact is not None]
    renewed = tuple(contact for contact in contacts if contact is not None)
    return Prepared("pass", _subjects(items, files), (*files, *documents), fields, renewed)


def prepare_replies(
    session: StaffSession, items: Sequence[OpenedItem], *, edits: Edits = NO_EDITS, reasons: Sequence[str] = ()
) -> Prepared:
    """
    Seal replies on to their families, each to the recipient in the desk's own contact.

    Raises:
        NoAddress: A reply has no contact, or the family has left no key for an answer.
    """
    files = []
    for item in items:
        leg = leg_to_family(session.directory, item.contact.reply_to if item.contact else None)
        files.append(reseal_letter(item, leg, session.sealer, edits.get(item.item, NO_EDIT)))
    fields = {"to": TO_FAMILY, "reasons": _reasons(reasons, items, edits)}
    return Prepared("pass", _subjects(items, files), tuple(files), fields)


def renewed_contacts(items: Sequence[OpenedItem], edits: Edits = NO_EDITS) -> list[Contact | None]:
    """
    Renew the contact of each mailbox once, beside the last of its letters.

    What nobody has proved to be the family's changes no contact, nor does what another desk has sealed on.
    """
    newest: dict[str, Contact] = {}
    last: dict[str, int] = {}
    for position, item in enumerate(items):
        mailbox = item.row.mailbox
        if mailbox is None or item.row.kind is Kind.REPLY or not _is_first_hand(item):
            continue
        newest[mailbox] = renew_contact(
            newest.get(mailbox) or item.contact,
            item.letter,
            mailbox=mailbox,
            detainee=item.row.detainee,
            names=edits.get(item.item, NO_EDIT).names,
        )
        last[mailbox] = position
    contacts: list[Contact | None] = [None] * len(items)
    for mailbox, position in last.items():
        contacts[position] = newest[mailbox]
    return contacts


def _is_first_hand(item: OpenedItem) -> bool:
    return item.proven and item.letter.line.hop == "family>review"


def _sealed_contact(session: StaffSession, desk: str, contact: Contact) -> bytes:
    content = encode_contact(contact)
    return session.seal_document("contact", content, desk=desk, id_=contact.mailbox, version=contact.version)


def _subjects(items: Sequence[OpenedItem], files: Sequence[bytes]) -> tuple[Subject, ...]:
    return tuple(item.row.subject(part_zero=part_digest(file)) for item, file in zip(items, files, strict=True))


def _reasons(reasons: Sequence[str], items: Iterable[OpenedItem], edits: Edits) -> tuple[str, ...] | None:
    """Give the reasons of a statement: those named, and those of each excision in its letters."""
    cut = [reason for item in items for reason in edits.get(item.item, NO_EDIT).reasons]
    return tuple(dict.fromkeys((*reasons, *cut))) or None
