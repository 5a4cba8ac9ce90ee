"""First lines: one encoding, closed sets, and nothing that a relay could not check."""

from dataclasses import replace
from typing import Any

import pytest

from keys.canonical import NotCanonical
from keys.firstlines import (
    DOCUMENT_READERS,
    HOPS,
    KINDS,
    DocumentLine,
    EnclosureLine,
    LetterLine,
    Line,
    LineMalformed,
    UnknownPart,
    encode_line,
    parse_document_line,
    parse_enclosure_line,
    parse_line,
    split_first_line,
)
from tests.unit.keys.sealing import DOCUMENT_LINE, FACILITY, ITEM, LINE, RELAY, REVIEW

REPLY = replace(LINE, kind="reply", hop="review>family", to=("family",), re="new", enclosures=("a1" * 32, "a2" * 32))


def test_a_letters_line_byte_for_byte() -> None:
    """The order of the keys, no spaces, and what does not apply is absent."""
    assert encode_line(LINE) == (
        b'letter-relay/sealed/v1 {"relay":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","item":"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",'
        b'"kind":"letter","hop":"family>review","detainee":"123456789012","to":["0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c/1"],"dir":3}'
    )


def test_a_replys_line_byte_for_byte() -> None:
    """A reply names what it answers, and its enclosures by digest."""
    assert encode_line(REPLY).endswith(
        b'"detainee":"123456789012","to":["family"],"dir":3,"re":"new","enclosures":["%s","%s"]}'
        % (b"a1" * 32, b"a2" * 32)
    )


def test_the_other_lines_byte_for_byte() -> None:
    """Enclosures and documents have lines of their own."""
    assert encode_line(EnclosureLine(RELAY, ITEM, 2)) == (
        b'letter-relay/enclosure/v1 {"relay":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a",'
        b'"item":"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b","part":2}'
    )
    assert encode_line(replace(DOCUMENT_LINE, kind="note", item=ITEM, to=("family",))) == (
        b'letter-relay/document/v1 {"relay":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","kind":"note","id":"%s",'
        b'"item":"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b","to":["family"],"dir":3,"version":1}' % (b"0f" * 32)
    )


def test_what_is_written_is_read() -> None:
    """Each kind of line comes back equal."""
    assert parse_line(encode_line(LINE)) == LINE
    assert parse_line(encode_line(REPLY)) == REPLY
    assert parse_enclosure_line(encode_line(EnclosureLine(RELAY, ITEM, 3))) == EnclosureLine(RELAY, ITEM, 3)
    with_item = replace(DOCUMENT_LINE, item=ITEM)
    assert parse_document_line(encode_line(DOCUMENT_LINE)) == DOCUMENT_LINE
    assert parse_document_line(encode_line(with_item)) == with_item


def test_the_closed_sets() -> None:
    """Kinds, hops and documents are exactly those of the format."""
    assert sorted(KINDS) == ["letter", "parcel", "reply"]
    assert sorted(HOPS) == [
        "bureau>review",
        "facility>review",
        "family>review",
        "review>bureau",
        "review>facility",
        "review>family",
        "review>review",
    ]
    assert sorted(DOCUMENT_READERS) == ["contact", "declaration", "desk-key", "note", "register", "scan"]


@pytest.mark.parametrize(
    "change",
    [
        {"relay": RELAY.upper()},
        {"relay": RELAY[:-1]},
        {"item": "0b" * 17},
        {"kind": "postcard"},
        {"hop": "family>facility"},
        {"detainee": "12345678901"},
        {"detainee": "1234 5678 9012"},
        {"detainee": "１２３４５６７８９０１２"},
        {"to": ()},
        {"to": ("family",)},
        {"to": (REVIEW, REVIEW)},
        {"to": ("0c" * 16 + "/0",)},
        {"to": ("0c" * 16 + "/01",)},
        {"to": ("0c" * 16,)},
        {"hop": "review>family"},
        {"hop": "review>family", "to": ("family", "family")},
        {"dir": 0},
        {"dir": True},
        {"dir": 2**53},
        {"re": "new"},
        {"kind": "reply"},
        {"kind": "reply", "re": "old"},
        {"enclosures": ("a1" * 32,) * 2},
        {"enclosures": tuple(f"a{n}" * 32 for n in range(4))},
        {"enclosures": ("a1" * 31,)},
    ],
)
def test_a_letters_line_that_cannot_be(change: dict[str, Any]) -> None:
    """No client can make such a line, so no relay will be asked to read it."""
    with pytest.raises(LineMalformed):
        replace(LINE, **change)


@pytest.mark.parametrize("change", [{"relay": ""}, {"item": "x"}, {"part": 0}, {"part": 4}, {"part": True}])
def test_an_enclosures_line_that_cannot_be(change: dict[str, Any]) -> None:
    """Part 0 is the letter, and there are three enclosures at most."""
    with pytest.raises(LineMalformed):
        replace(EnclosureLine(RELAY, ITEM, 1), **change)


