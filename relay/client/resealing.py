"""
How a letter is sealed on for whoever is next.

Plain synchronous functions, the heavy part of a reviewer's work: an encapsulation and a signature a letter. Only part 0
is sealed anew; enclosures keep their bytes, and one is left out by leaving its key out.
"""

import os
from dataclasses import dataclass, field, replace

from keys.directory import Directory
from keys.errors import Refused
from keys.firstlines import TO_FAMILY
from keys.hybrid import HybridRecipient
from keys.ids import Random, new_id
from keys.sealed import (
    DocumentLine,
    EnclosureKey,
    Excision,
    LetterLine,
    Manifest,
    StaffAuthor,
    excise,
    seal_document,
    seal_letter,
)
from relay.client.opening import OpenedItem
from relay.client.sealing import Sealer, current_epoch


class NoAddress(Refused):
    """There is nobody to seal this to: the family has left no key for an answer."""

    code = "no_address"
    cure = "Decide without a note; for a reply, ask the bureau to find the family."


@dataclass(frozen=True, slots=True)
class Edit:
    """
    What a reviewer changes in a letter before it is passed.

    Attributes:
        excisions: Characters to be blocked out, with their reasons, in order; counted in the text as it was opened.
        left_out: Enclosures to be left out: 1, 2 or 3.
        note: For the next reader; not part of the letter.
        names: For the contact: who the people are, in the reviewer's words.
    """

    excisions: tuple[Excision, ...] = ()
    left_out: frozenset[int] = frozenset()
    note: str | None = None
    names: str | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons of all excisions, each once."""
        return tuple(dict.fromkeys(excision.reason for excision in self.excisions))


@dataclass(frozen=True, slots=True)
class Leg:
    """
    Where a letter goes next.

    Attributes:
        hop: One of `keys.sealed.HOPS`.
        to: A ``desk/epoch`` for each recipient, or just ``family``.
        directory: The version the recipients were taken from.
        recipients: One for each of `to`.
        place: The desk it is passed to; None for a further review desk and for families.
    """

    hop: str
    to: tuple[str, ...]
    directory: int
    recipients: tuple[HybridRecipient, ...] = field(repr=False)
    place: str | None = None


NO_EDIT = Edit()


def leg_to_place(directory: Directory, place: str, *, review_desk: str) -> Leg:
    """
    Lead to a facility or a bureau; what goes to one without computers is sealed to the review desk itself.

    Raises:
        UnknownDesk: The directory has no such desk.
    """
    desk = directory.desk(place)
    to = current_epoch(directory, review_desk if desk.keyless else place)
    hop = "review>bureau" if desk.kind == "bureau" else "review>facility"
    return Leg(hop, (to,), directory.version, (directory.recipient(to),), place)


def leg_to_review(directory: Directory, desk: str) -> Leg:
    """Lead to the next review desk of the route."""
    to = current_epoch(directory, desk)
    return Leg("review>review", (to,), directory.version, (directory.recipient(to),))


def leg_to_family(directory: Directory, reply_to: str | None) -> Leg:
    """
    Lead to the family that a contact names.

    Raises:
        NoAddress: It has left no key for an answer.
    """
    if reply_to is None:
        raise NoAddress
    return Leg("review>family", TO_FAMILY, directory.version, (HybridRecipient.parse(reply_to),))


def reseal_letter(
    opened: OpenedItem, leg: Leg, by: Sealer, edit: Edit = NO_EDIT, *, random: Random = os.urandom
) -> bytes:
    """
    Seal a letter on for its next leg: part 0 alone, signed by whoever passes it.

    Args:
        opened: As it was read.
        leg: Where it goes.
        by: Who passes it.
        edit: What is blocked out or left out.
        random: See `keys.agefile.encrypt`.

    Raises:
        ManifestMalformed: Excisions overlap, are out of order, or reach beyond the text.
    """
    before = opened.letter.line
    line = LetterLine(
        relay=before.relay,
        item=before.item,
        kind=before.kind,
        hop=leg.hop,
        detainee=opened.row.detainee,
        to=leg.to,
        dir=leg.directory,
        re=before.re,
        enclosures=before.enclosures,
    )
    manifest = _next_manifest(opened.letter.manifest, leg, by, edit)
    return seal_letter(line, manifest, signer=by.key, recipients=leg.recipients, random=random)


def _next_manifest(before: Manifest, leg: Leg, by: Sealer, edit: Edit) -> Manifest:
    """Say what the next reader shall see: only review desks learn where the answer goes."""
    within = leg.hop == "review>review"
    return Manifest(
        by=StaffAuthor(by.staff),
        lang=before.lang,
        text=excise(before.text, edit.excisions),
        reply_to=before.reply_to if within else None,
        address=None if leg.to == TO_FAMILY else before.address,
        note=edit.note,
        excised=tuple(sorted((*before.excised, *edit.excisions), key=lambda cut: cut.start)),
        enclosures=tuple(_without(key, part in edit.left_out) for part, key in enumerate(before.enclosures, start=1)),
    )


def _without(key: EnclosureKey, left_out: bool) -> EnclosureKey:
    return replace(key, seed=None) if left_out else key


def seal_note(text: str, item: str, reply_to: str | None, *, relay: str, directory: Directory, by: Sealer) -> bytes:
    """
    Seal a note to a family, beside a letter that is returned or withheld.

    Raises:
        NoAddress: The family has left no key for an answer.
    """
    recipient = leg_to_family(directory, reply_to).recipients
    line = DocumentLine(
        relay=relay,
        kind="note",
        id=new_id(os.urandom),
        item=item,
        to=TO_FAMILY,
        dir=directory.version,
        version=1,
    )
    return seal_document(line, text.encode(), author=StaffAuthor(by.staff), signer=by.key, recipients=recipient)
