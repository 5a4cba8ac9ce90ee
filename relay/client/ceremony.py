"""
The ceremony: how a relay's keys come into being, and the first trust and directory with them.

Pure functions, each for one person at one machine: the root and the directory keys are made offline by operators, each
on an own one; a member's root by that member; a desk's key by a member of the desk. Only what is public, or sealed,
leaves a machine. The demo runs all of it in one process. DESIGN.md §3.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from keys.codes import desk_code_identity, directory_name, new_code, root_name, staff_code_identity
from keys.directory import (
    Desk,
    Directory,
    Epoch,
    PreviousLog,
    StaffMember,
    Trust,
    describe_directory,
    encode_directory,
    recipient_digest,
    sign_directory,
)
from keys.directory_notes import DirectoryNote
from keys.hybrid import HybridRecipient
from keys.ids import ID_BYTES, Random, format_time, new_id, parse_time
from keys.keyrings import (
    DeskKey,
    StaffRoot,
    desk_code_reader,
    new_desk_key,
    new_staff_root,
    seal_desk_key,
    seal_keyring,
    staff_reader,
)
from keys.notes import Signer, Vkey

SEED_BYTES: Final = 32
#: DESIGN.md §3: a directory expires, so that a relay cannot keep clients on an old one for ever.
EXPIRES_AFTER_DAYS: Final = 90
#: C2SP tlog-policy for a relay that has no witnesses yet.
NO_WITNESSES: Final = "quorum none\n"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """
    A root or directory key, for a file that never reaches the relay.

    Attributes:
        seed: 32 random bytes.
        name: What the key is called in notes.
    """

    name: str
    seed: bytes = field(repr=False)

    @property
    def signer(self) -> Signer:
        """Make what signs."""
        return Signer.ed25519(self.name, self.seed)

    @property
    def vkey(self) -> Vkey:
        """Give the public half."""
        return self.signer.vkey


@dataclass(frozen=True, slots=True)
class Enrolled:
    """
    A new member of staff, as their own machine made them.

    Attributes:
        root: The member's secret; it stays with the member.
        code: The staff code, to be printed: 32 digits.
        keyring: The secret sealed to the code, for the relay to keep.
        member: What the directory shall say.
    """

    root: StaffRoot
    code: str = field(repr=False)
    keyring: bytes
    member: StaffMember

    @property
    def recipient(self) -> HybridRecipient:
        """Give what desk keys are sealed to for this member."""
        return self.root.keys.identity.recipient()


@dataclass(frozen=True, slots=True)
class OpenedDesk:
    """
    A desk with its first key, as a member's machine made it.

    Attributes:
        desk: What the directory shall say.
        key: The first epoch's secret.
        code: The desk's recovery code, to be printed: 32 digits.
    """

    desk: Desk
    key: DeskKey
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedDeskKey:
    """A desk's key for one holder: ``staff/<id>`` or ``desk-code/<desk>``."""

    desk: str
    epoch: int
    holder: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class DirectoryDraft:
    """A directory that wants signatures: its document, and the note that names it."""

    document: bytes
    note: DirectoryNote


def new_relay_id(random: Random = os.urandom) -> str:
    """Make the id that a relay keeps for ever."""
    return new_id(random)


def new_root_key(relay: str, *, random: Random = os.urandom) -> SigningKey:
    """Make the key that signs trust, offline."""
    return SigningKey(root_name(relay), random(SEED_BYTES))


def new_directory_key(relay: str, n: int, *, random: Random = os.urandom) -> SigningKey:
    """Make the n-th key that signs directories, on an operator's own machine."""
    return SigningKey(directory_name(relay, n), random(SEED_BYTES))


def draft_trust(
    relay: str,
    root: Vkey,
    log: Sequence[Vkey],
    directory: Sequence[Vkey],
    *,
    k: int,
    policy: str = NO_WITNESSES,
    version: int = 1,
    previous: PreviousLog | None = None,
) -> Trust:
    """
    Write down whom to trust, for the root to sign (`keys.directory.sign_trust`).

    Args:
        relay: The relay's id.
        root: The root's public key.
        log: The log's keys, whose name is the log's origin.
        directory: The keys that sign directories.
        k: How many of them must.
        policy: The witness policy, as C2SP tlog-policy text.
        version: One more than the last.
        previous: The older generation's head, after a declared loss.
    """
    return Trust(
        version=version,
        root=str(root),
        relay=relay,
        origin=log[0].name,
        log=tuple(map(str, log)),
        directory=tuple(map(str, directory)),
        k=k,
        policy=policy,
        previous=previous,
    )


def enrol(
    relay: str,
    *,
    roles: Sequence[str],
    desks: Sequence[str] = (),
    person: str | None = None,
    random: Random = os.urandom,
) -> Enrolled:
    """
    Make a member of staff, on the member's own machine.

    Args:
        relay: The relay's id.
        roles: Some of `keys.directory.ROLES`.
        desks: The ids of the desks where they work.
        person: The id of somebody who has a key already; None for somebody new.
        random: Where random bytes come from.
    """
    root = new_staff_root(relay, new_id(random), random=random)
    code = new_code(random)
    reader = staff_code_identity(code, bytes.fromhex(relay)).recipient()
    member = StaffMember(
        id=root.staff,
        person=person or new_id(random),
        desks=tuple(desks),
        roles=tuple(roles),
        vkey=str(root.signer.vkey),
        recipient_sha256=recipient_digest(root.keys.identity.recipient()),
    )
    return Enrolled(root, code, seal_keyring(root, [reader], random=random), member)


