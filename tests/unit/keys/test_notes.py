"""Notes, signers and cosigners: what the known answers in test_key_vectors.py do not reach."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.notes import (
    MAX_NOTE_BYTES,
    Cosigner,
    NotCosignable,
    Note,
    NoteMalformed,
    NoteUnsigned,
    Signature,
    SignatureInvalid,
    Signer,
    Subtree,
    Vkey,
    VkeyMalformed,
    cosign,
    cosign_subtree,
    cosignature_time,
    encode_note,
    encode_signature,
    note_digest,
    parse_note,
    parse_signatures,
    sign_note,
    verify_note,
    verify_subtree,
)
from tests.unit.keys.world import LOG, LOG_PQ, ORIGIN, WITNESS, secret

SIGNER = Signer.ed25519("relay.example/a", secret("a"))
TEXT = "Some text.\n"
CHECKPOINT = f"{ORIGIN}\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n"
SUBTREE = Subtree(ORIGIN, 256, 512, secret("subtree"))
AT = 1_764_000_000


def test_a_named_key_signs_as_its_seed_does() -> None:
    """A key that exists already, such as a family's, makes the same signer."""
    named = Signer.named("relay.example/a", Ed25519PrivateKey.from_private_bytes(secret("a")))
    assert named.vkey == SIGNER.vkey
    assert sign_note(TEXT, [named]) == sign_note(TEXT, [SIGNER])


def test_a_notes_digest_covers_its_signatures() -> None:
    """Two notes of one text are two notes."""
    one = sign_note(TEXT, [SIGNER])
    assert note_digest(one) != note_digest(sign_note(TEXT, [SIGNER, LOG]))
    assert note_digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(
    "text",
    ["no newline", "", "a\ttab\n", "half a pair \ud800\n", "x" * MAX_NOTE_BYTES + "\n"],
    ids=["no newline", "nothing", "a control character", "a surrogate", "too long"],
)
def test_a_text_that_could_not_be_read_back_is_not_signed(text: str) -> None:
    """What nobody could parse must not be written."""
    with pytest.raises(NoteMalformed):
        sign_note(text, [SIGNER])


def test_half_a_surrogate_pair_is_not_written() -> None:
    """Signatures made elsewhere do not bring in a text that UTF-8 cannot hold."""
    with pytest.raises(NoteMalformed):
        encode_note(Note("half a pair \ud800\n", parse_note(sign_note(TEXT, [SIGNER])).signatures))


@pytest.mark.parametrize("count", [0, 101])
def test_a_note_has_one_to_a_hundred_signatures(count: int) -> None:
    """None is no note, and a hundred is plenty."""
    with pytest.raises(NoteMalformed):
        encode_note(Note(TEXT, (SIGNER.sign(TEXT),) * count))


def test_a_note_larger_than_1_mib_is_not_read() -> None:
    """The size is judged before anything else is."""
    with pytest.raises(NoteMalformed, match="1 MiB"):
        parse_note(b"x" * (MAX_NOTE_BYTES + 1))


@pytest.mark.parametrize(
    "signature",
    [Signature("a b", bytes(4), b"x"), Signature("a", bytes(3), b"x"), Signature("a", bytes(4), b"")],
    ids=["name", "id", "blob"],
)
def test_a_signature_line_that_could_not_be_read_back_is_not_written(signature: Signature) -> None:
    """Names without spaces, ids of 4 bytes, and something after them."""
    with pytest.raises(NoteMalformed):
        encode_signature(signature)


def test_a_witness_answers_with_signature_lines_alone() -> None:
    """They are read as they stand in a note."""
    signatures = (cosign(CHECKPOINT, WITNESS, AT), cosign(CHECKPOINT, LOG_PQ, AT))
    assert parse_signatures("".join(map(encode_signature, signatures)).encode()) == signatures


@pytest.mark.parametrize("before", [b"x\n", b"x\n\n", b"\n\n"])
def test_a_witnesss_answer_has_nothing_before_its_lines(before: bytes) -> None:
    """An answer that is a note, or a page of HTML, is not taken for signature lines."""
    with pytest.raises(NoteMalformed):
        parse_signatures(before + encode_signature(cosign(CHECKPOINT, WITNESS, AT)).encode())


def test_an_answer_with_an_empty_line_first_is_refused() -> None:
    """The empty line would make the answer a note with an empty first line."""
    with pytest.raises(NoteMalformed, match="something else"):
        parse_signatures(b"\n" + encode_signature(cosign(CHECKPOINT, WITNESS, AT)).encode())


@pytest.mark.parametrize("cosigner", [WITNESS, LOG_PQ], ids=["Ed25519", "ML-DSA-44"])
def test_a_checkpoint_is_cosigned_and_verified(cosigner: Cosigner) -> None:
    """Log, witness and post-quantum signatures stand under one checkpoint."""
    signature = cosign(CHECKPOINT, cosigner, AT)
    data = encode_note(Note(CHECKPOINT, (LOG.sign(CHECKPOINT), signature)))
    assert verify_note(data, [cosigner.vkey, LOG.vkey]).by == (LOG.vkey, cosigner.vkey)
    assert cosignature_time(signature) == AT
    with pytest.raises(SignatureInvalid):
        verify_note(data.replace(b"\n300\n", b"\n301\n"), [cosigner.vkey])


def test_a_post_quantum_key_signs_no_extension_lines() -> None:
    """Its signature would not cover them, so anybody could add some to a note that verifies."""
    extended = CHECKPOINT + "an extension\n"
    with pytest.raises(NotCosignable, match="extension"):
        cosign(extended, LOG_PQ, AT)
    with pytest.raises(SignatureInvalid):
        verify_note(encode_note(Note(extended, (cosign(CHECKPOINT, LOG_PQ, AT),))), [LOG_PQ.vkey])
    data = encode_note(Note(extended, (cosign(extended, WITNESS, AT),)))
    assert verify_note(data, [WITNESS.vkey]).text == extended


