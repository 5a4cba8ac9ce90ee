r"""
Sealed files: letters here, enclosures and documents beside them (docs/spec/sealed.md).

    <first line>\n<age file of: <manifest>\n<base64 signature>\n and spaces>

Three steps for each. `seal_…` is what a client does before anything leaves the machine; `check_…` is all that the
relay can do, and does, with what it is given; `open_…` is for whoever holds a key. A forged or unsigned letter opens:
its reader is shown it as such, which silence would not do.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.agefile import Identity
from keys.documents import (
    MAX_DOCUMENT_BYTES,
    OpenedDocument,
    check_document,
    open_document,
    seal_document,
)
from keys.enclosures import EnclosureMalformed, check_enclosure, open_enclosure, seal_enclosure
from keys.envelope import (
    ForeignStanza,
    NotPadded,
    RecipientsDiffer,
    WrongBind,
    check_envelope,
    open_envelope,
    seal_envelope,
)
from keys.errors import Refused
from keys.firstlines import (
    DOCUMENT_PREFIX,
    ENCLOSURE_PREFIX,
    HOPS,
    KINDS,
    MAX_ENCLOSURES,
    DocumentLine,
    EnclosureLine,
    LetterLine,
    Line,
    LineMalformed,
    UnknownPart,
    encode_line,
    parse_document_line,
    parse_enclosure_line,
    parse_line,
    split_first_line,
)
from keys.hybrid import HybridRecipient
from keys.ids import Random
from keys.manifests import (
    MAX_ENCLOSURE_BYTES,
    MAX_TEXT_CHARACTERS,
    Author,
    EnclosureKey,
    Excision,
    FamilyAuthor,
    Manifest,
    ManifestMalformed,
    StaffAuthor,
    TextTooLong,
    encode_manifest,
    excise,
    parse_manifest,
)
from keys.padding import TEXT_SIZES, padme
from keys.signedcontent import TooLarge, is_signed, sign, split_signed

__all__ = [
    "HOPS",
    "KINDS",
    "MAX_DOCUMENT_BYTES",
    "MAX_ENCLOSURES",
    "MAX_ENCLOSURE_BYTES",
    "MAX_TEXT_CHARACTERS",
    "Author",
    "DocumentLine",
    "EnclosureExcised",
    "EnclosureKey",
    "EnclosureLine",
    "EnclosureMalformed",
    "Excision",
    "FamilyAuthor",
    "ForeignStanza",
    "LetterLine",
    "Line",
    "LineMalformed",
    "Manifest",
    "ManifestMalformed",
    "NotPadded",
    "OpenedDocument",
    "OpenedLetter",
    "RecipientsDiffer",
    "StaffAuthor",
    "TextTooLong",
    "TooLarge",
    "UnknownPart",
    "WrongBind",
    "check_document",
    "check_enclosure",
    "check_letter",
    "check_part",
    "encode_line",
    "excise",
    "open_document",
    "open_enclosure",
    "open_letter",
    "padme",
    "parse_document_line",
    "parse_enclosure_line",
    "parse_line",
    "part_digest",
    "seal_document",
    "seal_enclosure",
    "seal_letter",
]


class EnclosureExcised(Refused):
    """This enclosure was left out by a reviewer, so its key is not in the letter."""

    code = "enclosure_excised"
    cure = "Read the letter without it; the reviewer's reasons stand in the letter's custody record."


@dataclass(frozen=True, slots=True)
class OpenedLetter:
    """
    A letter as it was sealed; `authentic` says whether its author signed it.

    Attributes:
        line: Where it was to go on this leg.
        manifest: What its reader shall see.
        manifest_json: The bytes that were signed, after the first line.
        signature: 64 bytes, or none if nobody signed.
    """

    line: LetterLine
    manifest: Manifest
    manifest_json: bytes
    signature: bytes

    @property
    def author(self) -> Author:
        """Say who claims to have signed."""
        return self.manifest.by

    def authentic(self, vkey: bytes) -> bool:
        """
        Say whether the holder of this key signed this letter under this first line.

        Args:
            vkey: The 32 raw bytes of the Ed25519 key that the author is known by, from the directory or the contact; a
                key that only stands in the letter proves that it was not changed, not who wrote it.
        """
        return is_signed(vkey, encode_line(self.line), self.manifest_json, self.signature)

    def open_enclosure(self, part: int, data: bytes) -> bytes:
        """
        Open the enclosure that this letter names as its part 1, 2 or 3.

        Raises:
            EnclosureMalformed: It is another file than the letter names, or its inside is not as described.
            EnclosureExcised: A reviewer left it out.
            RelayError: See `open_enclosure`.
        """
        expected = EnclosureLine(relay=self.line.relay, item=self.line.item, part=part)
        if part > len(self.line.enclosures) or part_digest(data) != self.line.enclosures[part - 1]:
            raise EnclosureMalformed("this is not the enclosure that the letter names")
        key = self.manifest.enclosures[part - 1]
        if key.seed is None:
            raise EnclosureExcised
        if check_enclosure(data) != expected:
            raise EnclosureMalformed("the enclosure belongs to another item or part")
        return open_enclosure(data, seed=bytes.fromhex(key.seed), size_bytes=key.bytes)


def seal_letter(
    line: LetterLine,
    manifest: Manifest,
    *,
    signer: Ed25519PrivateKey,
    recipients: Sequence[HybridRecipient],
    random: Random = os.urandom,
) -> bytes:
    """
    Sign a letter and seal it for one leg.

    Args:
        line: Where it goes.
        manifest: What its reader shall see; its enclosures in the order of the line's digests.
        signer: The author's key.
        recipients: One for each name in the line's `to`, in that order.
        random: See `keys.agefile.encrypt`.

    Raises:
        ManifestMalformed: The manifest describes more or fewer enclosures than the line names.
        RecipientsDiffer: More or fewer recipients than the line names.
    """
    _require_same_enclosures(line, manifest)
    first_line = encode_line(line)
    plaintext = sign(first_line, encode_manifest(manifest), signer)
    if len(recipients) != len(line.to):
        raise RecipientsDiffer
    return seal_envelope(first_line, plaintext, recipients, random=random)


def check_letter(data: bytes) -> LetterLine:
    """
    Check a letter as far as anybody can without a key, and give its first line.

    Raises:
        UnknownPart: It is no letter.
        LineMalformed, NotCanonical: The first line is not as the format says.
        HeaderMalformed: What follows is no age file.
        ForeignStanza: It has another recipient than post-quantum ones, or not exactly one bind stanza, as the last.
        WrongBind: The first line is not the one it was sealed with.
        RecipientsDiffer: It has not one recipient for each name in `to`.
        NotPadded: Its content is not 4, 16 or 64 KiB long.
    """
    line = parse_line(split_first_line(data))
    envelope = check_envelope(data, recipients=len(line.to))
    if envelope.plaintext_bytes not in TEXT_SIZES:
        raise NotPadded
    return line


def open_letter(data: bytes, identities: Sequence[Identity]) -> OpenedLetter:
    """
    Check and open a letter; whether its author signed it, `OpenedLetter.authentic` says.

    Raises:
        Malformed: See `check_letter`.
        WrongKey: None of the identities opens it.
        HeaderForged, PayloadBroken: It was changed or damaged after it was sealed.
        ManifestMalformed, NotCanonical: The inside is not as the format says.
        NotPadded: The padding is not spaces up to the smallest size.
    """
    line = check_letter(data)
    manifest_json, signature = split_signed(open_envelope(data, identities))
    manifest = parse_manifest(manifest_json)
    _require_same_enclosures(line, manifest)
    return OpenedLetter(line, manifest, manifest_json, signature)


def _require_same_enclosures(line: LetterLine, manifest: Manifest) -> None:
    if len(line.enclosures) != len(manifest.enclosures):
        raise ManifestMalformed("the manifest describes more or fewer enclosures than the first line names")


def check_part(data: bytes) -> Line:
    """
    Check any sealed file as the relay does, by the prefix of its first line.

    Raises:
        Malformed: See `check_letter`, `check_enclosure` and `check_document`.
    """
    if data.startswith(ENCLOSURE_PREFIX):
        return check_enclosure(data)
    if data.startswith(DOCUMENT_PREFIX):
        return check_document(data)
    return check_letter(data)


def part_digest(data: bytes) -> str:
    """Give the SHA-256 of a whole sealed file, first line included, as hex."""
    return hashlib.sha256(data).hexdigest()
