"""
The age v1 file format (C2SP age): whole files and streams, sealed to post-quantum hybrid recipients.

    <header, see ageheader>
    <16-byte nonce><chunks of 64 KiB, each sealed with ChaCha20-Poly1305>

Recipients and identities are plug-ins; production has hybrid ones only (see hybrid), and the tests bring X25519 and
passphrase identities for the official vectors. Stock age 1.3 opens what is sealed here.
"""

import hmac
import io
import os
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from keys.ageheader import (
    MAX_HEADER_BYTES,
    MAX_LINE_BYTES,
    Header,
    HeaderMalformed,
    Stanza,
    encode_base64,
    encode_stanzas,
    parse_header,
)
from keys.bech32 import KeyMalformed
from keys.errors import Malformed, Refused
from keys.hybrid import HybridIdentity, HybridRecipient

__all__ = [
    "CHUNK_BYTES",
    "Header",
    "HeaderForged",
    "HeaderMalformed",
    "HybridIdentity",
    "HybridRecipient",
    "Identity",
    "KeyMalformed",
    "PayloadBroken",
    "Recipient",
    "Stanza",
    "WrongKey",
    "decrypt",
    "decrypt_stream",
    "encrypt",
    "encrypt_stream",
    "parse_header",
    "payload_bytes",
    "plaintext_bytes",
]

FILE_KEY_BYTES = 16
NONCE_BYTES = 16
TAG_BYTES = 16
CHUNK_BYTES = 64 * 1024


class HeaderForged(Malformed):
    """The age header was changed after the file was sealed."""

    code = "age_header_forged"
    cure = "Do not trust this file; ask whoever sent it to send it again, and tell the operator."


class PayloadBroken(Malformed):
    """The sealed content is damaged or cut off."""

    code = "age_payload"


class WrongKey(Refused):
    """None of these keys opens this file."""

    code = "wrong_key"
    cure = "Check that you have the right code or key, and that the file was sealed to you."


class Recipient(Protocol):
    """Whoever a file is sealed to."""

    def wrap(self, file_key: bytes) -> tuple[Stanza, ...]:
        """Wrap the 16-byte file key into the stanzas that its identity can unwrap."""
        ...


class Identity(Protocol):
    """Whoever opens a file."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Give the 16-byte file key; None if no stanza is for this identity."""
        ...


