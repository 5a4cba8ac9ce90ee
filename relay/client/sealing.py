"""
How an item is sealed before anything leaves the machine: a letter by its family, a reply by an officer.

Plain synchronous functions over keys and a directory, without a network, so that they can be tested, moved to a worker
process, and run where there is no relay at all.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.codes import FamilyKeys, parse_number
from keys.directory import Directory
from keys.errors import Refused
from keys.firstlines import UNKNOWN_DETAINEE
from keys.hybrid import SEED_BYTES
from keys.ids import Random, new_id
from keys.keyrings import StaffRoot
from keys.sealed import (
    MAX_ENCLOSURES,
    EnclosureKey,
    EnclosureLine,
    FamilyAuthor,
    LetterLine,
    Manifest,
    StaffAuthor,
    check_letter,
    part_digest,
    seal_enclosure,
    seal_letter,
)
from relay.client.framing import encode_parts, parse_parts


class TooManyEnclosures(Refused):
    """A letter takes three enclosures at most."""

    code = "too_many_enclosures"
    cure = "Send the others with a second letter."


class DraftDamaged(Refused):
    """This draft's enclosures are not those that its letter names."""

    code = "draft_damaged"
    cure = "Write the letter again."


@dataclass(frozen=True, slots=True)
class Enclosure:
    """
    A picture as its sender encloses it, or its reader gets it.

    Attributes:
        name: For the reader; no path.
        type: ``image/jpeg``, ``image/png`` or ``image/webp``.
        content: The image, already without hidden data.
    """

    name: str
    type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """
    What a family has written.

    Attributes:
        text: At most 8,000 characters.
        about: A detainee number as typed, or ``unknown``.
        lang: The text's language (BCP 47).
        enclosures: Three pictures at most.
        reply: Whether an answer can be sealed to the family's code.
        address: What helps to find the addressee, in the family's words.
    """

    text: str = field(repr=False)
    about: str
    lang: str
    enclosures: tuple[Enclosure, ...] = ()
    reply: bool = True
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """
    What a detainee has written, as whoever brings it in has typed or scanned it.

    Attributes:
        text: Typed off the sheet; may be empty where a scan is enclosed.
        about: The number of whoever wrote it.
        re: The id of the letter it answers, or ``new``.
        lang: The text's language (BCP 47).
        enclosures: Scans of the sheet and drawings, three at most.
        address: For ``new``: whom it is for, in the detainee's words.
        note: For the reviewer.
    """

    text: str = field(repr=False)
    about: str
    re: str
    lang: str
    enclosures: tuple[Enclosure, ...] = ()
    address: str | None = field(default=None, repr=False)
    note: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """
    An item sealed and ready to be sent, as often as it takes: the same bytes are taken once.

    It holds nothing that could be read without the desk's key, so it may lie on a disk until the network is back.

    Attributes:
        line: The first line of part 0.
        parts: The sealed files, part 0 first.
    """

    line: LetterLine
    parts: tuple[bytes, ...] = field(repr=False)

    @property
    def item(self) -> str:
        """The item's id."""
        return self.line.item

    @property
    def digests(self) -> tuple[str, ...]:
        """The parts' digests, part 0 first."""
        return (part_digest(self.parts[0]), *self.line.enclosures)


@dataclass(frozen=True, slots=True)
class Sealer:
    """Whoever seals on: a member's id, and the key they sign with."""

    staff: str
    key: Ed25519PrivateKey = field(repr=False)


def encode_draft(draft: Draft) -> bytes:
    """Write a draft, to be kept until it is sent."""
    return encode_parts(draft.parts)


def parse_draft(data: bytes) -> Draft:
    """
    Read a draft that was kept.

    Raises:
        Malformed: It is none, was damaged, or its enclosures are not those that its letter names.
    """
    first, *enclosures = parse_parts(data) or [b""]
    line = check_letter(first)
    if tuple(map(part_digest, enclosures)) != line.enclosures:
        raise DraftDamaged
    return Draft(line, (first, *enclosures))


