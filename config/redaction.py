"""
Take out of a log line what must never be in one: names, addresses, texts, codes, tokens, keys.

Two nets. Keys whose name says that the value is private lose it. Then every text is searched for the shapes of our own
secrets, in case one arrives under an innocent name. Both err on the side of silence: a log line that says too
little costs an operator minutes, one that says too much may cost a family its safety.
"""

import re
from collections.abc import Mapping
from enum import Enum
from ipaddress import ip_address
from typing import Final

from structlog.typing import EventDict, WrappedLogger

REDACTED: Final = "[redacted]"

#: A key is private when one of its words is here: ``user_agent`` is, by ``agent``.
PRIVATE_WORDS: Final = frozenset(
    {"address", "addresses", "family", "identity", "name", "names", "person", "phone"}
    | {"detainee", "locator", "mailbox", "number", "recipient"}
    | {"body", "manifest", "note", "plaintext", "statement", "text"}
    | {"agent", "cookie", "cookies", "forwarded", "headers", "ip", "peer", "referer", "remote"}
    | {"path", "query", "uri", "url"}
    | {"authorization", "challenge", "credential", "credentials", "nonce", "passphrase", "password", "private"}
    | {"secret", "seed", "signature", "token", "tokens"}
)
#: ``tag_key`` and ``receipt_code`` are private; ``key`` (of a setting) and ``code`` (of an error) are not.
_PRIVATE_ENDINGS: Final = ("_key", "_keys", "_code", "_codes")
_PUBLIC_KEYS: Final = frozenset({"error_code", "exit_code", "status_code"})

_ALONE = r"(?<![0-9A-Za-z])(?:{})(?![0-9A-Za-z])"
_SHAPES: Final = re.compile(
    "|".join(
        (
            _ALONE.format(r"\d{4}(?:[ -]?\d{4}){7}"),  # receipt, staff and recovery codes: 8 groups of 4
            _ALONE.format(r"\d{12}|\d{4} \d{4} \d{4}"),  # detainee numbers
            r"(?i:\bbearer\s+\S+)",
            r"\blr[a-z]_[0-9A-Za-z_-]+",  # tokens of sessions, invites, machines and the operator
            r"(?i:\bage-secret-key-[0-9a-z-]+)",
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
            r"(?<=://)[^/\s@]+@",  # user and password in a URL
        )
    )
)
#: What may be an IPv4 or IPv6 address; `ip_address` decides.
_ADDRESS: Final = re.compile(
    r"(?<![0-9A-Za-z.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)"
)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Redact one log line; the structlog processor that stands last before the line is written."""
    return {key: REDACTED if _is_private(key) else _clean(value) for key, value in event.items()}


def redact_text(text: str) -> str:
    """
    Replace whatever has the shape of a code, number, token, key or network address.

    The loopback and the unspecified address stay, because they say where the relay listens and nothing about anybody.
    """
    return _ADDRESS.sub(_mask_address, _SHAPES.sub(REDACTED, text))


def _is_private(key: str) -> bool:
    lowered = key.lower()
    if lowered in _PUBLIC_KEYS:
        return False
    return lowered.endswith(_PRIVATE_ENDINGS) or not PRIVATE_WORDS.isdisjoint(lowered.split("_"))


def _clean(value: object) -> object:
    """Make any value fit for a line: known kinds are searched, of unknown ones only the type's name is told."""
    match value:
        case None | bool() | float():
            return value
        case Enum():
            return _clean(value.value)
        case int():
            return value if redact_text(str(value)) == str(value) else REDACTED
        case str():
            return redact_text(value)
        case bytes() | bytearray() | memoryview():
            return f"[{len(value)} bytes]"
        case Mapping():
            return {str(key): REDACTED if _is_private(str(key)) else _clean(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean(inner) for inner in value]
        case _:
            return f"[{type(value).__name__}]"


def _mask_address(match: re.Match[str]) -> str:
    text = match.group()
    candidate = text.rstrip(":.")
    try:
        address = ip_address(candidate)
    except ValueError:
        return text  # a time such as 12:30:00, or a version of five parts
    if address.is_loopback or address.is_unspecified:
        return text
    return REDACTED + text[len(candidate) :]
