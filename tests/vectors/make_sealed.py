"""
Write tests/vectors/sealed/{keys,good,bad}.json, the same bytes each time: `python -m tests.vectors.make_sealed`.

Everything in them follows from this file but the wrapped file keys: no library lets a caller choose the randomness of
HPKE's encapsulation. Those were made once and stand in wrapped.json; take a line out of it to have it made anew.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.agefile import HybridIdentity, Stanza, encrypt
from keys.envelope import BIND_STANZA, bind
from keys.manifests import DocumentManifest, encode_document, encode_manifest
from keys.sealed import (
    DocumentLine,
    EnclosureKey,
    EnclosureLine,
    Excision,
    FamilyAuthor,
    LetterLine,
    Line,
    Manifest,
    StaffAuthor,
    encode_line,
    excise,
    padme,
    part_digest,
)
from keys.signedcontent import plaintext_of, signed_bytes

HERE = Path(__file__).parent / "sealed"
#: By recipient: the encapsulated key in base64 and the wrapped file key in hex.
Wrapped = dict[str, list[str]]


def bytes_for(purpose: str, size: int = 32) -> bytes:
    """Give bytes that look random and are always the same."""
    return hashlib.sha256(f"letter-relay vector {purpose}".encode()).digest()[:size]


RELAY, ITEM, STAFF = (bytes_for(name, 16).hex() for name in ("relay", "item", "reviewer"))
REVIEW_DESK, FACILITY_DESK = (bytes_for(name, 16).hex() for name in ("review desk", "facility desk"))
REVIEW, FACILITY = f"{REVIEW_DESK}/1", f"{FACILITY_DESK}/2"
#: One file key for all vectors, so that each recipient's wrapping has to be stored only once. Never do this elsewhere.
FILE_KEY = bytes_for("file key", 16)
PICTURE_SEED = bytes_for("picture seed")
SEEDS = {
    "review": bytes_for("review desk key"),
    "facility": bytes_for("facility desk key"),
    "family": bytes_for("family age identity"),
    "member": bytes_for("member age identity"),
    "picture": PICTURE_SEED,
}
SIGNERS = {"family": bytes_for("family signer"), "reviewer": bytes_for("reviewer signer")}


def signer(name: str) -> Ed25519PrivateKey:
    """Load a signer by name."""
    return Ed25519PrivateKey.from_private_bytes(SIGNERS[name])


def public(name: str) -> str:
    """Give a signer's public key as hex."""
    return signer(name).public_key().public_bytes_raw().hex()


@dataclass(frozen=True)
class StoredRecipient:
    """A recipient whose wrapping of the one file key is looked up, or made and kept."""

    name: str
    wrapped: Wrapped

    def wrap(self, file_key: bytes) -> tuple[Stanza, ...]:
        """Give the stored stanza."""
        if self.name not in self.wrapped:
            (fresh,) = HybridIdentity.from_seed(SEEDS[self.name]).recipient().wrap(file_key)
            self.wrapped[self.name] = [fresh.args[0], fresh.body.hex()]
        share, body = self.wrapped[self.name]
        return (Stanza("mlkem768x25519", (share,), bytes.fromhex(body)),)


class Maker:
    """Makes vectors with stored wrappings."""

    def __init__(self, wrapped: Wrapped) -> None:
        self.wrapped = wrapped

    def seal(
        self,
        first_line: bytes,
        plaintext: bytes,
        *,
        to: Sequence[str] = ("review",),
        extra: Sequence[Stanza] | None = None,
    ) -> bytes:
        """Seal any plaintext under any first line, with any further stanzas."""
        recipients = [StoredRecipient(name, self.wrapped) for name in to]
        nonce = hashlib.sha256(first_line + plaintext).digest()[:16]
        stanzas = [bind(first_line)] if extra is None else extra
        given = iter((FILE_KEY, nonce))
        return first_line + b"\n" + encrypt(plaintext, recipients, extra=stanzas, random=lambda _: next(given))


def signed(line: Line, manifest_json: bytes, by: str) -> bytes:
    """Sign a manifest and pad it."""
    return plaintext_of(manifest_json, signer(by).sign(signed_bytes(encode_line(line), manifest_json)))


# ---------------------------------------------------------------- who and what

