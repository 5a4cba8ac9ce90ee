"""
What stands inside a sealed file: a manifest, signed by the family or by a member of staff.

Anybody can seal to a public key, so the seal says nothing about who wrote. The signature does; it covers the first line
too, so that a manifest cannot be moved under another one.

    letter    {"v","by","lang","text","reply_to","address","note","excised","enclosures"}
    document  {"v","by","text"} or {"v","by","base64"}
"""

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keys.canonical import encode_json, parse_json
from keys.errors import Malformed
from keys.firstlines import MAX_ENCLOSURES
from keys.ids import is_digest, is_id, is_integer
from keys.vkeys import unbase64

MANIFEST_VERSION = 1
MAX_TEXT_CHARACTERS = 8_000
MAX_NOTE_CHARACTERS = 2_000
MAX_NAME_CHARACTERS = 100
MAX_ENCLOSURE_BYTES = 4 * 1024 * 1024
#: Every image is re-encoded by the client that encloses it, so that no hidden data travels with it.
ENCLOSURE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})
#: FULL BLOCK, one for each character that was taken out.
BLOCK = "\u2588"

#: Controls other than line feed and tab, and halves of surrogate pairs, which UTF-8 cannot write.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LANGUAGE = re.compile(r"(?=.{2,35}\Z)[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_RECIPIENT = re.compile(r"age1pq1[02-9ac-hj-np-z]{1952}")
_REASON = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


class ManifestMalformed(Malformed):
    """The inside of the sealed file is not as the format says."""

    code = "manifest"


class TextTooLong(ManifestMalformed):
    """The text is longer than 8,000 characters."""

    code = "text_too_long"
    cure = "Shorten the letter, or write a second one."


@dataclass(frozen=True, slots=True)
class FamilyAuthor:
    """A family, by the Ed25519 key (hex) that its receipt code makes."""

    vkey: str

    def __post_init__(self) -> None:
        _require(is_digest(self.vkey), "by")


@dataclass(frozen=True, slots=True)
class StaffAuthor:
    """A member of staff, by id; the directory has the key."""

    id: str

    def __post_init__(self) -> None:
        _require(is_id(self.id), "by")


Author = FamilyAuthor | StaffAuthor


@dataclass(frozen=True, slots=True)
class Excision:
    """
    Characters that a reviewer took out, each replaced by one U+2588.

    Attributes:
        start: The first one's place, counted in Unicode code points from 0.
        end: The place after the last one's.
        reason: A code in capitals, such as ``MIL``.
    """

    start: int
    end: int
    reason: str

    def __post_init__(self) -> None:
        _require(is_integer(self.start) and is_integer(self.end) and self.start < self.end, "excised")
        _require(_REASON.fullmatch(self.reason) is not None, "excised")


@dataclass(frozen=True, slots=True)
class EnclosureKey:
    """
    What opens one enclosure.

    Attributes:
        name: For the reader; no path.
        type: One of `ENCLOSURE_TYPES`.
        bytes: Its size before padding, at most 4 MiB.
        seed: 32 bytes in hex, from which its one-time key is made; None if a reviewer left the enclosure out.
    """

    name: str
    type: str
    bytes: int
    seed: str | None

    def __post_init__(self) -> None:
        _require(0 < len(self.name) <= MAX_NAME_CHARACTERS, "enclosures")
        _require(not _UNPRINTABLE.search(self.name) and not set(self.name) & set("/\\\n\t"), "enclosures")
        _require(self.type in ENCLOSURE_TYPES, "enclosures")
        _require(is_integer(self.bytes, least=1) and self.bytes <= MAX_ENCLOSURE_BYTES, "enclosures")
        _require(self.seed is None or is_digest(self.seed), "enclosures")


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    A letter as its reader shall see it.

    Attributes:
        by: Who signs it: the family, or the member of staff who sealed it on.
        lang: The text's language (BCP 47), ``und`` if unknown.
        text: At most 8,000 characters; empty where only enclosures or goods are sent.
        reply_to: The family's ``age1pq1…`` recipient, for the answer.
        address: What helps to find the addressee or the sender, in their own words; at most 2,000 characters.
        note: From the sealer to the next reader, not part of the letter; at most 2,000 characters.
        excised: In order, without overlap.
        enclosures: In the order of the first line's digests.
    """

    by: Author
    lang: str
    text: str
    reply_to: str | None = None
    address: str | None = None
    note: str | None = None
    excised: tuple[Excision, ...] = ()
    enclosures: tuple[EnclosureKey, ...] = ()

    def __post_init__(self) -> None:
        if len(self.text) > MAX_TEXT_CHARACTERS:
            raise TextTooLong
        _require(_LANGUAGE.fullmatch(self.lang) is not None, "lang")
        _require(not _UNPRINTABLE.search(self.text), "text")
        _require(self.reply_to is None or _RECIPIENT.fullmatch(self.reply_to) is not None, "reply_to")
        for key, value in (("address", self.address), ("note", self.note)):
            _require(value is None or 0 < len(value) <= MAX_NOTE_CHARACTERS, key)
            _require(value is None or not _UNPRINTABLE.search(value), key)
        _require(_blocked(self.text, self.excised), "excised")
        _require(len(self.enclosures) <= MAX_ENCLOSURES, "enclosures")


@dataclass(frozen=True, slots=True)
class DocumentManifest:
    """Any other signed content: JSON, text or an image."""

    by: Author
    content: bytes


def excise(text: str, excisions: Sequence[Excision]) -> str:
    """
    Replace each character of the ranges by one block, so that all other characters keep their place.

    Raises:
        ManifestMalformed: Ranges overlap, are out of order, or reach beyond the text.
    """
    characters = list(text)
    for excision in excisions:
        characters[excision.start : excision.end] = BLOCK * (excision.end - excision.start)
    _require(len(characters) == len(text) and _blocked("".join(characters), excisions), "excised")
    return "".join(characters)


def encode_manifest(manifest: Manifest) -> bytes:
    """Write a letter's manifest."""
    fields = {
        "v": MANIFEST_VERSION,
        "by": _author_fields(manifest.by),
        "lang": manifest.lang,
        "text": manifest.text,
        "reply_to": manifest.reply_to,
        "address": manifest.address,
        "note": manifest.note,
        "excised": [{"start": cut.start, "end": cut.end, "reason": cut.reason} for cut in manifest.excised] or None,
        "enclosures": [
            {"name": key.name, "type": key.type, "bytes": key.bytes, "seed": key.seed} for key in manifest.enclosures
        ]
        or None,
    }
    return encode_json({key: value for key, value in fields.items() if value is not None}).encode()


