"""Events and their details, byte for byte (FORMATS.md, "Events, details, entries")."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple

from keys.canonical import encode_json, parse_json
from keys.errors import Malformed
from keys.ids import is_integer

EVENT_KEYS = ("v", "item", "seq", "prev", "event", "from", "to", "day", "parts", "detail")
DETAIL_KEYS = (
    *("v", "at", "kind", "state", "detainee", "desk", "staff", "route", "reasons", "bag", "statement", "directory"),
    *("paper", "note", "contact", "remarks", "hint", "re", "until", "tag_key", "signer"),
)

#: Where each key of a detail stands.
_PLACES = {key: place for place, key in enumerate(DETAIL_KEYS)}

#: Keys of a detail that hold a number, and those that hold a list of words; all others hold a word.
_NUMBERS = frozenset({"v", "directory"})
_LISTS = frozenset({"route", "reasons", "remarks"})


class EventMalformed(Malformed):
    """This is not an event of a custody chain."""

    code = "event_malformed"


class DetailMalformed(Malformed):
    """This is not the detail of an event."""

    code = "detail_malformed"


class Event(NamedTuple):
    """
    One link of one item's chain, safe to show to the family.

    Attributes:
        item: The item's id, 16 bytes as hex.
        seq: 0 for the acceptance, then one more each time.
        prev: SHA-256 (hex) of the item's previous event; None for the first.
        event: The event's name.
        giver: The custodian class before; `from` in the JSON.
        taker: The custodian class after; `to` in the JSON.
        day: UTC day, ``YYYY-MM-DD``. Hours stand in the detail, which families are not given.
        parts: SHA-256 (hex) of each part after the event, part 0 first.
        detail: HMAC-SHA256 (hex) of the detail under the detail nonce.
    """

    item: str
    seq: int
    prev: str | None
    event: str
    giver: str
    taker: str
    day: str
    parts: tuple[str, ...]
    detail: str


def encode_event(event: Event) -> str:
    """
    Write an event the one way it is hashed, committed to and shown; `prev` is absent in the first.

    Written out, not by way of a dict: the door and every audit do this for every event there ever was. Ids, digests,
    names and days have nothing in them that JSON escapes.
    """
    prev = "" if event.prev is None else f'"prev":"{event.prev}",'
    parts = '","'.join(event.parts)
    return (
        f'{{"v":1,"item":"{event.item}","seq":{event.seq},{prev}"event":"{event.event}","from":"{event.giver}",'
        f'"to":"{event.taker}","day":"{event.day}","parts":["{parts}"],"detail":"{event.detail}"}}'
    )


def parse_event(text: str) -> Event:
    """
    Read an event.

    Raises:
        NotCanonical: It re-encodes differently.
        EventMalformed: A key is missing, unknown, out of order or of the wrong type, or `prev` is not in all but the
            first.
    """
    fields = parse_json(text, what="event")
    expected = EVENT_KEYS if "prev" in fields else (*EVENT_KEYS[:3], *EVENT_KEYS[4:])
    if tuple(fields) != expected or not _is_version(fields["v"]) or not is_integer(fields["seq"]):
        raise EventMalformed
    words = [value for key, value in fields.items() if key not in ("v", "seq", "parts")]
    if not _are_words(fields["parts"]) or not _are_words(words) or ("prev" in fields) != (fields["seq"] > 0):
        raise EventMalformed
    return Event(
        item=fields["item"],
        seq=fields["seq"],
        prev=fields.get("prev"),
        event=fields["event"],
        giver=fields["from"],
        taker=fields["to"],
        day=fields["day"],
        parts=tuple(fields["parts"]),
        detail=fields["detail"],
    )


def event_digest(event_json: str) -> str:
    """Hash an event for the `prev` of the next one and for a statement's subject: SHA-256 as hex."""
    return hashlib.sha256(event_json.encode()).hexdigest()


def encode_detail(fields: Mapping[str, Any]) -> str:
    """
    Write a detail with its keys in the listed order; what is None or empty is absent.

    Args:
        fields: Values by key of DETAIL_KEYS, without `v`.
    """
    detail: dict[str, Any] = {"v": 1}
    for key in sorted(fields, key=_PLACES.__getitem__):
        value = fields[key]
        if value is not None and value != ():
            detail[key] = value
    return encode_json(detail)


def parse_detail(text: str) -> dict[str, Any]:
    """
    Read a detail as its fields.

    Raises:
        NotCanonical: It re-encodes differently.
        DetailMalformed: A key is unknown, out of order or of the wrong type, or one that every detail has is missing.
    """
    fields = parse_json(text, what="detail")
    known = tuple(key for key in DETAIL_KEYS if key in fields)
    if tuple(fields) != known or known[:4] != DETAIL_KEYS[:4] or not _is_version(fields["v"]):
        raise DetailMalformed
    if not all(_fits(key, value) for key, value in fields.items()):
        raise DetailMalformed
    return fields


def _is_version(value: object) -> bool:
    """Say whether this is 1; JSON's true and 1.0 are not, though Python calls them equal."""
    return type(value) is int and value == 1


def _are_words(value: object) -> bool:
    return type(value) is list and bool(value) and all(type(word) is str for word in value)


def _fits(key: str, value: object) -> bool:
    if key in _NUMBERS:
        return is_integer(value)
    return _are_words(value) if key in _LISTS else type(value) is str


def detail_mac(detail_nonce: bytes, detail_json: str) -> str:
    """Commit to a detail: HMAC-SHA256 under its 32-byte nonce, as hex."""
    return hmac.digest(detail_nonce, detail_json.encode(), "sha256").hex()
