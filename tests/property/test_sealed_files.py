"""Sealed files under random content and random damage."""

import functools
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import bech32
from keys.agefile import Stanza, decrypt, decrypt_stream, encrypt, parse_header, payload_bytes, plaintext_bytes
from keys.ageheader import HeaderMalformed, encode_stanzas
from keys.bech32 import KeyMalformed
from keys.errors import RelayError
from keys.firstlines import encode_line, parse_document_line, parse_enclosure_line, parse_line
from keys.manifests import (
    BLOCK,
    DocumentManifest,
    EnclosureKey,
    Excision,
    FamilyAuthor,
    Manifest,
    StaffAuthor,
    encode_document,
    encode_manifest,
    excise,
    parse_document,
    parse_manifest,
)
from keys.padding import TEXT_SIZES, padded_text_bytes, padme
from keys.sealed import (
    HOPS,
    KINDS,
    DocumentLine,
    EnclosureLine,
    LetterLine,
    check_part,
    open_enclosure,
    open_letter,
    seal_enclosure,
    seal_letter,
)
from tests.unit.keys.sealing import FAMILY, FAMILY_VKEY, LINE, MANIFEST, PICTURE_LINE, REVIEW_KEY

IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
DIGESTS = st.binary(min_size=32, max_size=32).map(bytes.hex)
DESKS = st.builds("{}/{}".format, IDS, st.integers(1, 999_999_999))
VERSIONS = st.integers(1, 2**53 - 1)
PRINTABLE = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t")
TEXTS = st.text(PRINTABLE, max_size=300)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), min_size=1, max_size=100)
AUTHORS = st.builds(FamilyAuthor, DIGESTS) | st.builds(StaffAuthor, IDS)
ENCLOSURES = st.builds(
    EnclosureKey,
    NAMES,
    st.sampled_from(["image/jpeg", "image/png", "image/webp"]),
    st.integers(1, 4 * 1024 * 1024),
    st.none() | DIGESTS,
)
MANIFESTS = st.builds(
    Manifest,
    by=AUTHORS,
    lang=st.sampled_from(["uk", "ru", "en", "und", "sr-Latn", "zh-Hant-TW"]),
    text=TEXTS,
    reply_to=st.none() | st.just(MANIFEST.reply_to),
    address=st.none() | st.text(PRINTABLE, min_size=1, max_size=50),
    note=st.none() | st.text(PRINTABLE, min_size=1, max_size=50),
    enclosures=st.lists(ENCLOSURES, max_size=3).map(tuple),
)


@st.composite
def letter_lines(draw: st.DrawFn) -> LetterLine:
    """Draw any line that a letter, reply or parcel can have."""
    kind, hop = draw(st.sampled_from(sorted(KINDS))), draw(st.sampled_from(sorted(HOPS)))
    return LetterLine(
        relay=draw(IDS),
        item=draw(IDS),
        kind=kind,
        hop=hop,
        detainee=draw(st.just("unknown") | st.from_regex(r"\A[0-9]{12}\Z")),
        to=("family",) if hop == "review>family" else tuple(draw(st.lists(DESKS, min_size=1, max_size=3, unique=True))),
        dir=draw(VERSIONS),
        re=draw(st.just("new") | IDS) if kind == "reply" else None,
        enclosures=tuple(draw(st.lists(DIGESTS, max_size=3, unique=True))),
    )


@given(letter_lines())
def test_letter_lines_round_trip(line: LetterLine) -> None:
    """What is written is read, in at most 1,024 bytes of ASCII."""
    assert parse_line(encode_line(line)) == line
    assert encode_line(line).isascii()


@given(st.builds(EnclosureLine, IDS, IDS, st.integers(1, 3)))
def test_enclosure_lines_round_trip(line: EnclosureLine) -> None:
    """What is written is read."""
    assert parse_enclosure_line(encode_line(line)) == line


@given(
    st.builds(
        DocumentLine,
        relay=IDS,
        kind=st.sampled_from(["contact", "scan", "register", "declaration"]),
        id=IDS | DIGESTS,
        item=st.none() | IDS,
        to=st.lists(DESKS, min_size=1, max_size=3, unique=True).map(tuple),
        dir=VERSIONS,
        version=VERSIONS,
    )
)
def test_document_lines_round_trip(line: DocumentLine) -> None:
    """What is written is read."""
    assert parse_document_line(encode_line(line)) == line


@given(MANIFESTS)
def test_manifests_round_trip(manifest: Manifest) -> None:
    """Any text in any script comes back, and has one encoding."""
    assert parse_manifest(encode_manifest(manifest)) == manifest


@given(AUTHORS, st.binary(max_size=300) | TEXTS.map(str.encode))
def test_documents_round_trip(author: FamilyAuthor | StaffAuthor, content: bytes) -> None:
    """Any content comes back, and has one encoding."""
    manifest = DocumentManifest(author, content)
    assert parse_document(encode_document(manifest)) == manifest


@given(st.data())
def test_one_changed_byte_of_a_line_or_manifest_is_refused_or_means_something_else(data: st.DataObject) -> None:
    """There is no byte that can be changed without a change of meaning: no two encodings of one thing."""
    encoded = data.draw(st.sampled_from([encode_line(LINE), encode_manifest(MANIFEST)]))
    place, byte = data.draw(st.integers(0, len(encoded) - 1)), data.draw(st.integers(0, 255))
    changed = encoded[:place] + bytes([byte]) + encoded[place + 1 :]
    try:
        read: LetterLine | Manifest = parse_line(changed) if encoded == encode_line(LINE) else parse_manifest(changed)
    except RelayError:
        return
    assert (read in (LINE, MANIFEST)) == (changed == encoded)


