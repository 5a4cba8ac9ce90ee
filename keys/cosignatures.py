"""C2SP tlog-cosignature: how a witness, or a log's own second key, signs a checkpoint or a subtree."""

import re
import struct
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from keys.errors import Malformed
from keys.vkeys import Algorithm, Signature, SignatureInvalid, Vkey, unbase64, verify_bytes

#: A timestamp fits a signed 64-bit integer.
MAX_TIME_SECONDS: Final = 2**63 - 1
_TIME_BYTES: Final = 8
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_SUBTREE_LABEL: Final = b"subtree/v1\n\x00"


class NotCosignable(Malformed):
    """This is not a checkpoint or a subtree that can be cosigned."""

    code = "not_cosignable"
    cure = "Cosign a checkpoint as its log wrote it, with a time in seconds and a key of a type that fits."


@dataclass(frozen=True, slots=True)
class Subtree:
    """
    A run of a log's leaves with its root: what an ML-DSA-44 cosigner signs. A checkpoint is one that starts at 0.

    Attributes:
        origin: The log's origin, 1 to 255 bytes.
        start: The first leaf's index.
        end: The index after the last leaf; the size, for a checkpoint.
        root: The subtree's root hash, 32 bytes.
    """

    origin: str
    start: int
    end: int
    root: bytes


class Cosigner:
    """
    A named key that cosigns checkpoints: Ed25519 (0x04) or ML-DSA-44 (0x06).

    A type of its own, so that no statement can be signed with a witness's key, nor a checkpoint cosigned with a
    member's. A log uses an ML-DSA-44 one for the second signature on the checkpoints it publishes.
    """

    __slots__ = ("_key", "vkey")

    def __init__(self, vkey: Vkey, key: Ed25519PrivateKey | MLDSA44PrivateKey) -> None:
        """Take both halves; the two constructors below make them agree."""
        self.vkey: Final = vkey
        self._key: Final = key

    @classmethod
    def ed25519(cls, name: str, seed: bytes) -> Self:
        """Name the Ed25519 cosigner that a 32-byte seed makes; one key for one cosigner, since it signs no name."""
        key = Ed25519PrivateKey.from_private_bytes(seed)
        return cls(Vkey.cosigner(name, key.public_key().public_bytes_raw()), key)

    @classmethod
    def mldsa44(cls, name: str, seed: bytes) -> Self:
        """Name the ML-DSA-44 cosigner that a 32-byte seed makes (FIPS 204)."""
        key = MLDSA44PrivateKey.from_seed_bytes(seed)
        return cls(Vkey.mldsa44(name, key.public_key().public_bytes_raw()), key)

    def stamp(self, message: bytes, time_s: int) -> Signature:
        """Sign a message that this module has built, and put the time before the signature."""
        blob = struct.pack(">Q", time_s) + self._key.sign(message)
        return Signature(self.vkey.name, self.vkey.key_id, blob)


def cosign(checkpoint_text: str, cosigner: Cosigner, time_s: int) -> Signature:
    """
    Cosign a checkpoint: say that it is consistent with, and the largest of, all this cosigner has seen of the log.

    The caller must have verified the log's signature and the consistency proof first.

    Args:
        checkpoint_text: The checkpoint's note text.
        cosigner: An Ed25519 (0x04) or ML-DSA-44 (0x06) key.
        time_s: When, in POSIX seconds.

    Raises:
        NotCosignable: The text is no checkpoint, or the time is out of range.
    """
    return cosigner.stamp(_cosigned(checkpoint_text, cosigner.vkey, time_s), time_s)


def verify_cosignature(checkpoint_text: str, signature: Signature, vkey: Vkey) -> int:
    """
    Verify a cosignature on a checkpoint, of either type, and return its time in POSIX seconds.

    Raises:
        SignatureInvalid: It does not verify, or the text is no checkpoint.
    """
    time_s = cosignature_time(signature)
    try:
        message = _cosigned(checkpoint_text, vkey, time_s)
    except NotCosignable:
        raise SignatureInvalid("a cosignature stands under a text that cannot be cosigned") from None
    verify_bytes(vkey, signature.blob[_TIME_BYTES:], message)
    return time_s