def detainee_of(about: str) -> str:
    """
    Read whom a letter is about: a detainee number as typed, or ``unknown``.

    Raises:
        NumberMistyped: The check digits say that this is no number.
    """
    return UNKNOWN_DETAINEE if about.strip() == UNKNOWN_DETAINEE else parse_number(about)


def seal_family_letter(
    keys: FamilyKeys, directory: Directory, relay: str, letter: Letter, *, random: Random = os.urandom
) -> Draft:
    """
    Seal a family's letter to the one desk that takes letters in.

    Args:
        keys: What the receipt code opens.
        directory: The one in force.
        relay: The relay's id.
        letter: What the family has written.
        random: Where random bytes come from.

    Raises:
        NumberMistyped, TextTooLong, ManifestMalformed, TooLarge, TooManyEnclosures: It cannot be sent as it is.
        UnknownEpoch: The intake desk has no key.
    """
    line = LetterLine(
        relay=relay,
        item=new_id(random),
        kind="letter",
        hop="family>review",
        detainee=detainee_of(letter.about),
        to=(current_epoch(directory, directory.intake),),
        dir=directory.version,
        re=None,
        enclosures=(),
    )
    manifest = Manifest(
        by=FamilyAuthor(keys.vkey.hex()),
        lang=letter.lang,
        text=letter.text,
        reply_to=str(keys.identity.recipient()) if letter.reply else None,
        address=letter.address,
    )
    return _seal_with(line, manifest, letter.enclosures, signer=keys.signer, directory=directory, random=random)


def seal_reply(
    root: StaffRoot, directory: Directory, reply: Reply, *, bureau: bool = False, random: Random = os.urandom
) -> Draft:
    """
    Seal a detainee's reply to the desk that reads first.

    Args:
        root: The member who brings it in.
        directory: The one in force.
        reply: What the detainee has written.
        bureau: Whether a bureau brings it, not a place of detention.
        random: Where random bytes come from.

    Raises:
        NumberMistyped, TextTooLong, ManifestMalformed, TooLarge, TooManyEnclosures: It cannot be sent as it is.
    """
    line = LetterLine(
        relay=root.relay,
        item=new_id(random),
        kind="reply",
        hop="bureau>review" if bureau else "facility>review",
        detainee=detainee_of(reply.about),
        to=(current_epoch(directory, directory.intake),),
        dir=directory.version,
        re=reply.re,
        enclosures=(),
    )
    manifest = Manifest(
        by=StaffAuthor(root.staff), lang=reply.lang, text=reply.text, address=reply.address, note=reply.note
    )
    signer = signing_key(root)
    return _seal_with(line, manifest, reply.enclosures, signer=signer, directory=directory, random=random)


def current_epoch(directory: Directory, desk: str) -> str:
    """
    Name a desk's current key, as ``desk/epoch``.

    Raises:
        UnknownDesk, UnknownEpoch: There is no such desk, or it is keyless.
    """
    return f"{desk}/{directory.current_epoch(desk).epoch}"


def signing_key(root: StaffRoot) -> Ed25519PrivateKey:
    """Make the key with which a member signs what they seal."""
    return Ed25519PrivateKey.from_private_bytes(root.keys.signer_seed)


def _seal_with(
    line: LetterLine,
    manifest: Manifest,
    enclosures: Sequence[Enclosure],
    *,
    signer: Ed25519PrivateKey,
    directory: Directory,
    random: Random,
) -> Draft:
    """Seal the enclosures, then the letter that names them and holds their keys."""
    if len(enclosures) > MAX_ENCLOSURES:
        raise TooManyEnclosures
    sealed, keys = [], []
    for part, each in enumerate(enclosures, start=1):
        seed = random(SEED_BYTES)
        keys.append(EnclosureKey(each.name, each.type, len(each.content), seed.hex()))
        place = EnclosureLine(relay=line.relay, item=line.item, part=part)
        sealed.append(seal_enclosure(place, each.content, seed, random=random))
    line = replace(line, enclosures=tuple(map(part_digest, sealed)))
    manifest = replace(manifest, enclosures=tuple(keys))
    recipients = [directory.recipient(to) for to in line.to]
    letter = seal_letter(line, manifest, signer=signer, recipients=recipients, random=random)
    return Draft(line, (letter, *sealed))
