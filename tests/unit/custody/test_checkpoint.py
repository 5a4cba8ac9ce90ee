"""Checkpoints: the three lines, who signs them, and whose signature counts."""

import pytest

from keys.cosignatures import Cosigner, cosign
from keys.notes import NoteUnsigned, Signer, sign_note
from keys.vkeys import SignatureInvalid
from relay.custody.checkpoint import (
    Checkpoint,
    CheckpointMalformed,
    OriginDiffers,
    VerifiedCheckpoint,
    add_signatures,
    encode_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
)

ORIGIN = "relay.example/log/1"
LOG = Signer.ed25519(ORIGIN, b"L" * 32)
LOG_PQ = Cosigner.mldsa44(ORIGIN, b"P" * 32)
WITNESS = Cosigner.ed25519("witness.example", b"W" * 32)
ROOT = bytes(range(32))
ROOT_LINE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
CHECKPOINT = Checkpoint(ORIGIN, 70_000, ROOT)


def test_a_checkpoint_is_origin_size_and_root():
    """Each on its line (C2SP tlog-checkpoint)."""
    text = f"{ORIGIN}\n70000\n{ROOT_LINE}\n"

    assert encode_checkpoint(CHECKPOINT) == text
    assert parse_checkpoint(text) == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"\n1\n{ROOT_LINE}\n",
        f"a b\n1\n{ROOT_LINE}\n",
        f"a+b\n1\n{ROOT_LINE}\n",
        f"a\n01\n{ROOT_LINE}\n",
        f"a\n-1\n{ROOT_LINE}\n",
        f"a\n+1\n{ROOT_LINE}\n",
        f"a\n1.0\n{ROOT_LINE}\n",
        f"a\n١\n{ROOT_LINE}\n",
        f"a\n9223372036854775808\n{ROOT_LINE}\n",
        f"a\n1\n{ROOT_LINE[:-1]}\n",
        f"a\n1\n{ROOT_LINE[:-2]}9=\n",
        f"a\n1\n{ROOT_LINE}",
        f"a\n1\n {ROOT_LINE}\n",
        f"a\n1\n{ROOT_LINE}\nan extension\n",
        f"a\n1\n{ROOT_LINE}\n\n",
        "a\n1\nAAAA\n",
        "a\n1\n\n",
    ],
)
def test_every_other_spelling_of_a_checkpoint_is_refused(text):
    """Extension lines too: the ML-DSA-44 signature does not cover them."""
    with pytest.raises(CheckpointMalformed):
        parse_checkpoint(text)


def test_the_largest_size_is_read():
    """2^63 - 1 is still one that every language can hold."""
    assert parse_checkpoint(f"a\n9223372036854775807\n{ROOT_LINE}\n").size == 2**63 - 1


def test_the_log_signs_each_checkpoint_with_ed25519_and_published_ones_twice():
    """Both signatures verify; a client that knows the first only is content."""
    quick = sign_checkpoint(CHECKPOINT, LOG)
    published = sign_checkpoint(CHECKPOINT, LOG, cosigner=LOG_PQ, time_s=1_700_000_000)
    both = (LOG.vkey, LOG_PQ.vkey)

    assert verify_checkpoint(quick, both, origin=ORIGIN) == VerifiedCheckpoint(CHECKPOINT, (LOG.vkey,))
    assert verify_checkpoint(published, both, origin=ORIGIN) == VerifiedCheckpoint(CHECKPOINT, both)
    assert verify_checkpoint(published, [LOG.vkey], origin=ORIGIN).by == (LOG.vkey,)
    assert published.startswith(quick)


def test_a_witness_is_counted_beside_the_log_and_never_instead_of_it():
    """A cosigned checkpoint that the log did not sign is nobody's head."""
    signed = sign_checkpoint(CHECKPOINT, LOG)
    line = cosign(encode_checkpoint(CHECKPOINT), WITNESS, 1_700_000_000)
    cosigned = add_signatures(signed, [line])
    stranger = Signer.ed25519(ORIGIN, b"S" * 32)

    verified = verify_checkpoint(cosigned, [LOG.vkey], origin=ORIGIN, witnesses=[WITNESS.vkey])
    assert verified.by == (LOG.vkey, WITNESS.vkey)
    with pytest.raises(NoteUnsigned):
        verify_checkpoint(cosigned, [stranger.vkey], origin=ORIGIN, witnesses=[WITNESS.vkey])
    with pytest.raises(NoteUnsigned):
        verify_checkpoint(cosigned, [], origin=ORIGIN)


def test_a_false_line_by_a_known_key_spoils_the_whole():
    """Even if another line is right."""
    other = cosign(encode_checkpoint(Checkpoint(ORIGIN, 1, ROOT)), WITNESS, 0)
    note = add_signatures(sign_checkpoint(CHECKPOINT, LOG), [other])

    assert verify_checkpoint(note, [LOG.vkey], origin=ORIGIN).checkpoint == CHECKPOINT
    with pytest.raises(SignatureInvalid):
        verify_checkpoint(note, [LOG.vkey], origin=ORIGIN, witnesses=[WITNESS.vkey])


def test_a_checkpoint_of_another_log_is_refused_even_under_the_same_key():
    """Origin and key name should agree, but only the origin says which log it is."""
    note = sign_checkpoint(Checkpoint("relay.example/log/2", 1, ROOT), LOG)

    with pytest.raises(OriginDiffers) as raised:
        verify_checkpoint(note, [LOG.vkey], origin=ORIGIN)
    assert raised.value.step == "checkpoint"


def test_another_note_under_the_logs_key_is_no_checkpoint():
    """A key signs for one purpose, but a parser does not rely on it."""
    with pytest.raises(CheckpointMalformed):
        verify_checkpoint(sign_note("hello\n", [LOG]), [LOG.vkey], origin=ORIGIN)
