"""Manifests: what a reader sees, written one way only."""

from dataclasses import replace
from typing import Any

import pytest

from keys.canonical import NotCanonical
from keys.errors import Malformed
from keys.manifests import (
    DocumentManifest,
    EnclosureKey,
    Excision,
    FamilyAuthor,
    Manifest,
    ManifestMalformed,
    StaffAuthor,
    TextTooLong,
    encode_document,
    encode_manifest,
    excise,
    parse_document,
    parse_manifest,
)
from tests.unit.keys.sealing import FAMILY_KEY, STAFF

PLAIN = Manifest(by=StaffAuthor(STAFF), lang="uk", text="Яблуня ███, усе добре.")
FULL = replace(
    PLAIN,
    by=FamilyAuthor("ab" * 32),
    reply_to=str(FAMILY_KEY.recipient()),
    address="Іван, народжений 1990 року",
    note="the last line is a proverb",
    excised=(Excision(7, 10, "MIL"),),
    enclosures=(EnclosureKey("дім.png", "image/png", 1234, "cd" * 32), EnclosureKey("b.jpg", "image/jpeg", 1, None)),
)


def test_a_plain_manifest_byte_for_byte() -> None:
    """UTF-8, no spaces; what does not apply is absent."""
    expected = '{"v":1,"by":{"staff":"' + STAFF + '"},"lang":"uk","text":"Яблуня ███, усе добре."}'
    assert encode_manifest(PLAIN) == expected.encode()


def test_a_full_manifest_byte_for_byte() -> None:
    """Every key in its place; an enclosure that was left out has a null seed."""
    expected = (
        '{"v":1,"by":{"family":"' + "ab" * 32 + '"},"lang":"uk","text":"Яблуня ███, усе добре.",'
        '"reply_to":"' + str(FAMILY_KEY.recipient()) + '","address":"Іван, народжений 1990 року",'
        '"note":"the last line is a proverb","excised":[{"start":7,"end":10,"reason":"MIL"}],'
        '"enclosures":[{"name":"дім.png","type":"image/png","bytes":1234,"seed":"' + "cd" * 32 + '"},'
        '{"name":"b.jpg","type":"image/jpeg","bytes":1,"seed":null}]}'
    )
    assert encode_manifest(FULL) == expected.encode()


def test_what_is_written_is_read() -> None:
    """Both come back equal, and so does a text with every character that JSON escapes."""
    escaped = replace(PLAIN, text='"\\/\t\n\u2028 🌻')
    for manifest in (PLAIN, FULL, escaped):
        assert parse_manifest(encode_manifest(manifest)) == manifest


@pytest.mark.parametrize(
    "change",
    [
        {"lang": "Ukrainian, I think"},
        {"lang": "x"},
        {"lang": "en-" + "a1-" * 12},
        {"text": "a\rb"},
        {"text": "a\0b"},
        {"text": "a\x9bb"},
        {"text": "\ud800"},
        {"reply_to": "age1short"},
        {"reply_to": str(FAMILY_KEY.recipient()).upper()},
        {"address": ""},
        {"address": "x" * 2001},
        {"address": "\x1b[2J"},
        {"note": "x" * 2001},
        {"excised": (Excision(6, 10, "MIL"),)},
        {"excised": (Excision(7, 9, "MIL"), Excision(8, 10, "MIL"))},
        {"excised": (Excision(9, 10, "MIL"), Excision(7, 8, "MIL"))},
        {"excised": (Excision(7, 999, "MIL"),)},
        {"enclosures": (EnclosureKey("a", "image/png", 1, None),) * 4},
    ],
)
def test_a_manifest_that_cannot_be(change: dict[str, Any]) -> None:
    """A client learns before sealing what a reader would refuse."""
    with pytest.raises(ManifestMalformed):
        replace(PLAIN, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "../../etc/passwd"},
        {"name": "a\\b"},
        {"name": "a\nb"},
        {"name": "a\x00b"},
        {"type": "image/svg+xml"},
        {"bytes": 0},
        {"bytes": 4 * 1024 * 1024 + 1},
        {"bytes": True},
        {"seed": "CD" * 32},
    ],
)
def test_an_enclosure_that_cannot_be(change: dict[str, Any]) -> None:
    """Names are no paths, types are images, sizes have a limit."""
    with pytest.raises(ManifestMalformed):
        replace(EnclosureKey("a.png", "image/png", 4 * 1024 * 1024, None), **change)


@pytest.mark.parametrize(("start", "end", "reason"), [(3, 3, "MIL"), (-1, 3, "MIL"), (0, 3, "mil"), (0, 3, "A" * 41)])
def test_an_excision_that_cannot_be(start: int, end: int, reason: str) -> None:
    """It takes out at least one character, for a reason with a code."""
    with pytest.raises(ManifestMalformed):
        Excision(start, end, reason)


