"""
Codes on paper, detainee numbers, and the keys that are derived from codes and roots.

A receipt code is the only thing a family has, so everything the family needs is derived from it, and nothing of it
is ever sent but the locator. Entropy carries the security (30 random digits, 99.7 bits); Argon2id is there for the
day when a random source was worse than it should have been. FORMATS.md, "Codes and derived keys".
"""

import hashlib
import os
import re
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from keys.agefile import HybridIdentity
from keys.errors import Refused
from keys.ids import ID_BYTES, Random

CODE_DIGITS: Final = 32
NUMBER_DIGITS: Final = 12
ROOT_BYTES: Final = 32
_CHECK_DIGITS: Final = 2

_ARGON2_MEMORY_KIB: Final = 19_456
_ARGON2_PASSES: Final = 2
_RECEIPT: Final = "letter-relay/receipt/v1"
_STAFF_CODE: Final = "letter-relay/staff-code/v1"
_DESK_CODE: Final = "letter-relay/desk-code/v1"
_STAFF: Final = "letter-relay/staff/v1"

#: What people put between groups: spaces, hyphens, line ends. Digits are the ten of ASCII.
_BETWEEN: Final = re.compile(r"[ \t\r\n-]+")
_DIGITS: Final = re.compile(r"[0-9]+")


class CodeMistyped(Refused):
    """This is not a code as it was printed: 32 digits, the last two of which check the others."""

    code = "code_mistyped"
    cure = "Compare the code with the paper, group by group, and type it again."


class NumberMistyped(Refused):
    """This is not a detainee number: 12 digits, the last two of which check the others."""

    code = "number_mistyped"
    cure = "Compare the number with the address card and type it again."


@dataclass(frozen=True, slots=True)
class FamilyKeys:
    """
    What a receipt code opens.

    Attributes:
        locator: 16 bytes that find the mailbox; sent as a bearer token, never in a URL.
        identity: Opens replies and notes.
        signer: Signs letters, `withdraw` and `collected`.
        vkey: The raw public half of `signer`, 32 bytes.
    """

    locator: bytes = field(repr=False)
    identity: HybridIdentity = field(repr=False)
    signer: Ed25519PrivateKey = field(repr=False)
    vkey: bytes


@dataclass(frozen=True, slots=True)
class StaffKeys:
    """What a member's root opens: an Ed25519 seed (32 bytes) for statements, an identity for desk keys."""

    signer_seed: bytes = field(repr=False)
    identity: HybridIdentity = field(repr=False)


def new_code(random: Random = os.urandom) -> str:
    """
    Make a receipt code, or a staff's or a desk's recovery code: 30 random digits and two that check them.

    Args:
        random: Gives 32 bytes; taken as one big-endian number modulo 10^30, whose bias is below 2^-150.
    """
    return _checked(random, CODE_DIGITS)


def parse_code(text: str) -> str:
    """
    Read a code as somebody typed it, with spaces or hyphens anywhere.

    The check digits are recomputed, not only the sum taken, so that 00, 01 and 99 never pass (ISO 7064 MOD 97-10).

    Raises:
        CodeMistyped: It is not 32 ASCII digits, or the last two do not check the others.
    """
    digits = _unchecked(text, CODE_DIGITS)
    if digits is None:
        raise CodeMistyped
    return digits


def show_code(code: str) -> str:
    """Write a code for paper: 8 groups of 4."""
    return " ".join(code[start : start + 4] for start in range(0, CODE_DIGITS, 4))


def new_number(random: Random = os.urandom) -> str:
    """Make a detainee number: 10 random digits and two that check them."""
    return _checked(random, NUMBER_DIGITS)


def parse_number(text: str) -> str:
    """
    Read a detainee number as somebody typed it, with spaces or hyphens anywhere.

    Raises:
        NumberMistyped: It is not 12 ASCII digits, or the last two do not check the others.
    """
    digits = _unchecked(text, NUMBER_DIGITS)
    if digits is None:
        raise NumberMistyped
    return digits