def test_a_post_quantum_cosignature_commits_to_the_cosigners_name() -> None:
    """The same key under another name has not signed (C2SP tlog-cosignature)."""
    renamed = Cosigner.mldsa44("witness.example/other", secret("log, post-quantum")).vkey
    signature = cosign(CHECKPOINT, LOG_PQ, AT)
    stolen = Signature(renamed.name, renamed.key_id, signature.blob)
    with pytest.raises(SignatureInvalid):
        verify_note(encode_note(Note(CHECKPOINT, (stolen,))), [renamed])


@pytest.mark.parametrize("time_s", [-1, 2**63])
@pytest.mark.parametrize("cosigner", [WITNESS, LOG_PQ], ids=["Ed25519", "ML-DSA-44"])
def test_a_time_out_of_range_is_not_cosigned(cosigner: Cosigner, time_s: int) -> None:
    """A verifier would have to refuse it."""
    with pytest.raises(NotCosignable, match="time"):
        cosign(CHECKPOINT, cosigner, time_s)


@pytest.mark.parametrize(
    "text",
    ["no checkpoint\n", "\n1\n\n\n", f"{ORIGIN}\n01\n\n", f"{ORIGIN}\n1\n????\n", f"{ORIGIN}\n1\nAAAA\n"],
    ids=["too few lines", "no origin", "size", "no base64", "a short root"],
)
def test_only_a_checkpoint_is_cosigned(text: str) -> None:
    """A witness's key must not sign anything else."""
    with pytest.raises(NotCosignable):
        cosign(text, WITNESS, AT)


def test_a_subtree_is_signed_and_verified() -> None:
    """Only under its own ends, root, origin and key."""
    signature = cosign_subtree(SUBTREE, LOG_PQ)
    verify_subtree(SUBTREE, signature, LOG_PQ.vkey)
    for other in (
        Subtree(ORIGIN, 256, 511, SUBTREE.root),
        Subtree(ORIGIN, 0, 512, SUBTREE.root),
        Subtree(ORIGIN, 256, 512, secret("other")),
        Subtree("x", 256, 512, SUBTREE.root),
    ):
        with pytest.raises(SignatureInvalid):
            verify_subtree(other, signature, LOG_PQ.vkey)
    with pytest.raises(SignatureInvalid, match="another key"):
        verify_subtree(SUBTREE, signature, WITNESS.vkey)


def test_a_checkpoint_is_the_subtree_from_0() -> None:
    """The two ways to sign the same thing agree."""
    signature = cosign(CHECKPOINT, LOG_PQ, AT)
    root = bytes.fromhex("942907529926541126b36af64f52ba3a0ebdfb052eb8ddcc2045b5fdeceedafd")
    verify_subtree(Subtree(ORIGIN, 0, 300, root), signature, LOG_PQ.vkey)


@pytest.mark.parametrize(
    ("subtree", "time_s"),
    [
        (SUBTREE, AT),
        (Subtree(ORIGIN, 2, 1, bytes(32)), 0),
        (Subtree(ORIGIN, -1, 1, bytes(32)), 0),
        (Subtree(ORIGIN, 0, 2**64, bytes(32)), 0),
        (Subtree("", 0, 1, bytes(32)), 0),
        (Subtree("x" * 256, 0, 1, bytes(32)), 0),
        (Subtree(ORIGIN, 0, 1, bytes(31)), 0),
    ],
    ids=["a time though it starts late", "ends", "a negative start", "too large", "no origin", "long origin", "root"],
)
def test_a_subtree_that_the_specification_forbids_is_not_signed(subtree: Subtree, time_s: int) -> None:
    """C2SP tlog-cosignature, "ML-DSA-44 signed message"."""
    with pytest.raises(NotCosignable):
        cosign_subtree(subtree, LOG_PQ, time_s=time_s)


def test_only_a_post_quantum_key_signs_subtrees() -> None:
    """The Ed25519 message has no room for a start; and a name has at most 255 bytes."""
    with pytest.raises(NotCosignable):
        cosign_subtree(SUBTREE, WITNESS)
    with pytest.raises(NotCosignable):
        cosign_subtree(SUBTREE, Cosigner.mldsa44("x" * 256, secret("long")))


def test_a_cosignature_without_time_is_refused() -> None:
    """Eight bytes of time and no signature are nothing."""
    with pytest.raises(SignatureInvalid):
        cosignature_time(Signature("x", bytes(4), bytes(8)))


def test_keys_of_one_seed_do_not_verify_for_each_others_type() -> None:
    """The type is in the key's id, and the message differs too."""
    note = sign_note(CHECKPOINT, [LOG])
    with pytest.raises(NoteUnsigned):
        verify_note(note, [Cosigner.ed25519(ORIGIN, secret("log")).vkey])


def test_a_key_that_could_not_have_been_parsed_is_not_made() -> None:
    """A name with half a surrogate pair has no bytes to hash."""
    for name in ("", "a b", "a+b", "a\u2003b", "a\nb", "a\ud800b"):
        with pytest.raises(VkeyMalformed):
            Vkey.ed25519(name, bytes(32))
    with pytest.raises(VkeyMalformed):
        Vkey("a", bytes(4), 1, bytes(32))


def test_signers_do_not_show_their_keys() -> None:
    """Whatever prints them prints no secret."""
    for shown in (repr(SIGNER), repr(WITNESS), str(SIGNER)):
        assert secret("a").hex() not in shown
        assert "Ed25519PrivateKey" not in shown
