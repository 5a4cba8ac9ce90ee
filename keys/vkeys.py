"""Verifier keys of C2SP signed notes: a key's name, its type, and its public half in one line."""

import base64
import binascii
import enum
import functools
import hashlib
import re
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from keys.errors import Malformed, Refused

#: C2SP signed-note: no Unicode spaces, no plus sign; and, since it stands in a note, no control characters and nothing
#: that UTF-8 cannot write.
KEY_NAME: Final = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
_KEY_ID: Final = re.compile(r"[0-9a-f]{8}")


class VkeyMalformed(Malformed):
    """This is not a verifier key of the form name+id+key."""

    code = "vkey_malformed"
    cure = "Copy the verifier key again, the whole line, from where it was published."


class SignatureInvalid(Refused):
    """A signature by a known key does not belong to this text."""

    code = "signature_invalid"
    cure = "Sign the text again as it stands; if you did not change it, somebody on the way did."


class Algorithm(enum.IntEnum):
    """The signature types this project knows, by their C2SP identifier byte."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    MLDSA44 = 0x06


_PUBLIC_BYTES: Final = {Algorithm.ED25519: 32, Algorithm.COSIGNATURE: 32, Algorithm.MLDSA44: 1312}


@dataclass(frozen=True, slots=True)
class Vkey:
    """
    A verifier key: whose it is, what it may sign by its type, and its public half.

    Attributes:
        name: The key name; non-empty, without spaces, plus signs or control characters.
        key_id: 4 bytes, the hash of name, type and key; an identifier, not a proof.
        algorithm: One of `Algorithm`.
        public: The raw public key: 32 bytes, or 1,312 for ML-DSA-44.

    Raises:
        VkeyMalformed: Name, type, length and id do not agree.
    """

    name: str
    key_id: bytes
    algorithm: int
    public: bytes

    def __post_init__(self) -> None:
        """Refuse a key that could not have been parsed."""
        if not KEY_NAME.fullmatch(self.name):
            raise VkeyMalformed("a key name is empty, or has a space, a plus sign or a control character in it")
        if self.algorithm not in _PUBLIC_BYTES:
            raise VkeyMalformed("a verifier key has a type that is not used here")
        if len(self.public) != _PUBLIC_BYTES[Algorithm(self.algorithm)]:
            raise VkeyMalformed("a verifier key is too short or too long for its type")
        if self.key_id != _key_id(self.name, self.algorithm, self.public):
            raise VkeyMalformed("a verifier key's id is not the hash of its name and key")

    @classmethod
    def ed25519(cls, name: str, public: bytes) -> Self:
        """Name a 32-byte Ed25519 public key that signs notes (type 0x01)."""
        return cls._made(name, Algorithm.ED25519, public)

    @classmethod
    def cosigner(cls, name: str, public: bytes) -> Self:
        """Name a 32-byte Ed25519 public key that cosigns checkpoints (type 0x04)."""
        return cls._made(name, Algorithm.COSIGNATURE, public)

    @classmethod
    def mldsa44(cls, name: str, public: bytes) -> Self:
        """Name a 1,312-byte ML-DSA-44 public key that cosigns checkpoints and subtrees (type 0x06)."""
        return cls._made(name, Algorithm.MLDSA44, public)

    @classmethod
    def _made(cls, name: str, algorithm: Algorithm, public: bytes) -> Self:
        return cls(name, _key_id(name, algorithm, public), algorithm, public)

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read ``name+hex8(id)+base64(type, key)``, in its one encoding.

        Raises:
            VkeyMalformed: It is anything else, or of a type not used here.
        """
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        material = unbase64(encoded)
        if not material or not _KEY_ID.fullmatch(key_id):
            raise VkeyMalformed
        return cls(name, bytes.fromhex(key_id), material[0], material[1:])

    def __str__(self) -> str:
        """Write the key as it is published."""
        material = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{material}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the key it claims, and the bytes after the key id."""

    name: str
    key_id: bytes
    blob: bytes


def verify_bytes(vkey: Vkey, signature: bytes, message: bytes) -> None:
    """
    Verify a bare signature over a message that some format has built.

    Raises:
        SignatureInvalid: It does not verify, whatever the reason.
    """
    try:
        _public_key(vkey.algorithm, vkey.public).verify(signature, message)
    except InvalidSignature:
        raise SignatureInvalid from None


# The same few keys sign nearly everything, and loading one costs a good part of a verification. Public halves only.
@functools.lru_cache(maxsize=4096)
def _public_key(algorithm: int, public: bytes) -> Ed25519PublicKey | MLDSA44PublicKey:
    if algorithm == Algorithm.MLDSA44:
        return MLDSA44PublicKey.from_public_bytes(public)
    return Ed25519PublicKey.from_public_bytes(public)


def _key_id(name: str, algorithm: int, public: bytes) -> bytes:
    return hashlib.sha256(b"%s\n%c%s" % (name.encode(errors="replace"), algorithm, public)).digest()[:4]


def unbase64(text: str) -> bytes | None:
    """Decode canonical padded base64 (RFC 4648 §4); what encodes back differently is none."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
    return data if binascii.b2a_base64(data, newline=False).decode() == text else None
