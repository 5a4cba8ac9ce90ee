"""Proofs and receipts as files: what a family keeps, and every way in which it can be spoilt."""

import base64

import pytest

from keys.canonical import NotCanonical
from keys.errors import RelayError
from keys.notes import NoteUnsigned, Signer
from relay.custody.checkpoint import Checkpoint, OriginDiffers, sign_checkpoint
from relay.custody.edge import Edge, append, prove_batch
from relay.custody.entry import tag
from relay.custody.merkle import InclusionInvalid, leaf_hash
from relay.custody.proof import (
    Proof,
    ProofMalformed,
    Receipt,
    ReceiptMalformed,
    VerifiedReceipt,
    encode_proof,
    encode_receipt,
    parse_proof,
    parse_receipt,
    receipt_leaf,
    verify_proof,
    verify_receipt,
)

ORIGIN = "relay.example/log/1"
LOG = Signer.ed25519(ORIGIN, b"L" * 32)
RECEIPT = Receipt(tag(b"k" * 32, 0), b"n" * 32, '{"v":1,"item":"лист"}')


def a_proof(*, before=4, receipt=RECEIPT):
    """Log a receipt's entry after some others, and prove it."""
    edge = append(Edge.empty(), [leaf_hash(bytes([number])) for number in range(before)]).edge
    appended = append(edge, [receipt_leaf(receipt)])
    checkpoint = Checkpoint(ORIGIN, appended.edge.size, appended.edge.root())
    hashes = prove_batch(appended)[0]
    return Proof(before, hashes, sign_checkpoint(checkpoint, LOG), encode_receipt(receipt))


def test_a_proof_is_written_as_tlog_proof_has_it():
    """First line, extra, index, one hash a line, a blank line, the checkpoint verbatim."""
    proof = Proof(7, (b"1" * 32,), b"the checkpoint, whatever it is\n", b"x")

    assert encode_proof(proof) == (
        b"c2sp.org/tlog-proof@v1\nextra eA==\nindex 7\nMTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=\n\n"
        b"the checkpoint, whatever it is\n"
    )


@pytest.mark.parametrize(
    "proof",
    [
        Proof(0, (), b"c\n"),
        Proof(0, (), b"c\n\nd\n", b""),
        Proof(2**63 - 1, (b"1" * 32,) * 63, b"\n\n"),
    ],
)
def test_each_proof_has_one_encoding(proof):
    """With and without extra, with and without hashes."""
    assert parse_proof(encode_proof(proof)) == proof


GOOD = encode_proof(Proof(7, (b"1" * 32,), b"c\n", b"x"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"c2sp.org/tlog-proof@v1",
        b"c2sp.org/tlog-proof@v1\n",
        b"c2sp.org/tlog-proof@v1\n\nc\n",
        b"c2sp.org/tlog-proof@v1\nextra eA==\n\nc\n",
        GOOD.replace(b"@v1", b"@v2"),
        GOOD.replace(b"extra eA==", b"extra eA="),
        GOOD.replace(b"extra eA==", b"extra eB=="),
        GOOD.replace(b"extra eA==", b"extra  eA=="),
        GOOD.replace(b"extra eA==", b"extra \xff\xff"),
        GOOD.replace(b"extra eA==\n", b"extra eA==\nextra eA==\n"),
        GOOD.replace(b"extra eA==\nindex 7\n", b"index 7\nextra eA==\n"),
        GOOD.replace(b"index 7", b"index 07"),
        GOOD.replace(b"index 7", b"index -7"),
        GOOD.replace(b"index 7", b"index 9223372036854775808"),
        GOOD.replace(b"index 7", b"Index 7"),
        GOOD.replace(b"TE=\n", b"TF=\n"),
        GOOD.replace(b"TE=\n", b"TE=\r\n"),
        GOOD.replace(b"MTEx", b"", 1),
        GOOD.replace(b"\n\n", b"\n"),
        GOOD.replace(b"\n", b"\r\n"),
        encode_proof(Proof(0, (b"1" * 32,) * 64, b"c\n")),
        encode_proof(Proof(0, (), b"c\n", bytes(256 * 1024))),
    ],
)
def test_every_other_spelling_of_a_proof_is_refused(data):
    """A receipt is stored whole, so its spelling is part of it."""
    with pytest.raises(ProofMalformed):
        parse_proof(data)