@given(st.text(PRINTABLE, min_size=1, max_size=50), st.data())
def test_excising_changes_nothing_else(text: str, data: st.DataObject) -> None:
    """All characters outside the range stay where they are."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))

    cut = excise(text, [Excision(start, end, "MIL")])

    assert cut == text[:start] + BLOCK * (end - start) + text[end:]


# ---------------------------------------------------------------- whole files


@functools.cache
def a_letter() -> bytes:
    """Seal one letter, once."""
    return seal_letter(LINE, MANIFEST, signer=FAMILY, recipients=[REVIEW_KEY.recipient()])


@given(st.data())
def test_no_byte_of_a_sealed_letter_can_be_changed(data: st.DataObject) -> None:
    """Wherever one bit is flipped, the letter no longer opens."""
    letter = a_letter()
    place, bit = data.draw(st.integers(0, len(letter) - 1)), data.draw(st.integers(0, 7))
    changed = letter[:place] + bytes([letter[place] ^ (1 << bit)]) + letter[place + 1 :]
    with pytest.raises(RelayError):
        open_letter(changed, [REVIEW_KEY])


@given(st.data())
def test_no_letter_can_be_cut_or_continued(data: st.DataObject) -> None:
    """Neither a beginning of a letter nor a letter with something behind it passes the relay's check."""
    letter = a_letter()
    for other in (
        letter[: data.draw(st.integers(0, len(letter) - 1))],
        letter + data.draw(st.binary(min_size=1, max_size=99)),
    ):
        with pytest.raises(RelayError):
            check_part(other)


@given(st.binary(max_size=600))
def test_the_relays_check_survives_anything(data: bytes) -> None:
    """Whatever is uploaded is answered by a refusal, never by a crash."""
    for file in (data, encode_line(LINE) + b"\n" + data, encode_line(LINE) + b"\nage-encryption.org/v1\n-> " + data):
        with pytest.raises(RelayError):
            check_part(file)


@given(TEXTS)
def test_letters_round_trip(text: str) -> None:
    """Any text comes back signed."""
    manifest = replace(MANIFEST, text=text)
    opened = open_letter(seal_letter(LINE, manifest, signer=FAMILY, recipients=[REVIEW_KEY.recipient()]), [REVIEW_KEY])
    assert opened.manifest == manifest
    assert opened.authentic(FAMILY_VKEY)


@given(st.binary(min_size=1, max_size=5000), st.binary(min_size=32, max_size=32))
def test_enclosures_round_trip(content: bytes, seed: bytes) -> None:
    """Any picture comes back."""
    sealed = seal_enclosure(PICTURE_LINE, content, seed)
    assert open_enclosure(sealed, seed=seed, size_bytes=len(content)) == content


# ---------------------------------------------------------------- age


@given(st.binary(max_size=200), st.integers(0, 3), st.sampled_from([-1, 0, 1]))
def test_age_files_round_trip_around_every_edge(head: bytes, chunks: int, over: int) -> None:
    """Whole file and stream agree, also where the last chunk is full."""
    plaintext = (head + bytes(chunks * 65536))[: max(0, chunks * 65536 + over)]
    file = encrypt(plaintext, [REVIEW_KEY.recipient()])
    opened = io.BytesIO()

    decrypt_stream(io.BytesIO(file), opened, [REVIEW_KEY])

    assert decrypt(file, [REVIEW_KEY]) == opened.getvalue() == plaintext


WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)


@given(
    st.lists(
        st.builds(Stanza, WORDS, st.lists(WORDS, max_size=3).map(tuple), st.binary(max_size=200)),
        min_size=1,
        max_size=5,
    )
)
def test_age_headers_round_trip(stanzas: list[Stanza]) -> None:
    """Any stanzas are read as they were written, whatever the length of their bodies."""
    covered = encode_stanzas(stanzas)
    header = parse_header(covered + b" " + b"A" * 43 + b"\n")
    assert header.stanzas == tuple(stanzas)
    assert header.mac_input == covered


@given(st.data())
def test_a_header_that_still_parses_encodes_to_itself(data: st.DataObject) -> None:
    """One changed byte gives a refusal, or another header: never a second spelling."""
    covered = encode_stanzas([Stanza("a", ("b",), bytes(47)), Stanza("c", (), bytes(48)), Stanza("d", ("e", "f"), b"")])
    place, byte = data.draw(st.integers(0, len(covered) - 1)), data.draw(st.integers(0, 255))
    changed = covered[:place] + bytes([byte]) + covered[place + 1 :]
    try:
        header = parse_header(changed + b" " + b"A" * 43 + b"\n")
    except HeaderMalformed:
        return
    assert encode_stanzas(header.stanzas) == changed


@given(st.integers(0, 10_000_000))
def test_payload_sizes_are_each_others_inverse(size: int) -> None:
    """The relay reckons from the file's size to the content's, the sealer the other way."""
    assert plaintext_bytes(payload_bytes(size)) == size


@given(st.integers(0, 2**40))
def test_padding_grows_little_and_is_stable(size: int) -> None:
    """Padmé adds at most 12 %, and what is padded stays as it is."""
    assert size <= padme(size) <= size * 1.12
    assert padme(padme(size)) == padme(size)
    assert padded_text_bytes(padded_text_bytes(size)) == padded_text_bytes(size) >= TEXT_SIZES[0]


@given(st.binary(max_size=100), st.data())
def test_bech32_round_trips_and_finds_every_single_mistake(payload: bytes, data: st.DataObject) -> None:
    """Any bytes come back; any one wrong character is noticed."""
    text = bech32.encode("age1pq", payload)
    assert bech32.decode("age1pq", text) == payload
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7lQb1 "))
    wrong = text[:place] + letter + text[place + 1 :]
    if wrong != text:
        with pytest.raises(KeyMalformed):
            bech32.decode("age1pq", wrong)
