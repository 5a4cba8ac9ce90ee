"""What the makers of vectors share."""

import json
from collections.abc import Callable
from typing import Any

from tests.unit.keys.world import secret

Vector = dict[str, Any]


def secret_of(word: str) -> Callable[[int], bytes]:
    """Give the bytes of a word's hash in place of random ones."""
    return lambda size: secret(word)[:size]


def json_list(values: Any) -> str:
    return json.dumps(list(values), separators=(",", ":"))