PICTURE = b"\x89PNG\r\n\x1a\n" + b"not really a picture of a house, but it has bytes. " * 20
PICTURE_LINE = EnclosureLine(RELAY, ITEM, 1)
LINE = LetterLine(RELAY, ITEM, "letter", "family>review", "123456789012", (REVIEW,), 3, None, ())
FAMILY_MANIFEST = Manifest(
    by=FamilyAuthor(public("family")),
    lang="uk",
    text='Любий, у нас усе добре. Яблуня зацвіла, кіт спить на підвіконні.\n\tМама "і всі" 🌻',
    reply_to=str(HybridIdentity.from_seed(SEEDS["family"]).recipient()),
)
STAFF_MANIFEST = Manifest(by=StaffAuthor(STAFF), lang="en", text="All is well here. The apple tree is in bloom.")
DOCUMENT_LINE = DocumentLine(RELAY, "contact", bytes_for("mailbox").hex(), None, (REVIEW,), 3, 1)


def good_vectors(maker: Maker) -> list[dict[str, Any]]:
    """Make what every implementation must seal (given the stored wrappings), check and open."""
    vectors: list[dict[str, Any]] = []

    def add(
        name: str, says: str, line: Line, manifest_json: bytes, *, by: str | None, to: Sequence[str], claims: str
    ) -> None:
        plaintext = plaintext_of(manifest_json, b"") if by is None else signed(line, manifest_json, by)
        file = maker.seal(encode_line(line), plaintext, to=to)
        vectors.append(
            {
                "name": name,
                "says": says,
                "first_line": encode_line(line).decode(),
                "manifest": manifest_json.decode(),
                "signed_by": by,
                "claims": claims,
                "authentic": by == claims,
                "identities": list(to),
                "plaintext_bytes": len(plaintext),
                "digest": part_digest(file),
                "file": base64.b64encode(file).decode(),
            }
        )

    def letter(name: str, says: str, line: LetterLine, manifest: Manifest, by: str | None, *to: str) -> None:
        claims = "family" if isinstance(manifest.by, FamilyAuthor) else "reviewer"
        add(name, says, line, encode_manifest(manifest), by=by, to=to, claims=claims)

    def document(name: str, says: str, line: DocumentLine, content: bytes, *to: str) -> None:
        body = encode_document(DocumentManifest(StaffAuthor(STAFF), content))
        add(name, says, line, body, by="reviewer", to=to, claims="reviewer")

    picture = picture_file(maker)
    key = EnclosureKey("будинок.png", "image/png", len(PICTURE), PICTURE_SEED.hex())
    with_picture = replace(LINE, enclosures=(part_digest(picture),))

    letter("letter", "a family writes to a detainee", LINE, FAMILY_MANIFEST, "family", "review")
    long_text = replace(FAMILY_MANIFEST, text="Сьогодні падав сніг. " * 200)
    letter("longer letter", "too long for 4 KiB, so padded to 16", LINE, long_text, "family", "review")
    enclosing = replace(FAMILY_MANIFEST, enclosures=(key,))
    letter("letter with a picture", "the key stands in the manifest", with_picture, enclosing, "family", "review")
    cuts = (Excision(0, 3, "MIL"), Excision(25, 35, "THIRD_PARTY"))
    passed = replace(
        STAFF_MANIFEST,
        text=excise(STAFF_MANIFEST.text, cuts),
        note="the picture shows a road sign",
        excised=cuts,
        enclosures=(replace(key, seed=None),),
    )
    onward = replace(with_picture, hop="review>facility", to=(FACILITY, REVIEW))
    says = "resealed to two desks; the picture left out"
    letter("passed with excisions", says, onward, passed, "reviewer", "facility", "review")
    unknown = replace(LINE, detainee="unknown")
    about = replace(FAMILY_MANIFEST, address="Іван Приклад, народжений 1990 року в Зразкові")
    letter("unknown number", "the family knows a name only, and it stands inside", unknown, about, "family", "review")
    parcel = replace(LINE, kind="parcel")
    letter("parcel", "goods travel with a letter's line", parcel, replace(FAMILY_MANIFEST, text=""), "family", "review")
    reply = replace(LINE, kind="reply", hop="facility>review", re="new")
    letter("first reply", "a detainee writes first", reply, STAFF_MANIFEST, "reviewer", "review")
    home = replace(LINE, kind="reply", hop="review>family", to=("family",), re=bytes_for("answered", 16).hex())
    letter("reply to a family", "sealed to what the receipt code makes", home, STAFF_MANIFEST, "reviewer", "family")
    letter("unsigned", "opens, and is shown as unsigned", LINE, FAMILY_MANIFEST, None, "review")
    letter("forged", "opens, and is shown as forged: another key signed", LINE, FAMILY_MANIFEST, "reviewer", "review")
    document("contact", "JSON text as content", DOCUMENT_LINE, '{"names":["Мама"]}'.encode(), "review")
    note = replace(DOCUMENT_LINE, kind="note", id=bytes_for("note", 16).hex(), item=ITEM, to=("family",))
    advice = "Лист задовгий. Напишіть, будь ласка, коротше."
    document("note", "to a family, about one item", note, advice.encode(), "family")
    scan = replace(DOCUMENT_LINE, kind="scan", id=bytes_for("scan", 16).hex(), item=ITEM)
    document("scan", "an image, which is not UTF-8", scan, b"\xff\xd8\xff\xe0 not really a scan", "review")
    desk_key = replace(DOCUMENT_LINE, kind="desk-key", id=REVIEW_DESK, to=(f"staff/{STAFF}",), version=2)
    document("desk key", "for a member of the desk", desk_key, SEEDS["review"], "member")
    vectors.append(
        {
            "name": "enclosure",
            "says": "a picture, sealed once for all legs",
            "first_line": encode_line(PICTURE_LINE).decode(),
            "content": base64.b64encode(PICTURE).decode(),
            "identities": ["picture"],
            "bytes": len(PICTURE),
            "plaintext_bytes": padme(len(PICTURE)),
            "digest": part_digest(picture),
            "file": base64.b64encode(picture).decode(),
        }
    )
    return vectors


