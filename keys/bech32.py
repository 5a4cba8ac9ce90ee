"""Bech32 without a length limit, the spelling of age's recipients and identities (BIP 173; C2SP age, Conventions)."""

import base64
import binascii

from keys.errors import Malformed

_BASE32 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CHARSET = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_TO_BECH32 = bytes.maketrans(_BASE32, _CHARSET)
_TO_BASE32 = bytes.maketrans(_CHARSET, _BASE32)
_TO_VALUES = bytes.maketrans(_CHARSET, bytes(range(32)))
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _remainder(top: int) -> int:
    """Combine the generators for the five bits that leave the register."""
    result = 0
    for bit, generator in enumerate(_GENERATORS):
        if top >> bit & 1:
            result ^= generator
    return result


#: A key has 1,959 characters, so the five generators are combined once, not once a character.
_REMAINDERS = tuple(_remainder(top) for top in range(32))


class KeyMalformed(Malformed):
    """This is not a key: a character is missing, changed or in the wrong case."""

    code = "key_malformed"
    cure = "Copy the whole key again, from its first character to its last."


def _checksum(prefix: bytes, values: bytes) -> bytes:
    """Give the six checksum values; the prefix is in lower case."""
    register = 1
    expanded = bytes(byte >> 5 for byte in prefix) + b"\0" + bytes(byte & 31 for byte in prefix)
    for value in expanded + values + bytes(6):
        register = ((register & 0x1FFFFFF) << 5) ^ value ^ _REMAINDERS[register >> 25]
    return bytes(((register ^ 1) >> shift) & 31 for shift in (25, 20, 15, 10, 5, 0))


def encode(prefix: str, payload: bytes) -> str:
    """
    Write bytes as Bech32 in lower case.

    Args:
        prefix: The human-readable part in lower case, such as ``"age1pq"``.
        payload: What is encoded, of any length.
    """
    body = base64.b32encode(payload).rstrip(b"=").translate(_TO_BECH32)
    tail = _checksum(prefix.encode("ascii"), body.translate(_TO_VALUES))
    return f"{prefix}1{(body + bytes(_CHARSET[value] for value in tail)).decode('ascii')}"


def decode(prefix: str, text: str) -> bytes:
    """
    Read what `encode` wrote, and nothing else: checksum, case and padding bits are all compared by encoding again.

    Raises:
        KeyMalformed: Another prefix, a character outside the alphabet, a wrong checksum, or bits to spare.
    """
    head = prefix + "1"
    if not text.startswith(head) or len(text) < len(head) + 6:
        raise KeyMalformed
    try:
        body = text[len(head) : -6].encode("ascii").translate(_TO_BASE32)
        payload = base64.b32decode(body + b"=" * (-len(body) % 8))
    except (UnicodeEncodeError, binascii.Error):
        raise KeyMalformed from None
    if encode(prefix, payload) != text:
        raise KeyMalformed
    return payload