def cosign_subtree(subtree: Subtree, cosigner: Cosigner, *, time_s: int = 0) -> Signature:
    """
    Sign a subtree with an ML-DSA-44 key (C2SP tlog-cosignature, "ML-DSA-44 signed message").

    Args:
        subtree: The leaves and their root.
        cosigner: An ML-DSA-44 key; an Ed25519 one signs whole checkpoints only.
        time_s: POSIX seconds; 0 where nothing is said about the largest tree, always so if the start is not 0.

    Raises:
        NotCosignable: The subtree, the time or the key's type is not one that can be signed.
    """
    return cosigner.stamp(_subtree_message(subtree, cosigner.vkey, time_s), time_s)


def verify_subtree(subtree: Subtree, signature: Signature, vkey: Vkey) -> None:
    """
    Verify an ML-DSA-44 signature over a subtree.

    Raises:
        SignatureInvalid: Another key's line, or it does not verify.
        NotCosignable: The subtree is not one that can be signed.
    """
    if (signature.name, signature.key_id) != (vkey.name, vkey.key_id):
        raise SignatureInvalid("a signature names another key")
    message = _subtree_message(subtree, vkey, cosignature_time(signature))
    verify_bytes(vkey, signature.blob[_TIME_BYTES:], message)


def cosignature_time(signature: Signature) -> int:
    """
    Read when a cosignature says it was made, in POSIX seconds.

    Raises:
        SignatureInvalid: It has no time, or one past 2^63 - 1.
    """
    time_s = int.from_bytes(signature.blob[:_TIME_BYTES])
    if len(signature.blob) <= _TIME_BYTES or time_s > MAX_TIME_SECONDS:
        raise SignatureInvalid("a cosignature has no time, or one that is out of range")
    return time_s


def _cosigned(text: str, vkey: Vkey, time_s: int) -> bytes:
    subtree = _checkpoint_subtree(text)
    if vkey.algorithm != Algorithm.COSIGNATURE:
        # An ML-DSA-44 signature does not cover extension lines, and nobody should read them as if it did.
        if text.count("\n") != 3:
            raise NotCosignable("an ML-DSA-44 cosignature stands under a checkpoint with extension lines")
        return _subtree_message(subtree, vkey, time_s)
    _check_time(time_s)
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def _checkpoint_subtree(text: str) -> Subtree:
    # The whole checkpoint format is relay/custody/checkpoint.py; a cosignature needs its first three lines only.
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise NotCosignable("a checkpoint's first two lines are not an origin and a size")
    root = unbase64(lines[2])
    if root is None or len(root) != 32:
        raise NotCosignable("a checkpoint's third line is not a root hash")
    return Subtree(lines[0], 0, int(lines[1]), root)


def _subtree_message(subtree: Subtree, vkey: Vkey, time_s: int) -> bytes:
    name, origin = vkey.name.encode(), subtree.origin.encode()
    if vkey.algorithm != Algorithm.MLDSA44 or len(name) > 255:
        raise NotCosignable("only an ML-DSA-44 key with a name of at most 255 bytes signs subtrees")
    if not 1 <= len(origin) <= 255 or len(subtree.root) != 32:
        raise NotCosignable("a subtree's origin or root has a length that cannot be signed")
    if not 0 <= subtree.start <= subtree.end < 2**64 or (subtree.start and time_s):
        raise NotCosignable("a subtree's ends are out of order, or it has a time though it does not start at 0")
    _check_time(time_s)
    return b"".join(
        (
            _SUBTREE_LABEL,
            bytes([len(name)]) + name,
            struct.pack(">Q", time_s),
            bytes([len(origin)]) + origin,
            struct.pack(">QQ", subtree.start, subtree.end),
            subtree.root,
        )
    )


def _check_time(time_s: int) -> None:
    if not 0 <= time_s <= MAX_TIME_SECONDS:
        raise NotCosignable("a cosignature's time is out of range")