def picture_file(maker: Maker) -> bytes:
    """Seal the picture."""
    return maker.seal(encode_line(PICTURE_LINE), PICTURE.ljust(padme(len(PICTURE)), b"\0"), to=["picture"])


def bad_vectors(maker: Maker) -> list[dict[str, Any]]:
    """Make what every implementation must refuse, with the code it must refuse it by."""
    vectors: list[dict[str, Any]] = []

    def add(step: str, name: str, file: bytes, error: str, why: str, **more: object) -> None:
        vector = {"name": name, "step": step, "identities": ["review"], **more, "error": error, "why": why}
        vectors.append({**vector, "file": base64.b64encode(file).decode()})

    first_line = encode_line(LINE)
    manifest_json = encode_manifest(FAMILY_MANIFEST)
    plaintext = signed(LINE, manifest_json, "family")
    good = maker.seal(first_line, plaintext)
    _refused_lines(maker, add, first_line, plaintext)
    _refused_headers(maker, add, first_line, plaintext, good)
    _refused_insides(maker, add, manifest_json, plaintext)
    _refused_others(maker, add)
    return vectors


Add = Callable[..., None]


def _refused_lines(maker: Maker, add: Add, first_line: bytes, plaintext: bytes) -> None:
    def line(name: str, old: bytes, new: bytes, error: str, why: str) -> None:
        assert old in first_line
        add("check", name, maker.seal(first_line.replace(old, new), plaintext), error, why)

    line("another version", b"sealed/v1", b"sealed/v2", "sealed_kind", "only v1 is known")
    line("space in the line", b'"dir":3', b'"dir": 3', "not_canonical", "JSON has no spaces")
    line("escape in the line", b'"kind"', b'"\\u006bind"', "not_canonical", "ASCII characters are not escaped")
    line("doubled key", b'"dir":3', b'"dir":3,"dir":3', "not_canonical", "each key stands once")
    line("keys in another order", b'"kind":"letter","hop":"family>review"', b'"hop":"family>review","kind":"letter"',
         "sealed_line", "kind stands before hop")  # fmt: skip
    line("unknown key", b'"dir":3', b'"dir":3,"urgent":1', "sealed_line", "no other keys exist")
    line("empty enclosures", b'"dir":3', b'"dir":3,"enclosures":[]', "sealed_line", "an empty list is absent")
    line("null re", b'"dir":3', b'"dir":3,"re":null', "sealed_line", "what does not apply is absent")
    line("re on a letter", b'"dir":3', b'"dir":3,"re":"new"', "sealed_line", "only a reply answers")
    line("unknown hop", b"family>review", b"family>facility", "sealed_line", "families seal to the intake desk")
    line("family as a desk's reader", f'"{REVIEW}"'.encode(), b'"family"', "sealed_line", "review>family alone")
    line("epoch zero", f"{REVIEW_DESK}/1".encode(), f"{REVIEW_DESK}/0".encode(), "sealed_line", "epochs count from 1")
    line("directory as text", b'"dir":3', b'"dir":"3"', "sealed_line", "dir is an integer")
    line("upper-case id", ITEM.encode(), ITEM.upper().encode(), "sealed_line", "hex is lower-case")
    line("line too long", b'"dir":3', b'"dir":3' + b" " * 1024, "sealed_line", "at most 1,024 bytes")
    no_end = b"letter-relay/sealed/v1 " + b"x" * 2000
    add("check", "no end of line", no_end, "sealed_line", "a newline stands among the first 1,025 bytes")


