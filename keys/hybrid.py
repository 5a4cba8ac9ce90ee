"""
The post-quantum hybrid recipient of age: X-Wing, that is ML-KEM-768 and X25519 together (C2SP age, mlkem768x25519).

It is the only recipient that production code has: what is sealed today must still be sealed when a quantum computer
exists. Both halves must be broken before anybody else can read a letter.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from keys import bech32
from keys.ageheader import HeaderMalformed, Stanza, decode_base64, encode_base64
from keys.bech32 import KeyMalformed

HYBRID_STANZA = "mlkem768x25519"
#: HPKE's encapsulated key: an ML-KEM-768 ciphertext and an X25519 share.
_LATTICE_SHARE_BYTES = 1088
SHARE_BYTES = _LATTICE_SHARE_BYTES + 32
#: The 16-byte file key and its tag.
BODY_BYTES = 16 + 16
_LATTICE_PUBLIC_BYTES = 1184
PUBLIC_BYTES = _LATTICE_PUBLIC_BYTES + 32
SEED_BYTES = 32

_INFO = b"age-encryption.org/mlkem768x25519"
_RECIPIENT_PREFIX = "age1pq"
_IDENTITY_PREFIX = "age-secret-key-pq-"
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


@dataclass(frozen=True, slots=True)
class HybridRecipient:
    """An X-Wing public key, ``age1pq1…``: 1,184 bytes of ML-KEM-768 and 32 of X25519."""

    public: bytes
    _key: MLKEM768X25519PublicKey = field(repr=False, compare=False)

    @classmethod
    def from_public(cls, public: bytes) -> Self:
        """
        Take the 1,216 raw bytes.

        Raises:
            KeyMalformed: Another length, or no ML-KEM-768 key (FIPS 203 §7.2).
        """
        if len(public) != PUBLIC_BYTES:
            raise KeyMalformed
        try:
            lattice = MLKEM768PublicKey.from_public_bytes(public[:_LATTICE_PUBLIC_BYTES])
        except ValueError:
            raise KeyMalformed from None
        return cls(
            public, MLKEM768X25519PublicKey(lattice, X25519PublicKey.from_public_bytes(public[_LATTICE_PUBLIC_BYTES:]))
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read ``age1pq1…``.

        Raises:
            KeyMalformed: It is no such key, or is written in capitals.
        """
        return cls.from_public(bech32.decode(_RECIPIENT_PREFIX, text))

    def __str__(self) -> str:
        return bech32.encode(_RECIPIENT_PREFIX, self.public)

    def wrap(self, file_key: bytes) -> tuple[Stanza, ...]:
        """Seal the file key with HPKE (RFC 9180, base mode)."""
        sealed = _SUITE.encrypt(file_key, self._key, info=_INFO)
        share, body = sealed[:SHARE_BYTES], sealed[SHARE_BYTES:]
        return (Stanza(HYBRID_STANZA, (encode_base64(share),), body),)


@dataclass(frozen=True, slots=True, repr=False)
class HybridIdentity:
    """An X-Wing secret key, ``AGE-SECRET-KEY-PQ-1…``; its `repr` shows nothing of it."""

    seed: bytes
    _lattice: MLKEM768PrivateKey = field(compare=False)
    _curve: X25519PrivateKey = field(compare=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """
        Expand 32 uniform bytes into both keys (X-Wing, expandDecapsulationKey).

        Raises:
            KeyMalformed: Another length.
        """
        if len(seed) != SEED_BYTES:
            raise KeyMalformed
        full = hashlib.shake_256(seed).digest(96)
        return cls(seed, MLKEM768PrivateKey.from_seed_bytes(full[:64]), X25519PrivateKey.from_private_bytes(full[64:]))

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read ``AGE-SECRET-KEY-PQ-1…``.

        Raises:
            KeyMalformed: It is no such key, or is not written in capitals.
        """
        if text != text.upper():
            raise KeyMalformed
        return cls.from_seed(bech32.decode(_IDENTITY_PREFIX, text.lower()))

    def __str__(self) -> str:
        """Give the secret key itself, for a key file; never log it."""
        return bech32.encode(_IDENTITY_PREFIX, self.seed).upper()

    def __repr__(self) -> str:
        return "HybridIdentity(…)"

    def recipient(self) -> HybridRecipient:
        """Give the public half."""
        public = self._lattice.public_key().public_bytes_raw() + self._curve.public_key().public_bytes_raw()
        return HybridRecipient.from_public(public)

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """
        Open the first hybrid stanza that is sealed to this key.

        Raises:
            HeaderMalformed: A hybrid stanza has another shape than C2SP age gives it, or a share of low order.
        """
        key = MLKEM768X25519PrivateKey(self._lattice, self._curve)
        for stanza in stanzas:
            if stanza.type != HYBRID_STANZA:
                continue
            share = hybrid_share(stanza)
            try:
                return _SUITE.decrypt(share + stanza.body, key, info=_INFO)
            except InvalidTag:
                self._refuse_low_order(share)
        return None

    def _refuse_low_order(self, share: bytes) -> None:
        """
        Tell a stanza that nobody could honestly have made from one that is for somebody else.

        HPKE gives one error for both (RFC 9180 §7.1.4 has the all-zero secret refused). Only a stanza that does not
        open comes here, so opening costs nothing more.
        """
        try:
            self._curve.exchange(X25519PublicKey.from_public_bytes(share[_LATTICE_SHARE_BYTES:]))
        except ValueError:
            raise HeaderMalformed("the age header has a hybrid stanza with a share of low order") from None


def hybrid_share(stanza: Stanza) -> bytes:
    """
    Check the shape of a hybrid stanza and give its encapsulated key, 1,120 bytes.

    The length of the body is checked before anybody decrypts it: otherwise one stanza could be made to open under
    several keys (C2SP age, "partitioning oracle").

    Raises:
        HeaderMalformed: More or less than one argument after the type, or another length of it or of the body.
    """
    if len(stanza.args) != 1 or len(stanza.body) != BODY_BYTES:
        raise HeaderMalformed("the age header has a hybrid stanza of a wrong shape")
    share = decode_base64(stanza.args[0])
    if len(share) != SHARE_BYTES:
        raise HeaderMalformed("the age header has a hybrid stanza of a wrong shape")
    return share
