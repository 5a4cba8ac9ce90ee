"""
Keyrings and desk keys: secrets that lie on the relay, sealed to those who may open them.

A member's root lies in `keyring.age`, sealed to the printed staff code and to passkeys; a desk's key lies in one
document for each epoch, sealed to members and to the desk's recovery code. Whoever opens one compares its public half
with the directory, so that a relay cannot hand out a key of its own making. DESIGN.md §3.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.agefile import HybridIdentity, HybridRecipient, Identity, decrypt, encrypt
from keys.canonical import encode_json, parse_json
from keys.codes import ROOT_BYTES, StaffKeys, staff_keys, staff_name
from keys.directory import Directory, UnknownDesk, UnknownEpoch, UnknownStaff, recipient_digest
from keys.errors import Malformed, Refused
from keys.ids import Random, is_digest, is_id, is_integer
from keys.notes import Signer
from keys.sealed import DocumentLine, StaffAuthor, open_document, seal_document

SEED_BYTES: Final = 32
_VERSION: Final = 1


class KeyringMalformed(Malformed):
    """What was sealed here is no keyring, or no desk key."""

    code = "keyring_malformed"
    cure = "Fetch it again; if that fails too, restore it from the recovery code and seal it anew."


class KeyNotInDirectory(Refused):
    """The public half of this key does not stand in the directory."""

    code = "key_not_in_directory"
    cure = "Fetch the newest directory; if it still differs, use nothing sealed to this key and tell the operators."


@dataclass(frozen=True, slots=True)
class StaffRoot:
    """
    A member's secret, whose it is, and where.

    Attributes:
        relay: The relay's id.
        staff: The member's id.
        root: 32 random bytes.
    """

    relay: str
    staff: str
    root: bytes = field(repr=False)

    @property
    def keys(self) -> StaffKeys:
        """Derive the signer's seed and the identity."""
        return staff_keys(self.root)

    @property
    def signer(self) -> Signer:
        """Make the signer of this member's statements."""
        return Signer.ed25519(staff_name(self.relay, self.staff), self.keys.signer_seed)


@dataclass(frozen=True, slots=True)
class DeskKey:
    """
    One epoch's secret of a desk.

    Attributes:
        relay: The relay's id.
        desk: The desk's id.
        epoch: From 1.
        seed: 32 random bytes, the X-Wing seed of its identity.
    """

    relay: str
    desk: str
    epoch: int
    seed: bytes = field(repr=False)

    @property
    def identity(self) -> HybridIdentity:
        """Make what opens letters to the desk."""
        return HybridIdentity.from_seed(self.seed)


def new_staff_root(relay: str, staff: str, *, random: Random = os.urandom) -> StaffRoot:
    """Make a new member's secret, on the member's own machine."""
    return StaffRoot(relay, staff, random(ROOT_BYTES))


def new_desk_key(relay: str, desk: str, epoch: int, *, random: Random = os.urandom) -> DeskKey:
    """Make a desk's key for a new epoch, on a member's own machine."""
    return DeskKey(relay, desk, epoch, random(SEED_BYTES))


def seal_keyring(root: StaffRoot, recipients: Sequence[HybridRecipient], *, random: Random = os.urandom) -> bytes:
    """
    Seal a member's secret to the staff code's recipient, and to those of passkeys.

    Returns:
        An age file of ``{"v","relay","staff","root"}``.
    """
    plain = {"v": _VERSION, "relay": root.relay, "staff": root.staff, "root": root.root.hex()}
    return encrypt(encode_json(plain).encode(), recipients, random=random)


def open_keyring(data: bytes, identities: Sequence[Identity], *, directory: Directory | None) -> StaffRoot:
    """
    Open a member's keyring.

    Args:
        data: The age file.
        identities: The staff code's, or a passkey's.
        directory: The directory in force; None only for a member whom no directory has yet.

    Raises:
        Malformed, WrongKey: As `keys.agefile.decrypt`.
        KeyringMalformed: Inside is no keyring.
        KeyNotInDirectory: The member's keys in the directory are others.
    """
    plain = _parse(decrypt(data, identities), ("v", "relay", "staff", "root"))
    if not is_id(plain["relay"]) or not is_id(plain["staff"]) or not is_digest(plain["root"]):
        raise KeyringMalformed("a keyring's ids or root are not in their form")
    root = StaffRoot(plain["relay"], plain["staff"], bytes.fromhex(plain["root"]))
    if directory is not None:
        check_staff_root(root, directory)
    return root


def check_staff_root(root: StaffRoot, directory: Directory) -> None:
    """
    Require that the directory has both public halves of a member's secret.

    Raises:
        KeyNotInDirectory: It has others, or no such member.
    """
    try:
        member = directory.member(root.staff)
    except UnknownStaff:
        raise KeyNotInDirectory from None
    if str(root.signer.vkey) != member.vkey:
        raise KeyNotInDirectory
    if recipient_digest(root.keys.identity.recipient()) != member.recipient_sha256:
        raise KeyNotInDirectory


