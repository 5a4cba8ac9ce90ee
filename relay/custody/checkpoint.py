"""
Checkpoints: what the log says of itself, signed (C2SP tlog-checkpoint).

Three lines, origin, size and root, in a signed note. Whoever holds one can be shown later that the log has only grown
since. The log signs every one of its batches with Ed25519, and those that it publishes with ML-DSA-44 too.
"""

import re
from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keys.cosignatures import Cosigner, cosign
from keys.errors import Malformed
from keys.notes import Note, NoteUnsigned, Signer, encode_note, parse_note, verify_note
from keys.vkeys import KEY_NAME, Signature, Vkey, unbase64
from relay.custody.merkle import HASH_BYTES, MAX_SIZE, ProofInvalid

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class CheckpointMalformed(Malformed):
    """This is not a checkpoint."""

    code = "checkpoint_malformed"


class OriginDiffers(ProofInvalid):
    """The checkpoint is of another log."""

    code = "origin_differs"
    primitive = "checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """
    A log's tree at one moment.

    Attributes:
        origin: Which log: ``<relay name>/log/<generation>``, which is also the name of the log's keys.
        size: How many entries it has.
        root: The root over them, 32 bytes.
    """

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A checkpoint, and which of the expected keys have signed it."""

    checkpoint: Checkpoint
    by: tuple[Vkey, ...]


def encode_checkpoint(checkpoint: Checkpoint) -> str:
    """Write a checkpoint's note text, the part that is signed."""
    root = b2a_base64(checkpoint.root).decode()
    return f"{checkpoint.origin}\n{checkpoint.size}\n{root}"


def parse_checkpoint(text: str) -> Checkpoint:
    """
    Read a checkpoint's note text.

    Extension lines, which C2SP allows and advises against, are refused: no monitor could audit them, and the ML-DSA-44
    signature does not cover them.

    Raises:
        CheckpointMalformed: It is not three lines in their one encoding, or the size is past 2^63 - 1.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not KEY_NAME.fullmatch(lines[0]) or not _SIZE.fullmatch(lines[1]):
        raise CheckpointMalformed
    checkpoint = Checkpoint(lines[0], int(lines[1]), _parse_root(lines[2]))
    if checkpoint.size > MAX_SIZE:
        raise CheckpointMalformed
    return checkpoint


def sign_checkpoint(
    checkpoint: Checkpoint, signer: Signer, *, cosigner: Cosigner | None = None, time_s: int = 0
) -> bytes:
    """
    Sign a checkpoint with the log's keys.

    A log must never sign two checkpoints of which neither begins with the other; only the door calls this, within
    the transaction that moves the head.

    Args:
        checkpoint: What is signed.
        signer: The log's Ed25519 key, by which every client verifies.
        cosigner: The log's ML-DSA-44 key, for checkpoints that are published; a signature takes half a millisecond.
        time_s: When the cosigner signs, in POSIX seconds.

    Returns:
        The whole note.
    """
    text = encode_checkpoint(checkpoint)
    signatures = [signer.sign(text)]
    if cosigner is not None:
        signatures.append(cosign(text, cosigner, time_s))
    return encode_note(Note(text, tuple(signatures)))


def add_signatures(data: bytes, signatures: Sequence[Signature]) -> bytes:
    """
    Add cosignatures that have come in, already verified, to a signed checkpoint.

    Raises:
        NoteMalformed: The checkpoint is not a note, or would have more than 100 signatures.
    """
    note = parse_note(data)
    return encode_note(Note(note.text, (*note.signatures, *signatures)))


def verify_checkpoint(
    data: bytes, vkeys: Iterable[Vkey], *, origin: str, witnesses: Iterable[Vkey] = ()
) -> VerifiedCheckpoint:
    """
    Verify a signed checkpoint of one log.

    Args:
        data: The whole note.
        vkeys: The log's keys, of which one must have signed.
        origin: The log that the caller means.
        witnesses: Keys whose cosignatures are to be verified too. How many are enough is the caller's policy.

    Raises:
        NoteMalformed, CheckpointMalformed: These bytes are not a checkpoint.
        NoteUnsigned: None of the log's keys has signed it.
        SignatureInvalid: A line by one of the keys is false.
        OriginDiffers: It is a checkpoint of another log.
    """
    log = tuple(vkeys)
    verified = verify_note(data, (*log, *witnesses))
    if not set(log).intersection(verified.by):
        raise NoteUnsigned("witnesses have cosigned this checkpoint, but the log has not signed it")
    checkpoint = parse_checkpoint(verified.text)
    if checkpoint.origin != origin:
        raise OriginDiffers("the checkpoint is of another log")
    return VerifiedCheckpoint(checkpoint, verified.by)


def _parse_root(line: str) -> bytes:
    root = unbase64(line)
    if root is None or len(root) != HASH_BYTES:
        raise CheckpointMalformed
    return root
