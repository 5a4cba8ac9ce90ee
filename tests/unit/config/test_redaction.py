"""What a log line may not hold, by the name of its key and by the shape of its value."""

from datetime import UTC, datetime
from enum import Enum

import pytest

from config.redaction import REDACTED, redact, redact_text

CODE = "4821 0937 5526 1180 7743 9012 3385 6647"


@pytest.mark.parametrize(
    "secret",
    [
        CODE,
        CODE.replace(" ", ""),
        CODE.replace(" ", "-"),
        "483920175566",
        "4839 2017 5566",
        "Bearer 5f0c9d2e",
        "bearer 5f0c9d2e",
        "lrs_5f0c9d2e",
        "AGE-SECRET-KEY-PQ-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0S",
        "-----BEGIN PRIVATE KEY-----",
        "203.0.113.7",
        "2001:db8::7",
        "::ffff:203.0.113.7",
    ],
)
def test_secrets_are_known_by_their_shape(secret: str):
    """A code, number, token, key or address does not pass under an innocent name, alone or in a sentence."""
    assert redact_text(secret) == REDACTED
    assert redact_text(f"refused {secret} twice") == f"refused {REDACTED} twice"
    assert secret not in str(redact(None, "info", {"event": f"refused {secret}", "seen": [{"it": secret}]}))


@pytest.mark.parametrize(
    "harmless",
    [
        "5f0c9d2e5f0c9d2e5f0c9d2e5f0c9d2e",  # an item's id
        "2026-11-23T10:00:00.123456Z",
        "12:30:00",
        "listening on 127.0.0.1:8080",
        "listening on [::1]:8080",
        "listening on 0.0.0.0:8080",
        "step 7.3: tile::hash",
        "1.2.3",
        "batch of 256 in 1795 ms",
        "1795000000000",  # a time in milliseconds: 13 digits
        "лист прийнято",
    ],
)
def test_what_operators_need_stays(harmless: str):
    """Ids, times, versions and the relay's own listening address are no secrets."""
    assert redact_text(harmless) == harmless


def test_a_port_behind_an_address_stays_readable():
    """Only the address goes."""
    assert redact_text("peer 203.0.113.7:50112 gone") == f"peer {REDACTED}:50112 gone"


def test_a_password_in_a_url_goes():
    """The database's URL is the one secret that libraries like to quote."""
    assert redact_text("postgresql://relay:hunter2@db/relay") == f"postgresql://{REDACTED}db/relay"


@pytest.mark.parametrize(
    "key", ["text", "sender_name", "names", "Authorization", "receipt_code", "tag_key", "remote", "user_agent", "path"]
)
def test_private_keys_lose_their_value(key: str):
    """Whatever stands under such a name, at any depth, is taken out."""
    assert redact(None, "info", {key: "marta", "inner": {key: ["marta"]}}) == {key: REDACTED, "inner": {key: REDACTED}}


@pytest.mark.parametrize("key", ["code", "key", "error_code", "status_code", "item", "desk", "route", "status"])
def test_public_keys_keep_their_value(key: str):
    """Ids and stable codes are what logs are for."""
    assert redact(None, "info", {key: "queue_empty"}) == {key: "queue_empty"}


def test_only_plain_values_are_told():
    """Of bytes only the length shows, and of unknown objects only the kind, because their repr may show anything."""

    class Colour(Enum):
        RED = "red"

    told = redact(
        None,
        "info",
        {
            "digest": b"\x00\x01",
            "when": datetime(2026, 11, 23, tzinfo=UTC),
            "colour": Colour.RED,
            "some": (1, True, None, 0.5),
            "count": 483920175566,
        },
    )

    assert told == {
        "digest": "[2 bytes]",
        "when": "[datetime]",
        "colour": "red",
        "some": [1, True, None, 0.5],
        "count": REDACTED,
    }