@pytest.mark.parametrize("before", [0, 1, 4, 255, 256])
def test_a_receipt_proves_that_the_log_has_its_event(before):
    """All that a family needs is the file, the log's key and its name."""
    proof = a_proof(before=before)

    verified = verify_receipt(encode_proof(proof), [LOG.vkey], origin=ORIGIN)

    assert isinstance(verified, VerifiedReceipt)
    assert (verified.receipt, verified.index, verified.checkpoint.size) == (RECEIPT, before, before + 1)


def test_any_change_of_a_byte_spoils_a_receipt():
    """Wherever it is: in the opening, the index, the hashes, the checkpoint or its signature."""
    data = encode_proof(a_proof())

    for place in range(len(data)):
        spoilt = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(RelayError):
            verify_receipt(spoilt, [LOG.vkey], origin=ORIGIN)


def test_a_receipt_of_another_log_or_key_is_refused():
    """The caller says which log it means, and by which keys."""
    data = encode_proof(a_proof())

    with pytest.raises(OriginDiffers):
        verify_receipt(data, [LOG.vkey], origin="relay.example/log/2")
    with pytest.raises(NoteUnsigned):
        verify_receipt(data, [Signer.ed25519(ORIGIN, b"S" * 32).vkey], origin=ORIGIN)


def test_a_receipt_with_another_event_is_refused():
    """The event that it tells is the one that was logged, or the path leads elsewhere."""
    proof = a_proof()
    other = Receipt(RECEIPT.tag, RECEIPT.nonce, RECEIPT.event.replace("лист", "сила"))
    changed = Proof(proof.index, proof.hashes, proof.checkpoint, encode_receipt(other))

    with pytest.raises(InclusionInvalid, match="another root"):
        verify_receipt(encode_proof(changed), [LOG.vkey], origin=ORIGIN)
    with pytest.raises(InclusionInvalid, match="another root"):
        verify_proof(proof, receipt_leaf(other), [LOG.vkey], origin=ORIGIN)


def test_a_receipt_is_json_with_its_keys_in_order():
    """Tag and nonce are hex, as digests and keys are everywhere; the event is a string, so its bytes are kept."""
    receipt = Receipt(b"\x0a" * 32, b"\xb0" * 32, '{"v":1}')
    expected = '{"v":1,"tag":"' + "0a" * 32 + '","nonce":"' + "b0" * 32 + '","event":"{\\"v\\":1}"}'

    assert encode_receipt(receipt) == expected.encode()
    assert parse_receipt(expected.encode()) == receipt


HEX = "0a" * 32


@pytest.mark.parametrize(
    "extra",
    [
        None,
        b"",
        b"\xff",
        b"[]",
        b'{"v":1}',
        f'{{"v":2,"tag":"{HEX}","nonce":"{HEX}","event":"e"}}'.encode(),
        f'{{"v":true,"tag":"{HEX}","nonce":"{HEX}","event":"e"}}'.encode(),
        f'{{"v":1,"tag":"{HEX}","nonce":"{HEX}","event":{{}}}}'.encode(),
        f'{{"v":1,"tag":"{HEX}","nonce":"{HEX}","event":"e","x":1}}'.encode(),
        f'{{"v":1,"nonce":"{HEX}","tag":"{HEX}","event":"e"}}'.encode(),
        f'{{"v":1,"tag":"{HEX.upper()}","nonce":"{HEX}","event":"e"}}'.encode(),
        f'{{"v":1,"tag":"{HEX}","nonce":"{HEX[:-2]}","event":"e"}}'.encode(),
        f'{{"v":1,"tag":1,"nonce":"{HEX}","event":"e"}}'.encode(),
        f'{{"v":1,"tag":"{HEX}","nonce":"{HEX}", "event":"e"}}'.encode(),
    ],
)
def test_an_extra_that_is_no_receipt_is_refused(extra):
    """It is authenticated by nothing, so nothing in it is guessed at."""
    with pytest.raises((ReceiptMalformed, NotCanonical)):
        parse_receipt(extra)


def test_the_extra_stands_in_base64():
    """Nobody needs our code to look into a receipt."""
    data = encode_proof(a_proof())
    line = data.split(b"\n")[1].removeprefix(b"extra ")

    assert parse_receipt(base64.b64decode(line)) == RECEIPT