@pytest.mark.parametrize(
    "change",
    [
        {"relay": "0a"},
        {"kind": "poem"},
        {"id": "0f" * 20},
        {"item": "none"},
        {"to": ()},
        {"to": ("family",)},
        {"kind": "note"},
        {"kind": "desk-key"},
        {"kind": "desk-key", "to": ("staff/ann",)},
        {"dir": 0},
        {"version": 0},
    ],
)
def test_a_documents_line_that_cannot_be(change: dict[str, Any]) -> None:
    """Each kind of document has its own kind of reader."""
    with pytest.raises(LineMalformed):
        replace(DOCUMENT_LINE, **change)


def test_a_desk_key_is_for_a_member_or_for_a_recovery_code() -> None:
    """Both may open the same document."""
    readers = ("staff/" + "0e" * 16, "desk-code/" + "0c" * 16)
    line = replace(DOCUMENT_LINE, kind="desk-key", to=readers)
    assert parse_document_line(encode_line(line)).to == readers


GOOD = encode_line(LINE)


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(b'"dir":3', b'"dir":"3"'),
        GOOD.replace(b'"dir":3', b'"dir":3,"extra":1'),
        GOOD.replace(b'"dir":3', b'"dir":3,"enclosures":[]'),
        GOOD.replace(b'"dir":3', b'"dir":3,"re":null'),
        GOOD.replace(b',"dir":3', b""),
        GOOD.replace(b'"kind":"letter","hop":"family>review"', b'"hop":"family>review","kind":"letter"'),
        GOOD.replace(b'["0c', b'"0c').replace(b'/1"]', b'/1"'),
        GOOD.replace(b'["0c', b'[1,"0c'),
        GOOD.replace(b'"kind":"letter"', b'"kind":1'),
        GOOD.replace(b"123456789012", "１２３４５６７８９０１２".encode()),
        GOOD + b" " * 1024,
    ],
)
def test_a_letters_line_that_is_refused(data: bytes) -> None:
    """A key too many, too few or elsewhere; another type; another script; too long."""
    with pytest.raises(LineMalformed):
        parse_line(data)


@pytest.mark.parametrize(
    "data",
    [
        GOOD.replace(b'"dir":3', b'"dir": 3'),
        GOOD.replace(b'"dir":3', b'"dir":3,"dir":3'),
        GOOD.replace(b'"kind"', b'"\\u006bind"'),
        GOOD + b" ",
        GOOD[:-1],
        b"letter-relay/sealed/v1 []",
        b'letter-relay/sealed/v1 {"dir":NaN}',
        b"letter-relay/sealed/v1 " + b"[" * 1000,
    ],
)
def test_a_second_spelling_is_refused(data: bytes) -> None:
    """Spaces, doubled keys and escapes would give one letter two digests."""
    with pytest.raises(NotCanonical):
        parse_line(data)


@pytest.mark.parametrize(
    "data", [b"", b"letter-relay/sealed/v2 {}", b"letter-relay/sealed/v1{}", b"age-encryption.org/v1"]
)
def test_what_is_no_first_line(data: bytes) -> None:
    """Another version or another file is said to be unknown, not damaged."""
    with pytest.raises(UnknownPart):
        parse_line(data)


def test_a_line_has_at_most_1024_bytes() -> None:
    """Twenty-three desks are too many for one line; twenty are not."""
    desks = tuple(f"{n:032x}/1" for n in range(23))
    with pytest.raises(LineMalformed):
        encode_line(replace(LINE, to=desks))
    assert len(encode_line(replace(LINE, to=desks[:20]))) <= 1024


def test_a_file_without_a_first_line() -> None:
    """Only the first 1,025 bytes are looked at."""
    assert split_first_line(b"a" * 1024 + b"\nrest") == b"a" * 1024
    with pytest.raises(LineMalformed):
        split_first_line(b"a" * 1025 + b"\nrest")


def test_a_parcel_and_a_bureau() -> None:
    """Parcels travel as letters do, and a bureau's desk is a desk."""
    lines: list[Line] = [
        replace(LINE, kind="parcel", detainee="unknown"),
        replace(LINE, hop="review>facility", to=(REVIEW, FACILITY)),
        replace(REPLY, hop="review>bureau", to=(FACILITY,), re=ITEM),
    ]
    for line in lines:
        assert isinstance(line, LetterLine)
        assert parse_line(encode_line(line)) == line


def test_documents_and_enclosures_refuse_each_others_lines() -> None:
    """A prefix is a promise about everything after it."""
    with pytest.raises(UnknownPart):
        parse_document_line(encode_line(EnclosureLine(RELAY, ITEM, 1)))
    with pytest.raises(UnknownPart):
        parse_enclosure_line(encode_line(DOCUMENT_LINE))
    assert isinstance(parse_document_line(encode_line(DOCUMENT_LINE)), DocumentLine)
