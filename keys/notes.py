"""C2SP signed notes: a text that ends in a newline, a blank line, and the signatures of the keys that stand behind it.

Everything signed in Letter Relay, but for the manifest inside a letter, is a note: trust, directory, statements,
checkpoints. A note says nothing until one of the keys *expected* has been verified, so the text is reached through
`verify_note`. Sources: C2SP signed-note v1 and tlog-cosignature v1.
"""

import base64
import binascii
import enum
import functools
import hashlib
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from keys.errors import Malformed, Refused

MAX_SIGNATURES: Final = 100
MAX_NOTE_BYTES: Final = 1024 * 1024
#: tlog-cosignature: a timestamp fits a signed 64-bit integer.
MAX_TIME_SECONDS: Final = 2**63 - 1

_NAME = re.compile(r"[^\s+\x00-\x1f]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_DASH = "\u2014 "
_SUBTREE_LABEL = b"subtree/v1\n\x00"


class NoteMalformed(Malformed):
    """These bytes are not a signed note."""

    code = "note_malformed"


class VkeyMalformed(Malformed):
    """This is not a verifier key of the form name+id+key."""

    code = "vkey_malformed"
    cure = "Copy the verifier key again, the whole line, from where it was published."


class NoteUnsigned(Refused):
    """None of the keys that count here has signed this note."""

    code = "note_unsigned"
    cure = "Have it signed by the key that this note is meant for, then send it again."


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
_BLOB_BYTES: Final = {Algorithm.ED25519: 64, Algorithm.COSIGNATURE: 8 + 64, Algorithm.MLDSA44: 8 + 2420}


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
        if not _NAME.fullmatch(self.name):
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
        material = _unbase64(encoded)
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


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was parsed. Its text counts for nothing until `verify_note` has said who stands behind it."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class VerifiedNote:
    """A text, and which of the expected keys have signed it (each once, in the order of their lines)."""

    text: str
    by: tuple[Vkey, ...]


def parse_note(data: bytes) -> Note:
    """
    Split a note into its text and its signature lines, without judging either.

    Args:
        data: The whole note, at most 1 MiB, with 1 to 100 signature lines.

    Raises:
        NoteMalformed: It is not UTF-8, has control characters, no blank line, or a signature line that is not in
            its one encoding (C2SP signed-note, "Format").
    """
    if len(data) > MAX_NOTE_BYTES:
        raise NoteMalformed("a note is larger than 1 MiB")
    whole = _decode(data)
    blank = whole.rfind("\n\n")
    if blank < 0 or not whole.endswith("\n"):
        raise NoteMalformed("a note has no blank line before its signatures, or no newline at its end")
    lines = whole[blank + 2 :].split("\n")[:-1]
    if not 1 <= len(lines) <= MAX_SIGNATURES:
        raise NoteMalformed("a note has no signature line, or more than 100")
    return Note(whole[: blank + 1], tuple(_parse_signature(line) for line in lines))


def encode_note(note: Note) -> bytes:
    """
    Write a note; the one inverse of `parse_note`.

    Raises:
        NoteMalformed: The text does not end in a newline, has control characters, or there is nobody's signature;
            a note that could not be read back is not written.
    """
    if not note.text.endswith("\n") or _CONTROL.search(note.text):
        raise NoteMalformed("a note's text has no newline at its end, or a control character in it")
    if not 1 <= len(note.signatures) <= MAX_SIGNATURES:
        raise NoteMalformed("a note has no signature line, or more than 100")
    whole = note.text + "\n" + "".join(map(encode_signature, note.signatures))
    try:
        return whole.encode()
    except UnicodeEncodeError:
        raise NoteMalformed("a note's text has half a surrogate pair in it") from None


def encode_signature(signature: Signature) -> str:
    """Write one signature line with its newline, as a witness returns it."""
    blob = base64.b64encode(signature.key_id + signature.blob).decode()
    return f"{_DASH}{signature.name} {blob}\n"


def parse_signatures(data: bytes) -> tuple[Signature, ...]:
    """
    Read signature lines without a text: what a witness answers (C2SP tlog-witness, "add-checkpoint").

    Raises:
        NoteMalformed: It is not 1 to 100 signature lines, each with its newline.
    """
    return parse_note(b"\n\n" + data).signatures


def note_digest(data: bytes) -> str:
    """Hash a whole note, signatures included, as hex SHA-256; the name by which other formats refer to it."""
    return hashlib.sha256(data).hexdigest()


class Signer:
    """A named Ed25519 key that signs notes (type 0x01). It never shows its private half."""

    __slots__ = ("_key", "vkey")

    def __init__(self, vkey: Vkey, key: Ed25519PrivateKey) -> None:
        """Take both halves; `Signer.ed25519` and `Signer.named` make them agree."""
        self.vkey: Final = vkey
        self._key: Final = key

    @classmethod
    def ed25519(cls, name: str, seed: bytes) -> Self:
        """Name the key that a 32-byte seed makes (RFC 8032)."""
        return cls.named(name, Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def named(cls, name: str, key: Ed25519PrivateKey) -> Self:
        """Name a private key that exists already."""
        return cls(Vkey.ed25519(name, key.public_key().public_bytes_raw()), key)

    def sign(self, text: str) -> Signature:
        """Sign a note's text, which ends in a newline."""
        return Signature(self.vkey.name, self.vkey.key_id, self._key.sign(text.encode()))


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

    def sign(self, message: bytes, time_s: int) -> Signature:
        """Sign a message that `cosign` or `cosign_subtree` has built, and put the time before it."""
        blob = struct.pack(">Q", time_s) + self._key.sign(message)
        return Signature(self.vkey.name, self.vkey.key_id, blob)


def sign_note(text: str, signers: Sequence[Signer]) -> bytes:
    """
    Sign a text with one or more keys and write the note.

    Raises:
        NoteMalformed: The text cannot stand in a note (see `encode_note`).
    """
    return encode_note(Note(text, tuple(signer.sign(text) for signer in signers)))


def verify_note(data: bytes, vkeys: Iterable[Vkey]) -> VerifiedNote:
    """
    Return a note's text with those of the expected keys that signed it.

    Lines by other keys are ignored, even if they share a name or an id with an expected one. How many signatures are
    enough is the caller's rule.

    Args:
        data: The whole note.
        vkeys: The keys that count here. Cosigner keys verify checkpoints only.

    Raises:
        NoteMalformed: These bytes are not a note.
        NoteUnsigned: No expected key has signed it.
        SignatureInvalid: A line by an expected key is false; then nothing in the note is believed
            (C2SP signed-note, "Signatures").
    """
    note = parse_note(data)
    expected = {(vkey.name, vkey.key_id): vkey for vkey in vkeys}
    by: dict[Vkey, None] = {}
    for signature in note.signatures:
        vkey = expected.get((signature.name, signature.key_id))
        if vkey is not None:
            verify_signature(note.text, signature, vkey)
            by[vkey] = None
    if not by:
        raise NoteUnsigned
    return VerifiedNote(note.text, tuple(by))


def verify_signature(text: str, signature: Signature, vkey: Vkey) -> None:
    """
    Verify one signature line over a note's text, by the rule of its key's type.

    Raises:
        SignatureInvalid: It does not verify; for cosigners, also if the text is no checkpoint.
    """
    if len(signature.blob) != _BLOB_BYTES[Algorithm(vkey.algorithm)]:
        raise SignatureInvalid("a signature has the wrong length")
    if vkey.algorithm == Algorithm.ED25519:
        return _verify(vkey, signature.blob, text.encode())
    time_s = cosignature_time(signature)
    try:
        message = _cosigned(text, vkey, time_s)
    except NoteMalformed:
        raise SignatureInvalid("a cosignature stands under a text that is no checkpoint") from None
    return _verify(vkey, signature.blob[8:], message)


def cosign(checkpoint_text: str, cosigner: Cosigner, time_s: int) -> Signature:
    """
    Cosign a checkpoint: say that it is consistent with, and the largest of, all this cosigner has seen of the log.

    The caller must have verified the log's signature and the consistency proof first.

    Args:
        checkpoint_text: The checkpoint's note text.
        cosigner: An Ed25519 (0x04) or ML-DSA-44 (0x06) key.
        time_s: When, in POSIX seconds.

    Raises:
        NoteMalformed: The text is no checkpoint, or the time is out of range.
    """
    _check_time(time_s)
    return cosigner.sign(_cosigned(checkpoint_text, cosigner.vkey, time_s), time_s)


def cosignature_time(signature: Signature) -> int:
    """
    Read when a cosignature says it was made, in POSIX seconds.

    Raises:
        SignatureInvalid: It has no time, or one past 2^63 - 1.
    """
    time_s = int.from_bytes(signature.blob[:8])
    if len(signature.blob) <= 8 or time_s > MAX_TIME_SECONDS:
        raise SignatureInvalid("a cosignature has no time, or one that is out of range")
    return time_s


@dataclass(frozen=True, slots=True)
class Subtree:
    """A run of a log's leaves with its root: what an ML-DSA-44 cosigner signs. A checkpoint is the one from 0."""

    origin: str
    start: int
    end: int
    root: bytes


def cosign_subtree(subtree: Subtree, cosigner: Cosigner, *, time_s: int = 0) -> Signature:
    """
    Sign a subtree with an ML-DSA-44 key (C2SP tlog-cosignature, "ML-DSA-44 signed message").

    Args:
        subtree: The leaves and their root; `time_s` is 0 unless it starts at 0.
        cosigner: An ML-DSA-44 key; an Ed25519 one signs whole checkpoints only.
        time_s: POSIX seconds, or 0 where nothing is said about the largest tree.

    Raises:
        NoteMalformed: The subtree, the time or the key's type is not one that can be signed.
    """
    _check_time(time_s)
    return cosigner.sign(_subtree_message(subtree, cosigner.vkey, time_s), time_s)


def verify_subtree(subtree: Subtree, signature: Signature, vkey: Vkey) -> None:
    """
    Verify an ML-DSA-44 signature over a subtree.

    Raises:
        SignatureInvalid: Another key's line, or it does not verify.
        NoteMalformed: The subtree is not one that can be signed.
    """
    if (signature.name, signature.key_id) != (vkey.name, vkey.key_id):
        raise SignatureInvalid("a signature names another key")
    message = _subtree_message(subtree, vkey, cosignature_time(signature))
    _verify(vkey, signature.blob[8:], message)


def _cosigned(text: str, vkey: Vkey, time_s: int) -> bytes:
    subtree = _checkpoint_subtree(text)
    if vkey.algorithm == Algorithm.COSIGNATURE:
        return f"cosignature/v1\ntime {time_s}\n{text}".encode()
    return _subtree_message(subtree, vkey, time_s)


def _checkpoint_subtree(text: str) -> Subtree:
    # The whole checkpoint format is relay/custody/checkpoint.py; a cosignature needs its first three lines only.
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise NoteMalformed("a checkpoint's first two lines are not an origin and a size")
    root = _unbase64(lines[2])
    if root is None or len(root) != 32:
        raise NoteMalformed("a checkpoint's third line is not a root hash")
    return Subtree(lines[0], 0, int(lines[1]), root)


def _subtree_message(subtree: Subtree, vkey: Vkey, time_s: int) -> bytes:
    name, origin = vkey.name.encode(), subtree.origin.encode()
    fits = 1 <= len(name) <= 255 and 1 <= len(origin) <= 255 and len(subtree.root) == 32
    if vkey.algorithm != Algorithm.MLDSA44 or not fits:
        raise NoteMalformed("a subtree has a key, a name or a root that cannot stand in a cosignature")
    if not 0 <= subtree.start <= subtree.end < 2**64 or (subtree.start and time_s):
        raise NoteMalformed("a subtree's ends are out of order, or it has a time though it does not start at 0")
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
        raise NoteMalformed("a cosignature's time is out of range")


def _verify(vkey: Vkey, signature: bytes, message: bytes) -> None:
    try:
        _public_key(vkey.algorithm, vkey.public).verify(signature, message)
    except InvalidSignature:
        raise SignatureInvalid from None


# Loading a public key costs as much as a third of verifying with it, and the same few keys sign nearly everything.
@functools.lru_cache(maxsize=4096)
def _public_key(algorithm: int, public: bytes) -> Ed25519PublicKey | MLDSA44PublicKey:
    if algorithm == Algorithm.MLDSA44:
        return MLDSA44PublicKey.from_public_bytes(public)
    return Ed25519PublicKey.from_public_bytes(public)


def _key_id(name: str, algorithm: int, public: bytes) -> bytes:
    return hashlib.sha256(b"%s\n%c%s" % (name.encode(errors="replace"), algorithm, public)).digest()[:4]


def _decode(data: bytes) -> str:
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise NoteMalformed("a note is not UTF-8") from None
    if _CONTROL.search(whole):
        raise NoteMalformed("a note has a control character in it")
    return whole


def _parse_signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    blob = _unbase64(encoded)
    if not (line.startswith(_DASH) and space and _NAME.fullmatch(name)) or blob is None or len(blob) < 5:
        raise NoteMalformed("a signature line is not a dash, a key name and base64")
    return Signature(name, blob[:4], blob[4:])


def _unbase64(text: str) -> bytes | None:
    """Decode canonical padded base64; what encodes back differently is none."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
    return data if binascii.b2a_base64(data, newline=False).decode() == text else None