def _refused_headers(maker: Maker, add: Add, first_line: bytes, plaintext: bytes, good: bytes) -> None:
    def stanzas(name: str, extra: list[Stanza], error: str, why: str) -> None:
        add("check", name, maker.seal(first_line, plaintext, extra=extra), error, why)

    bound = bind(first_line)
    x25519 = Stanza("X25519", (base64.b64encode(bytes_for("share")).decode().rstrip("="),), bytes_for("body"))
    stanzas("no bind", [], "foreign_stanza", "the last stanza is the bind")
    stanzas("two binds", [bound, bound], "foreign_stanza", "there is exactly one bind")
    stanzas("bind not last", [bound, Stanza("grease", (), b"")], "foreign_stanza", "the last stanza is the bind")
    stanzas("classic recipient", [x25519, bound], "foreign_stanza", "a classic recipient would undo post-quantum ones")
    stanzas("unknown stanza", [Stanza("grease", ("a",), b""), bound], "foreign_stanza", "no other type is allowed")
    stanzas("bind of another line", [bind(b"another line")], "wrong_bind", "the digest is the first line's")
    stanzas("bind with a body", [Stanza(BIND_STANZA, bound.args, b"x")], "wrong_bind", "its body is empty")
    stanzas("bind with two arguments", [Stanza(BIND_STANZA, (*bound.args, "x"), b"")], "wrong_bind", "it has one")
    two = maker.seal(first_line, plaintext, to=["review", "facility"])
    add("check", "one recipient too many", two, "recipients_differ", "to names one")
    short = Stanza("mlkem768x25519", ("AAAA",), bytes(32))
    wide = encode_line(replace(LINE, to=(REVIEW, FACILITY)))
    file = maker.seal(wide, plaintext, extra=[short, bind(wide)])
    add("check", "short encapsulated key", file, "age_header", "it has 1,120 bytes")
    add("check", "age version 2", good.replace(b"org/v1", b"org/v2", 1), "age_header", "age-encryption.org/v1 alone")
    add("check", "no age file", first_line + b"\n", "age_header", "an age file follows the line")
    rerouted = first_line.replace(b"123456789012", b"123456789013")
    moved = good.replace(first_line, rerouted)
    add("check", "rerouted", moved, "wrong_bind", "the line was changed after sealing")
    moved = moved.replace(bound.args[0].encode(), bind(rerouted).args[0].encode())
    add("open", "rerouted with a new bind", moved, "age_header_forged", "whoever has no file key cannot make the MAC")
    add("check", "not padded", maker.seal(first_line, plaintext.rstrip(b" ")), "not_padded", "4, 16 or 64 KiB")
    add("check", "padded to 32 KiB", maker.seal(first_line, plaintext.ljust(32768)), "not_padded", "4, 16 or 64 KiB")
    add("check", "last byte missing", good[:-1], "not_padded", "the payload's size follows from the padded size")
    flipped = good[:-1] + bytes([good[-1] ^ 1])
    add("open", "last byte changed", flipped, "age_payload", "the last chunk does not verify")
    add("open", "wrong desk", good, "wrong_key", "sealed to the review desk", identities=["facility"])