def family_keys(code: str, relay_id: bytes) -> FamilyKeys:
    """
    Derive all that a family has from its receipt code; takes about 30 ms and 19 MiB, on purpose.

    Args:
        code: As typed or as stored.
        relay_id: 16 bytes; the same code opens nothing at another relay.

    Raises:
        CodeMistyped: The check digits say that this is no code.
    """
    stretched = _stretch(parse_code(code), relay_id, _RECEIPT)
    signer = Ed25519PrivateKey.from_private_bytes(_expand(stretched, f"{_RECEIPT}/sign", 32))
    return FamilyKeys(
        locator=_expand(stretched, f"{_RECEIPT}/locator", 16),
        identity=HybridIdentity.from_seed(_expand(stretched, f"{_RECEIPT}/age", 32)),
        signer=signer,
        vkey=signer.public_key().public_bytes_raw(),
    )


def mailbox_id(locator: bytes) -> str:
    """Name a mailbox by the hash of its locator (16 bytes), so that a stolen database opens no mailbox."""
    return hashlib.sha256(locator).hexdigest()


def staff_code_identity(code: str, relay_id: bytes) -> HybridIdentity:
    """
    Derive the identity to which a member's keyring is sealed from the printed staff code.

    Raises:
        CodeMistyped: The check digits say that this is no code.
    """
    return _recovery_identity(code, relay_id, _STAFF_CODE)


def desk_code_identity(code: str, relay_id: bytes) -> HybridIdentity:
    """
    Derive the identity to which a desk's key is sealed from the desk's recovery code.

    Raises:
        CodeMistyped: The check digits say that this is no code.
    """
    return _recovery_identity(code, relay_id, _DESK_CODE)


def staff_keys(root: bytes) -> StaffKeys:
    """
    Derive a member's signer and identity from the staff root, which is random and needs no stretching.

    Raises:
        ValueError: The root is not 32 bytes; `open_keyring` gives out no other.
    """
    if len(root) != ROOT_BYTES:
        raise ValueError("a staff root is 32 bytes")
    return StaffKeys(
        signer_seed=_expand(root, f"{_STAFF}/sign", 32),
        identity=HybridIdentity.from_seed(_expand(root, f"{_STAFF}/age", 32)),
    )


def root_name(relay: str) -> str:
    """Name the key that signs trust; the relay by its id in hex, here and below."""
    return f"{relay}/root"


def directory_name(relay: str, n: int) -> str:
    """Name the n-th of the keys that sign the directory."""
    return f"{relay}/directory/{n}"


def staff_name(relay: str, staff: str) -> str:
    """Name the key of a member of staff by the member's id."""
    return f"{relay}/staff/{staff}"


def family_name(relay: str) -> str:
    """Name a family's key: all families' alike, since which one it is stands in the mailbox."""
    return f"{relay}/family"


def _checked(random: Random, digits: int) -> str:
    payload_digits = digits - _CHECK_DIGITS
    payload = f"{int.from_bytes(random(32)) % 10**payload_digits:0{payload_digits}}"
    return payload + _check(payload)


def _unchecked(text: str, digits: int) -> str | None:
    joined = _BETWEEN.sub("", text)
    if len(joined) != digits or not _DIGITS.fullmatch(joined):
        return None
    payload = joined[:-_CHECK_DIGITS]
    return joined if joined == payload + _check(payload) else None


def _check(payload: str) -> str:
    return f"{98 - int(payload + '00') % 97:02}"


def _recovery_identity(code: str, relay_id: bytes, label: str) -> HybridIdentity:
    stretched = _stretch(parse_code(code), relay_id, label)
    return HybridIdentity.from_seed(_expand(stretched, f"{label}/age", 32))


def _stretch(code: str, relay_id: bytes, label: str) -> bytes:
    if len(relay_id) != ID_BYTES:
        raise ValueError("a relay id is 16 bytes")
    salt = hashlib.sha256(label.encode() + b"\0" + relay_id).digest()[:16]
    argon2 = Argon2id(salt=salt, length=32, iterations=_ARGON2_PASSES, lanes=1, memory_cost=_ARGON2_MEMORY_KIB)
    return argon2.derive(code.encode())


def _expand(key: bytes, info: str, size_bytes: int) -> bytes:
    return HKDFExpand(SHA256(), size_bytes, info.encode()).derive(key)