def new_desk_id(random: Random = os.urandom) -> str:
    """Make a desk's id."""
    return random(ID_BYTES).hex()


def open_desk(
    relay: str, kind: str, *, side: str | None, since: str, desk: str | None = None, random: Random = os.urandom
) -> OpenedDesk:
    """
    Make a desk with its first key and recovery code.

    Args:
        relay: The relay's id.
        kind: ``review``, ``facility`` or ``bureau``.
        side: The party it belongs to; None for a review desk.
        since: When the key becomes the current one.
        desk: The desk's id, where members were enrolled at it before; None for a new one.
        random: Where random bytes come from.
    """
    key = new_desk_key(relay, desk or new_desk_id(random), 1, random=random)
    epoch = Epoch(1, str(key.identity.recipient()), since)
    return OpenedDesk(Desk(key.desk, kind, side, keyless=False, epochs=(epoch,)), key, new_code(random))


def keyless_desk(side: str, *, desk: str | None = None, random: Random = os.urandom) -> Desk:
    """Make a facility without computers: the mediator's dispatcher acts for it on signed paper."""
    return Desk(desk or new_desk_id(random), "facility", side, keyless=True, epochs=())


def draft_directory(
    *,
    intake: str,
    sides: Sequence[str],
    desks: Sequence[Desk],
    staff: Sequence[StaffMember],
    at: str,
    version: int = 1,
    previous: bytes | None = None,
    days: int = EXPIRES_AFTER_DAYS,
) -> DirectoryDraft:
    """
    Write a directory, for k operators to sign (`sign_draft`).

    Args:
        intake: The review desk to which families seal.
        sides: The parties, two or more.
        desks: All of them.
        staff: All of them; whoever is left out has no power any more.
        at: Now, ``YYYY-MM-DDTHH:MM:SSZ``.
        version: One more than the last.
        previous: The whole note before it; None for version 1.
        days: After how many days clients refuse it.

    Raises:
        DirectoryMalformed: An id, a key or a reference is out of its form or stands twice.
    """
    directory = Directory(version, intake, tuple(sides), tuple(desks), tuple(staff))
    document = encode_directory(directory)
    expires = format_time(parse_time(at) + timedelta(days=days))
    return DirectoryDraft(document, describe_directory(document, version=version, previous=previous, expires=expires))


def sign_draft(draft: DirectoryDraft, keys: Sequence[SigningKey]) -> bytes:
    """Sign a directory with the keys at hand; `keys.directory.merge_directory_notes` joins what others signed."""
    return sign_directory(draft.note, [key.signer for key in keys])


def seal_desk(
    opened: OpenedDesk,
    readers: Mapping[str, HybridRecipient],
    *,
    by: StaffRoot,
    directory: Directory,
    random: Random = os.urandom,
) -> list[SealedDeskKey]:
    """
    Seal a desk's first key to each of its members and to its recovery code.

    Args:
        opened: The desk.
        readers: The members' recipients by staff id; the directory has their hashes.
        by: The member who made the key.
        directory: The one that names the members, in force or about to be signed.
        random: Where random bytes come from.
    """
    code = desk_code_identity(opened.code, bytes.fromhex(opened.key.relay)).recipient()
    named = {staff_reader(staff): recipient for staff, recipient in readers.items()}
    named[desk_code_reader(opened.key.desk)] = code
    return [seal_for(opened.key, holder, named[holder], by=by, directory=directory, random=random) for holder in named]


def seal_for(
    key: DeskKey,
    holder: str,
    recipient: HybridRecipient,
    *,
    by: StaffRoot,
    directory: Directory,
    version: int = 1,
    random: Random = os.urandom,
) -> SealedDeskKey:
    """
    Seal a desk's key to one holder, as when a member is admitted.

    Raises:
        KeyNotInDirectory: The recipient is not the one that the directory vouches for.
    """
    sealed = seal_desk_key(key, {holder: recipient}, by=by, directory=directory, version=version, random=random)
    return SealedDeskKey(key.desk, key.epoch, holder, sealed)


def rotate(desk: Desk, *, relay: str, since: str, random: Random = os.urandom) -> tuple[Desk, DeskKey]:
    """
    Give a desk a new epoch, as when a member has left; older ones stay listed, to open older letters.

    Args:
        desk: As the directory has it.
        relay: The relay's id.
        since: When the new key becomes the current one.
        random: Where random bytes come from.
    """
    key = new_desk_key(relay, desk.id, desk.epochs[-1].epoch + 1, random=random)
    epoch = Epoch(key.epoch, str(key.identity.recipient()), since)
    return replace(desk, epochs=(*desk.epochs, epoch)), key
