"""Events and details have one encoding, which is what is hashed, committed to and shown."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from keys.canonical import NotCanonical
from relay.domain.events import (
    DETAIL_KEYS,
    DetailMalformed,
    Event,
    EventMalformed,
    detail_mac,
    encode_detail,
    encode_event,
    event_digest,
    parse_detail,
    parse_event,
)
from tests.unit.domain.world import a_digest, a_letter, an_id

EVENT = Event(
    item="0b" * 16,
    seq=3,
    prev="0c" * 32,
    event="passed",
    giver="mediator",
    taker="mediator",
    day="2026-03-01",
    parts=("0d" * 32, "0e" * 32),
    detail="0f" * 32,
)
EVENT_JSON = (
    f'{{"v":1,"item":"{"0b" * 16}","seq":3,"prev":"{"0c" * 32}","event":"passed","from":"mediator","to":"mediator",'
    f'"day":"2026-03-01","parts":["{"0d" * 32}","{"0e" * 32}"],"detail":"{"0f" * 32}"}}'
)
DETAIL_JSON = '{"v":1,"at":"2026-03-01T08:00:00Z","kind":"letter","state":"queued"}'


def test_an_event_is_written_in_its_order():
    """Byte for byte as FORMATS.md lists the keys."""
    assert encode_event(EVENT) == EVENT_JSON
    assert parse_event(EVENT_JSON) == EVENT


def test_the_first_event_has_no_prev():
    """The key is absent, not null."""
    first = EVENT._replace(seq=0, prev=None)
    text = EVENT_JSON.replace(f'"prev":"{"0c" * 32}",', "").replace('"seq":3', '"seq":0')

    assert encode_event(first) == text
    assert parse_event(text) == first


def test_the_second_event_has_a_prev():
    """A chain cannot begin twice."""
    second = EVENT_JSON.replace('"seq":3', '"seq":1')

    assert parse_event(second) == EVENT._replace(seq=1)
    with pytest.raises(EventMalformed):
        parse_event(second.replace(f'"prev":"{"0c" * 32}",', ""))


def test_an_event_is_hashed_as_it_is_written():
    """SHA-256 over the JSON, without a newline."""
    assert event_digest(EVENT_JSON) == hashlib.sha256(EVENT_JSON.encode()).hexdigest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"v":1', '"v":2'),
        ('"v":1', '"v":true'),
        ('"v":1', '"v":1.0'),
        ('"v":1,', ""),
        ('"seq":3', '"seq":"3"'),
        ('"seq":3', '"seq":true'),
        ('"seq":3', '"seq":-3'),
        ('"seq":3', '"seq":0'),
        (f'"prev":"{"0c" * 32}"', '"prev":null'),
        (f'"prev":"{"0c" * 32}",', ""),
        ('"event":"passed"', '"event":7'),
        ('"from":"mediator"', '"from":null'),
        ('"day":"2026-03-01"', '"day":20260301'),
        (f'"parts":["{"0d" * 32}","{"0e" * 32}"]', f'"parts":"{"0d" * 32}"'),
        (f'"parts":["{"0d" * 32}","{"0e" * 32}"]', '"parts":[]'),
        (f'"{"0e" * 32}"]', "7]"),
        ('"from":"mediator","to":"mediator"', '"to":"mediator","from":"mediator"'),
        ('"v":1', '"v":1,"desk":"camp"'),
    ],
)
def test_another_event_is_refused(old, new):
    """A key missing, unknown, out of order or of another type, and a chain that begins in its middle."""
    assert EVENT_JSON.count(old) == 1

    with pytest.raises(EventMalformed):
        parse_event(EVENT_JSON.replace(old, new))


@pytest.mark.parametrize("text", ["", "[]", "{", EVENT_JSON + "\n", EVENT_JSON.replace(",", ", ", 1)])
def test_another_spelling_of_an_event_is_refused(text):
    """One event has one hash."""
    with pytest.raises(NotCanonical):
        parse_event(text)


def test_a_detail_is_written_in_the_listed_order():
    """Whatever order its fields are given in; what is None or empty is absent."""
    fields: dict[str, Any] = {
        key: an_id(key) for key in DETAIL_KEYS if key not in ("v", "directory", "route", "reasons", "remarks")
    }
    fields |= {"directory": 7, "route": (an_id("desk"),), "reasons": ("MIL",), "remarks": ("WET",)}
    text = encode_detail(dict(reversed(fields.items())))

    assert tuple(json.loads(text)) == DETAIL_KEYS
    assert encode_detail(fields | {"paper": None, "reasons": ()}) == encode_detail(
        {key: value for key, value in fields.items() if key not in ("paper", "reasons")}
    )
    assert parse_detail(text) == json.loads(text)
    assert encode_detail({key: value for key, value in parse_detail(text).items() if key != "v"}) == text


def test_the_listed_order_is_that_of_the_formats():
    """Details that were written once must be found written so in ten years."""
    first = "v at kind state detainee desk staff route reasons bag statement directory"
    last = "paper note contact remarks hint re until tag_key signer"

    assert " ".join(DETAIL_KEYS) == f"{first} {last}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"v":1', '"v":2'),
        ('"v":1', '"v":true'),
        ('"v":1', '"v":1.0'),
        ('"v":1,', ""),
        ('"at":"2026-03-01T08:00:00Z",', ""),
        ('"at":"2026-03-01T08:00:00Z"', '"at":1772352000'),
        ('"state":"queued"', '"state":null'),
        ('"state":"queued"', '"state":"queued","note":null'),
        ('"state":"queued"', '"state":"queued","reasons":[]'),
        ('"state":"queued"', '"state":"queued","reasons":"MIL"'),
        ('"state":"queued"', '"state":"queued","reasons":[7]'),
        ('"state":"queued"', '"state":"queued","directory":"7"'),
        ('"state":"queued"', '"state":"queued","directory":7.0'),
        ('"state":"queued"', '"state":"queued","desk":["camp"]'),
        ('"state":"queued"', '"state":"queued","name":"somebody"'),
        ('"kind":"letter","state":"queued"', '"state":"queued","kind":"letter"'),
        ('"state":"queued"', '"state":"queued","staff":"a","desk":"b"'),
    ],
)
def test_another_detail_is_refused(old, new):
    """A key missing, unknown, out of order, of another type, or there without a value."""
    assert DETAIL_JSON.count(old) == 1
    assert parse_detail(DETAIL_JSON)["state"] == "queued"

    with pytest.raises(DetailMalformed):
        parse_detail(DETAIL_JSON.replace(old, new))


def test_another_spelling_of_a_detail_is_refused():
    """One detail has one MAC."""
    with pytest.raises(NotCanonical):
        parse_detail(DETAIL_JSON.replace(",", ", ", 1))


def test_a_detail_is_committed_to_under_its_nonce():
    """HMAC-SHA256; the event of a real letter holds it."""
    letter = a_letter().steps[0]
    nonce, detail = letter.setting.detail_nonce, letter.decision.detail_json

    assert detail_mac(nonce, detail) == hmac.new(nonce, detail.encode(), hashlib.sha256).hexdigest()
    assert letter.decision.event.detail == detail_mac(nonce, detail)
    assert a_digest("x") != detail_mac(nonce, detail + " ")