def encrypt(
    plaintext: bytes,
    recipients: Sequence[Recipient],
    *,
    extra: Sequence[Stanza] = (),
    random: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """
    Seal bytes to all recipients.

    Args:
        plaintext: Any length. It is not padded here.
        recipients: At least one.
        extra: Stanzas that wrap nothing but are covered by the header's MAC; they stand after the recipients'.
        random: Gives that many random bytes; asked for the file key, then for the payload nonce.
    """
    sink = io.BytesIO()
    encrypt_stream(io.BytesIO(plaintext), sink, recipients, extra=extra, random=random)
    return sink.getvalue()


def encrypt_stream(
    source: BinaryIO,
    sink: BinaryIO,
    recipients: Sequence[Recipient],
    *,
    extra: Sequence[Stanza] = (),
    random: Callable[[int], bytes] = os.urandom,
) -> None:
    """
    Seal a stream to all recipients, in chunks of 64 KiB; see `encrypt`.

    Raises:
        ValueError: No recipient, or a stanza that a header cannot hold: both are mistakes of the caller.
    """
    if not recipients:
        raise ValueError("a file is sealed to at least one recipient")
    file_key = random(FILE_KEY_BYTES)
    stanzas = [stanza for recipient in recipients for stanza in recipient.wrap(file_key)]
    covered = encode_stanzas([*stanzas, *extra])
    nonce = random(NONCE_BYTES)
    sink.write(covered + b" " + encode_base64(_header_mac(file_key, covered)).encode("ascii") + b"\n" + nonce)
    sink.writelines(_seal_chunks(source, _derive(file_key, salt=nonce, info=b"payload")))


def decrypt(data: bytes, identities: Sequence[Identity]) -> bytes:
    """
    Open a whole file; nothing is given out before its last chunk is verified.

    Raises:
        HeaderMalformed: See `parse_header`, or a stanza of an identity's own kind has a wrong shape.
        WrongKey: No identity unwraps the file key.
        HeaderForged: The header's MAC does not match.
        PayloadBroken: The payload is damaged, cut off or continued.
    """
    header = parse_header(data)
    source = io.BytesIO(data)
    source.seek(header.length_bytes)
    return b"".join(_open_payload(source, header, identities))


def decrypt_stream(source: BinaryIO, sink: BinaryIO, identities: Sequence[Identity]) -> None:
    """
    Open a stream in chunks of 64 KiB.

    Each chunk is verified before it is written, but only the return says that the stream is whole: until then the
    caller must show nothing of it.

    Raises:
        RelayError: As `decrypt`; what was already written to the sink must then be thrown away.
    """
    header = parse_header(_read_header(source))
    sink.writelines(_open_payload(source, header, identities))


def payload_bytes(plaintext_bytes: int) -> int:
    """Give the size of the payload, with its nonce and tags, of a plaintext of that size."""
    chunks = max(1, -(-plaintext_bytes // CHUNK_BYTES))
    return NONCE_BYTES + plaintext_bytes + TAG_BYTES * chunks


def plaintext_bytes(payload_size_bytes: int) -> int:
    """
    Give the size of the plaintext inside a payload, the inverse of `payload_bytes`.

    It is negative, or has another `payload_bytes`, if no plaintext has such a payload.
    """
    chunks_bytes = payload_size_bytes - NONCE_BYTES
    return chunks_bytes - TAG_BYTES * -(-chunks_bytes // (CHUNK_BYTES + TAG_BYTES))


# ---------------------------------------------------------------- keys


def _derive(file_key: bytes, *, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 of 32 bytes, which is a single block of RFC 5869's expand."""
    return hmac.digest(hmac.digest(salt, file_key, "sha256"), info + b"\x01", "sha256")


def _header_mac(file_key: bytes, covered: bytes) -> bytes:
    return hmac.digest(_derive(file_key, salt=b"", info=b"header"), covered, "sha256")


def _unwrap(header: Header, identities: Sequence[Identity]) -> bytes:
    """Find the file key, and prove with it that nobody touched the header."""
    for identity in identities:
        file_key = identity.unwrap(header.stanzas)
        if file_key is not None:
            if not hmac.compare_digest(_header_mac(file_key, header.mac_input), header.mac):
                raise HeaderForged
            return file_key
    raise WrongKey


# ---------------------------------------------------------------- payload


def _nonce(counter: int, *, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _read(source: BinaryIO, size_bytes: int) -> bytes:
    """Read that many bytes; fewer only at the end. A socket or pipe may give less at a time."""
    first = source.read(size_bytes)
    if len(first) in {0, size_bytes}:
        return first
    parts = [first]
    missing = size_bytes - len(first)
    while missing and (more := source.read(missing)):
        parts.append(more)
        missing -= len(more)
    return b"".join(parts)


def _seal_chunks(source: BinaryIO, key: bytes) -> Iterator[bytes]:
    """Seal chunk by chunk; a chunk is the last one if nothing follows it."""
    aead = ChaCha20Poly1305(key)
    counter, chunk = 0, _read(source, CHUNK_BYTES)
    while True:
        following = _read(source, CHUNK_BYTES) if len(chunk) == CHUNK_BYTES else b""
        yield aead.encrypt(_nonce(counter, last=not following), chunk, None)
        if not following:
            return
        counter, chunk = counter + 1, following


def _open_payload(source: BinaryIO, header: Header, identities: Sequence[Identity]) -> Iterator[bytes]:
    """Open chunk by chunk, and require that the stream ends after the last."""
    file_key = _unwrap(header, identities)
    nonce = _read(source, NONCE_BYTES)
    if len(nonce) < NONCE_BYTES:
        # C2SP's vectors count a missing nonce to the header.
        raise HeaderMalformed("the age file ends before its payload")
    aead = ChaCha20Poly1305(_derive(file_key, salt=nonce, info=b"payload"))
    counter, last = 0, False
    while not last:
        chunk, last = _open_chunk(aead, counter, _read(source, CHUNK_BYTES + TAG_BYTES))
        yield chunk
        counter += 1
    if source.read(1):
        raise PayloadBroken("the sealed content goes on after its end")


def _open_chunk(aead: ChaCha20Poly1305, counter: int, sealed: bytes) -> tuple[bytes, bool]:
    """Open one chunk and say whether it is the last; a full one may be either."""
    if len(sealed) == CHUNK_BYTES + TAG_BYTES:
        try:
            return aead.decrypt(_nonce(counter, last=False), sealed, None), False
        except InvalidTag:
            pass
    if len(sealed) < TAG_BYTES or (counter and len(sealed) == TAG_BYTES):
        raise PayloadBroken("the sealed content is cut off")
    try:
        return aead.decrypt(_nonce(counter, last=True), sealed, None), True
    except InvalidTag:
        raise PayloadBroken from None


def _read_header(source: BinaryIO) -> bytes:
    """Read up to the MAC line and not one byte further; `parse_header` judges what was read."""
    lines: list[bytes] = []
    length_bytes = 0
    while length_bytes < MAX_HEADER_BYTES:
        line = source.readline(MAX_LINE_BYTES + 1)
        lines.append(line)
        length_bytes += len(line)
        if line.startswith(b"---") or not line.endswith(b"\n"):
            break
    return b"".join(lines)
