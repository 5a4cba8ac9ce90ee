"""
Everything else that is sealed and kept: contacts, notes to families, scans, register pages, desk keys, declarations.

A document is built like a letter: a first line, bound; a manifest, signed; spaces. Its content is any bytes.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.agefile import Identity
from keys.envelope import NotPadded, RecipientsDiffer, check_envelope, open_envelope, seal_envelope
from keys.firstlines import DocumentLine, encode_line, parse_document_line, split_first_line
from keys.hybrid import HybridRecipient
from keys.ids import Random
from keys.manifests import Author, DocumentManifest, encode_document, parse_document
from keys.padding import padded_text_bytes
from keys.signedcontent import TooLarge, is_signed, sign, split_signed

#: The content, before it is signed and padded.
MAX_DOCUMENT_BYTES = 4 * 1024 * 1024
#: The whole plaintext: 4 MiB as base64, or as JSON with much to escape, and its signature.
MAX_DOCUMENT_PLAINTEXT_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """
    A contact, note, scan, register page, desk key or declaration, as it was sealed.

    Attributes:
        line: What it is.
        author: Who claims to have signed.
        content: JSON, text or an image.
        manifest_json: The bytes that were signed, after the first line.
        signature: 64 bytes, or none if nobody signed.
    """

    line: DocumentLine
    author: Author
    content: bytes
    manifest_json: bytes
    signature: bytes

    def authentic(self, vkey: bytes) -> bool:
        """Say whether the holder of this key signed this document; see `OpenedLetter.authentic`."""
        return is_signed(vkey, encode_line(self.line), self.manifest_json, self.signature)


def seal_document(
    line: DocumentLine,
    content: bytes,
    *,
    author: Author,
    signer: Ed25519PrivateKey,
    recipients: Sequence[HybridRecipient],
    random: Random = os.urandom,
) -> bytes:
    """
    Sign a document and seal it.

    Raises:
        TooLarge: More than 4 MiB, or more than 8 MiB when written as JSON.
        RecipientsDiffer: More or fewer recipients than the line names.
    """
    first_line = encode_line(line)
    plaintext = sign(first_line, encode_document(DocumentManifest(author, content)), signer)
    if len(content) > MAX_DOCUMENT_BYTES or len(plaintext) > MAX_DOCUMENT_PLAINTEXT_BYTES:
        raise TooLarge
    if len(recipients) != len(line.to):
        raise RecipientsDiffer
    return seal_envelope(first_line, plaintext, recipients, random=random)


def check_document(data: bytes) -> DocumentLine:
    """Check a document without a key; raises as `check_letter`, larger ones having a Padmé size of at most 8 MiB."""
    line = parse_document_line(split_first_line(data))
    size = check_envelope(data, recipients=len(line.to)).plaintext_bytes
    if padded_text_bytes(size) != size or size > MAX_DOCUMENT_PLAINTEXT_BYTES:
        raise NotPadded
    return line


def open_document(data: bytes, identities: Sequence[Identity]) -> OpenedDocument:
    """Check and open a document; raises as `open_letter`, and TooLarge for a content of more than 4 MiB."""
    line = check_document(data)
    manifest_json, signature = split_signed(open_envelope(data, identities))
    manifest = parse_document(manifest_json)
    if len(manifest.content) > MAX_DOCUMENT_BYTES:
        raise TooLarge
    return OpenedDocument(line, manifest.by, manifest.content, manifest_json, signature)
