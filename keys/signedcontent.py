r"""
The inside of letters and documents: what was written, who signed it, and spaces up to a padded size.

    <manifest>\n<base64 signature>\n<spaces>
"""

import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from keys.envelope import NotPadded
from keys.errors import Malformed
from keys.manifests import ManifestMalformed
from keys.padding import padded_text_bytes
from keys.vkeys import unbase64

SIGNATURE_BYTES = 64
_LABEL = b"letter-relay/manifest/v1\0"


class TooLarge(Malformed):
    """What is to be sealed is larger than the format allows."""

    code = "too_large"
    cure = "Make it smaller: a letter has at most 8,000 characters, an enclosure or a document 4 MiB."


def signed_bytes(first_line: bytes, manifest_json: bytes) -> bytes:
    """Give what the author signs; the label keeps it apart from every other purpose of the key."""
    return _LABEL + first_line + b"\n" + manifest_json


def sign(first_line: bytes, manifest_json: bytes, signer: Ed25519PrivateKey) -> bytes:
    """Sign a manifest under its first line and write the padded plaintext."""
    return plaintext_of(manifest_json, signer.sign(signed_bytes(first_line, manifest_json)))


def plaintext_of(manifest_json: bytes, signature: bytes) -> bytes:
    """Write the padded plaintext; without a signature its line is empty."""
    content = manifest_json + b"\n" + binascii.b2a_base64(signature)
    return content.ljust(padded_text_bytes(len(content)), b" ")


def split_signed(plaintext: bytes) -> tuple[bytes, bytes]:
    """
    Split a plaintext into manifest and signature, judging neither.

    An empty signature line is an unsigned letter, to be shown as such; any other that is not 64 bytes is malformed.

    Raises:
        ManifestMalformed: The signature's line is neither empty nor 64 bytes of base64.
        NotPadded: What follows is not spaces up to the smallest padded size.
    """
    manifest_json, _, rest = plaintext.partition(b"\n")
    signature_line, _, _ = rest.partition(b"\n")
    signature = unbase64(signature_line.decode("ascii", errors="replace"))
    if signature is None or len(signature) not in {0, SIGNATURE_BYTES}:
        raise ManifestMalformed("the signature under the manifest is not 64 bytes of base64")
    if plaintext_of(manifest_json, signature) != plaintext:
        raise NotPadded("the sealed content is not padded with spaces to the smallest size that holds it")
    return manifest_json, signature


def is_signed(vkey: bytes, first_line: bytes, manifest_json: bytes, signature: bytes) -> bool:
    """Say whether the holder of this Ed25519 key (32 bytes) signed this manifest under this first line."""
    try:
        Ed25519PublicKey.from_public_bytes(vkey).verify(signature, signed_bytes(first_line, manifest_json))
    except InvalidSignature:
        return False
    return True
