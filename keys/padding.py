"""How sealed content is made longer, so that its size tells less about it."""

import bisect

#: Letters and small documents have one of these sizes in bytes: nobody learns more than "short, longer, longest".
TEXT_SIZES = (4 * 1024, 16 * 1024, 64 * 1024)


def padme(size_bytes: int) -> int:
    """
    Round a size up so that it says only about log log of itself: at most 12 % more.

    The source is Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", §4.
    """
    exponent = size_bytes.bit_length() - 1
    free_bits = max(0, exponent - exponent.bit_length())
    mask = (1 << free_bits) - 1
    return (size_bytes + mask) & ~mask


def padded_text_bytes(size_bytes: int) -> int:
    """Give the smallest of `TEXT_SIZES` that holds this many bytes, and beyond them Padmé."""
    place = bisect.bisect_left(TEXT_SIZES, size_bytes)
    return TEXT_SIZES[place] if place < len(TEXT_SIZES) else padme(size_bytes)
