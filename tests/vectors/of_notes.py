"""Known answers for notes and verifier keys."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from keys.notes import Cosigner, Note, Signature, Signer, cosign, encode_note, parse_note, sign_note
from tests.unit.keys import world
from tests.unit.keys.world import secret
from tests.vectors.inputs import Vector

HERE = Path(__file__).parent
SPEC_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SPEC_NOTE = (
    "This is an example message.\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7"
    "Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SEED = "810a1402d5146c8d84f2443330f54080ebf98ee17d9c74f6252fc5d5c7283173"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6Ryy"
    "BwJnAM=\n"
)
SUNLIGHT_VKEY = "witness.example.org+b8a2cf20+BFLN3yikSfFkVAJtrnh/CiY3Zozkoy7clp+P7XB28qUN"
SUNLIGHT_NOTE = (
    "rome2026h1.example.org\n300\nlCkHUpkmVBEms2r2T1K6Og69+wUuuN3MIEW1/ezu2v0=\n\n"
    "\u2014 rome2026h1.example.org kVB1JgAAAZtxtEwABAMARzBFAiEAi+mTa2xjL1IdWpH82OeciGsGvwRAP+f1WkfKaSZCfFECIHoN"
    "PZ/Q3y6UNzvKOO9cuLr6V16vPNfhwhle9f6r5H/Z\n"
    "\u2014 witness.example.org uKLPIAAAAABpVGeAhm2bOvKc3LaB9PFN1ruG19Y5yqslmcAAbhftnn1Zznmo0LXFZq4LGvqKqLX8jWlw"
    "LKasxEGTLIqAVusneCBmBw==\n"
)
TORCHWOOD_SEED = "2886adc2b0eabfce67c0472939127998bf886cf256bfee8ba76a253fce1146e0"
TORCHWOOD_NOTE = (HERE / "notes" / "torchwood-mldsa44.note").read_text(encoding="utf-8")

TEXT = "A line.\n\nAnother, after a blank one.\n"
CHECKPOINT = f"{world.ORIGIN}\n70000\n{base64.b64encode(secret('root hash')).decode()}\n"


def public_vectors() -> Iterator[Vector]:
    """Notes that other people signed."""
    mldsa = Cosigner.mldsa44("example.com/mldsa-log", bytes.fromhex(TORCHWOOD_SEED)).vkey
    for name, note, vkey in (
        ("C2SP signed-note, the example", SPEC_NOTE, SPEC_VKEY),
        ("golang.org/x/mod/sumdb/note, the example", GO_NOTE, GO_VKEY),
        ("FiloSottile/sunlight, a 0x04 cosignature beside a signature of unknown type", SUNLIGHT_NOTE, SUNLIGHT_VKEY),
        ("FiloSottile/torchwood, a 0x06 signature on a checkpoint at time 0", TORCHWOOD_NOTE, str(mldsa)),
    ):
        yield {"name": name, "note": note, "vkeys": [vkey], "text": parse_note(note.encode()).text, "by": [vkey]}


def signing_vectors() -> Iterator[Vector]:
    """What a seed signs; Ed25519 is deterministic."""
    yield {
        "name": "golang.org/x/mod/sumdb/note, the example",
        "signers": [{"name": "PeterNeumann", "seed": GO_SEED}],
        "text": parse_note(GO_NOTE.encode()).text,
        "note": GO_NOTE,
    }
    for name, text in (("a blank line in the text", TEXT), ("one empty line", "\n"), ("Cyrillic", "Мамо, я живий.\n")):
        signers = [("relay.example/a", secret("a")), ("relay.example/b", secret("b"))]
        note = sign_note(text, [Signer.ed25519(key_name, seed) for key_name, seed in signers])
        listed = [{"name": key_name, "seed": seed.hex()} for key_name, seed in signers]
        yield {"name": name, "signers": listed, "text": text, "note": note.decode()}


def note_vectors() -> Iterator[Vector]:
    """Notes that verify, and notes that do not, against the keys listed."""
    a, b = (Signer.ed25519(f"relay.example/{name}", secret(name)) for name in "ab")
    other_a = Signer.ed25519(a.vkey.name, secret("another a"))
    both = sign_note(TEXT, [a, b]).decode()
    one = sign_note(TEXT, [a]).decode()
    line_a = one.removeprefix(TEXT + "\n")

    def good(name: str, note: str, vkeys: list[Any], by: list[Any]) -> Vector:
        text = parse_note(note.encode()).text
        return {"name": name, "note": note, "vkeys": [*map(str, vkeys)], "text": text, "by": [*map(str, by)]}

    def bad(name: str, note: str | bytes, error: str, why: str, vkeys: tuple[Any, ...] = (a.vkey,)) -> Vector:
        whole = {"note": note} if isinstance(note, str) else {"note_hex": note.hex()}
        return {"name": name, **whole, "vkeys": [*map(str, vkeys)], "error": error, "why": why}

    yield good("two signatures, one of them expected", both, [b.vkey], [b.vkey])
    yield good("two signatures, both expected", both, [b.vkey, a.vkey], [a.vkey, b.vkey])
    yield good("one signature twice counts once", one + line_a, [a.vkey], [a.vkey])
    yield good("another key of the same name is ignored", sign_note(TEXT, [other_a, a]).decode(), [a.vkey], [a.vkey])
    yield good("a hundred signatures", one + line_a * 99, [a.vkey], [a.vkey])
    cosigned = encode_note(
        Note(CHECKPOINT, (world.LOG.sign(CHECKPOINT), cosign(CHECKPOINT, world.WITNESS, 1764000000)))
    )
    keys = [world.LOG.vkey, world.WITNESS.vkey]
    yield good("a checkpoint with a 0x04 cosignature", cosigned.decode(), keys, keys)

    yield bad("nobody expected", both, "note_unsigned", "no key that counts has signed", (other_a.vkey,))
    yield bad("no keys", both, "note_unsigned", "no key that counts has signed", ())
    changed = one.replace("Another", "another")
    yield bad("a changed text", changed, "signature_invalid", "the signature is over another text")
    forged = _resign(one, a, lambda blob: bytes([blob[0] ^ 1]) + blob[1:])
    yield bad("a flipped bit", forged, "signature_invalid", "the signature is not this key's")
    yield bad(
        "one good and one bad",
        both.replace(line_a, forged.removeprefix(TEXT + "\n")),
        "signature_invalid",
        "a bad signature of an expected key condemns the whole note",
        (a.vkey, b.vkey),
    )
    yield bad("too short", _resign(one, a, lambda blob: blob[:-1]), "signature_invalid", "63 bytes are no signature")
    yield bad("too long", _resign(one, a, lambda blob: blob + b"\0"), "signature_invalid", "65 bytes are no signature")
    as_cosigner = Cosigner.ed25519(a.vkey.name, secret("a")).vkey
    misused = encode_note(Note(TEXT, (Signature(as_cosigner.name, as_cosigner.key_id, bytes(8) + a.sign(TEXT).blob),)))
    yield bad(
        "a cosignature under no checkpoint",
        misused.decode(),
        "signature_invalid",
        "cosigners sign checkpoints only",
        (as_cosigner,),
    )
    for name, text, why in (
        ("a leading zero in the size", CHECKPOINT.replace("\n70000", "\n070000"), "sizes have one encoding"),
        ("two lines only", "\n".join(CHECKPOINT.split("\n")[:2]) + "\n", "a checkpoint has three lines"),
        ("a short root", CHECKPOINT.rpartition("\n")[0][:-4] + "\n", "a root hash is 32 bytes"),
    ):
        stamped = _cosigned_anyway(text)
        yield bad(f"cosigned: {name}", stamped, "signature_invalid", why, (world.WITNESS.vkey,))
    late = _restamped(cosigned.decode(), 1764000001)
    yield bad("another time", late, "signature_invalid", "the time is signed too", (world.WITNESS.vkey,))
    never = _restamped(cosigned.decode(), 2**63)
    yield bad("a time past 2^63 - 1", never, "signature_invalid", "tlog-cosignature forbids it", (world.WITNESS.vkey,))

    malformed = "note_malformed"
    yield bad("no signatures", TEXT + "\n", malformed, "a note has at least one signature line")
    yield bad("no blank line", one.replace("\n\n", "\n"), malformed, "a blank line ends the text")
    yield bad("no newline at the end", one[:-1], malformed, "the last line ends in a newline")
    yield bad("a blank line at the end", one + "\n", malformed, "the last blank line is the one before the signatures")
    yield bad("nothing", "", malformed, "no blank line")
    yield bad("a carriage return", one.replace("A line.", "A line.\r"), malformed, "no control characters")
    yield bad("a zero byte", one.replace("A line.", "A\0line."), malformed, "no control characters")
    yield bad("not UTF-8", one.encode().replace(b"A line", b"A \xff line"), malformed, "notes are UTF-8")
    yield bad("half a surrogate pair", one.encode().replace(b"A", b"\xed\xa0\x80", 1), malformed, "notes are UTF-8")
    yield bad("a hyphen", one.replace("\u2014", "-"), malformed, "the dash is U+2014")
    yield bad("no name", one.replace(a.vkey.name, ""), malformed, "a key has a name")
    yield bad("a plus in the name", one.replace("example/a", "example+a"), malformed, "vkeys are split at plus signs")
    yield bad("a space in the name", one.replace("example/a", "example\u2003a"), malformed, "no Unicode spaces")
    yield bad("two spaces", one.replace("example/a ", "example/a  "), malformed, "one space between name and base64")
    yield bad("no base64", one.replace(line_a, f"\u2014 {a.vkey.name}\n"), malformed, "no signature after the name")
    yield bad("a line break of Windows", one.replace("=\n", "=\r\n"), malformed, "no control characters")
    yield bad("no padding", one.replace("=\n", "\n"), malformed, "base64 is padded")
    yield bad("spare bits", _with_spare_bits(one), malformed, "base64 has one encoding")
    yield bad(
        "a short signature", one.replace(line_a, f"\u2014 {a.vkey.name} AAAAAA==\n"), malformed, "an id, no signature"
    )
    yield bad("101 signatures", one + line_a * 100, malformed, "at most 100")


def vkey_vectors() -> Iterator[Vector]:
    """Verifier keys, good and bad."""
    mldsa = Cosigner.mldsa44("example.com/mldsa-log", bytes.fromhex(TORCHWOOD_SEED)).vkey
    for name, vkey in (
        ("C2SP signed-note, the example", SPEC_VKEY),
        ("golang.org/x/mod/sumdb/note, the example", GO_VKEY),
        ("FiloSottile/sunlight, a cosigner's", SUNLIGHT_VKEY),
        ("FiloSottile/torchwood, ML-DSA-44", str(mldsa)),
    ):
        key_name, key_id, _ = vkey.split("+", 2)
        material = base64.b64decode(vkey.split("+", 2)[2])
        yield {
            "name": name,
            "vkey": vkey,
            "key_name": key_name,
            "key_id": key_id,
            "algorithm": material[0],
            "public": material[1:].hex(),
        }
    for name, vkey, why in (
        ("only a name", "example.com/foo", "no id, no key"),
        ("no key", "example.com/foo+530d903a", "no key"),
        ("an empty key", "example.com/foo+530d903a+", "no key"),
        ("a wrong id", SPEC_VKEY.replace("530d903a", "530d903b"), "the id is the hash of name, type and key"),
        ("an id in capitals", SPEC_VKEY.replace("530d903a", "530D903A"), "one encoding"),
        ("a short id", SPEC_VKEY.replace("530d903a", "530d903"), "8 digits"),
        ("no name", SPEC_VKEY.removeprefix("example.com/foo"), "a key has a name"),
        ("a space in the name", SPEC_VKEY.replace("/foo", "/f oo"), "no spaces in names"),
        ("a newline in the name", SPEC_VKEY.replace("/foo", "/f\noo"), "no control characters in names"),
        ("junk after", SPEC_VKEY + "!", "no base64"),
        ("no padding", world.WITNESS.vkey.name + "+00000000+AQI", "base64 is padded"),
        ("a short key", _raw_vkey("a", b"\x01" + bytes(31)), "Ed25519 keys are 32 bytes"),
        ("a key of an unknown type", _raw_vkey("a", b"\x02" + bytes(32)), "0x02 is not used here"),
    ):
        yield {"name": name, "vkey": vkey, "error": "vkey_malformed", "why": why}


def _raw_vkey(name: str, material: bytes) -> str:
    key_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(material).decode()}"


def _resign(note: str, signer: Signer, change: Callable[[bytes], bytes]) -> str:
    parsed = parse_note(note.encode())
    signature = parsed.signatures[0]
    changed = Signature(signer.vkey.name, signer.vkey.key_id, change(signature.blob))
    return encode_note(Note(parsed.text, (changed,))).decode()


def _cosigned_anyway(text: str) -> str:
    message = f"cosignature/v1\ntime 1764000000\n{text}".encode()
    return encode_note(Note(text, (world.WITNESS.stamp(message, 1764000000),))).decode()


def _restamped(note: str, time_s: int) -> str:
    parsed = parse_note(note.encode())
    old = parsed.signatures[1]
    return encode_note(
        Note(parsed.text, (Signature(old.name, old.key_id, time_s.to_bytes(8) + old.blob[8:]),))
    ).decode()


def _with_spare_bits(note: str) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = re.search(r"(.)(==?)\n$", note)
    assert last is not None
    other = alphabet[alphabet.index(last[1]) + 1]
    return note[: last.start()] + other + last[2] + "\n"