def staff_reader(staff: str) -> str:
    """Name a member as the reader of a desk key."""
    return f"staff/{staff}"


def desk_code_reader(desk: str) -> str:
    """Name whoever holds a desk's recovery code as the reader of its key."""
    return f"desk-code/{desk}"


def desk_key_id(desk: str, epoch: int) -> str:
    """Name the document that holds a desk's key of an epoch, 64 hex digits; the versions of one are re-sealings."""
    return hashlib.sha256(f"letter-relay/desk-key/v1\0{desk}/{epoch}".encode()).hexdigest()


def seal_desk_key(
    key: DeskKey,
    readers: Mapping[str, HybridRecipient],
    *,
    by: StaffRoot,
    directory: Directory,
    version: int = 1,
    random: Random = os.urandom,
) -> bytes:
    """
    Seal a desk's key to members and to its recovery code.

    Args:
        key: The key; before it stands in a directory it has to be sealed, so only its readers are checked.
        readers: Recipients by reader, in the order of the document's `to`: `staff_reader` or `desk_code_reader`.
        by: The member who seals it.
        directory: The one that names the readers: in force, or about to be signed.
        version: Higher than that of any earlier sealing of this key to the same readers.
        random: Where random bytes come from.

    Raises:
        KeyNotInDirectory: A member's recipient is not the one that the directory vouches for.
        LineMalformed: There is no reader, one is named in another form, or there are too many for one document.
    """
    for reader, recipient in readers.items():
        _check_reader(reader, recipient, directory)
    line = DocumentLine(
        relay=key.relay,
        kind="desk-key",
        id=desk_key_id(key.desk, key.epoch),
        item=None,
        to=tuple(readers),
        dir=directory.version,
        version=version,
    )
    plain = {"v": _VERSION, "relay": key.relay, "desk": key.desk, "epoch": key.epoch, "seed": key.seed.hex()}
    return seal_document(
        line,
        encode_json(plain).encode(),
        author=StaffAuthor(by.staff),
        signer=Ed25519PrivateKey.from_private_bytes(by.keys.signer_seed),
        recipients=tuple(readers.values()),
        random=random,
    )


def open_desk_key(data: bytes, identities: Sequence[Identity], *, directory: Directory) -> DeskKey:
    """
    Open a desk's key.

    The directory has to have its public half, which says more than the signature of whoever sealed it, who may have
    left since.

    Args:
        data: The sealed document.
        identities: A member's, or the recovery code's.
        directory: The directory in force; it lists old epochs too.

    Raises:
        Malformed, WrongKey: As `keys.sealed.open_document`.
        KeyringMalformed: It is no desk key, or not the one that its first line names.
        KeyNotInDirectory: The desk has another key in this epoch, or none.
    """
    opened = open_document(data, identities)
    plain = _parse(opened.content, ("v", "relay", "desk", "epoch", "seed"))
    if not is_id(plain["desk"]) or not is_integer(plain["epoch"], least=1) or not is_digest(plain["seed"]):
        raise KeyringMalformed("a desk key's desk, epoch or seed is not in its form")
    key = DeskKey(plain["relay"], plain["desk"], plain["epoch"], bytes.fromhex(plain["seed"]))
    named = (opened.line.kind, opened.line.relay, opened.line.id)
    if named != ("desk-key", key.relay, desk_key_id(key.desk, key.epoch)):
        raise KeyringMalformed("a desk key is not the one that its first line names")
    check_desk_key(key, directory)
    return key


def check_desk_key(key: DeskKey, directory: Directory) -> None:
    """
    Require that the directory has the public half of a desk's key, in its epoch.

    Raises:
        KeyNotInDirectory: It has another, or no such desk or epoch.
    """
    try:
        recipient = directory.recipient(f"{key.desk}/{key.epoch}")
    except (UnknownDesk, UnknownEpoch):
        raise KeyNotInDirectory from None
    if recipient != key.identity.recipient():
        raise KeyNotInDirectory


def _check_reader(reader: str, recipient: HybridRecipient, directory: Directory) -> None:
    if not reader.startswith(staff_reader("")):
        return
    try:
        member = directory.member(reader.removeprefix(staff_reader("")))
    except UnknownStaff:
        raise KeyNotInDirectory from None
    if recipient_digest(recipient) != member.recipient_sha256:
        raise KeyNotInDirectory


def _parse(content: bytes, keys: tuple[str, ...]) -> dict[str, Any]:
    try:
        plain = parse_json(content.decode(), what="keyring")
    except UnicodeDecodeError:
        raise KeyringMalformed from None
    if tuple(plain) != keys or type(plain["v"]) is not int or plain["v"] != _VERSION:
        raise KeyringMalformed("a keyring has other keys, or is of another version")
    return plain
