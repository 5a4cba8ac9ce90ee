r"""
Photos, drawings and scans beside a letter, each sealed once to a one-time key that stands in the letter's manifest.

    <first line>\n<age file of: the image, and zero bytes up to a Padmé size>

So passing a letter on reseals the letter alone, a photo keeps one digest from family to camp, and leaving it out
means leaving its key out.
"""

import os

from keys.envelope import NotPadded, check_envelope, open_envelope, seal_envelope
from keys.errors import Malformed
from keys.firstlines import EnclosureLine, encode_line, parse_enclosure_line, split_first_line
from keys.hybrid import HybridIdentity
from keys.ids import Random
from keys.manifests import MAX_ENCLOSURE_BYTES
from keys.padding import padme
from keys.signedcontent import TooLarge


class EnclosureMalformed(Malformed):
    """The inside of the enclosure is not as the letter describes it."""

    code = "enclosure_malformed"
    cure = (
        "Show the letter without this enclosure, and tell the operator: whoever sealed it made a mistake or forged it."
    )


def seal_enclosure(line: EnclosureLine, content: bytes, seed: bytes, *, random: Random = os.urandom) -> bytes:
    """
    Seal an image once, for all legs.

    Args:
        line: To which item it belongs.
        content: 1 byte to 4 MiB, already without hidden data.
        seed: 32 fresh random bytes; they go into the manifest and nowhere else.
        random: See `keys.agefile.encrypt`.

    Raises:
        TooLarge: The content is empty, or larger than 4 MiB.
        KeyMalformed: The seed has not 32 bytes.
    """
    if not 0 < len(content) <= MAX_ENCLOSURE_BYTES:
        raise TooLarge
    padded = content.ljust(padme(len(content)), b"\0")
    return seal_envelope(encode_line(line), padded, [HybridIdentity.from_seed(seed).recipient()], random=random)


def check_enclosure(data: bytes) -> EnclosureLine:
    """Check an enclosure without a key; raises as `check_letter`, its size being a Padmé size of at most 4 MiB."""
    line = parse_enclosure_line(split_first_line(data))
    size = check_envelope(data, recipients=1).plaintext_bytes
    if padme(size) != size or not 0 < size <= MAX_ENCLOSURE_BYTES:
        raise NotPadded
    return line


def open_enclosure(data: bytes, *, seed: bytes, size_bytes: int) -> bytes:
    """
    Open an enclosure with what stands in the letter's manifest.

    Args:
        data: The whole sealed file. That it is the one the letter names, `OpenedLetter.open_enclosure` checks.
        seed: 32 bytes.
        size_bytes: Its size before padding.

    Raises:
        Malformed: See `check_enclosure`.
        WrongKey, HeaderForged, PayloadBroken: See `open_letter`.
        EnclosureMalformed: Another size, or something in the padding.
    """
    check_enclosure(data)
    padded = open_envelope(data, [HybridIdentity.from_seed(seed)])
    content, padding = padded[:size_bytes], padded[size_bytes:]
    if len(padded) != padme(size_bytes) or padding.count(0) != len(padding):
        raise EnclosureMalformed
    return content
