r"""
The textual header of an age file (C2SP age, "Header"): stanzas that wrap the file key, and a MAC over them.

    age-encryption.org/v1\n
    -> <type> <argument>…\n<base64 body in lines of 64, the last one shorter>\n
    --- <base64 HMAC-SHA256 over everything up to and including the three dashes>\n

The parser accepts one encoding only, so a header that parses encodes to the same bytes again.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from keys.errors import Malformed

VERSION_LINE = b"age-encryption.org/v1"
#: More recipients than any desk has; a header that says more is an attack on whoever parses it.
MAX_STANZAS = 64
MAX_LINE_BYTES = 8 * 1024
MAX_HEADER_BYTES = 256 * 1024

_COLUMNS = 64
_ARGUMENTS = re.compile(rb"-> [!-~]+(?: [!-~]+)*")
_MAC_LINE = re.compile(rb"--- ([A-Za-z0-9+/]{43})")


class HeaderMalformed(Malformed):
    """The age header is not written as the format says."""

    code = "age_header"


@dataclass(frozen=True, slots=True)
class Stanza:
    """One section of the header; `body` is decoded, at most a few dozen bytes."""

    type: str
    args: tuple[str, ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """
    A parsed header.

    Attributes:
        stanzas: In the order of the file.
        mac: 32 bytes, still to be verified with the file key.
        mac_input: What the MAC covers: from the version line to the three dashes.
        length_bytes: Where the payload begins.
    """

    stanzas: tuple[Stanza, ...]
    mac: bytes
    mac_input: bytes
    length_bytes: int


def encode_base64(value: bytes) -> str:
    """Write unpadded standard base64."""
    return binascii.b2a_base64(value, newline=False).rstrip(b"=").decode("ascii")


def decode_base64(text: bytes | str) -> bytes:
    """
    Read unpadded, canonical base64.

    Raises:
        HeaderMalformed: Padding, a character outside the alphabet, or bits to spare.
    """
    raw = text.encode("ascii") if isinstance(text, str) else text
    try:
        value = base64.b64decode(raw + b"=" * (-len(raw) % 4), validate=True)
    except binascii.Error:
        raise HeaderMalformed("the age header has a value that is not base64") from None
    if binascii.b2a_base64(value, newline=False).rstrip(b"=") != raw:
        raise HeaderMalformed("the age header has base64 that is not canonical")
    return value


def encode_stanzas(stanzas: Sequence[Stanza]) -> bytes:
    """Write the header up to and including the three dashes: what the MAC covers."""
    lines = [VERSION_LINE]
    for stanza in stanzas:
        lines.append(" ".join(("->", stanza.type, *stanza.args)).encode("ascii"))
        body = encode_base64(stanza.body).encode("ascii")
        # A body that fills its last line is followed by an empty one: a stanza ends at its first short line.
        lines.extend(body[at : at + _COLUMNS] for at in range(0, len(body) + 1, _COLUMNS))
    return b"\n".join((*lines, b"---"))


def parse_header(data: bytes) -> Header:
    """
    Read the header at the start of an age file.

    The MAC is only read here: verifying it needs the file key.

    Args:
        data: The file, or at least all of its header.

    Raises:
        HeaderMalformed: Not version 1; no stanza, or more than 64; a line over 8 KiB; no end within 256 KiB; a stanza,
            base64 value or MAC line that is not written the one way the format allows.
    """
    end = data.find(b"\n---", 0, MAX_HEADER_BYTES)
    stop = data.find(b"\n", end + 1, MAX_HEADER_BYTES)
    if end < 0 or stop < 0:
        raise HeaderMalformed("the age header has no end")
    found = _MAC_LINE.fullmatch(data, end + 1, stop)
    if found is None:
        raise HeaderMalformed("the age header's last line is not a MAC")
    version, *lines = data[:end].split(b"\n")
    if version != VERSION_LINE:
        raise HeaderMalformed("this is not an age file of version 1")
    return Header(_parse_stanzas(lines), decode_base64(found[1]), data[: end + 4], stop + 1)


def _parse_stanzas(lines: list[bytes]) -> tuple[Stanza, ...]:
    """Read all stanzas; each ends at its first line shorter than 64 columns."""
    if not lines or max(map(len, lines)) > MAX_LINE_BYTES:
        raise HeaderMalformed("the age header has no stanza, or too long a line")
    stanzas: list[Stanza] = []
    at = 0
    while at < len(lines):
        stanza, at = _parse_stanza(lines, at)
        stanzas.append(stanza)
        if len(stanzas) > MAX_STANZAS:
            raise HeaderMalformed("the age header has more than 64 stanzas")
    return tuple(stanzas)


def _parse_stanza(lines: list[bytes], at: int) -> tuple[Stanza, int]:
    """Read one stanza and give the index of the line after it."""
    if not _ARGUMENTS.fullmatch(lines[at]):
        raise HeaderMalformed("the age header has a line that does not begin a stanza")
    kind, *args = lines[at][3:].decode("ascii").split(" ")
    end = at + 1
    while end < len(lines) and len(lines[end]) == _COLUMNS:
        end += 1
    if end == len(lines) or len(lines[end]) > _COLUMNS:
        raise HeaderMalformed("the age header has a stanza without a short last line")
    return Stanza(kind, tuple(args), decode_base64(b"".join(lines[at + 1 : end + 1]))), end + 1
