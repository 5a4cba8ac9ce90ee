"""Framed parts: several sealed files in one body, each after its length as four big-endian bytes."""

import struct
from collections.abc import Iterable, Sequence
from typing import Final

from relay.client.faults import AnswerMalformed

MEDIA_TYPE: Final = "application/vnd.letter-relay.parts"
#: The most that one upload may hold, lengths included.
MAX_FRAME_BYTES: Final = 8 * 1024 * 1024
_LENGTH_BYTES: Final = 4


def encode_parts(parts: Iterable[bytes]) -> bytes:
    """Write parts one after the other, in order."""
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def parse_parts(data: bytes) -> list[bytes]:
    """
    Read framed parts.

    Raises:
        AnswerMalformed: The last one is cut short.
    """
    parts, start = [], 0
    while start < len(data):
        begin = start + _LENGTH_BYTES
        end = begin + int.from_bytes(data[start:begin])
        if end > len(data):
            raise AnswerMalformed("framed parts are cut short")
        parts.append(data[begin:end])
        start = end
    return parts


def batch_parts(parts: Sequence[bytes], *, limit_bytes: int = MAX_FRAME_BYTES) -> Iterable[list[bytes]]:
    """Split parts, in order, into bodies of at most this size; one that is larger by itself stands alone."""
    batch: list[bytes] = []
    size = 0
    for part in parts:
        framed = _LENGTH_BYTES + len(part)
        if batch and size + framed > limit_bytes:
            yield batch
            batch, size = [], 0
        batch.append(part)
        size += framed
    if batch:
        yield batch
