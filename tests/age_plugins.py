"""What the official age vectors need and the relay does not have: X25519 and passphrase identities, and ASCII armor."""

import base64
import binascii
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from keys import bech32
from keys.ageheader import HeaderMalformed, Stanza, decode_base64
from keys.errors import Malformed

#: Go's age accepts a work factor up to 2**22; the vectors ask that 23 is refused.
MAX_WORK_FACTOR = 22
_BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
_END = b"-----END AGE ENCRYPTED FILE-----"


class ArmorMalformed(Malformed):
    """The ASCII armor is not as RFC 7468 says, strictly."""

    code = "armor_malformed"


def _open_body(wrap_key: bytes, body: bytes) -> bytes | None:
    if len(body) != 32:
        raise HeaderMalformed
    try:
        return ChaCha20Poly1305(wrap_key).decrypt(bytes(12), body, None)
    except InvalidTag:
        return None


class X25519Identity:
    """A classic ``AGE-SECRET-KEY-1…``."""

    def __init__(self, text: str) -> None:
        self._key = X25519PrivateKey.from_private_bytes(bech32.decode("age-secret-key-", text.lower()))

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Open the first X25519 stanza that is sealed to this key."""
        for stanza in stanzas:
            if stanza.type == "X25519" and (file_key := self._open(stanza)) is not None:
                return file_key
        return None

    def _open(self, stanza: Stanza) -> bytes | None:
        if len(stanza.args) != 1 or len(share := decode_base64(stanza.args[0])) != 32:
            raise HeaderMalformed
        try:
            shared = self._key.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:  # a share of low order: the shared secret is all zeros
            raise HeaderMalformed from None
        salt = share + self._key.public_key().public_bytes_raw()
        wrap_key = HKDF(SHA256(), 32, salt, b"age-encryption.org/v1/X25519").derive(shared)
        return _open_body(wrap_key, stanza.body)


class PassphraseIdentity:
    """A passphrase, stretched with scrypt."""

    def __init__(self, passphrase: str) -> None:
        self._passphrase = passphrase.encode()

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Open the only stanza, if it is for a passphrase."""
        if not any(stanza.type == "scrypt" for stanza in stanzas):
            return None
        if len(stanzas) != 1 or len(stanzas[0].args) != 2:
            raise HeaderMalformed
        salt, factor = decode_base64(stanzas[0].args[0]), stanzas[0].args[1]
        if len(salt) != 16 or not re.fullmatch("[1-9][0-9]*", factor) or int(factor) > MAX_WORK_FACTOR:
            raise HeaderMalformed
        kdf = Scrypt(salt=b"age-encryption.org/v1/scrypt" + salt, length=32, n=2 ** int(factor), r=8, p=1)
        return _open_body(kdf.derive(self._passphrase), stanzas[0].body)


def dearmor(text: bytes) -> bytes:
    """Read the armor: only whitespace around it, LF or CRLF, lines of 64 and a shorter last one, canonical base64."""
    lines = [line.removesuffix(b"\r") for line in text.strip(b" \t\r\n").split(b"\n")]
    if len(lines) < 2 or lines[0] != _BEGIN or lines[-1] != _END:
        raise ArmorMalformed
    body = lines[1:-1]
    if any(len(line) != 64 for line in body[:-1]) or (body and not 0 < len(body[-1]) <= 64):
        raise ArmorMalformed
    joined = b"".join(body)
    try:
        value = base64.b64decode(joined, validate=True)
    except binascii.Error:
        raise ArmorMalformed from None
    if base64.b64encode(value) != joined:
        raise ArmorMalformed
    return value
