"""Pictures lose what a phone has hidden in them, and still show what they showed."""

import struct
import zlib

import pytest

from relay.cli.pictures import NotAPicture, clean_picture, read_picture
from relay.client.keyfiles import FileMissing
from relay.demo.cast import EXAMPLES

HIDDEN = b"GPS 50.4501 N 30.5234 E"


def chunk(kind, data):
    """Make a PNG chunk."""
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))


def segment(kind, data):
    """Make a JPEG segment."""
    return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data


def riff(*chunks):
    """Make a WebP file."""
    body = b"WEBP" + b"".join(
        kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for kind, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
PIXEL = chunk(b"IDAT", zlib.compress(b"\0\0"))
END = chunk(b"IEND", b"")
PNG = b"\x89PNG\r\n\x1a\n" + HEADER + chunk(b"tEXt", HIDDEN) + chunk(b"eXIf", HIDDEN) + PIXEL + END + HIDDEN
QUANTISING = segment(0xDB, b"\0" * 65)
SCAN = segment(0xDA, b"\1\1\0\0\0\0") + b"pixels\xff\x00pixels\xff\xd9"
JPEG = b"\xff\xd8" + segment(0xE1, b"Exif\0\0" + HIDDEN) + segment(0xFE, HIDDEN) + QUANTISING + SCAN + HIDDEN
WEBP = riff((b"VP8X", b"\x2c" + b"\0" * 9), (b"VP8 ", b"pixels!"), (b"EXIF", HIDDEN), (b"XMP ", HIDDEN))


@pytest.mark.parametrize(
    ("data", "kind", "kept"),
    [
        (PNG, "png", b"\x89PNG\r\n\x1a\n" + HEADER + PIXEL + END),
        (JPEG, "jpeg", b"\xff\xd8" + QUANTISING + SCAN),
        (WEBP, "webp", riff((b"VP8X", b"\0" * 10), (b"VP8 ", b"pixels!"))),
    ],
)
def test_what_is_hidden_goes_and_the_picture_stays(data, kind, kept):
    """Place, comment, and whatever hangs behind the end; byte for byte nothing else."""
    assert HIDDEN in data
    assert clean_picture(data) == (kind, kept)
    assert clean_picture(kept) == (kind, kept)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        b"%PDF-1.7",
        PNG[:40],
        PNG[:-40],
        JPEG[:30],
        b"\xff\xd8\x00\x00\x00\x00",
        b"\xff\xd8" + segment(0xDA, b"\1\1\0\0\0\0") + b"no end",
        WEBP[:-30],
        b"RIFF\xff\0\0\0WEBP",
        riff((b"VP8X", b"\0" * 10))[:-11],
    ],
)
def test_what_is_no_picture_is_refused(data):
    """A document or half a photo is not enclosed by mistake."""
    with pytest.raises(NotAPicture):
        clean_picture(data)


def test_the_name_of_the_file_does_not_travel():
    """`Ruth at Klenovody station.png` would say too much."""
    enclosure = read_picture(EXAMPLES / "letters" / "pictures" / "cat.png", 2)

    assert (enclosure.name, enclosure.type) == ("picture 2.png", "image/png")
    assert enclosure.content == (EXAMPLES / "letters" / "pictures" / "cat.png").read_bytes()


def test_a_picture_that_is_not_there_is_named(tmp_path):
    """Which of three it was should not be a riddle."""
    with pytest.raises(FileMissing, match=r"cat\.png"):
        read_picture(tmp_path / "cat.png", 1)