def _refused_insides(maker: Maker, add: Add, manifest_json: bytes, plaintext: bytes) -> None:
    def inside(name: str, text: bytes, error: str, why: str) -> None:
        add("open", name, maker.seal(encode_line(LINE), text), error, why)

    def manifest(name: str, old: bytes, new: bytes, error: str, why: str) -> None:
        assert old in manifest_json
        inside(name, signed(LINE, manifest_json.replace(old, new), "family"), error, why)

    manifest("manifest with a space", b'{"v":1', b'{"v": 1', "not_canonical", "JSON has no spaces")
    manifest("manifest of version 2", b'{"v":1', b'{"v":2', "manifest", "v is 1")
    manifest("manifest without version", b'"v":1,', b"", "manifest", "v stands first")
    manifest("unknown manifest key", b'"lang":"uk"', b'"lang":"uk","mood":"good"', "manifest", "no other keys exist")
    manifest("two authors", b'{"family":', b'{"staff":"x","family":', "manifest", "by has one key")
    manifest("carriage return", b"\\n", b"\\r\\n", "manifest", "of the controls only line feed and tab")
    manifest("short reply_to", b'"reply_to":"age1pq1', b'"reply_to":"age1pq1q', "manifest", "1,959 characters")
    cut = b'","excised":[{"start":0,"end":3,"reason":"MIL"}]}'
    reader = encode_manifest(replace(FAMILY_MANIFEST, reply_to=None))
    inside("excised without blocks", signed(LINE, reader[:-2] + cut, "family"), "manifest", "U+2588 for each character")
    one = encode_manifest(replace(FAMILY_MANIFEST, enclosures=(EnclosureKey("a", "image/png", 1, None),)))
    inside("enclosure that the line lacks", signed(LINE, one, "family"), "manifest", "as many as the line names")
    long_text = manifest_json.replace(b'"text":"', b'"text":"' + b"a" * 8000)
    inside("text too long", signed(LINE, long_text, "family"), "text_too_long", "at most 8,000 characters")
    inside("short signature", (manifest_json + b"\nAAAA\n").ljust(4096), "manifest", "64 bytes, or an empty line")
    inside("padded too far", plaintext.ljust(16384), "not_padded", "the smallest size that holds it")
    inside("padded with zeros", plaintext.rstrip(b" ").ljust(4096, b"\0"), "not_padded", "spaces")
    inside("no signature line", manifest_json.ljust(4096), "not_padded", "both lines end with a newline")


def _refused_others(maker: Maker, add: Add) -> None:
    line = encode_line(PICTURE_LINE)
    padded = PICTURE.ljust(padme(len(PICTURE)), b"\0")

    def picture(step: str, name: str, file: bytes, error: str, why: str) -> None:
        add(step, name, file, error, why, identities=["picture"], bytes=len(PICTURE))

    def filled(plaintext: bytes) -> bytes:
        return maker.seal(line, plaintext, to=["picture"])

    picture("check", "enclosure not padded", filled(PICTURE), "not_padded", "a Padmé size")
    with_spaces = filled(PICTURE.ljust(len(padded)))
    picture("open", "enclosure padded with spaces", with_spaces, "enclosure_malformed", "zero bytes")
    larger = filled(padded.ljust(padme(2000), b"\0"))
    picture("open", "enclosure of another size", larger, "enclosure_malformed", "Padmé of the manifest's bytes")
    both = maker.seal(line, padded, to=["picture", "review"])
    picture("check", "enclosure for two", both, "recipients_differ", "exactly one recipient")
    fourth = maker.seal(line.replace(b'"part":1', b'"part":4'), padded, to=["picture"])
    picture("check", "fourth enclosure", fourth, "sealed_line", "part is 1, 2 or 3")
    text = encode_document(DocumentManifest(StaffAuthor(STAFF), b"a")).replace(b'"text":"a"', b'"base64":"YQ=="')
    file = maker.seal(encode_line(DOCUMENT_LINE), signed(DOCUMENT_LINE, text, "reviewer"))
    add("open", "text as base64", file, "manifest", "UTF-8 content is a string")
    note = encode_line(DOCUMENT_LINE).replace(b'"kind":"contact"', b'"kind":"note"')
    file = maker.seal(note, signed(DOCUMENT_LINE, text, "reviewer"))
    add("check", "note to a desk", file, "sealed_line", "a note is for the family")
    file = maker.seal(encode_line(DOCUMENT_LINE), bytes(70_000))
    add("check", "document not padded", file[:-60_000], "not_padded", "4, 16, 64 KiB or a Padmé size")


def keys() -> dict[str, Any]:
    """List the keys that the vectors speak of by name."""
    identities = {}
    for name, seed in SEEDS.items():
        identity = HybridIdentity.from_seed(seed)
        identities[name] = {"seed": seed.hex(), "identity": str(identity), "recipient": str(identity.recipient())}
    signers = {name: {"seed": seed.hex(), "public": public(name)} for name, seed in SIGNERS.items()}
    return {"file_key": FILE_KEY.hex(), "identities": identities, "signers": signers}


def build() -> dict[str, str]:
    """Give the content of each file by its name."""
    stored = HERE / "wrapped.json"
    maker = Maker(json.loads(stored.read_text()) if stored.exists() else {})
    files = {"keys.json": keys(), "good.json": good_vectors(maker), "bad.json": bad_vectors(maker)}
    return {
        name: json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        for name, content in {**files, "wrapped.json": maker.wrapped}.items()
    }


if __name__ == "__main__":
    for name, content in build().items():
        (HERE / name).write_text(content, encoding="utf-8")
