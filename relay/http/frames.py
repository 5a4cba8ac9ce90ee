"""Many sealed files in one body, each behind its length."""

from collections.abc import Iterable, Sequence
from typing import Final

from keys.errors import Malformed

#: More files than this are not taken, nor given, at once.
MOST_PARTS: Final = 500


class FramesMalformed(Malformed):
    """These are not sealed files, each behind its length."""

    code = "frames_malformed"
    cure = "Put each file behind its length in bytes, four bytes big-endian, and nothing between them."


def split_frames(body: bytes) -> Sequence[bytes]:
    """
    Take framed files apart.

    Raises:
        FramesMalformed: A length is wrong, or there are more than 500.
    """
    files: list[bytes] = []
    position = 0
    while position < len(body):
        size = int.from_bytes(body[position : position + 4])
        data = body[position + 4 : position + 4 + size]
        position += 4 + size
        if len(data) != size or size == 0 or len(files) == MOST_PARTS:
            raise FramesMalformed
        files.append(data)
    return files


def join_frames(files: Iterable[bytes]) -> bytes:
    """Put each file behind its length in bytes (u32, big-endian)."""
    return b"".join(len(data).to_bytes(4) + data for data in files)
