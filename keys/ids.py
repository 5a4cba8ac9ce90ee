"""Ids, digests and times as every format writes them (FORMATS.md, common rules)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

#: Relay, item, bag, desk, staff and person ids are 16 random bytes; digests and Ed25519 keys are 32.
ID_BYTES: Final = 16
#: The largest integer that JavaScript reads without loss.
MAX_INTEGER: Final = 2**53 - 1

_ID: Final = re.compile(r"[0-9a-f]{32}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)

#: Where random bytes come from: takes how many, such as `os.urandom`.
Random = Callable[[int], bytes]


def new_id(random: Random) -> str:
    """Make an id of 16 random bytes, as lower-case hex."""
    return random(ID_BYTES).hex()


def is_id(value: object) -> bool:
    """Say whether this is an id: 32 lower-case hex digits."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def is_digest(value: object) -> bool:
    """Say whether this is a SHA-256 digest, or another 32 bytes, as 64 lower-case hex digits."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def is_integer(value: object, *, least: int = 0) -> bool:
    """Say whether this is an integer that every language reads alike; True and 1.0 are not."""
    return type(value) is int and least <= value <= MAX_INTEGER


def is_time(value: object) -> bool:
    """Say whether this is a moment that exists, as ``YYYY-MM-DDTHH:MM:SSZ``."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        parse_time(value)
    except ValueError:
        return False
    return True


def parse_time(text: str) -> datetime:
    """
    Read ``YYYY-MM-DDTHH:MM:SSZ`` as a UTC moment, to reckon with; comparing needs no parsing.

    Raises:
        ValueError: There is no such moment; `is_time` says so first.
    """
    return datetime.fromisoformat(text)


def format_time(moment: datetime) -> str:
    """Write an aware moment as ``YYYY-MM-DDTHH:MM:SSZ``, dropping what is less than a second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