def test_an_author_is_a_key_or_an_id() -> None:
    """Nobody signs as a name."""
    with pytest.raises(ManifestMalformed):
        FamilyAuthor("mother")
    with pytest.raises(ManifestMalformed):
        StaffAuthor("ann")


def test_a_text_has_at_most_8000_characters() -> None:
    """Characters are counted, not bytes; one more has an error that a family understands."""
    assert len(replace(PLAIN, text="🌻" * 8000).text) == 8000
    with pytest.raises(TextTooLong):
        replace(PLAIN, text="ї" * 8001)


def test_excising_keeps_every_other_character_in_its_place() -> None:
    """Each character taken out leaves one block, so that ranges count the same before and after."""
    cuts = (Excision(0, 2, "MIL"), Excision(3, 4, "THIRD_PARTY"))
    assert excise("abc🌻e", cuts) == "██c█e"
    assert replace(PLAIN, text=excise("abc🌻e", cuts), excised=cuts).excised == cuts


@pytest.mark.parametrize("cuts", [(Excision(3, 9, "MIL"),), (Excision(2, 4, "MIL"), Excision(0, 1, "MIL"))])
def test_excising_what_is_not_there(cuts: tuple[Excision, ...]) -> None:
    """A range beyond the text, or out of order, is a mistake of the client."""
    with pytest.raises(ManifestMalformed):
        excise("abcde", cuts)


ENCODED = encode_manifest(FULL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'{"v":1,', b'{"v":2,'),
        (b'{"v":1,', b'{"v":true,'),
        (b'{"v":1,', b"{"),
        (b'"lang":"uk",', b""),
        (b'"lang":"uk"', b'"lang":7'),
        (b'"lang":"uk",', b'"lang":"uk","mood":"good",'),
        (b'{"family":"' + b"ab" * 32 + b'"}', b'"family"'),
        (b'{"family":', b'{"name":'),
        (b'"reply_to":"', b'"reply_to":null,"address":"'),
        (b'"note":"the last line is a proverb"', b'"note":null'),
        (b'"excised":[{', b'"excised":[7,{'),
        (b'"excised":[{"start":7,"end":10,"reason":"MIL"}]', b'"excised":[]'),
        (b'"excised":[{"start":7,"end":10,"reason":"MIL"}]', b'"excised":{}'),
        (b'"start":7', b'"start":7.0'),
        (b'"seed":null', b'"size":null'),
        ("дім".encode(), b"\xff"),
        (b'"bytes":1234', b'"bytes":"1234"'),
    ],
)
def test_a_manifest_that_is_refused(old: bytes, new: bytes) -> None:
    """Another version, a key too many, too few or elsewhere, another type, not UTF-8."""
    assert old in ENCODED
    with pytest.raises(Malformed):
        parse_manifest(ENCODED.replace(old, new))


def test_a_second_spelling_is_refused() -> None:
    """An escape or a space would give one manifest two signatures."""
    for other in (ENCODED.replace(b"MIL", b"\\u004dIL"), ENCODED + b" ", b"[]", b"\xef\xbb\xbf" + ENCODED):
        with pytest.raises(NotCanonical):
            parse_manifest(other)


AUTHOR = StaffAuthor(STAFF)


def test_documents_byte_for_byte() -> None:
    """Text is a string, anything else base64."""
    by = '{"v":1,"by":{"staff":"' + STAFF + '"},'
    assert encode_document(DocumentManifest(AUTHOR, "ї".encode())) == (by + '"text":"ї"}').encode()
    assert encode_document(DocumentManifest(AUTHOR, b"\xff\xd8")) == (by + '"base64":"/9g="}').encode()


@pytest.mark.parametrize("content", [b"", b'{"v":1}', b"\0\r\n", b"\xff\xd8\xff", bytes(range(256))])
def test_documents_are_read_as_written(content: bytes) -> None:
    """Any bytes come back."""
    manifest = DocumentManifest(AUTHOR, content)
    assert parse_document(encode_document(manifest)) == manifest


@pytest.mark.parametrize(
    "tail",
    [
        '"base64":"MQ=="}',  # this is UTF-8, so it would have to be a string
        '"base64":"/9h="}',
        '"base64":"/9g"}',
        '"base64":7}',
        '"text":7}',
        '"text":"a","base64":"/9g="}',
        '"bytes":"a"}',
    ],
)
def test_a_document_that_is_refused(tail: str) -> None:
    """One content has one way to be written."""
    with pytest.raises(ManifestMalformed):
        parse_document(('{"v":1,"by":{"staff":"' + STAFF + '"},' + tail).encode())
