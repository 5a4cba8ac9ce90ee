"""
C2SP signed notes: a text that ends in a newline, a blank line, and the signatures of the keys that stand behind it.

Everything signed in Letter Relay, but for the manifest inside a letter, is a note: trust, directory, statements,
checkpoints. A note says nothing until one of the keys *expected* has been verified, so the text is reached through
`verify_note`. Sources: C2SP signed-note v1; verifier keys are in `keys/vkeys.py`, cosignatures in
`keys/cosignatures.py`, and all of it is to be had from here.
"""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.cosignatures import (
    Cosigner,
    NotCosignable,
    Subtree,
    cosign,
    cosign_subtree,
    cosignature_time,
    verify_cosignature,
    verify_subtree,
)
from keys.errors import Malformed, Refused
from keys.vkeys import KEY_NAME, Algorithm, Signature, SignatureInvalid, Vkey, VkeyMalformed, unbase64, verify_bytes

__all__ = [
    "MAX_NOTE_BYTES",
    "MAX_SIGNATURES",
    "Algorithm",
    "Cosigner",
    "NotCosignable",
    "Note",
    "NoteMalformed",
    "NoteUnsigned",
    "Signature",
    "SignatureInvalid",
    "Signer",
    "Subtree",
    "VerifiedNote",
    "Vkey",
    "VkeyMalformed",
    "cosign",
    "cosign_subtree",
    "cosignature_time",
    "encode_note",
    "encode_signature",
    "note_digest",
    "parse_note",
    "parse_signatures",
    "sign_note",
    "verify_cosignature",
    "verify_note",
    "verify_signature",
    "verify_subtree",
]

#: The specification asks for at least 16; a published checkpoint with many witnesses stays far below this.
MAX_SIGNATURES: Final = 100
MAX_NOTE_BYTES: Final = 1024 * 1024

_CONTROLS: Final = bytes(set(range(0x20)) - {0x0A})
_DASH: Final = "\u2014 "


class NoteMalformed(Malformed):
    """These bytes are not a signed note."""

    code = "note_malformed"


class NoteUnsigned(Refused):
    """None of the keys that count here has signed this note."""

    code = "note_unsigned"
    cure = "Have it signed by the key that this note is meant for, then send it again."


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
    if not note.text.endswith("\n") or not 1 <= len(note.signatures) <= MAX_SIGNATURES:
        raise NoteMalformed("a note's text has no newline at its end, or there are no signatures, or more than 100")
    data = _encode(note.text + "\n" + "".join(map(encode_signature, note.signatures)))
    if len(data) > MAX_NOTE_BYTES or _has_controls(data):
        raise NoteMalformed("a note has a control character in it, or is larger than 1 MiB")
    return data


def encode_signature(signature: Signature) -> str:
    """
    Write one signature line with its newline, as a witness returns it.

    Raises:
        NoteMalformed: The key name cannot stand in a note, or there is no signature.
    """
    if not KEY_NAME.fullmatch(signature.name) or len(signature.key_id) != 4 or not signature.blob:
        raise NoteMalformed("a signature has a key name, an id or a length that cannot stand in a note")
    blob = base64.b64encode(signature.key_id + signature.blob).decode()
    return f"{_DASH}{signature.name} {blob}\n"


def parse_signatures(data: bytes) -> tuple[Signature, ...]:
    """
    Read signature lines without a text: what a witness answers (C2SP tlog-witness, "add-checkpoint").

    Raises:
        NoteMalformed: It is not 1 to 100 signature lines, each with its newline.
    """
    note = parse_note(b"\n\n" + data)
    if note.text != "\n":
        raise NoteMalformed("there is something else before the signature lines")
    return note.signatures


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
        return Signature(self.vkey.name, self.vkey.key_id, self._key.sign(_encode(text)))


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
    by: dict[tuple[str, bytes], Vkey] = {}
    for signature in note.signatures:
        claimed = (signature.name, signature.key_id)
        vkey = expected.get(claimed)
        if vkey is not None:
            verify_signature(note.text, signature, vkey)
            by[claimed] = vkey
    if not by:
        raise NoteUnsigned
    return VerifiedNote(note.text, tuple(by.values()))


def verify_signature(text: str, signature: Signature, vkey: Vkey) -> None:
    """
    Verify one signature line over a note's text, by the rule of its key's type.

    Raises:
        SignatureInvalid: It does not verify; for cosigners, also if the text is no checkpoint.
    """
    if vkey.algorithm == Algorithm.ED25519:
        verify_bytes(vkey, signature.blob, text.encode())
    else:
        verify_cosignature(text, signature, vkey)


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise NoteMalformed("a note has half a surrogate pair in it") from None


def _has_controls(data: bytes) -> bool:
    # In UTF-8 these bytes stand for nothing else; dropping them is ten times as fast as searching for them.
    return len(data.translate(None, _CONTROLS)) != len(data)


def _decode(data: bytes) -> str:
    if len(data) > MAX_NOTE_BYTES or _has_controls(data):
        raise NoteMalformed("a note has a control character in it, or is larger than 1 MiB")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise NoteMalformed("a note is not UTF-8") from None


def _parse_signature(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    blob = unbase64(encoded)
    if not (line.startswith(_DASH) and space and KEY_NAME.fullmatch(name)) or blob is None or len(blob) < 5:
        raise NoteMalformed("a signature line is not a dash, a key name and base64")
    return Signature(name, blob[:4], blob[4:])
