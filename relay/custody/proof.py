"""
Proofs that are files: a C2SP tlog-proof, and the receipt that a family keeps, which is one with the opening inside.

A proof says: this entry stands at this index of the tree that this checkpoint has signed. A receipt adds, as `extra`,
what the entry was made of, so that a family can see for itself that its letter is in the log and what was said of it.
"""

import re
from binascii import b2a_base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from keys.canonical import encode_json, parse_json
from keys.errors import Malformed
from keys.vkeys import Vkey, unbase64
from relay.custody.checkpoint import Checkpoint, verify_checkpoint
from relay.custody.entry import commitment, encode_custody
from relay.custody.merkle import HASH_BYTES, MAX_SIZE, leaf_hash, verify_inclusion

_FIRST_LINE: Final = b"c2sp.org/tlog-proof@v1\n"
_INDEX = re.compile(rb"index (0|[1-9][0-9]{0,18})")
_HEX = re.compile(r"[0-9a-f]{64}")
#: A path in a tree of 2^63 leaves.
_MAX_HASHES: Final = 63
#: Ample for a receipt; a proof comes from strangers and is read whole.
MAX_PROOF_BYTES: Final = 256 * 1024


class ProofMalformed(Malformed):
    """This is not a proof that an entry is in a log."""

    code = "proof_malformed"


class ReceiptMalformed(Malformed):
    """This proof does not carry the opening of a custody entry."""

    code = "receipt_malformed"
    cure = "Use the receipt file exactly as the relay gave it."


@dataclass(frozen=True, slots=True)
class Proof:
    """
    A tlog-proof as it was parsed; it proves nothing until `verify_proof` has said so.

    Attributes:
        index: The entry's place in the log, counted from 0.
        hashes: The inclusion proof, 32-byte hashes from the leaf's sibling up.
        checkpoint: The signed checkpoint, the whole note.
        extra: What the application added, authenticated by nothing; None if there is none.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    What a custody entry was made of.

    Attributes:
        tag: The event's tag, 32 bytes.
        nonce: The commitment's nonce, 32 bytes.
        event: The event's JSON.
    """

    tag: bytes
    nonce: bytes
    event: str


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """A receipt, and where the log says its event stands."""

    receipt: Receipt
    index: int
    checkpoint: Checkpoint


def encode_proof(proof: Proof) -> bytes:
    """Write a tlog-proof."""
    extra = b"" if proof.extra is None else b"extra " + b2a_base64(proof.extra)
    hashes = b"".join(map(b2a_base64, proof.hashes))
    return b"%s%sindex %d\n%s\n%s" % (_FIRST_LINE, extra, proof.index, hashes, proof.checkpoint)


def parse_proof(data: bytes) -> Proof:
    """
    Read a tlog-proof.

    Raises:
        ProofMalformed: It is not one in its one encoding, or larger than 256 KiB.
    """
    if len(data) > MAX_PROOF_BYTES or not data.startswith(_FIRST_LINE):
        raise ProofMalformed
    head, blank, checkpoint = data.partition(b"\n\n")
    lines = head.split(b"\n")[1:]
    if not blank or not lines:
        raise ProofMalformed
    extra = None
    if lines[0].startswith(b"extra "):
        extra = _unbase64(lines.pop(0)[len("extra ") :])
    match = _INDEX.fullmatch(lines[0]) if lines else None
    if match is None or int(match[1]) > MAX_SIZE:
        raise ProofMalformed
    hashes = tuple(map(_unbase64, lines[1:]))
    if len(hashes) > _MAX_HASHES or not all(len(value) == HASH_BYTES for value in hashes):
        raise ProofMalformed("a proof has more than 63 hashes, or one that is not 32 bytes long")
    return Proof(int(match[1]), hashes, checkpoint, extra)


def verify_proof(proof: Proof, leaf: bytes, vkeys: Iterable[Vkey], *, origin: str) -> Checkpoint:
    """
    Verify that a log has an entry.

    Args:
        proof: The proof, parsed.
        leaf: The entry's leaf hash.
        vkeys: The log's keys, of which one must have signed.
        origin: The log that the caller means.

    Returns:
        The checkpoint in which the entry stands.

    Raises:
        NoteMalformed, CheckpointMalformed, NoteUnsigned, SignatureInvalid, OriginDiffers: The checkpoint is not one
            of this log (see `verify_checkpoint`).
        InclusionInvalid: The hashes do not lead from the leaf to the checkpoint's root.
    """
    checkpoint = verify_checkpoint(proof.checkpoint, vkeys, origin=origin).checkpoint
    verify_inclusion(proof.hashes, index=proof.index, size=checkpoint.size, leaf=leaf, root=checkpoint.root)
    return checkpoint


def encode_receipt(receipt: Receipt) -> bytes:
    """Write what goes into a proof's `extra`."""
    fields = {"v": 1, "tag": receipt.tag.hex(), "nonce": receipt.nonce.hex(), "event": receipt.event}
    return encode_json(fields).encode()


def parse_receipt(extra: bytes | None) -> Receipt:
    """
    Read a receipt from a proof's `extra`.

    Raises:
        ReceiptMalformed: There is none, or a key is missing, unknown, out of order or of the wrong form.
        NotCanonical: It re-encodes differently.
    """
    fields = parse_json(_text(extra), what="receipt")
    if tuple(fields) != ("v", "tag", "nonce", "event") or type(fields["v"]) is not int or fields["v"] != 1:
        raise ReceiptMalformed
    if type(fields["event"]) is not str:
        raise ReceiptMalformed
    return Receipt(_unhex(fields["tag"]), _unhex(fields["nonce"]), fields["event"])


def receipt_leaf(receipt: Receipt) -> bytes:
    """Rebuild the leaf hash of the entry that this receipt opens."""
    return leaf_hash(encode_custody(receipt.tag, commitment(receipt.nonce, receipt.event.encode())))


def verify_receipt(data: bytes, vkeys: Iterable[Vkey], *, origin: str) -> VerifiedReceipt:
    """
    Verify a receipt file: that this log has the event that the receipt tells.

    Args:
        data: The whole `.tlog-proof` file.
        vkeys: The log's keys.
        origin: The log that the caller means.

    Raises:
        ProofMalformed, ReceiptMalformed, NotCanonical: It is not a receipt.
        NoteUnsigned, SignatureInvalid, OriginDiffers, …: The checkpoint is not one of this log.
        InclusionInvalid: The event that the receipt tells is not the one in the log.
    """
    proof = parse_proof(data)
    receipt = parse_receipt(proof.extra)
    checkpoint = verify_proof(proof, receipt_leaf(receipt), vkeys, origin=origin)
    return VerifiedReceipt(receipt, proof.index, checkpoint)


def _unbase64(line: bytes) -> bytes:
    value = unbase64(line.decode(errors="replace"))
    if value is None:
        raise ProofMalformed
    return value


def _text(extra: bytes | None) -> str:
    try:
        return (extra or b"").decode()
    except UnicodeDecodeError:
        raise ReceiptMalformed from None


def _unhex(value: object) -> bytes:
    """Read 32 bytes of lower-case hex; a tag and a nonce are both as long."""
    if type(value) is not str or not _HEX.fullmatch(value):
        raise ReceiptMalformed
    return bytes.fromhex(value)
