"""The one JSON encoding of every format (FORMATS.md, common rules): as `JSON.stringify` writes it."""

import json
from typing import Any

from keys.errors import Malformed

#: UTF-8, no spaces, no ASCII escaping, keys as given. One encoder, because making one costs more than using it.
encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class NotCanonical(Malformed):
    """This JSON is not written the one way the format allows."""

    code = "not_canonical"
    cure = "Write the JSON with its keys in the listed order, without spaces, and with integers only."


def parse_json(text: str, *, what: str) -> dict[str, Any]:
    """
    Parse one JSON object and refuse every other spelling of it.

    Two spellings of one statement would have two hashes, and a log of hashes would then prove less than it seems to.

    Args:
        text: The JSON, without a trailing newline.
        what: The words for the error message, such as ``"event"``; never content.

    Raises:
        NotCanonical: It is no JSON object, or re-encodes differently.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise NotCanonical(f"the {what} is not JSON") from None
    if not isinstance(value, dict):
        raise NotCanonical(f"the {what} is not a JSON object")
    try:
        same = encode_json(value) == text
    except (ValueError, UnicodeEncodeError):
        same = False
    if not same:
        raise NotCanonical(f"the {what} re-encodes differently")
    return value