def parse_manifest(data: bytes) -> Manifest:
    """
    Read a letter's manifest.

    Raises:
        NotCanonical: It is not JSON, or not written the one way the format allows.
        ManifestMalformed: Not UTF-8; a key is missing, unknown or out of order; a value is not what its key may hold.
        TextTooLong: More than 8,000 characters.
    """
    fields = _fields(data)
    manifest = Manifest(
        by=_parse_author(fields.get("by")),
        lang=_string(fields.get("lang"), "lang"),
        text=_string(fields.get("text"), "text"),
        reply_to=_optional(fields.get("reply_to"), "reply_to"),
        address=_optional(fields.get("address"), "address"),
        note=_optional(fields.get("note"), "note"),
        excised=tuple(_parse_excision(value) for value in _objects(fields.get("excised"), "excised")),
        enclosures=tuple(_parse_enclosure(value) for value in _objects(fields.get("enclosures"), "enclosures")),
    )
    if encode_manifest(manifest) != data:
        raise ManifestMalformed("the manifest has its keys in another order, or some that it may not have")
    return manifest


def encode_document(manifest: DocumentManifest) -> bytes:
    """Write a document's manifest: its content as a string if it is UTF-8, otherwise as base64."""
    fields: dict[str, object] = {"v": MANIFEST_VERSION, "by": _author_fields(manifest.by)}
    try:
        fields["text"] = manifest.content.decode()
    except UnicodeDecodeError:
        fields["base64"] = binascii.b2a_base64(manifest.content, newline=False).decode("ascii")
    return encode_json(fields).encode()


def parse_document(data: bytes) -> DocumentManifest:
    """Read a document's manifest; raises as `parse_manifest`."""
    fields = _fields(data)
    by = _parse_author(fields.get("by"))
    if "text" in fields:
        content = _string(fields["text"], "text").encode()
    else:
        decoded = unbase64(_string(fields.get("base64"), "base64"))
        if decoded is None:
            raise ManifestMalformed("the manifest's `base64` is not canonical")
        content = decoded
    manifest = DocumentManifest(by, content)
    if encode_document(manifest) != data:
        raise ManifestMalformed("the manifest has its keys in another order, or some that it may not have")
    return manifest


# ---------------------------------------------------------------- checks


def _require(holds: bool, key: str) -> None:
    if not holds:
        raise ManifestMalformed(f"the manifest's `{key}` is not what it may be")


def _blocked(text: str, excisions: Sequence[Excision]) -> bool:
    """Say whether the ranges follow each other and hold nothing but blocks."""
    at = 0
    for cut in excisions:
        if cut.start < at or text[cut.start : cut.end] != BLOCK * (cut.end - cut.start):
            return False
        at = cut.end
    return True


def _fields(data: bytes) -> dict[str, Any]:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ManifestMalformed("the manifest is not UTF-8") from None
    fields = parse_json(text, what="manifest")
    _require(is_integer(fields.get("v")) and fields["v"] == MANIFEST_VERSION, "v")
    return fields


def _string(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise ManifestMalformed(f"the manifest's `{key}` is not what it may be")
    return value


def _optional(value: object, key: str) -> str | None:
    return None if value is None else _string(value, key)


def _objects(value: object, key: str) -> list[dict[str, Any]]:
    """Give a list of objects; an absent one is empty."""
    values = [] if value is None else value
    if not isinstance(values, list) or not all(isinstance(entry, dict) for entry in values):
        raise ManifestMalformed(f"the manifest's `{key}` is not what it may be")
    return values


def _author_fields(author: Author) -> dict[str, str]:
    return {"family": author.vkey} if isinstance(author, FamilyAuthor) else {"staff": author.id}


def _parse_author(value: object) -> Author:
    fields = value if isinstance(value, dict) else {}
    if "family" in fields:
        return FamilyAuthor(_string(fields["family"], "by"))
    return StaffAuthor(_string(fields.get("staff"), "by"))


def _parse_excision(fields: dict[str, Any]) -> Excision:
    reason = _string(fields.get("reason"), "excised")
    return Excision(start=_integer(fields, "start"), end=_integer(fields, "end"), reason=reason)


def _parse_enclosure(fields: dict[str, Any]) -> EnclosureKey:
    return EnclosureKey(
        name=_string(fields.get("name"), "enclosures"),
        type=_string(fields.get("type"), "enclosures"),
        bytes=_integer(fields, "bytes"),
        seed=_optional(fields.get("seed"), "enclosures"),
    )


def _integer(fields: dict[str, Any], key: str) -> int:
    value = fields.get(key)
    if type(value) is not int:
        raise ManifestMalformed(f"the manifest's `{key}` is not what it may be")
    return value
