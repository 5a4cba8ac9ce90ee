"""The people, desks and lines that the tests of sealed files speak of."""

from collections.abc import Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.agefile import HybridIdentity, Stanza, encrypt
from keys.envelope import bind
from keys.sealed import (
    DocumentLine,
    EnclosureKey,
    EnclosureLine,
    FamilyAuthor,
    LetterLine,
    Manifest,
    encode_line,
    part_digest,
    seal_enclosure,
)

RELAY = "0a" * 16
ITEM = "0b" * 16
REVIEW = "0c" * 16 + "/1"
FACILITY = "0d" * 16 + "/2"
STAFF = "0e" * 16

REVIEW_KEY = HybridIdentity.from_seed(b"review desk, epoch 1, 32 bytes!!")
FACILITY_KEY = HybridIdentity.from_seed(b"facility desk, epoch 2, 32 bytes")
FAMILY_KEY = HybridIdentity.from_seed(b"a family's age identity, 32 byt.")
FAMILY = Ed25519PrivateKey.from_private_bytes(b"a family's signer, thirty-two b.")
FAMILY_VKEY = FAMILY.public_key().public_bytes_raw()
REVIEWER = Ed25519PrivateKey.from_private_bytes(b"a reviewer's signer, 32 bytes ..")
REVIEWER_VKEY = REVIEWER.public_key().public_bytes_raw()

PICTURE = b"\x89PNG a small house with a big sun " * 40
PICTURE_SEED = b"one-time seed of the picture, 32"
PICTURE_LINE = EnclosureLine(RELAY, ITEM, 1)
SEALED_PICTURE = seal_enclosure(PICTURE_LINE, PICTURE, PICTURE_SEED)

LINE = LetterLine(
    relay=RELAY,
    item=ITEM,
    kind="letter",
    hop="family>review",
    detainee="123456789012",
    to=(REVIEW,),
    dir=3,
    re=None,
    enclosures=(),
)
MANIFEST = Manifest(
    by=FamilyAuthor(FAMILY_VKEY.hex()),
    lang="uk",
    text="Любий, у нас усе добре. Яблуня зацвіла.\nМама",
    reply_to=str(FAMILY_KEY.recipient()),
)
LINE_WITH_PICTURE = replace(LINE, enclosures=(part_digest(SEALED_PICTURE),))
MANIFEST_WITH_PICTURE = replace(
    MANIFEST, enclosures=(EnclosureKey("house.png", "image/png", len(PICTURE), PICTURE_SEED.hex()),)
)
DOCUMENT_LINE = DocumentLine(relay=RELAY, kind="contact", id="0f" * 32, item=None, to=(REVIEW,), dir=3, version=1)


def sealed_by_hand(
    first_line: bytes,
    plaintext: bytes,
    *,
    extra: Sequence[Stanza] | None = None,
    keys: Sequence[HybridIdentity] = (REVIEW_KEY,),
) -> bytes:
    """Seal whatever it is: what a careless or hostile client could send."""
    stanzas = [bind(first_line)] if extra is None else extra
    return first_line + b"\n" + encrypt(plaintext, [key.recipient() for key in keys], extra=stanzas)


def letter_with(manifest_json: bytes, signature_line: bytes = b"", *, size: int = 4096) -> bytes:
    """Seal a letter with any inside."""
    return sealed_by_hand(encode_line(LINE), (manifest_json + b"\n" + signature_line + b"\n").ljust(size))
