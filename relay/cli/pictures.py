"""
Pictures as they may leave a family's machine: without place, time, camera or name.

A phone writes where a photo was taken into the photo. The page draws every picture anew; here, where there is no
canvas, everything that is not needed to show it is dropped: all metadata segments of JPEG, all ancillary chunks of PNG
but those that change what is seen, and EXIF and XMP of WebP.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from keys.errors import Malformed
from relay.client.keyfiles import FileMissing
from relay.client.sealing import Enclosure

_PNG: Final = b"\x89PNG\r\n\x1a\n"
#: Critical chunks, and those without which a picture looks otherwise.
_PNG_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT"})
_JPEG: Final = b"\xff\xd8"
_JPEG_SCAN: Final = 0xDA
_JPEG_END: Final = 0xD9
#: APP0 to APP15 and COM; APP14 says how colours are coded, and stays.
_JPEG_DROPPED: Final = frozenset({*range(0xE0, 0xF0), 0xFE}) - {0xEE}
_WEBP_DROPPED: Final = frozenset({b"EXIF", b"XMP ", b"ICCP"})
_WEBP_FLAGS_KEPT: Final = 0b0001_0010  # alpha and animation; not ICC, EXIF, XMP


class NotAPicture(Malformed):
    """This is not a PNG, JPEG or WebP picture."""

    code = "not_a_picture"
    cure = "Enclose a picture as .png, .jpg or .webp; take a photo of a sheet of paper to send it."


def read_picture(path: Path, number: int) -> Enclosure:
    """
    Read a picture and drop what is hidden in it; its name is dropped too, since names of files say much.

    Args:
        path: The file.
        number: Its place in the letter, from 1.

    Raises:
        FileMissing: It cannot be read.
        NotAPicture: It is of no kind that can be enclosed, or damaged.
    """
    try:
        data = path.read_bytes()
    except OSError:
        raise FileMissing(f"there is no picture {path}, or it cannot be read") from None
    kind, clean = clean_picture(data)
    return Enclosure(f"picture {number}.{kind}", f"image/{kind}", clean)


def clean_picture(data: bytes) -> tuple[str, bytes]:
    """
    Say of which kind a picture is (``png``, ``jpeg``, ``webp``), and give it without what is hidden in it.

    Raises:
        NotAPicture: It is none of them, or damaged.
    """
    try:
        if data.startswith(_PNG):
            return "png", _PNG + b"".join(_png_chunks(data))
        if data.startswith(_JPEG):
            return "jpeg", _JPEG + b"".join(_jpeg_segments(data))
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return "webp", _webp(data)
    except (struct.error, IndexError):
        raise NotAPicture("a picture is cut short") from None
    raise NotAPicture


def _png_chunks(data: bytes) -> Iterator[bytes]:
    at = len(_PNG)
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = data[at : at + 12 + length]
        if len(chunk) != 12 + length:
            raise NotAPicture("a picture is cut short")
        if kind in _PNG_KEPT:
            yield chunk
        if kind == b"IEND":
            return
        at += 12 + length


def _jpeg_segments(data: bytes) -> Iterator[bytes]:
    at = len(_JPEG)
    while True:
        mark, kind, length = struct.unpack_from(">BBH", data, at)
        if mark != 0xFF:
            raise NotAPicture("a picture is damaged")
        if kind == _JPEG_SCAN:
            # What follows the end of the picture, such as a second one hidden behind it, is dropped too.
            end = data.rfind(bytes((0xFF, _JPEG_END)))
            if end < at:
                raise NotAPicture("a picture is cut short")
            yield data[at : end + 2]
            return
        if kind not in _JPEG_DROPPED:
            yield data[at : at + 2 + length]
        at += 2 + length


def _webp(data: bytes) -> bytes:
    chunks, at, end = [], 12, 8 + struct.unpack_from("<I", data, 4)[0]
    if end > len(data):
        raise NotAPicture("a picture is cut short")
    while at < end:
        kind, length = struct.unpack_from("<4sI", data, at)
        padded = length + length % 2
        chunk = data[at : at + 8 + padded]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes((chunk[8] & _WEBP_FLAGS_KEPT,)) + chunk[9:]
        if kind not in _WEBP_DROPPED:
            chunks.append(chunk)
        at += 8 + padded
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body
