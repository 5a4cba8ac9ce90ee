"""The lines that open entries."""

import json

import pytest

from keys.errors import Malformed
from relay.custody.bundle import (
    MAX_OPENING_BYTES,
    EventOpening,
    StatementOpening,
    encode_opening,
    item_at,
    item_on,
    parse_opening,
)
from tests.custody_world import MemoryBundle, a_digest, an_id

EVENT = EventOpening(7, b"k" * 32, b"n" * 32, '{"item":"%s"}' % an_id("one"), b"d" * 32, '{"Я":"є"}')  # noqa: UP031 - braces
STATEMENT = StatementOpening(8, b"n" * 32, a_digest("statement"))


@pytest.mark.parametrize("opening", [EVENT, STATEMENT])
def test_a_line_is_read_as_it_was_written(opening):
    """Both kinds round-trip."""
    assert parse_opening(encode_opening(opening)) == opening


def test_the_keys_stand_in_their_order():
    """As docs/spec/custody.md lists them."""
    assert list(json.loads(encode_opening(EVENT))) == [
        *("v", "index", "tag_key", "nonce", "event", "detail_nonce", "detail")
    ]
    assert list(json.loads(encode_opening(STATEMENT))) == ["v", "index", "nonce", "statement"]


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"v": True},
        {"index": "7"},
        {"index": True},
        {"index": -1},
        {"nonce": "AB" * 32},
        {"nonce": "ab" * 31},
        {"nonce": "ab " * 32},
        {"nonce": "x" * 64},
        {"nonce": 7},
        {"tag_key": None},
        {"detail_nonce": []},
        {"event": {}},
        {"detail": 7},
        {"more": 1},
    ],
)
def test_a_line_in_another_form_is_refused(change):
    """One form, one encoding."""
    line = json.dumps({**json.loads(encode_opening(EVENT)), **change}, ensure_ascii=False, separators=(",", ":"))

    with pytest.raises(Malformed):
        parse_opening(line.encode() + b"\n")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"[]\n",
        encode_opening(EVENT)[:-1],
        encode_opening(EVENT).replace(b":7", b": 7"),
        encode_opening(STATEMENT).replace(a_digest("statement").encode(), b"x" * 64),
        b"\xff" + encode_opening(EVENT),
        encode_opening(EventOpening(7, b"k" * 32, b"n" * 32, "e" * MAX_OPENING_BYTES, b"d" * 32, "{}")),
    ],
)
def test_a_line_that_is_none_is_refused(line):
    """Without its newline, too long, or no JSON."""
    with pytest.raises(Malformed):
        parse_opening(line)


def test_a_damaged_line_is_named_by_its_neighbours():
    """Another line with the same tag key knows the item better; alone, the line says what it can."""
    first, later = encode_opening(EVENT), encode_opening(EVENT).replace(b":7,", b":9,")
    damaged = later.replace(an_id("one").encode(), an_id("two").encode())
    bundle = MemoryBundle({"openings.jsonl": first + damaged})

    assert item_on(bundle, damaged) == an_id("one")
    assert item_on(MemoryBundle({"openings.jsonl": damaged}), damaged) == an_id("two")
    assert item_on(bundle, damaged.replace(b"tag_key", b"tag?key")) == an_id("two")
    assert item_on(bundle, b"nothing") is None


def test_an_entry_is_named_by_its_opening():
    """And by none, if nothing opens it."""
    bundle = MemoryBundle({"openings.jsonl": encode_opening(EVENT) + encode_opening(STATEMENT)})

    assert item_at(bundle, 7) == an_id("one")
    assert item_at(bundle, 8) is None
    assert item_at(bundle, 9) is None
